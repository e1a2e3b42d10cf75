// What goes in: every kind of source gives the same outcome.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as esm from 'apache-arrow';
import { reconcile } from 'recon378';
import { bank, ledger, on } from './sources.mjs';

const cjs = createRequire(import.meta.url)('apache-arrow');
const columns = (rows) =>
  Object.fromEntries(Object.keys(rows[0]).map((name) => [name, rows.map((row) => row[name])]));
const expected = await (await reconcile(bank, ledger, { on })).digest();
const folder = mkdtempSync(join(tmpdir(), 'recon378-'));
const csv = (name, rows) => {
  const path = join(folder, name);
  writeFileSync(path, [Object.keys(rows[0]), ...rows.map(Object.values)].map((row) => row.join(',')).join('\n') + '\n');
  return path;
};

/** Amounts as Decimal128, dates as days, references as text and accounts as a dictionary. */
function typed(arrow, rows) {
  const text = (name) => arrow.vectorFromArray(rows.map((row) => row[name]), new arrow.Utf8());
  const words = (amount) => {
    const units = BigInt(amount.replace('.', ''));
    return [0n, 32n, 64n, 96n].map((shift) => Number((units >> shift) & 0xffffffffn));
  };
  const amounts = Uint32Array.from(rows.flatMap((row) => words(row.amount)));
  const days = Int32Array.from(rows.map((row) => Date.parse(row.date) / 86_400_000));
  return new arrow.Table({
    account: arrow.vectorFromArray(rows.map((row) => row.account), new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    reference: text('reference'),
    amount: arrow.makeVector(arrow.makeData({ type: new arrow.Decimal(2, 12, 128), length: rows.length, data: amounts })),
    date: arrow.makeVector(arrow.makeData({ type: new arrow.DateDay(), length: rows.length, data: days })),
  });
}

const kinds = {
  'plain objects': (rows) => rows,
  'a table of the ESM copy of apache-arrow': (rows) => esm.tableFromArrays(columns(rows)),
  'a table of the CommonJS copy of apache-arrow': (rows) => cjs.tableFromArrays(columns(rows)),
  'a typed table of another copy': (rows) => typed(esm, rows),
  'a typed table of ours': (rows) => typed(cjs, rows),
  'a record batch': (rows) => typed(esm, rows).batches[0],
  'several batches': (rows) => typed(esm, rows.slice(0, 1)).concat(typed(esm, rows.slice(1))),
  'a slice': (rows) => typed(esm, [rows[0], ...rows]).slice(1),
  'an IPC stream': (rows) => esm.tableToIPC(typed(esm, rows), 'stream'),
  'an IPC file': (rows) => esm.tableToIPC(typed(esm, rows), 'file'),
  'a Buffer': (rows) => Buffer.from(esm.tableToIPC(typed(esm, rows), 'stream')),
};

for (const [kind, of] of Object.entries(kinds)) {
  test(`${kind} gives the same outcome`, async () => {
    const outcome = await reconcile(of(bank), of(ledger), { on });
    assert.equal(await outcome.digest(), expected);
    assert.equal(outcome.summary.totals.matched, 2);
  });
}

test('files are sources, named after themselves', async () => {
  const [left, right] = [csv('bank.csv', bank), csv('ledger.csv', ledger)];
  for (const of of [(path) => path, pathToFileURL]) {
    const outcome = await reconcile(of(left), of(right), { on });
    assert.deepEqual(outcome.summary.sources.map((source) => source.name), ['bank', 'ledger']);
    assert.equal(outcome.summary.totals.matched, 2);
  }
});

test('files of one name are left and right', async () => {
  const path = csv('may.csv', bank);
  const outcome = await reconcile(path, path, { on: 'reference' });
  assert.deepEqual(outcome.summary.sources.map((source) => source.name), ['left', 'right']);
});

test('plain objects hold what JavaScript has', async () => {
  const rows = [
    { reference: 'a', amount: 1050n, flag: true, at: new Date('2026-01-05T12:00:00Z') },
    { reference: 'b', amount: null, flag: null, at: null },
    { reference: 'c' },
  ];
  const outcome = await reconcile(rows, rows, { on: ['reference'], fields: { amount: { left: { column: 'amount', minor: 2 }, right: { column: 'amount', minor: 2 } } } });
  assert.equal(outcome.summary.tie_out.cells[0].left, '10.50');
});

test('cells that no column holds are named', async () => {
  await assert.rejects(reconcile([{ x: 'a' }, { x: {} }], [], { on: 'x' }), /column "x", row 1/);
  await assert.rejects(reconcile([{ x: 'a' }, { x: 1 }], [], { on: 'x' }), /column "x", row 1/);
});

test('what is no source is refused', async () => {
  for (const source of [7, {}, () => {}]) {
    await assert.rejects(reconcile(source, bank, { on: 'reference' }), /a source is/);
  }
});

test('a source is not changed by a run', async () => {
  const bytes = esm.tableToIPC(typed(esm, bank), 'stream');
  const before = Uint8Array.from(bytes);
  await reconcile(bytes, ledger, { on });
  assert.deepEqual(bytes, before);
});
