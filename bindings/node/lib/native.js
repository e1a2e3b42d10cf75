'use strict';
// The native part, built by `build.mjs`.

const { ReconError, errorOf } = require('./errors.js');

let native;
try {
  native = require('../recon378.node');
} catch (cause) {
  throw new Error(`recon378's native part can't be loaded: run "npm rebuild recon378" (${cause.message})`, { cause });
}

/** Calls a native function; what it throws becomes a `ReconError`. */
function called(work) {
  try {
    return work();
  } catch (error) {
    throw errorOf(error);
  }
}

/** Awaits a native promise; what it is rejected with becomes a `ReconError`. */
async function awaited(work) {
  try {
    return await work();
  } catch (error) {
    throw errorOf(error);
  }
}

module.exports = { native, called, awaited, ReconError };
