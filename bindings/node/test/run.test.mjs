// Runs as hosts have them: watched, stopped, side by side, in workers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { check, cluster, reconcile, ReconError, similar } from 'recon378';
import { bank, ledger, large, on, slowOn } from './sources.mjs';

test('the event loop goes on during a run', async () => {
  let [ticks, atStart, atEnd, ended] = [0, 0, 0, false];
  const tick = () => {
    ticks += 1;
    if (!ended) setImmediate(tick);
  };
  tick();
  const rows = large(3_000);
  const listen = ({ stage, event }) => {
    if (stage === 'pass 1') event === 'started' ? (atStart = ticks) : (atEnd = ticks);
  };
  await reconcile(rows, rows, { on: slowOn }, { onProgress: listen });
  ended = true;
  // Had the pass held the loop, both of its events would have come in one turn.
  assert.ok(atEnd > atStart, `${atStart} ${atEnd}`);
});

test('an invoice is paid in parts over two runs', async () => {
  const spec = {
    pass: [{ on: ['invoice'], cardinality: '1:n', group_by: 'invoice', sum: { within: '0.00' }, partial: true }],
  };
  const invoices = [{ id: 'I1', invoice: 'A', amount: '100.00' }];
  const january = await reconcile(invoices, [{ id: 'P1', invoice: 'A', amount: '60.00' }], spec);
  assert.deepEqual(january.summary.sources.map(({ in_part }) => in_part), [1, 0]);
  const story = await january.explain({ record: 'left:I1' });
  assert.deepEqual(story.data.in_part, { taken: '60.00', left: '40.00' });
  const openItems = await january.table('open_items');
  const payment = [{ id: 'P2', invoice: 'A', amount: '40.00' }];
  const later = [{ id: 'I2', invoice: 'B', amount: '7.00' }];
  const february = await reconcile(later, payment, spec, { openItems });
  assert.deepEqual([february.summary.totals.matched, february.summary.totals.open], [1, 1]);
});

test('progress tells each stage once', async () => {
  const events = [];
  await reconcile(bank, ledger, { on }, { onProgress: (event) => events.push(event) });
  const of = (kind) => events.filter(({ event }) => event === kind).map(({ stage }) => stage);
  assert.deepEqual(of('started'), of('finished'));
  assert.equal(of('started')[0], 'columns');
  assert.equal(new Set(of('started')).size, of('started').length);
});

test('a signal stops a run', async () => {
  const controller = new AbortController();
  const rows = large(100_000);
  const stopped = reconcile(rows, rows, { on: slowOn }, {
    signal: controller.signal,
    onProgress: ({ stage }) => stage.startsWith('pass') && controller.abort(),
  });
  await assert.rejects(stopped, (error) => error instanceof ReconError && error.kind === 'cancelled');
});

test('a signal that is aborted already stops a run at once', async () => {
  await assert.rejects(reconcile(bank, ledger, { on }, { signal: AbortSignal.abort() }), { kind: 'cancelled' });
});

test('neither threads nor memory change a result', async () => {
  const digests = new Set();
  for (const options of [{}, { threads: 1 }, { threads: 3 }, { memoryLimit: 2 ** 30 }]) {
    digests.add(await (await reconcile(bank, ledger, { on }, options)).digest());
  }
  assert.equal(digests.size, 1);
});

test('runs go side by side', async () => {
  const expected = await (await reconcile(bank, ledger, { on })).digest();
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => reconcile(bank, ledger, { on })));
  assert.deepEqual(await Promise.all(outcomes.map((outcome) => outcome.digest())), Array(8).fill(expected));
});

