'use strict';
// Two versions of a table, compared by a key.

const { fileURLToPath } = require('node:url');
const { resolve } = require('node:path');
const { inspect } = require('node:util');
const { native, called, awaited } = require('./native.js');
const { ipcOf, ipcOfRows, isTable, rowsOf } = require('./tables.js');

/** What a comparison found. */
class Comparison {
  #native;

  constructor(made) {
    this.#native = made;
    Object.freeze(this);
  }

  /** A table, `differences` or `rows`, as uncompressed Arrow IPC. */
  table(name) {
    return awaited(() => this.#native.table(name));
  }

  /** A table as plain objects. */
  async toArray(name) {
    return rowsOf(await this.table(name), {});
  }

  /** Counts, per column too. */
  get summary() {
    return JSON.parse(called(() => this.#native.summary()));
  }

  /** Whether the tables are equal: the same columns, every row with a partner, no cell that differs. */
  get equal() {
    return this.summary.equal;
  }

  /** Writes both tables and the summary into a folder, whole or not at all. */
  async write(folder, { format = 'parquet' } = {}) {
    await awaited(() => this.#native.write(folder instanceof URL ? fileURLToPath(folder) : folder, format));
  }

  /** The summary as a person reads it. */
  toString() {
    return called(() => this.#native.summaryText());
  }

  [inspect.custom]() {
    const { equal, differing_cells: cells, changed_rows: rows, only_left: left, only_right: right } = this.summary;
    return equal
      ? '<Comparison: equal>'
      : `<Comparison: ${cells} cells differ in ${rows} rows; ${left} rows only on the left, ${right} only on the right>`;
  }
}

/** What crosses for a side: bytes or a path. */
function recordsOf(source) {
  if (source instanceof Uint8Array) return source;
  if (isTable(source)) return ipcOf(source);
  if (Array.isArray(source)) return ipcOfRows(source);
  if (source instanceof URL) return fileURLToPath(source);
  if (typeof source === 'string') return resolve(source);
  throw new TypeError('a table is one of apache-arrow, Arrow IPC as Uint8Array, an array of plain objects, or a path');
}

/** Compares two versions of a table: rows on one side only, cells that differ, by how much. Runs off the event loop. */
async function compare(left, right, { signal, onProgress, threads, memoryLimit, ...options }) {
  const key = typeof options.key === 'string' ? [options.key] : options.key;
  const sides = [recordsOf(left), recordsOf(right)];
  const stop = new native.Stop({ threads, memoryLimit });
  const listener =
    onProgress && ((stage, event, done, total, bytes) => onProgress({ stage, event, done, total, bytes }));
  const cancel = () => stop.cancel();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const given = JSON.stringify({ ...options, key });
    return new Comparison(await awaited(async () => native.compare(sides, given, stop, listener)));
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

module.exports = { compare, Comparison };
