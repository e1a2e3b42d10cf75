// The spec as types. Made from docs/spec/schema.json; edit the Rust types instead.

/** One of the two sources. */
export interface Source {
  /** Its user-facing name. Default: `left`, `right`, `source`. */
  name?: Name | null;
  /** Its file or files, in order. Absent when tables are passed in memory. */
  path?: OneOrMore | null;
  /** How its text is written. */
  read?: Read | null;
  /** Records that take part: all tests must hold. The others are excluded, counted and totalled. Default: all. */
  where?: readonly Filter[] | null;
  /** IANA time zone to which zoned timestamps are converted before their day is taken. Default: the column's own. */
  zone?: Name | null;
  /** Time of day, such as "17:00", from which a timestamp counts as the next day. Default: none. */
  cut_off?: string | null;
}

/** A name: not blank, without control characters. */
export type Name = string;

/** One name, or a list of them. */
export type OneOrMore = Name | readonly Name[];

/** How a source's text is written. */
export interface Read {
  /** CSV delimiter, one ASCII character. Default: detected among comma, semicolon, tab and bar. */
  delimiter?: string | null;
  /** Decimal mark of amounts in text. Default ".". */
  decimal?: string | null;
  /** Thousands separator of amounts in text. Default: none. */
  thousands?: string | null;
  /** Currency sign that amounts in text may have before or behind them, such as "$" or "EUR": at most 8 characters, no
   * digit, sign or parenthesis. Another sign makes an amount unreadable. Default: none. */
  currency_sign?: string | null;
  /** strftime format of dates in text, such as "%d.%m.%Y". Default: ISO 8601, with or without a time. */
  dates?: Name | null;
  /** Encoding of text files by its WHATWG label, such as "windows-1252". Default: UTF-8, with or without a byte
   * order mark. */
  encoding?: Name | null;
  /** CSV quote, one ASCII character. Default: the double quote. */
  quote?: string | null;
  /** Whether the first line names the columns. Default true; else they are `column_1`, `column_2`, …. */
  header?: boolean | null;
  /** Lines to skip before the header, rows of a sheet. Default: 0 of a sheet, of CSV those that plainly are no part of
   * the table. */
  skip?: number | string | null;
  /** Rows to leave out at the end of each CSV file or sheet. Default 0. */
  footer?: number | string | null;
  /** What becomes of a row of CSV with more or fewer cells than the header: its record is "unreadable" (the default);
   * "pad" takes cells that are missing at its end as empty; "error" stops the run. */
  ragged?: Ragged | null;
  /** Sheet of a workbook. Default: its only visible one. */
  sheet?: Name | null;
  /** Range of the sheet, such as "B3:F200", or "B:F" for whole columns. Default: all of it. */
  range?: Name | null;
}

/** What becomes of a row of CSV that has more or fewer cells than the header. One that only has empty cells more is as
 * long as the header. */
export type Ragged = "unreadable" | "pad" | "error";

/** A test on one field or column of the source, with exactly one of `equals`, `in`, `between`, `matches`,
 * `is_null`. A null passes only `is_null = true`. */
export type Filter = EqualsFilter | InFilter | BetweenFilter | MatchesFilter | IsNullFilter;

/** Keeps records with one value. */
export interface EqualsFilter {
  /** The field, or else the column of this source, that is tested. */
  field: Name;
  /** The value. */
  equals: Scalar;
  between?: never;
  in?: never;
  is_null?: never;
  matches?: never;
}

/** A cell's value: text, or a number or a flag that stands for its text. */
export type Scalar = string | number | boolean;

/** Keeps records with one of several values. */
export interface InFilter {
  /** The field, or else the column of this source, that is tested. */
  field: Name;
  /** The values. */
  in: readonly Scalar[];
  between?: never;
  equals?: never;
  is_null?: never;
  matches?: never;
}

/** Keeps records between two values, inclusive: amounts and integers by value, dates by day, text by bytes. */
export interface BetweenFilter {
  /** The field, or else the column of this source, that is tested. */
  field: Name;
  /** The least and the most. */
  between: readonly [Scalar, Scalar];
  equals?: never;
  in?: never;
  is_null?: never;
  matches?: never;
}

