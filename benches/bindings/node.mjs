// Whole runs through the Node package, on Arrow IPC in memory: `node node.mjs FOLDER SPEC THREADS RUNS`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reconcile } from '../../bindings/node/index.mjs';

const [folder, spec, threads, runs] = process.argv.slice(2);
const [left, right] = ['left', 'right'].map((side) => new Uint8Array(readFileSync(join(folder, `${side}.arrow`))));
const seconds = [];
let digest = '';
for (let run = 0; run < Number(runs); run += 1) {
  const start = performance.now();
  const outcome = await reconcile(left, right, JSON.parse(spec), { threads: Number(threads) });
  await outcome.table('pairs');
  await outcome.table('breaks');
  seconds.push((performance.now() - start) / 1000);
  digest = await outcome.digest();
}
console.log(JSON.stringify({ seconds, digest }));
