'use strict';
// A function for each condition of a pass. A plain field name is equality.

/** `field` is a name both sides have, or `[left, right]`. */
const of = (field) => (Array.isArray(field) ? { left: field[0], right: field[1] } : { field });

/** Ranges of days: one number n is from -n to n. */
const range = (least, most) => (most === undefined ? least : [least, most]);

const equals = (field, options = {}) => ({ ...of(field), equals: true, ...options });
const within = (field, tolerance, options = {}) => ({ ...of(field), within: tolerance, ...options });
const days = (field, least, most, options = {}) => ({ ...of(field), days: range(least, most), ...options });
const businessDays = (field, least, most, options) => ({ ...of(field), business_days: range(least, most), ...options });
const similar = (field, measure, atLeast, options = {}) => ({
  ...of(field),
  similar: measure,
  at_least: atLeast,
  ...options,
});
const occurs = (field, direction = 'either', options = {}) => ({ ...of(field), occurs: direction, ...options });
const slip = (field, kinds = 'any', options = {}) => ({ ...of(field), slip: kinds, ...options });
const levels = (field, among, options = {}) => ({ ...of(field), levels: among, ...options });

module.exports = { equals, within, days, businessDays, similar, occurs, slip, levels };
