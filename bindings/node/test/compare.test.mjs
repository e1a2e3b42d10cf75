// Two versions of a table: what differs, and by how much.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { tableFromArrays } from 'apache-arrow';
import { compare, ReconError } from 'recon378';

const before = [
  { id: '1', price: '9.50' },
  { id: '2', price: '7.00' },
  { id: '3', price: '1.25' },
];
const after = tableFromArrays({ id: ['3', '2', '4'], price: ['1.25', '7.10', '2.00'] });

test('rows and cells that differ are told', async () => {
  const found = await compare(before, after, { key: 'id' });
  assert.equal(found.equal, false);
  assert.deepEqual(await found.toArray('differences'), [
    { left_row: 1, right_row: 1, id: '2', column: 'price', kind: 'changed', left: '7.00', right: '7.10', delta: '0.10' },
  ]);
  assert.deepEqual(await found.toArray('rows'), [
    { side: 'left', row: 0, id: '1', reason: 'missing_on_right' },
    { side: 'right', row: 2, id: '4', reason: 'missing_on_left' },
  ]);
  assert.equal(found.summary.columns[1].largest.delta, '0.10');
  assert.match(String(found), /different/);
  assert.match(inspect(found), /1 cells differ in 1 rows/);
});

test('a table equals itself whatever its order', async () => {
  const doubled = [...before, ...before];
  assert.ok((await compare(doubled, doubled.toReversed?.() ?? [...doubled].reverse(), { key: ['id'] })).equal);
});

test('tolerances and names go by column', async () => {
  const renamed = [{ id: '2', cost: '7.10' }];
  const found = await compare([before[1]], renamed, { key: 'id', renamed: { price: 'cost' }, within: { price: '0.10' } });
  assert.ok(found.equal);
});

test('mistakes are named, unknown options too', async () => {
  await assert.rejects(compare(before, after, { key: 'idd' }), (error) => {
    assert.ok(error instanceof ReconError);
    assert.deepEqual([error.mistakes[0].path, error.mistakes[0].nearest], ['key[0]', 'id']);
    return true;
  });
  await assert.rejects(compare(before, after, { key: 'id', tolerance: 1 }), { code: 'bad_options' });
  await assert.rejects(compare(before, after, {}), { kind: 'invalid_spec' });
  await assert.rejects(compare(before, 7, { key: 'id' }), TypeError);
});

test('files, a folder and a signal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recon378-'));
  writeFileSync(join(folder, 'before.csv'), 'id,price\n1,9.50\n2,7.00\n');
  const found = await compare(join(folder, 'before.csv'), after, { key: 'id' });
  await found.write(join(folder, 'result'), { format: 'csv' });
  assert.ok(readdirSync(join(folder, 'result')).includes('differences.csv'));
  await assert.rejects(compare(before, after, { key: 'id', signal: AbortSignal.abort() }), { kind: 'cancelled' });
});

test('what a host hands in is heard', async () => {
  const heard = [];
  const onProgress = (event) => heard.push(event);
  await compare(before, after, { key: 'id', onProgress, threads: 1, memoryLimit: 2 ** 30 });
  await new Promise((done) => setTimeout(done, 20));
  const finished = heard.filter(({ event }) => event === 'finished').map(({ stage }) => stage);
  assert.deepEqual(finished, ['columns', 'pass 1', 'cells', 'outcome']);
  await assert.rejects(compare(before, after, { key: 'id', memoryLimit: 1 }), { kind: 'limit' });
});

test('tables go by their names', async () => {
  const found = await compare(before, after, { key: 'id', names: ['monday', 'friday'] });
  assert.deepEqual(found.summary.names, ['monday', 'friday']);
  assert.match(String(found), /3 in monday, 3 in friday/);
});