/** Keeps records in whose text a regular expression finds something. */
export interface MatchesFilter {
  /** The field, or else the column of this source, that is tested. */
  field: Name;
  /** The regular expression (Rust's `regex` syntax, unanchored). */
  matches: string;
  between?: never;
  equals?: never;
  in?: never;
  is_null?: never;
}

/** Keeps records without, or with, a value. */
export interface IsNullFilter {
  /** The field, or else the column of this source, that is tested. */
  field: Name;
  /** true: the cell must be null (or empty). false: it must not. */
  is_null: boolean;
  between?: never;
  equals?: never;
  in?: never;
  matches?: never;
}

/** A logical field: the column of the same name on both sides, `[left, right]`, or the long form. */
export type Field = Name | readonly [Cell, Cell] | LongField;

/** Where one side's cells of a field come from: a column's name, or a table. */
export type Cell = Name | ColumnCell | DebitCreditCell | IndicatorCell;

/** One column with reading rules. */
export interface ColumnCell {
  /** The column. */
  column: Name;
  /** Whether the amount's sign is turned. Default false. */
  negate?: boolean | null;
  /** Integers count units of 10^-minor: 2 for cents. Amounts only. Default 0. */
  minor?: number | string | null;
  /** Digits after the point on this side; overrides the field's. */
  scale?: number | string | null;
  /** strftime format of this column's dates; overrides the source's. */
  dates?: Name | null;
  /** Regular expression on the text: the first match's group 1, or the whole match. No match is null. */
  extract?: string | null;
  /** Cleaning of text on this side, in order, after the field's. Default: none. */
  clean?: readonly Clean[] | null;
  /** Whether every match of `extract` is a value, not only the first: the field then has many values per record, and
   * equality means "shares a value". Default false. */
  all?: boolean | null;
  /** Where the values stand: the cell's text is a key into a third table, whose column has the field's values, many
   * per record. Default: the cell is the value. */
  lookup?: Lookup | null;
  credit?: never;
  debit?: never;
  indicator?: never;
}

/** A step of text cleaning. NFKC and trimming come first, always for cleaned fields. */
export type Clean = "upper" | "lower" | "unaccent" | "collapse" | "alphanumeric" | "digits" | "strip_zeros" | "punctuation";

/** Where a cell's values stand in a third table. */
export interface Lookup {
  /** The table's name in `tables`. */
  table: Name;
  /** Its column that the cell's text is looked up in. */
  key: Name;
  /** Its column with the values, of every row that has the key. */
  column: Name;
  /** What its rows must hold, by column: others are not looked at. Default: all rows. */
  where?: Record<string, Scalar> | null;
  /** Its column with the day from which a row holds. With it only the rows of one day count: the latest that is not after
   * the record's. Goes with `at` and `days`. */
  date?: Name | null;
  /** The record's own column with the day that is asked for. */
  at?: Name | null;
  /** How many days earlier than the record's a row may be. */
  days?: number | string | null;
}

/** An amount in two columns: credit - debit. At most one of them is filled; a zero counts as empty. */
export interface DebitCreditCell {
  /** The column of debits, counted negative. */
  debit: Name;
  /** The column of credits, counted positive. */
  credit: Name;
  /** Whether the amount's sign is turned. Default false. */
  negate?: boolean | null;
  /** Integers count units of 10^-minor: 2 for cents. Default 0. */
  minor?: number | string | null;
  /** Digits after the point on this side; overrides the field's. */
  scale?: number | string | null;
  column?: never;
  indicator?: never;
}

/** An unsigned amount and a column that says which way it goes. */
export interface IndicatorCell {
  /** The column of the amount. */
  column: Name;
  /** The column that says which way it goes. */
  indicator: Name;
  /** Values that mean debit (negative), compared after trimming, case-sensitive. */
  debit: OneOrSome;
  /** Values that mean credit (positive). Any other value makes the amount unreadable. */
  credit: OneOrSome;
  /** Whether the amount's sign is turned. Default false. */
  negate?: boolean | null;
  /** Integers count units of 10^-minor: 2 for cents. Default 0. */
  minor?: number | string | null;
  /** Digits after the point on this side; overrides the field's. */
  scale?: number | string | null;
}

