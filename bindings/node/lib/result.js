'use strict';
// What outcomes, comparisons and diffs have in common: frozen, tables on request, a summary, a folder to write to.

const { fileURLToPath } = require('node:url');
const { called, awaited } = require('./native.js');
const { rowsOf } = require('./tables.js');

/** The native part of a result; this class and those made of it can reach it. */
let nativeOf;

/** What a call found. */
class Result {
  #native;
  #summary;

  constructor(made) {
    this.#native = made;
    Object.freeze(this);
  }

  static {
    nativeOf = (result) => result.#native;
  }

  /** A table as uncompressed Arrow IPC. */
  table(name) {
    return awaited(() => this.#native.table(name));
  }

  /** A table as plain objects: amounts as strings or `{ value, scale }`, dates as ISO strings or `Date`. */
  async toArray(name, options = {}) {
    return rowsOf(await this.table(name), options);
  }

  /** The figures; amounts are strings. */
  get summary() {
    this.#summary ??= JSON.parse(called(() => this.#native.summary()));
    return this.#summary;
  }

  /** Writes all tables and the summary into a folder, whole or not at all. */
  async write(folder, { format = 'parquet' } = {}) {
    await awaited(() => this.#native.write(folder instanceof URL ? fileURLToPath(folder) : folder, format));
  }

  /** The summary as a person reads it. */
  toString() {
    return called(() => this.#native.summaryText());
  }
}

/** Does `work`; a signal that is aborted cancels `stop`. */
async function stoppable(signal, stop, work) {
  const cancel = () => stop.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await awaited(work);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

module.exports = { Result, nativeOf: (result) => nativeOf(result), stoppable };
