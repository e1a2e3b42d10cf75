// What an outcome gives: tables, figures, files; exact amounts.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { tableFromIPC } from 'apache-arrow';
import { decimalToString, parseSpec, readDecimals, reconcile, schema, specToToml, TABLES, validateSpec } from 'recon378';
import { bank, json, ledger, on } from './sources.mjs';

const outcome = await reconcile(bank, ledger, { on });

test('amounts and dates are as asked, and never numbers', async () => {
  const [first] = await outcome.toArray('breaks');
  assert.deepEqual([first.side, first.row, first.reason, first.amount, first.date], ['left', 2, 'missing_on_right', '3.00', '2026-01-07']);
  const [exact] = await outcome.toArray('breaks', { amounts: 'bigint', dates: 'date' });
  assert.deepEqual(exact.amount, { value: 300n, scale: 2 });
  assert.deepEqual(exact.date, new Date('2026-01-07'));
  assert.equal((await outcome.toArray('pairs'))[1].variance, '0.01');
});

test('tables are uncompressed Arrow IPC, and Decimals are read right', async () => {
  for (const name of TABLES) {
    const table = tableFromIPC(await outcome.table(name));
    assert.equal(table.numRows, (await outcome.toArray(name)).length);
  }
  const pairs = tableFromIPC(await outcome.table('pairs'));
  assert.deepEqual(readDecimals(pairs.getChild('right_amount')), ['10.50', '7.01']);
  assert.throws(() => readDecimals(pairs.getChild('pass')), TypeError);
});

test('an outcome explains records and groups', async () => {
  const story = await outcome.explain({ side: 'left', row: 2 });
  assert.equal(story.data.kind, 'record');
  assert.equal(story.data.state, 'open');
  assert.ok(String(story).startsWith('left#2: open, '));
  assert.ok(inspect(story).startsWith('<Explanation: left#2: open, '));
  const { data } = await outcome.explain({ group: 0 });
  assert.equal(data.kind, 'group');
  assert.equal(data.score.score, 1_000_000);
  await assert.rejects(outcome.explain({ side: 'right', row: 99 }), { code: 'unknown_record' });
  await assert.rejects(outcome.explain({ side: 'right', id: '4711' }), { code: 'no_ids' });
  await assert.rejects(outcome.explain({ side: 'lefft', row: 1 }), { code: 'unknown_source' });
  for (const question of [{}, { side: 'left' }, { group: 0, row: 1 }, { grup: 0 }]) {
    await assert.rejects(outcome.explain(question), { code: 'bad_question' });
  }
});

test('an outcome goes in again', async () => {
  const again = await reconcile(await outcome.table('pairs'), await outcome.table('pairs'), { on: ['left_row', 'left_amount'] });
  assert.equal(again.summary.totals.matched, 2);
});

test('decimals are exact, negative and small ones too', () => {
  for (const [value, scale, text] of [
    [-5n, 2, '-0.05'],
    [0n, 2, '0.00'],
    [1050n, 2, '10.50'],
    [7n, 0, '7'],
    [-(10n ** 37n), 18, '-10000000000000000000.000000000000000000'],
  ]) {
    assert.equal(decimalToString(value, scale), text);
  }
});

test('amounts of 37 digits and below zero come back as they went in', async () => {
  const amounts = ['-0.01', '0.00', '12345678901234567890123456789012345.67', '-12345678901234567890123456789012345.67'];
  const rows = amounts.map((amount, row) => ({ reference: `R${row}`, amount }));
  const found = await reconcile(rows, rows, { on: ['reference', 'amount'] });
  assert.deepEqual((await found.toArray('pairs')).map((pair) => pair.left_amount), amounts);
});

test('the summary ties out', () => {
  const [cell] = outcome.summary.tie_out.cells;
  assert.ok(outcome.summary.tie_out.tied_out);
  assert.equal(cell.unexplained, '0.00');
  assert.equal(cell.residual, '0.00');
  assert.equal(outcome.summary.passes[0].matched.amounts[0].difference, '0.01');
});

test('what differs systematically is said once, and causes add up', async () => {
  const rows = [10_000, 25_000, 100_000, 4_000, 7_500, 32_000];
  const decimal = (cents) => `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
  const fee = (cents) => Math.round((cents * 29) / 1000) + 30;
  const left = rows.map((cents, row) => ({ reference: `R${row}`, amount: decimal(cents) }));
  const right = rows.map((cents, row) => ({ reference: `R${row}`, amount: decimal(cents - fee(cents)) }));
  const spec = { on: ['reference', { field: 'amount', within: '5%' }] };
  const { summary } = await reconcile(left, right, spec);
  const [said] = summary.systematic;
  assert.deepEqual([said.kind, said.side, said.value, said.pairs], ['fee', 'left', '2.9 % + 0.30', 6]);
  const [cell] = summary.tie_out.cells;
  assert.deepEqual(
    cell.causes.map(({ cause, detail, amount }) => [cause, detail, amount]),
    [['fee', '2.9 % + 0.30', cell.difference]],
  );
});

test('an outcome shows itself', () => {
  assert.equal(inspect(outcome), '<Outcome: 2 matched, 0 proposed, 2 open; tied out>');
  assert.match(String(outcome), /tied out to the cent/);
});

test('an outcome is written', async () => {
  for (const format of ['parquet', 'csv', 'ndjson', 'arrow']) {
    const folder = join(mkdtempSync(join(tmpdir(), 'recon378-')), 'result');
    await outcome.write(folder, { format });
    for (const name of TABLES) assert.ok(readdirSync(folder).includes(`${name}.${format}`));
    assert.equal(json(join(folder, 'manifest.json')).digest, await outcome.digest());
  }
  assert.equal((await outcome.manifest()).digest, await outcome.digest());
  const folder = join(mkdtempSync(join(tmpdir(), 'recon378-')), 'result');
  await outcome.write(folder, { format: 'xlsx' });
  assert.deepEqual(readdirSync(folder).sort(), ['manifest.json', 'outcome.xlsx', 'summary.json']);
});

test('a spec becomes text and back', () => {
  const spec = { left: { name: 'bank' }, pass: [{ on }] };
  assert.deepEqual(parseSpec(specToToml(spec)).pass[0].on, on);
  assert.deepEqual(validateSpec(spec), []);
  assert.equal(schema().title, 'recon378 spec');
});