/** One value, or a list that is not empty. */
export type OneOrSome = Name | readonly Name[];

/** A field with its reading rules. Without `left` and `right` it is the column of its own name on both sides; with
 * one of them it is a field of that side only, for conditions that name it. */
export interface LongField {
  /** Where its cells come from, in a spec with one source. Default: the column of its own name. */
  source?: Cell | null;
  /** Where its cells come from on the left. */
  left?: Cell | null;
  /** Where its cells come from on the right. */
  right?: Cell | null;
  /** What its cells mean. Default: `amount`, `date`, `currency` and `id` mean themselves; others by use, else by
   * the column's type, else text. */
  as?: Kind | null;
  /** Digits after the point of amounts, 0 to 18. Text and decimals with more are unreadable; doubles are rounded
   * to it and counted. Default: decimals keep theirs, integers have 0, text has the most found in the column. */
  scale?: number | string | null;
  /** Cleaning of text on both sides, in order, before a side's own. Default: none. */
  clean?: readonly Clean[] | null;
}

/** What the cells of a field mean. */
export type Kind = FieldKind | TextKind;

/** What the cells of a field mean. */
export type FieldKind = "amount" | "date" | "text" | "integer";

/** Kinds of text. */
export type TextKind = "currency" | "id";

/** What stands before every pass's own. */
export interface Defaults {
  /** Conditions that stand before every pass's own. Default: none. */
  on?: On | null;
}

/** Conditions: a list, or the names of fields that must be equal, with commas between them. */
export type On = Name | readonly Condition[];

/** A condition: a field's name (equality), or a table with exactly one of `equals`, `within`, `days`,
 * `business_days`, `similar`, `occurs`, `slip`, `levels`. */
export type Condition = Name | Equals | WithinTolerance | DaysApart | BusinessDaysApart | Similar | OccursIn | Slipped | Levels;

