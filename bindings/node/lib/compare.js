'use strict';
// Two versions of a table, compared by a key.

const { fileURLToPath } = require('node:url');
const { resolve } = require('node:path');
const { inspect } = require('node:util');
const { native } = require('./native.js');
const { Result, stoppable } = require('./result.js');
const { ipcOf, ipcOfRows, isTable } = require('./tables.js');

/** What a comparison found. */
class Comparison extends Result {
  /** Whether the tables are equal: the same columns, every row with a partner, no cell that differs. */
  get equal() {
    return this.summary.equal;
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
  const given = JSON.stringify({ ...options, key });
  return new Comparison(await stoppable(signal, stop, async () => native.compare(sides, given, stop, listener)));
}

module.exports = { compare, Comparison };
