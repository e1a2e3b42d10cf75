'use strict';
// The calls: reconcile and check.

const { readFileSync } = require('node:fs');
const { dirname, parse, resolve } = require('node:path');
const { fileURLToPath } = require('node:url');
const { native, called } = require('./native.js');
const { ReconError } = require('./errors.js');
const { Outcome } = require('./outcome.js');
const { stoppable } = require('./result.js');
const { ipcOf, ipcOfRows, isTable } = require('./tables.js');

const isPath = (value) => typeof value === 'string' || value instanceof URL;
const pathOf = (value) => (value instanceof URL ? fileURLToPath(value) : value);
const words = (value) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part));

/** A spec as plain data, and the folder its paths are relative to. */
function specOf(spec) {
  if (isPath(spec)) {
    const path = pathOf(spec);
    return { data: parseSpec(readFileSync(path, 'utf8')), base: dirname(path) };
  }
  if (spec === null || typeof spec !== 'object') {
    throw new TypeError('a spec is an object, the path of a TOML or JSON file, or { on: […] }');
  }
  const { on, ...rest } = spec;
  return { data: on === undefined ? { ...rest } : { ...rest, pass: [{ on }] }, base: '' };
}

/** What crosses for a side: bytes, or null for a file, which the spec then names. */
function sideOf(data, side, source) {
  if (source === null || source === undefined) return null;
  if (source instanceof Uint8Array) return source;
  if (isTable(source)) return ipcOf(source);
  if (Array.isArray(source)) return ipcOfRows(source);
  if (isPath(source)) {
    const path = resolve(pathOf(source));
    // A spec of one source has it as `source`, which is the left side everywhere else.
    if (side === 'left' && data.source !== undefined) side = 'source';
    data[side] = { name: parse(path).name, ...data[side], path };
    return null;
  }
  throw new TypeError(
    'a source is an apache-arrow table, Arrow IPC as Uint8Array, an array of plain objects, a path, or null for the file the spec names',
  );
}

/** What a run brings along: bytes, or null for a file, which the spec then names. */
function broughtOf(data, key, table) {
  if (isPath(table)) {
    data[key] = resolve(pathOf(table));
    return null;
  }
  return sideOf(data, key, table);
}

/** Third tables: those that cross as bytes, by name; a path stands in the spec. */
function thirdOf(data, tables) {
  const crossing = [];
  for (const [name, table] of Object.entries(tables ?? {})) {
    if (isPath(table)) {
      data.tables = { ...data.tables, [name]: { ...data.tables?.[name], path: resolve(pathOf(table)) } };
    } else {
      const bytes = sideOf(data, name, table);
      if (bytes !== null) crossing.push([name, bytes]);
    }
  }
  return crossing;
}

/** Two files of one name are left and right. */
function names(data) {
  if (data.left?.name === undefined || data.left.name !== data.right?.name) return;
  for (const side of ['left', 'right']) data[side] = { ...data[side], name: side };
}

/** Does `work` with a run; a signal that is aborted cancels it. */
async function running(left, right, spec, options, work) {
  const { signal, onProgress, threads, memoryLimit, base: given, openItems, balances, decisions, tables } = options;
  const { data, base } = called(() => specOf(spec));
  const sides = [sideOf(data, 'left', left), sideOf(data, 'right', right)];
  const brought = [broughtOf(data, 'open_items', openItems), broughtOf(data, 'balances', balances)];
  names(data);
  const decided = broughtOf(data, 'decisions', decisions);
  const third = thirdOf(data, tables);
  const plain = called(() => new native.Run(words(data), { base: given ?? base, threads, memoryLimit }, ...brought));
  const apart = decided === null ? plain : called(() => plain.withDecisions(decided));
  const run = third.reduce((run, [name, bytes]) => called(() => run.withTable(name, bytes)), apart);
  const listener =
    onProgress && ((stage, event, done, total, bytes) => onProgress({ stage, event, done, total, bytes }));
  return stoppable(signal, run, () => work(run, sides, listener));
}

/** Decides which records of two sources belong together, and accounts for every difference. Runs off the event loop. */
async function reconcile(left, right, spec, options = {}) {
  const found = await running(left, right, spec, options, (run, sides, listener) => run.reconcile(...sides, listener));
  return new Outcome(found);
}

/** Looks for the duplicates of one source: puts records together that are near each other, one by one. */
function cluster(source, spec, options = {}) {
  const { on, ...rest } = isPath(spec) ? {} : (spec ?? {});
  const short = on === undefined ? spec : { source: {}, ...rest, pass: [{ cardinality: 'cluster', on }] };
  return reconcile(source, null, short, options);
}

/** Says what a spec would do and would have to look at; matches nothing. */
async function check(left, right, spec, options = {}) {
  const [text, plan] = await running(left, right, spec, options, (run, sides, listener) =>
    options.schemasOnly ? run.checkSchemas(...sides) : run.check(...sides, listener),
  );
  return { plan: JSON.parse(plan), text, toString: () => text };
}

/** The spec that a TOML or JSON text says. */
function parseSpec(text) {
  return JSON.parse(called(() => native.canonical(text, false)));
}

/** A spec as TOML, which `recon378 run` reads. */
function specToToml(spec) {
  return called(() => native.toToml(words(specOf(spec).data), true));
}

/** The mistakes of a spec by itself, without sources; empty when it is right. */
function validateSpec(spec) {
  if (isPath(spec)) return JSON.parse(native.mistakes(readFileSync(pathOf(spec), 'utf8'), false));
  return JSON.parse(native.mistakes(words(specOf(spec).data), true));
}

/** The JSON Schema of specs. */
const schema = () => JSON.parse(native.schema());

module.exports = { reconcile, cluster, check, parseSpec, specToToml, validateSpec, schema, ReconError };
