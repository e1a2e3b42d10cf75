'use strict';
// What a run found: tables, figures, a digest.

const { fileURLToPath } = require('node:url');
const { inspect } = require('node:util');
const { called, awaited } = require('./native.js');
const { rowsOf } = require('./tables.js');

/** The tables of an outcome. */
const TABLES = Object.freeze([
  'groups',
  'members',
  'pairs',
  'breaks',
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

/** The native part of an outcome; the class alone can reach it. */
let nativeOf;

/** What a run found. Complete and tied out, or it would not exist. */
class Outcome {
  #native;
  #summary;

  constructor(native) {
    this.#native = native;
    Object.freeze(this);
  }

  static {
    nativeOf = (outcome) => outcome.#native;
  }

  /** A table as uncompressed Arrow IPC. */
  table(name) {
    return awaited(() => this.#native.table(name));
  }

  /** A table as plain objects: amounts as strings or `{ value, scale }`, dates as ISO strings or `Date`. */
  async toArray(name, options = {}) {
    return rowsOf(await this.table(name), options);
  }

  /** Decisions about groups of this outcome, for the option `decisions` of a later run, as Arrow IPC. */
  decisionsFrom(groupIds, kind = 'accept') {
    return awaited(() => this.#native.decisionsFrom([...groupIds].map(Number), kind));
  }

  /** Counts, amounts (as strings) and rates. */
  get summary() {
    this.#summary ??= JSON.parse(called(() => this.#native.summary()));
    return this.#summary;
  }

  /** The full story of a group or a record: `{ group }`, `{ side, id, occurrence? }`, `{ side, row }`. */
  async explain(question) {
    const plain = (key, value) => {
      if (key === 'id' && ['number', 'bigint'].includes(typeof value)) return String(value);
      return typeof value === 'bigint' ? Number(value) : value;
    };
    const [text, data] = await awaited(() => this.#native.explain(JSON.stringify(question ?? {}, plain)));
    return new Explanation(text, JSON.parse(data));
  }

  /** A hash of the logical values of all tables: the same in every language, on every platform. */
  digest() {
    return awaited(() => this.#native.digest());
  }

  /** Versions, the spec and the digest: the record of the run. */
  async manifest() {
    return JSON.parse(await awaited(() => this.#native.manifest()));
  }

  /** Writes all tables, the summary and the manifest into a folder, whole or not at all. */
  async write(folder, { format = 'parquet' } = {}) {
    await awaited(() => this.#native.write(folder instanceof URL ? fileURLToPath(folder) : folder, format));
  }

  /** The reconciliation statement as a person reads it; null where no balances were given. */
  get statementText() {
    return called(() => this.#native.statementText()) ?? null;
  }

  /** The summary as a person reads it. */
  toString() {
    return called(() => this.#native.summaryText());
  }

  [inspect.custom]() {
    return `<Outcome: ${called(() => this.#native.line())}>`;
  }
}

module.exports = { Explanation, Outcome, TABLES, nativeOf: (outcome) => nativeOf(outcome) };
