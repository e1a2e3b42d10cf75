// What the tests share: two sources whose reconciliation is known.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { days, within } from 'recon378';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

const table = (rows) =>
  rows.map(([account, reference, amount, date]) => ({ account, reference, amount, date }));

export const bank = table([
  ['A', 'INV-1', '10.50', '2026-01-05'],
  ['A', 'INV-2', '7.00', '2026-01-06'],
  ['B', 'INV-3', '3.00', '2026-01-07'],
]);
export const ledger = table([
  ['A', 'INV-1', '10.50', '2026-01-05'],
  ['A', 'INV-2', '7.01', '2026-01-09'],
  ['B', 'INV-4', '4.00', '2026-01-07'],
]);

/** One pair is exact, one differs by a cent and three days, one record is open on each side. */
export const on = ['account', 'reference', within('amount', '0.01'), days('date', 0, 5)];

/** A source that takes the engine long enough to be interrupted, in a pass that compares nearly everything. */
export const large = (records) =>
  Array.from({ length: records }, (_, row) => ({
    reference: `REF ${String((row * 7919) % 1_000_003).padStart(8, '0')}`,
    amount: BigInt(row * 100),
  }));
export const slowOn = [
  { field: 'reference', similar: 'jaro_winkler', at_least: '0.6' },
  within('amount', 100_000_000),
];

export const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
