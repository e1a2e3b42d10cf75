import recon378 from './index.js';

export const {
  reconcile,
  check,
  parseSpec,
  specToToml,
  validateSpec,
  schema,
  version,
  Outcome,
  ReconError,
  TABLES,
  decimalToString,
  readDecimals,
  equals,
  within,
  days,
  businessDays,
  similar,
  occurs,
  slip,
} = recon378;
