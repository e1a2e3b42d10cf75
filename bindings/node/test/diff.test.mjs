// Two outcomes beside each other.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { diff, reconcile, ReconError, within } from 'recon378';

const bank = [
  { id: 'B1', reference: '1', amount: '10.00' },
  { id: 'B2', reference: '2', amount: '20.00' },
];
const ledger = [
  { id: 'L1', reference: '1', amount: '10.00' },
  { id: 'L2', reference: '2', amount: '20.03' },
];
const strict = () => reconcile(bank, ledger, { on: ['reference', 'amount'] });
const loose = () => reconcile(bank, ledger, { on: ['reference', within('amount', '0.05')] });

test('a wider tolerance is told', async () => {
  const found = await diff(await strict(), await loose());
  assert.equal(found.equal, false);
  const groups = (await found.toArray('groups')).map((row) => [row.kind, row.left_ids_new, row.right_ids_new, row.net_new]);
  assert.deepEqual(groups, [
    ['appeared', 'B2', 'L2', '0.03'],
  ]);
  const grouped = (await found.toArray('records')).filter((row) => row.kind === 'grouped');
  assert.deepEqual(grouped.map((row) => [row.side, row.id, row.was, row.is]), [
    ['left', 'B2', 'open', 'matched'],
    ['right', 'L2', 'open', 'matched'],
  ]);
  const { terms } = found.summary.tie_out.cells[0];
  assert.equal(terms.find(({ term }) => term === 'matched').change, '0.03');
  assert.match(String(found), /different/);
  assert.match(inspect(found), /1 appeared/);
});

test('outcomes, folders in any format and specs go together', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recon378-'));
  const outcome = await loose();
  for (const format of ['parquet', 'csv', 'ndjson', 'arrow']) {
    await outcome.write(join(folder, format), { format });
    assert.ok((await diff(outcome, join(folder, format))).equal, format);
  }
  assert.match(inspect(await diff(outcome, outcome)), /equal, 2 groups/);
  writeFileSync(join(folder, 'bank.csv'), 'id,reference,amount\nB1,1,10.00\n');
  writeFileSync(join(folder, 'spec.json'), JSON.stringify({
    version: 1, left: { path: 'bank.csv' }, right: { path: 'bank.csv' }, pass: [{ on: ['reference', 'amount'] }],
  }));
  const found = await diff(outcome, join(folder, 'spec.json'));
  assert.deepEqual(found.summary.warnings[0].code, 'records_differ');
  await found.write(join(folder, 'diff'), { format: 'csv' });
  assert.ok(readdirSync(join(folder, 'diff')).includes('records.csv'));
});

test('mistakes are named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recon378-'));
  mkdirSync(join(folder, 'other'));
  await assert.rejects(diff(join(folder, 'other'), await loose()), (error) => {
    assert.ok(error instanceof ReconError);
    assert.equal(error.code, 'no_outcome');
    return true;
  });
  await assert.rejects(diff(join(folder, 'nowhere'), await loose()), { code: 'not_found' });
  await assert.rejects(diff(7, await loose()), TypeError);
  await assert.rejects(diff(await loose(), await loose(), { signal: AbortSignal.abort() }), { kind: 'cancelled' });
});
