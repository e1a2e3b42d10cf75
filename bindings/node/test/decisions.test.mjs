// Decisions given back, and alternatives.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconcile } from 'recon378';

const bank = [
  { id: 'b1', reference: 'INV-1', amount: '10.00' },
  { id: 'b2', reference: 'INV-2', amount: '7.00' },
];
const ledger = [
  { id: 'l1', reference: 'INV-1', amount: '10.40' },
  { id: 'l2', reference: 'INV-1', amount: '10.20' },
  { id: 'l3', reference: 'INV-9', amount: '6.00' },
];
const spec = { pass: [{ on: ['reference', { field: 'amount', within: '1.00' }], status: 'proposed' }] };

test('a review says yes and no', async () => {
  const first = await reconcile(bank, ledger, spec);
  const [other] = await first.toArray('alternatives');
  assert.deepEqual([other.group_id, other.id, other.optimal], [0, 'l1', false]);

  const accepted = await reconcile(bank, ledger, spec, { decisions: await first.decisionsFrom([0]) });
  const [group] = await accepted.toArray('groups');
  assert.deepEqual([group.pass, group.status], ['decision', 'matched']);
  assert.deepEqual(accepted.summary.decisions, { accepted: 1, forced: 0, rejected: 0, stale: 0 });

  const rejected = await reconcile(bank, ledger, spec, { decisions: await first.decisionsFrom([0], 'reject') });
  const [pair] = await rejected.toArray('pairs');
  assert.equal(pair.right_id, 'l1');
});

test('plain objects force a group of several records', async () => {
  const row = (side, id) => ({ decision: '1', kind: 'force', side, id });
  const decisions = [row('left', 'b2'), row('right', 'l3'), row('right', 'l1')];
  const outcome = await reconcile(bank, ledger, spec, { decisions });
  const groups = await outcome.toArray('groups');
  assert.ok(groups.some((group) => group.pass === 'decision' && group.cardinality === '1:n'));
});

test('a group that is not there is a mistake', async () => {
  const outcome = await reconcile(bank, ledger, spec);
  await assert.rejects(outcome.decisionsFrom([99]), (error) => error.code === 'unknown_group');
  for (const id of [undefined, null, NaN, 0.5, -1, '0', {}, 2n ** 60n]) {
    await assert.rejects(outcome.decisionsFrom([id]), { name: 'TypeError', message: /a group_id is a whole number/ });
  }
  assert.deepEqual(await outcome.decisionsFrom([0n]), await outcome.decisionsFrom([0]));
  await assert.rejects(outcome.decisionsFrom([0], 'acept'), (error) => error.mistakes[0].nearest === 'accept');
});
