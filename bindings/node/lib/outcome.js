'use strict';
// What a run found: tables, figures, a digest.

const { inspect } = require('node:util');
const { called, awaited } = require('./native.js');
const { Result, nativeOf } = require('./result.js');

/** The tables of an outcome. */
const TABLES = Object.freeze([
  'groups',
  'members',
  'pairs',
  'breaks',
  'differences',
  'issues',
  'tie_out',
  'causes',
  'alternatives',
  'decisions',
  'open_items',
  'adjustments',
  'balances',
  'statement',
]);

/** A `group_id`, as tables hold it, as a number. */
function groupIdOf(id) {
  const number = typeof id === 'bigint' ? Number(id) : id;
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new TypeError(`a group_id is a whole number, as the table groups has it; this is ${inspect(id)}`);
}

/** The story of a group or a record. */
class Explanation {
  #text;

  constructor(text, data) {
    this.#text = text;
    this.data = data;
    Object.freeze(this);
  }

  /** As a person reads it. */
  toString() {
    return this.#text;
  }

  [inspect.custom]() {
    return `<Explanation: ${this.#text.split('\n', 1)[0]}>`;
  }
}

/** What a run found. Complete and tied out, or it would not exist. */
class Outcome extends Result {
  /** Decisions about groups of this outcome, for the option `decisions` of a later run, as Arrow IPC. */
  decisionsFrom(groupIds, kind = 'accept') {
    return awaited(() => nativeOf(this).decisionsFrom(Array.from(groupIds, groupIdOf), kind));
  }

  /** The full story of a group or a record: `{ group }`, `{ side, id, occurrence? }`, `{ side, row }`. */
  async explain(question) {
    const plain = (key, value) => {
      if (key === 'id' && ['number', 'bigint'].includes(typeof value)) return String(value);
      return typeof value === 'bigint' ? Number(value) : value;
    };
    const [text, data] = await awaited(() => nativeOf(this).explain(JSON.stringify(question ?? {}, plain)));
    return new Explanation(text, JSON.parse(data));
  }

  /** A hash of the logical values of all tables: the same in every language, on every platform. */
  digest() {
    return awaited(() => nativeOf(this).digest());
  }

  /** Versions, the spec and the digest: the record of the run. */
  async manifest() {
    return JSON.parse(await awaited(() => nativeOf(this).manifest()));
  }

  /** The reconciliation statement as a person reads it; null where no balances were given. */
  get statementText() {
    return called(() => nativeOf(this).statementText()) ?? null;
  }

  [inspect.custom]() {
    return `<Outcome: ${called(() => nativeOf(this).line())}>`;
  }
}

module.exports = { Explanation, Outcome, TABLES };
