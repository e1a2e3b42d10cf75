'use strict';
// Two outcomes beside each other: what a change of rules would do.

const { fileURLToPath } = require('node:url');
const { resolve } = require('node:path');
const { inspect } = require('node:util');
const { native } = require('./native.js');
const { Outcome } = require('./outcome.js');
const { Result, nativeOf, stoppable } = require('./result.js');

/** What differs between two outcomes. */
class Diff extends Result {
  /** Whether nothing differs: no group, no open record and its reason, no term of the tie-out. */
  get equal() {
    return this.summary.equal;
  }

  [inspect.custom]() {
    const { equal, groups } = this.summary;
    const told = groups.slice(1).map(({ kind, groups: counts }) => `${Math.max(...counts)} ${kind}`);
    return equal ? `<Diff: equal, ${groups[0].groups[1]} groups>` : `<Diff: groups ${told.join(', ')}>`;
  }
}

/** What crosses for a side: a native outcome or a path. */
function sideOf(side) {
  if (side instanceof Outcome) return nativeOf(side);
  if (side instanceof URL) return fileURLToPath(side);
  if (typeof side === 'string') return resolve(side);
  throw new TypeError('an outcome, the folder that one was written to, or the path of a spec is expected');
}

/** What differs between two outcomes: groups, records, terms of the tie-out. Runs off the event loop. */
async function diff(before, after, { signal, threads = 0 } = {}) {
  const sides = [sideOf(before), sideOf(after)];
  const stop = new native.Stop({});
  return new Diff(await stoppable(signal, stop, async () => native.diff(...sides, stop, threads)));
}

module.exports = { diff, Diff };
