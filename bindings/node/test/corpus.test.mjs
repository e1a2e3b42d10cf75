// The cases of `corpus/`: the same digests as in Rust and Python.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compare, reconcile } from 'recon378';
import { json, root } from './sources.mjs';

const corpus = join(root, 'corpus');
const cases = readdirSync(corpus).filter((name) => existsSync(join(corpus, name, 'spec.toml')));

test('the corpus is there', () => assert.ok(cases.length > 50));

for (const name of cases) {
  test(`${name} gives what it says`, async () => {
    const expected = json(join(corpus, name, 'expected.json'));
    const run = () => reconcile(null, null, join(corpus, name, 'spec.toml'));
    if (expected.error) {
      const { code, kind, paths } = expected.error;
      await assert.rejects(run(), (error) => {
        assert.deepEqual([error.code, error.kind, error.mistakes.map(({ path }) => path).sort()], [code, kind, paths.sort()]);
        return true;
      });
    } else {
      assert.equal(await (await run()).digest(), expected.digest);
    }
  });
}

const comparisons = readdirSync(corpus).filter((name) => existsSync(join(corpus, name, 'compare.json')));

test('the comparisons are there', () => assert.ok(comparisons.length > 20));

for (const name of comparisons) {
  test(`${name} gives what it says`, async () => {
    const file = (side) => {
      const typed = join(corpus, name, `${side}.arrow`);
      return existsSync(typed) ? typed : join(corpus, name, `${side}.csv`);
    };
    const expected = json(join(corpus, name, 'expected.json'));
    const { options } = json(join(corpus, name, 'compare.json'));
    const run = () => compare(file('left'), file('right'), options);
    if (expected.error) {
      const { code, kind, paths } = expected.error;
      await assert.rejects(run(), (error) => {
        assert.deepEqual([error.code, error.kind, error.mistakes.map(({ path }) => path)], [code, kind, paths]);
        return true;
      });
    } else {
      const found = await run();
      assert.deepEqual(found.summary, expected.summary);
      assert.deepEqual(await found.toArray('differences'), expected.differences);
      assert.deepEqual(await found.toArray('rows'), expected.rows);
    }
  });
}