test('a worker thread gets the same answer', async () => {
  const expected = await (await reconcile(bank, ledger, { on })).digest();
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { reconcile } = require('recon378');
    reconcile(workerData.bank, workerData.ledger, { on: workerData.on })
      .then((outcome) => outcome.digest()).then((digest) => parentPort.postMessage(digest));`;
  const worker = () =>
    new Promise((resolve, reject) => {
      const thread = new Worker(code, { eval: true, workerData: { bank, ledger, on } });
      thread.once('message', resolve);
      thread.once('error', reject);
    });
  assert.deepEqual(await Promise.all([worker(), worker()]), [expected, expected]);
});

test('a worker that ends during a run takes nothing with it', async () => {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { reconcile } = require('recon378');
    const { rows, slowOn } = workerData;
    reconcile(rows, rows, { on: slowOn }, { onProgress: () => parentPort.postMessage('runs') }).catch(() => {});`;
  const thread = new Worker(code, { eval: true, workerData: { rows: large(20_000), slowOn } });
  await new Promise((resolve) => thread.once('message', resolve));
  await thread.terminate();
  assert.equal((await reconcile(bank, ledger, { on })).summary.totals.matched, 2);
});

test('check says what a run would do', async () => {
  const checked = await check(bank, ledger, { on });
  assert.match(String(checked), /Passes/);
  assert.ok(checked.plan.survey.passes.length === 1);
  assert.ok(!(await check(bank, ledger, { on }, { schemasOnly: true })).plan.survey);
});

test('third tables are handed over by name', async () => {
  const payments = [{ id: 'b1', payment: 'P1' }, { id: 'b2', payment: 'P2' }];
  const invoices = [{ id: 'l1', invoice: 'A-2' }];
  const lines = [{ payment: 'P1', invoice: 'A-1' }, { payment: 'P1', invoice: 'A-2' }];
  const lookup = { table: 'lines', key: 'payment', column: 'invoice' };
  const spec = { on: ['invoice'], fields: { invoice: { left: { column: 'payment', lookup }, right: 'invoice' } } };
  const outcome = await reconcile(payments, invoices, spec, { tables: { lines } });
  assert.equal(outcome.summary.totals.matched, 1);
  assert.match((await check(payments, invoices, spec, { tables: { lines } })).text, /looked up as payment of lines/);
  await assert.rejects(reconcile(payments, invoices, spec), { code: 'unknown_table' });
});

test('open items enter the next run, and balances are proved', async () => {
  const january = [{ id: 'b4', reference: 'INV-105', amount: '410.00' }];
  const booked = [{ id: 'l4', reference: 'INV-104', amount: '-80.00' }];
  const spec = { on: ['reference', 'amount'] };
  const balances = [{ left_closing: '410.00', right_closing: '-80.00' }];
  const first = await reconcile(january, booked, spec, { balances });
  assert.equal(first.summary.balances.proven, true);
  assert.match(first.statementText, /every proof is zero/);
  const openItems = await first.table('open_items');
  const second = await reconcile(
    [{ id: 'b6', reference: 'INV-104', amount: '-80.00' }],
    [{ id: 'l5', reference: 'INV-105', amount: '410.00' }],
    spec,
    { openItems, balances: [{ left_closing: '0', right_closing: '1' }] },
  );
  assert.deepEqual([second.summary.totals.matched, second.summary.totals.open], [2, 0]);
  assert.deepEqual(second.summary.sources.map(({ carried }) => carried), [1, 1]);
  assert.equal(second.summary.balances.proven, false);
  const again = await reconcile(january, booked, spec, { openItems });
  assert.equal(again.statementText, null);
  assert.deepEqual(again.summary.sources.map(({ replaced }) => replaced), [1, 1]);
});

test('duplicates of one source are clusters', async () => {
  const customers = [
    { id: 'c1', name: 'Jane Roe', city: 'Bonn' },
    { id: 'c2', name: 'Jane Row', city: 'Bonn' },
    { id: 'c3', name: 'John Doe', city: 'Ulm' },
  ];
  const near = similar('name', 'jaro_winkler', '0.9');
  const outcome = await cluster(customers, { on: ['city', near] });
  assert.deepEqual((await outcome.toArray('members')).map(({ id }) => id), ['c1', 'c2']);
  assert.deepEqual(outcome.summary.sources.map(({ name, open }) => [name, open]), [['source', 1]]);
  const spec = { source: {}, pass: [{ cardinality: 'cluster', on: ['city', near] }] };
  assert.equal(await (await reconcile(customers, null, spec)).digest(), await outcome.digest());
  await assert.rejects(reconcile(customers, customers, spec), ({ mistakes }) => mistakes[0].path === 'source');
  await assert.rejects(cluster(customers, { pass: spec.pass }), ReconError);
});
