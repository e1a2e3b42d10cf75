'use strict';

const { native } = require('./lib/native.js');
const { ReconError } = require('./lib/errors.js');
const { Outcome, TABLES } = require('./lib/outcome.js');
const { decimalToString, readDecimals } = require('./lib/tables.js');
const { reconcile, check, parseSpec, specToToml, validateSpec, schema } = require('./lib/reconcile.js');
const { equals, within, days, businessDays, similar, occurs, slip } = require('./lib/conditions.js');

exports.reconcile = reconcile;
exports.check = check;
exports.parseSpec = parseSpec;
exports.specToToml = specToToml;
exports.validateSpec = validateSpec;
exports.schema = schema;
exports.version = native.version();
exports.Outcome = Outcome;
exports.ReconError = ReconError;
exports.TABLES = TABLES;
exports.decimalToString = decimalToString;
exports.readDecimals = readDecimals;
exports.equals = equals;
exports.within = within;
exports.days = days;
exports.businessDays = businessDays;
exports.similar = similar;
exports.occurs = occurs;
exports.slip = slip;