/** The values are equal. */
export interface Equals {
  /** The field that is tested on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left (in a `same_side` pass: of the positive record). */
  left?: Name | null;
  /** The field that is read on the right (in a `same_side` pass: of the negative record). */
  right?: Name | null;
  /** true. */
  equals: true;
  /** "equal": two nulls are equal. Default: a null equals nothing. */
  nulls?: Nulls | null;
  /** Whether a candidate must satisfy it. Default true; else it only grades. */
  required?: boolean | null;
  /** Its part in the score, 0 to 1,000. Default 1, for equality 0. */
  weight?: Decimal | null;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  levels?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** How nulls are compared. */
export type Nulls = "equal";

/** A decimal of at most 28 digits, exact: a number, or text with the same digits. */
export type Decimal = number | string;

/** The amounts differ by at most a tolerance, inclusive. */
export interface WithinTolerance {
  /** The field that is tested on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left (in a `same_side` pass: of the positive record). */
  left?: Name | null;
  /** The field that is read on the right (in a `same_side` pass: of the negative record). */
  right?: Name | null;
  /** The tolerance. */
  within: Within;
  /** Side of which the percentage is. Default: the larger absolute amount. */
  of?: Side | null;
  /** How signs are compared. Default "same". */
  sign?: Sign | null;
  /** Whether a candidate must satisfy it. Default true; else it only grades. */
  required?: boolean | null;
  /** Its part in the score, 0 to 1,000. Default 1, for equality 0. */
  weight?: Decimal | null;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  levels?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
}

/** A tolerance: one part, two parts of which the smaller allowance holds, or `larger` with two parts. */
export type Within = TolerancePart | readonly [TolerancePart, TolerancePart] | Larger;

/** One part of a tolerance: in the amount's unit ("0.05" or 0.05), or in percent ("0.5%"). */
export type TolerancePart = number | string;

/** Two parts of which the larger allowance holds. */
export interface Larger {
  /** One part in the amount's unit and one in percent. */
  larger: readonly [TolerancePart, TolerancePart];
}

/** A side. */
export type Side = "left" | "right";

/** How signs are compared. */
export type Sign = "same" | "opposite" | "ignore";

/** right - left in calendar days lies in a range. */
export interface DaysApart {
  /** The field that is tested on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left (in a `same_side` pass: of the positive record). */
  left?: Name | null;
  /** The field that is read on the right (in a `same_side` pass: of the negative record). */
  right?: Name | null;
  /** The range. */
  days: Days;
  /** Whether a candidate must satisfy it. Default true; else it only grades. */
  required?: boolean | null;
  /** Its part in the score, 0 to 1,000. Default 1, for equality 0. */
  weight?: Decimal | null;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  equals?: never;
  levels?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** A range of days, right - left, inclusive: [least, most], or one number n for [-n, n]. */
export type Days = number | string | readonly [number | string, number | string];

/** right - left in business days lies in a range. */
export interface BusinessDaysApart {
  /** The field that is tested on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left (in a `same_side` pass: of the positive record). */
  left?: Name | null;
  /** The field that is read on the right (in a `same_side` pass: of the negative record). */
  right?: Name | null;
  /** The range. */
  business_days: Days;
  /** The calendar, by its name in `calendars`. */
  calendar: Name;
  /** Whether a candidate must satisfy it. Default true; else it only grades. */
  required?: boolean | null;
  /** Its part in the score, 0 to 1,000. Default 1, for equality 0. */
  weight?: Decimal | null;
  at_least?: never;
  days?: never;
  equals?: never;
  levels?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** The texts are alike. */
export interface Similar {
  /** The field that is tested on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left (in a `same_side` pass: of the positive record). */
  left?: Name | null;
  /** The field that is read on the right (in a `same_side` pass: of the negative record). */
  right?: Name | null;
  /** The measure. */
  similar: Measure;
  /** The least similarity, 0 to 1. */
  at_least: Share;
  /** Whether a candidate must satisfy it. Default true; else it only grades. */
  required?: boolean | null;
  /** Its part in the score, 0 to 1,000. Default 1, for equality 0. */
  weight?: Decimal | null;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  levels?: never;
  occurs?: never;
  slip?: never;
  within?: never;
}

/** A measure of likeness of texts, 0 to 1. */
export type Measure = "jaro_winkler" | "levenshtein" | "osa" | "ratio" | "token_sort" | "token_set" | "token_jaccard" | "trigram";

/** A decimal from 0 to 1 with at most 6 digits after the point: a number, or text. */
export type Share = number | string;

/** One text stands in the other. */
export interface OccursIn {
  /** The field that is tested on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left (in a `same_side` pass: of the positive record). */
  left?: Name | null;
  /** The field that is read on the right (in a `same_side` pass: of the negative record). */
  right?: Name | null;
  /** Which text must stand in which. */
  occurs: Direction;
  /** Values with fewer characters never occur. Default 4. */
  min_length?: number | string | null;
  /** Whether a candidate must satisfy it. Default true; else it only grades. */
  required?: boolean | null;
  /** Its part in the score, 0 to 1,000. Default 1, for equality 0. */
  weight?: Decimal | null;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  levels?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** Which text must stand in which. */
export type Direction = "right in left" | "left in right" | "either";

/** The digits differ by one slip. */
export interface Slipped {
  /** The field that is tested on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left (in a `same_side` pass: of the positive record). */
  left?: Name | null;
  /** The field that is read on the right (in a `same_side` pass: of the negative record). */
  right?: Name | null;
  /** The kinds of slip: "any", one, or a list. */
  slip: Slips;
  /** Whether a candidate must satisfy it. Default true; else it only grades. */
  required?: boolean | null;
  /** Its part in the score, 0 to 1,000. Default 1, for equality 0. */
  weight?: Decimal | null;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  levels?: never;
  occurs?: never;
  similar?: never;
  within?: never;
}

/** Kinds of slip: "any", one, or a list. */
export type Slips = AnySlip | Slip | readonly Slip[];

/** All kinds of slip. */
export type AnySlip = "any";

/** A kind of digit slip. */
export type Slip = "swapped" | "one_digit" | "factor";

/** How near the values are, weighed in bits: the first level that holds counts. For passes with `score` "probability". */
export interface Levels {
  /** The field that is tested on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left. */
  left?: Name | null;
  /** The field that is read on the right. */
  right?: Name | null;
  /** The levels, from the strongest agreement to the weakest. */
  levels: readonly Level[];
  /** Bits where no level holds. Needed, unless `required`. */
  otherwise?: Bits | null;
  /** Bits where a value is null. Default 0: no evidence. */
  null?: Bits | null;
  /** true: one of the levels has to hold, or the pair is no candidate. Default false. */
  required?: boolean | null;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** One level of agreement: one test, and what it is worth. */
export type Level = EqualsLevel | WithinLevel | DaysLevel | BusinessDaysLevel | SimilarLevel | OccursLevel | SlipLevel;

/** The values are equal. */
export interface EqualsLevel {
  /** true. */
  equals: true;
  /** true: the bits are those of a value of average frequency; rarer ones weigh more, common ones less. Default false. */
  frequency?: boolean | null;
  /** log2 of how many times more often records that belong together are on this level than others. */
  bits: Bits;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** Evidence in bits, from -100 to 100 with at most 3 digits after the point: a number, or text. Each bit doubles the odds. */
export type Bits = number | string;

/** The amounts differ by at most a tolerance, inclusive. */
export interface WithinLevel {
  /** The tolerance. */
  within: Within;
  /** Side of which the percentage is. Default: the larger absolute amount. */
  of?: Side | null;
  /** How signs are compared. Default "same". */
  sign?: Sign | null;
  /** log2 of how many times more often records that belong together are on this level than others. */
  bits: Bits;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
}

/** right - left in calendar days lies in a range. */
export interface DaysLevel {
  /** The range. */
  days: Days;
  /** log2 of how many times more often records that belong together are on this level than others. */
  bits: Bits;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  equals?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** right - left in business days lies in a range. */
export interface BusinessDaysLevel {
  /** The range. */
  business_days: Days;
  /** The calendar, by its name in `calendars`. */
  calendar: Name;
  /** log2 of how many times more often records that belong together are on this level than others. */
  bits: Bits;
  at_least?: never;
  days?: never;
  equals?: never;
  occurs?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** The texts are alike. */
export interface SimilarLevel {
  /** The measure. */
  similar: Measure;
  /** The least similarity, 0 to 1. */
  at_least: Share;
  /** log2 of how many times more often records that belong together are on this level than others. */
  bits: Bits;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  occurs?: never;
  slip?: never;
  within?: never;
}

/** One text stands in the other. */
export interface OccursLevel {
  /** Which text must stand in which. */
  occurs: Direction;
  /** Values with fewer characters never occur. Default 4. */
  min_length?: number | string | null;
  /** log2 of how many times more often records that belong together are on this level than others. */
  bits: Bits;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  similar?: never;
  slip?: never;
  within?: never;
}

/** The digits differ by one slip. */
export interface SlipLevel {
  /** The kinds of slip: "any", one, or a list. */
  slip: Slips;
  /** log2 of how many times more often records that belong together are on this level than others. */
  bits: Bits;
  at_least?: never;
  business_days?: never;
  calendar?: never;
  days?: never;
  equals?: never;
  occurs?: never;
  similar?: never;
  within?: never;
}

/** One matching step. */
export interface Pass {
  /** Its name, unique in the spec. Default: the fields of its conditions, joined by " + ". */
  name?: Name | null;
  /** How many records a group has on each side. Default "1:1". */
  cardinality?: Cardinality | null;
  /** Its own conditions, after the defaults. */
  on?: On | null;
  /** The fields by which the records of a side that has many are taken as one: those with equal values, inside the
   * equalities of `on`. A record in which one of them is null is in no group. Default: every record stands for itself. */
  group_by?: GroupBy | null;
  /** What the amounts of a group sum up to. Default: in a `same_side` pass exactly zero; in others sums are not compared. */
  sum?: Sum | null;
  /** With `group_by`: which records the conditions of `on` are asked of. Default "before". */
  conditions?: Conditions | null;
  /** Status of what it finds. Default "matched" ("proposed" with a required `slip`). */
  status?: Status | null;
  /** Groups with a lower score are proposed. Default 0: none. */
  propose_below?: Share | null;
  /** What happens to records that are tied in substance. Default "propose". */
  ambiguous?: Ambiguous | null;
  /** Score from which a candidate gains more than the least. A pair whose probability is lower is none. Default 0.5. */
  floor?: Share | null;
  /** Matches whose regret is up to this are ambiguous. Default 0: only true ties are. */
  margin?: Share | null;
  /** One record of a group is taken in part where the sums don't agree: what is left of it stays open. With `sum`, of what is
   * tied out, without fees, conversion or payments. Default false. */
  partial?: boolean | null;
  /** What its score is. Default "grades". */
  score?: Score | null;
  /** The probability that two records of one block belong together. With `score` "probability" only. */
  prior?: Prior | null;
}

/** How many records a group has on each side. */
export type Cardinality = "1:1" | "1:n" | "n:1" | "n:m" | "same_side" | "cluster";

/** Fields by which records are taken as one: one, some, or by side. */
export type GroupBy = Name | readonly Name[] | GroupBySides;

/** Fields by which the records of each side are taken as one. */
export interface GroupBySides {
  /** Fields read on the left. */
  left?: OneOrSome | null;
  /** Fields read on the right. */
  right?: OneOrSome | null;
}

/** What the amounts of a group sum up to. */
export interface Sum {
  /** The amount that is summed on both sides. Default: the one that is tied out; a `same_side` pass has no other. */
  field?: Name | null;
  /** The amount that is summed on the left. */
  left?: Name | null;
  /** The amount that is summed on the right. */
  right?: Name | null;
  /** How far the sums may be apart; in a `same_side` pass, how far from zero. Default: not at all. */
  within?: Within | null;
  /** Side of which a percentage is; in a `same_side` pass left is the positive record, right the negative one. Default:
   * the larger absolute sum. */
  of?: Side | null;
  /** How the signs of the sums are compared. Default "same". */
  sign?: Sign | null;
  /** What is kept back of one side's amounts before they are compared. Default: nothing. */
  fee?: Fees | null;
  /** How amounts of one side become those of the other's currency, after fees. Default: currencies are equal. */
  convert?: Converts | null;
  /** How much less than is due may be paid, whatever `within` says; a percentage is of what is due. Default: as `within`. */
  short_pay?: Within | null;
  /** How much less may be paid as a discount, likewise: told before `short_pay` is. Default: none. */
  discount?: Within | null;
  /** How much more than is due may be paid, likewise. Default: as `within`. */
  overpay?: Within | null;
  /** The side whose amounts are payments. Default: of a side that has one and a side that has many the former, else
   * right. */
  paid?: Side | null;
}

/** One fee or several, in order. */
export type Fees = Name | Fee | readonly OneFee[];

/** What is kept back of amounts before they are compared: `percent` and `fixed`, or `tiers`. */
export interface Fee {
  /** Percent of the amount. */
  percent?: TolerancePart | null;
  /** A fixed amount. */
  fixed?: Decimal | null;
  /** Instead of both: by the size of the amount, ascending. */
  tiers?: readonly Tier[] | null;
  /** Of every record, or once of a group. Default "record". */
  per?: FeePer | null;
  /** The side whose amounts are gross. Default: the one that has many, else left. */
  side?: Side | null;
  /** What the percentage is of. Default "gross". */
  of?: FeeBase | null;
  /** How the percentage is rounded. Default `half_up`. */
  round?: Rounding | null;
  /** Digits after the point that it is rounded to. Default: those of the run's amounts. */
  digits?: number | string | null;
  /** What becomes of it where an amount is negative. Default "returned". */
  negative?: Negative | null;
}

/** A fee of amounts up to a size. */
export interface Tier {
  /** The largest amount that it is of, by its size. Only the last tier may be without. */
  up_to?: Decimal | null;
  /** Percent of the whole amount. */
  percent?: TolerancePart | null;
  /** A fixed amount. */
  fixed?: Decimal | null;
}

/** What a fee is kept back of. */
export type FeePer = "record" | "group";

/** What the percentage of a fee is of. */
export type FeeBase = "gross" | "rest";

/** How a fraction of a unit becomes whole. */
export type Rounding = "half_up" | "half_even" | "up" | "down";

/** What becomes of a fee where an amount is negative: a refund, or money paid out. */
export type Negative = "returned" | "charged" | "free";

/** A fee among several. */
export type OneFee = Name | Fee;

/** The field that holds the rate, or a conversion in full. */
export type Converts = Name | Convert;

/** How amounts of one side become those of the other's currency before they are compared. */
export interface Convert {
  /** The field that holds the rate, on the side that is converted. */
  rate: Name;
  /** The side that is converted. Default: the one that has the rate. */
  side?: Side | null;
  /** Whether amounts are divided by the rate. Default false: multiplied. */
  divide?: boolean | null;
  /** The currency that the rate leads to: other records of the other side are not compared. Default: any. */
  to?: Name | null;
  /** Every record is rounded, or once the group. Default "record". */
  per?: FeePer | null;
  /** How it is rounded. Default `half_up`. */
  round?: Rounding | null;
  /** Digits after the point that it is rounded to. Default: those of the run's amounts. */
  digits?: number | string | null;
}

/** Which records the conditions of a pass with `group_by` are asked of. */
export type Conditions = "before" | "after";

/** Whether a group is final or a person decides. */
export type Status = "matched" | "proposed";

/** What happens to records that are tied in substance. */
export type Ambiguous = "propose" | "leave" | "match";

/** What the score of a pass is. */
export type Score = "grades" | "probability";

/** A probability above 0 and below 1 with at most 12 digits after the point: a number, or text. */
export type Prior = number | string;

/** What is checked inside groups: a field whose values have to be equal, or a table. */
export type Compare = Name | ComparedField;

/** A field that is checked inside groups, by at most one of `equals`, `within`, `days`, `business_days` and `similar`; without
 * one its values have to be equal. Two nulls agree, a null and a value don't. */
export interface ComparedField {
  /** The field that is compared on both sides. Either this, or `left` and `right`. */
  field?: Name | null;
  /** The field that is read on the left. */
  left?: Name | null;
  /** The field that is read on the right. */
  right?: Name | null;
  /** true: the values are equal, which is the default. */
  equals?: true | null;
  /** The tolerance of amounts, inclusive. */
  within?: Within | null;
  /** Side of which a percentage of the tolerance is. Default: the larger absolute amount. */
  of?: Side | null;
  /** How the signs of amounts are compared. Default "same". */
  sign?: Sign | null;
  /** Range of right - left in calendar days. */
  days?: Days | null;
  /** Range of right - left in business days. */
  business_days?: Days | null;
  /** The calendar of `business_days`, by its name in `calendars`. */
  calendar?: Name | null;
  /** The measure by which texts are alike. */
  similar?: Measure | null;
  /** The least similarity, 0 to 1. */
  at_least?: Share | null;
}

/** What totals are tied out, by which cells. */
export interface TieOut {
  /** The amount field, or false to count records only. Default "amount". */
  amount?: TieOutAmount | null;
  /** Fields whose values make a cell. */
  by: readonly Name[];
}

/** The amount field, or false to count records only. */
export type TieOutAmount = Name | false;

/** Which days are business days. */
export interface Calendar {
  /** Days of the week that are not. Default: Saturday and Sunday. */
  weekend?: readonly Weekday[] | null;
  /** Single days that are not. Default: none. */
  holidays?: readonly Date[] | null;
}

/** A day of the week. */
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** A day of the calendar, such as "2026-01-31". */
export type Date = string;

/** Balances, in tables or written down. */
export type Balances = Name | readonly Name[] | readonly (Record<string, Scalar | null>)[];

/** Bounds on work, counted per record, component or block, never in time. */
export interface Limits {
  /** Candidates a record keeps in one pass, best first. Default 64. A component in which one was cut is
   * `limited`. */
  rivals_max?: number | string | null;
  /** Records (both sides) of a component up to which `regret` is computed. Default 64; beyond, it is null. */
  regret_nodes_max?: number | string | null;
  /** Candidates tested for one record in one pass. Default 20,000; beyond, its component is `limited`. */
  comparisons_max?: number | string | null;
  /** Open records looked at for the nearest of one open record, per requirement that is left out. Default 256. */
  nearest_max?: number | string | null;
  /** Records of a cluster up to which it is matched. Default 1,000; beyond, it is proposed and `limited`. */
  cluster_max?: number | string | null;
  /** Rows of `issues` kept per source and field; the rest are counted. Default 10,000. */
  issues_max?: number | string | null;
}

/** A file of decisions, files, or the decisions themselves. */
export type Decisions = Name | readonly Name[] | DecisionFiles | readonly Decision[];

/** Files of decisions. */
export interface DecisionFiles {
  /** The file or files, in order. */
  path: OneOrMore;
  /** Whether `left` in the files means the right source, as after mirroring a spec. Default false. */
  swapped?: boolean | null;
}

/** What a person says of some records: at least two of them. */
export interface Decision {
  /** What it is called. Default: its place in the list, from 1. */
  decision?: string | number | null;
  /** accept: yes to a proposed group. force: a group of one's own. reject: never this group, in any pass. */
  kind: DecisionKind;
  /** The left records. Default: none. */
  left?: readonly RecordName[] | null;
  /** The right records. Default: none. */
  right?: readonly RecordName[] | null;
}

/** What a decision says. */
export type DecisionKind = "accept" | "reject" | "force";

/** A record: its id, or a table. */
export type RecordName = string | number | NamedRecord;

/** A record, named by its id or its row. */
export interface NamedRecord {
  /** Its id, as outcomes show it. */
  id?: string | number | null;
  /** Which of the records with this id, in canonical order, from 1. Needed where the id repeats. */
  occurrence?: number | string | null;
  /** Its row, from 0. Looked at only where there is no id, or it repeats and no occurrence is given. */
  row?: number | string | null;
  /** Values it had when it was decided, by field. Where one differs now, the decision is stale. Default: none. */
  was?: Record<string, Scalar> | null;
}

/** A third table, beside the two sources. */
export interface ThirdTable {
  /** Its file or files, in order. Absent when the table is passed in memory. */
  path?: OneOrMore | null;
  /** How its text is written. */
  read?: Read | null;
}

/** What to reconcile: two sources, their fields, and the passes that match them; or one source with its duplicates. */
export interface Spec {
  /** Version of this format. Default 1, the only one there is. */
  version?: number | string | null;
  /** The only source, instead of `left` and `right`, of a spec that looks for duplicates: its passes have the
   * `cardinality` "cluster". */
  source?: Source | null;
  /** The left source. */
  left?: Source | null;
  /** The right source. */
  right?: Source | null;
  /** Logical fields by name: a column of the same name on both sides, `[left, right]`, or a table. `amount`,
   * `currency`, `date` and `id` have a meaning of their own. A column that exists under one name on both sides
   * needs no entry. */
  fields?: Record<string, Field> | null;
  /** What stands before every pass's own. */
  defaults?: Defaults | null;
  /** The matching steps, in order, each over the records that earlier ones left open. */
  pass: readonly Pass[];
  /** What is checked inside groups, and reported in the table `differences`. Default: nothing. */
  compare?: readonly Compare[] | null;
  /** What totals are tied out, by which cells. Default: `amount` by `currency`, where they are mapped. */
  tie_out?: TieOut | null;
  /** Fields to carry into the table `pairs`, from both sides. Default: none. */
  carry?: readonly Name[] | null;
  /** Calendars by name, for `business_days`. */
  calendars?: Record<string, Calendar> | null;
  /** The day to which `age_days` of open records are counted, such as "2026-01-31". Default: ages are null. */
  as_of?: Date | null;
  /** The table or tables `open_items` of an earlier outcome: records that enter this run behind those of their
   * source. Default: none. */
  open_items?: OneOrMore | null;
  /** Opening and closing balances per cell of the tie-out: a table or tables, or a list of them. Default: none,
   * nothing is proved. */
  balances?: Balances | null;
  /** Whether the first unreadable cell is an error. Default false: it is an issue, and the record goes on or
   * becomes a break. */
  strict?: boolean | null;
  /** Bounds on work. Reaching one is named in the outcome. */
  limits?: Limits | null;
  /** What persons decided about an earlier outcome, applied before the first pass. Default: nothing. */
  decisions?: Decisions | null;
  /** Third tables by name, beside the two sources, for `lookup`. Default: none. */
  tables?: Record<string, ThirdTable> | null;
}
