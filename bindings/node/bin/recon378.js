#!/usr/bin/env node
'use strict';
// The program `recon378`.

const { native } = require('../lib/native.js');

process.exitCode = native.program(['recon378', ...process.argv.slice(2)]);
