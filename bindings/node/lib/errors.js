'use strict';
// What can go wrong: one class, told apart by `kind` and `code`.

/** Any failure. `kind` is what to do about it, `code` is stable; what is not known is `null`. */
class ReconError extends Error {
  constructor(details) {
    super(details.message);
    this.name = 'ReconError';
    this.kind = details.kind;
    this.code = details.code;
    for (const key of ['path', 'source', 'field', 'row', 'line', 'value', 'hint']) this[key] = details[key] ?? null;
    this.mistakes = details.mistakes ?? [];
  }
}

/** The `ReconError` of an error that crossed from the native part with its JSON form as message; others as they are. */
function errorOf(error) {
  let details;
  try {
    details = JSON.parse(error.message);
  } catch {
    return error;
  }
  return typeof details?.kind === 'string' ? new ReconError(details) : error;
}

module.exports = { ReconError, errorOf };
