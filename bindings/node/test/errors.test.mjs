// Every failure is a ReconError that says where and what to do, from promises too.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { check, parseSpec, reconcile, ReconError, specToToml, validateSpec } from 'recon378';
import { bank, ledger, on, large } from './sources.mjs';

const folder = mkdtempSync(join(tmpdir(), 'recon378-'));
const caught = async (work) => {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof ReconError && error instanceof Error, String(error));
    return error;
  }
  throw new Error('nothing was thrown');
};

test('all mistakes of a spec come at once', async () => {
  const spec = { pass: [{ on: ['account'], flor: 1 }, { on: [{ field: 'amount', within: 'x' }] }] };
  const error = await caught(() => reconcile(bank, ledger, spec));
  assert.equal(error.kind, 'invalid_spec');
  assert.deepEqual(
    error.mistakes.map(({ code, path, nearest, position }) => ({ code, path, nearest, position })),
    [
      { code: 'unknown_key', path: 'pass[0].flor', nearest: 'floor', position: null },
      { code: 'bad_value', path: 'pass[1].on[0].within', nearest: null, position: null },
    ],
  );
  assert.deepEqual(validateSpec(spec), error.mistakes);
  assert.deepEqual((await caught(() => specToToml(spec))).mistakes, error.mistakes);
});

test('a written spec is quoted by line', async () => {
  const text = "[[pass]]\non = ['reference']\nflor = 1\n";
  const error = await caught(() => parseSpec(text));
  assert.deepEqual(error.mistakes[0].position, [3, 1]);
  const path = join(folder, 'recon.toml');
  writeFileSync(path, text);
  assert.deepEqual(validateSpec(path), error.mistakes);
  assert.equal((await caught(() => reconcile(bank, ledger, path))).code, 'unknown_key');
});

test('an unknown field names its neighbour, also in a check', async () => {
  for (const call of [reconcile, check]) {
    const error = await caught(() => call(bank, ledger, { on: ['acount'] }));
    assert.equal(error.mistakes[0].nearest, 'account');
  }
});

test('numbers as amounts are refused with the scale that fits, and taken with it', async () => {
  const rows = [{ reference: 'a', amount: 10.25 }, { reference: 'b', amount: 7.1 }];
  const error = await caught(() => reconcile(rows, rows, { on: ['reference', 'amount'] }));
  assert.deepEqual([error.kind, error.code, error.source, error.field], ['invalid_data', 'double_needs_scale', 'left', 'amount']);
  assert.match(error.hint, /fields\.amount\.scale = 2/);
  const outcome = await reconcile(rows, rows, { on: ['reference', 'amount'], fields: { amount: { scale: 2 } } });
  assert.deepEqual(outcome.summary.sources[0].doubles, { amount: 2 });
});

test('files are named, text by line', async () => {
  const missing = await caught(() => reconcile('no/such/bank.csv', bank, { on: 'reference' }));
  assert.equal(missing.code, 'not_found');
  assert.match(missing.path, /no\/such\/bank\.csv$/);
  const path = join(folder, 'bank.csv');
  writeFileSync(path, 'reference,amount\na,1\nb,2,3\n');
  const { sources } = (await reconcile(path, bank, { on: 'reference' })).summary;
  assert.deepEqual([sources[0].unreadable_rows, sources[0].first_unreadable[0].value], [1, 'b,2,3']);
  const ragged = await caught(() => reconcile(path, bank, { strict: true, pass: [{ on: 'reference' }] }));
  assert.deepEqual([ragged.code, ragged.line], ['ragged_row', 3]);
});

test('bytes that are no Arrow IPC say which side', async () => {
  const error = await caught(() => reconcile(bank, new TextEncoder().encode('reference,amount'), { on: 'reference' }));
  assert.deepEqual([error.kind, error.code, error.path], ['invalid_data', 'corrupt_file', 'right']);
});

test('a limit is its own kind', async () => {
  const rows = large(20_000);
  const error = await caught(() => reconcile(rows, rows, { on: 'reference' }, { memoryLimit: 100_000 }));
  assert.equal(error.kind, 'limit');
});

test('a failed write leaves nothing', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'recon378-'));
  writeFileSync(join(empty, 'file'), 'in the way');
  const outcome = await reconcile(bank, ledger, { on });
  await caught(() => outcome.write(join(empty, 'file', 'result')));
  await caught(() => outcome.write(join(empty, 'result'), { format: 'parkett' }));
  assert.deepEqual(readdirSync(empty), ['file']);
});

test('an unknown table is refused', async () => {
  const outcome = await reconcile(bank, ledger, { on });
  assert.match((await caught(() => outcome.table('grups'))).message, /grups/);
});

test('what is no spec is refused', async () => {
  await assert.rejects(reconcile(bank, ledger, undefined), TypeError);
  await assert.rejects(reconcile(bank, ledger, 7), TypeError);
});
