// The package as such: both module systems, types, documentation, the program.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as esm from 'recon378';
import { json, root } from './sources.mjs';

const here = fileURLToPath(new URL('../', import.meta.url));
const require = createRequire(import.meta.url);
const run = (command, args, cwd = here) => spawnSync(command, args, { cwd, encoding: 'utf8' });

test('both module systems have the same names', () => {
  const cjs = require('recon378');
  assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
  for (const name of Object.keys(cjs)) assert.equal(cjs[name], esm[name]);
});

test('every name has a type, every type a name', () => {
  const text = readFileSync(join(here, 'index.d.ts'), 'utf8');
  const typed = [...text.matchAll(/^export (?:function|class|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual([...new Set(typed)].sort(), Object.keys(esm).sort());
});

test('the version is that of the crates', () => {
  assert.equal(esm.version, json(join(here, 'package.json')).version);
});

// Inside the package, so that it finds itself by its name.
const examples = join(here, '.examples');
after(() => rmSync(examples, { recursive: true, force: true }));

const pages = [
  join(here, 'README.md'),
  join(root, 'README.md'),
  ...['node', 'decisions', 'month-end', 'explain', 'remittance', 'duplicates'].map((page) => join(root, `docs/guide/${page}.md`)),
];
const blocks = (page) => [...readFileSync(page, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
const wrong = [
  `import type { Spec } from 'recon378'; const x: Spec = { pass: [{ on: [{ field: 'a', within: '1', days: 2 }] }] };`,
  `import type { Spec } from 'recon378'; const x: Spec = { pass: [{ onn: 'a' }] };`,
  `import type { Spec } from 'recon378'; const x: Spec = { pass: [{ on: 'a', status: 'maybe' }] };`,
  `import { reconcile } from 'recon378'; await reconcile([{ a: {} }], [], { on: 'a' });`,
  `import { reconcile } from 'recon378'; const [row] = await (await reconcile([], [], { on: 'a' })).toArray('pairs'); const n: bigint = row!.variance;`,
  `import { reconcile } from 'recon378'; await reconcile([], [], { on: 'a', pass: [] });`,
];

test('examples are typed and run, wrong ones are refused', () => {
  rmSync(examples, { recursive: true, force: true });
  mkdirSync(join(examples, 'out'), { recursive: true });
  const written = pages.map((page, at) => {
    const code = blocks(page).join('\n');
    assert.ok(code.length > 0, page);
    writeFileSync(join(examples, `page${at}.mts`), code);
    return `page${at}`;
  });
  const options = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--rootDir', here];
  const tsc = (...args) => run(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), ...options, ...args], examples);
  const typed = tsc('--outDir', 'out', ...written.map((name) => `${name}.mts`));
  assert.equal(typed.status, 0, typed.stdout);
  for (const name of written) {
    const ended = run(process.execPath, [`${name}.mjs`], join(examples, 'out', '.examples'));
    assert.equal(ended.status, 0, ended.stderr);
  }
  wrong.forEach((code, at) => writeFileSync(join(examples, `wrong${at}.mts`), code));
  const refused = tsc('--noEmit', ...wrong.map((_, at) => `wrong${at}.mts`));
  wrong.forEach((code, at) => assert.match(refused.stdout, new RegExp(`wrong${at}\\.mts`), code));
});

test('the program comes with the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recon378-'));
  writeFileSync(join(folder, 'bank.csv'), 'reference,amount\na,1.00\nb,2.00\n');
  writeFileSync(join(folder, 'ledger.csv'), 'reference,amount\na,1.00\n');
  const program = join(here, 'bin/recon378.js');
  const ended = run(process.execPath, [program, 'run', 'bank.csv', 'ledger.csv', '--on', 'reference,amount', '--json'], folder);
  assert.equal(ended.status, 0, ended.stderr);
  assert.equal(JSON.parse(ended.stdout).totals.matched, 1);
  const refused = run(process.execPath, [program, 'run', 'no.csv', 'ledger.csv', '--on', 'a'], folder);
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /no\.csv/);
});
