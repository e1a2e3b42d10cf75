'use strict';
// Two outcomes beside each other: what a change of rules would do.

const { fileURLToPath } = require('node:url');
const { resolve } = require('node:path');
const { inspect } = require('node:util');
const { native, called, awaited } = require('./native.js');
const { Outcome, nativeOf } = require('./outcome.js');
const { rowsOf } = require('./tables.js');

/** What differs between two outcomes. */
class Diff {
  #native;

  constructor(made) {
    this.#native = made;
    Object.freeze(this);
  }

  /** A table, `groups`, `records` or `tie_out`, as uncompressed Arrow IPC. */
  table(name) {
    return awaited(() => this.#native.table(name));
  }

  /** A table as plain objects: amounts as strings or `{ value, scale }`. */
  async toArray(name, options = {}) {
    return rowsOf(await this.table(name), options);
  }

  /** Counts and amounts (as strings) by kind, flows, terms of the tie-out. */
  get summary() {
    return JSON.parse(called(() => this.#native.summary()));
  }

  /** Whether nothing differs: no group, no open record and its reason, no term of the tie-out. */
  get equal() {
    return this.summary.equal;
  }

  /** Writes the tables and the summary into a folder, whole or not at all. */
  async write(folder, { format = 'parquet' } = {}) {
    await awaited(() => this.#native.write(folder instanceof URL ? fileURLToPath(folder) : folder, format));
  }

  /** The summary as a person reads it. */
  toString() {
    return called(() => this.#native.summaryText());
  }

  [inspect.custom]() {
    const { equal, groups } = this.summary;
    const told = groups.slice(1).map(({ kind, groups: counts }) => `${Math.max(...counts)} ${kind}`);
    return equal ? `<Diff: equal, ${groups[0].groups[1]} groups>` : `<Diff: groups ${told.join(', ')}>`;
  }
}

/** What crosses for a side: a native outcome or a path. */
function sideOf(side) {
  if (side instanceof Outcome) return nativeOf(side);
  if (side instanceof URL) return fileURLToPath(side);
  if (typeof side === 'string') return resolve(side);
  throw new TypeError('an outcome, the folder that one was written to, or the path of a spec is expected');
}

/** What differs between two outcomes: groups, records, terms of the tie-out. Runs off the event loop. */
async function diff(before, after, { signal, threads = 0 } = {}) {
  const sides = [sideOf(before), sideOf(after)];
  const stop = new native.Stop({});
  const cancel = () => stop.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return new Diff(await awaited(async () => native.diff(...sides, stop, threads)));
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

module.exports = { diff, Diff };
