"""The spec as typed objects. Made from docs/spec/schema.json; edit the Rust types instead."""

from __future__ import annotations

import datetime
import decimal
from dataclasses import dataclass
from typing import Literal, Mapping, Optional, Sequence, Union

from recon378._document import Document
from recon378._tree import Node

__all__ = [
    "BetweenFilter",
    "BusinessDaysApart",
    "BusinessDaysLevel",
    "Calendar",
    "ColumnCell",
    "ComparedField",
    "Convert",
    "DaysApart",
    "DaysLevel",
    "DebitCreditCell",
    "Decision",
    "DecisionFiles",
    "Defaults",
    "Equals",
    "EqualsFilter",
    "EqualsLevel",
    "Fee",
    "GroupBySides",
    "InFilter",
    "IndicatorCell",
    "IsNullFilter",
    "Larger",
    "Levels",
    "Limits",
    "LongField",
    "Lookup",
    "MatchesFilter",
    "NamedRecord",
    "OccursIn",
    "OccursLevel",
    "Pass",
    "Read",
    "Similar",
    "SimilarLevel",
    "SlipLevel",
    "Slipped",
    "Source",
    "Spec",
    "Sum",
    "ThirdTable",
    "TieOut",
    "Tier",
    "WithinLevel",
    "WithinTolerance",
]

OneOrMore = Union[str, Sequence[str]]
"""One name, or a list of them."""

Ragged = Literal["unreadable", "pad", "error"]
"""What becomes of a row of CSV that has more or fewer cells than the header. One that only has empty cells more is as
long as the header."""

Filter = Union["EqualsFilter", "InFilter", "BetweenFilter", "MatchesFilter", "IsNullFilter"]
"""A test on one field or column of the source, with exactly one of `equals`, `in`, `between`, `matches`,
`is_null`. A null passes only `is_null = true`."""

Field = Union[str, Sequence["Cell"], "LongField"]
"""A logical field: the column of the same name on both sides, `[left, right]`, or the long form."""

Cell = Union[str, "ColumnCell", "DebitCreditCell", "IndicatorCell"]
"""Where one side's cells of a field come from: a column's name, or a table."""

Clean = Literal["upper", "lower", "unaccent", "collapse", "alphanumeric", "digits", "strip_zeros", "punctuation"]
"""A step of text cleaning. NFKC and trimming come first, always for cleaned fields."""

OneOrSome = Union[str, Sequence[str]]
"""One value, or a list that is not empty."""

Kind = Union["FieldKind", "TextKind"]
"""What the cells of a field mean."""

FieldKind = Literal["amount", "date", "text", "integer"]
"""What the cells of a field mean."""

TextKind = Literal["currency", "id"]
"""Kinds of text."""

On = Union[str, Sequence["Condition"]]
"""Conditions: a list, or the names of fields that must be equal, with commas between them."""

Condition = Union[str, "Equals", "WithinTolerance", "DaysApart", "BusinessDaysApart", "Similar", "OccursIn", "Slipped", "Levels"]
"""A condition: a field's name (equality), or a table with exactly one of `equals`, `within`, `days`,
`business_days`, `similar`, `occurs`, `slip`, `levels`."""

Nulls = Literal["equal"]
"""How nulls are compared."""

Within = Union[Union[str, int, float, decimal.Decimal], Sequence[Union[str, int, float, decimal.Decimal]], "Larger"]
"""A tolerance: one part, two parts of which the smaller allowance holds, or `larger` with two parts."""

Side = Literal["left", "right"]
"""A side."""

Sign = Literal["same", "opposite", "ignore"]
"""How signs are compared."""

Days = Union[Union[int, str], Sequence[Union[int, str]]]
"""A range of days, right - left, inclusive: [least, most], or one number n for [-n, n]."""

Measure = Literal["jaro_winkler", "levenshtein", "osa", "ratio", "token_sort", "token_set", "token_jaccard", "trigram"]
"""A measure of likeness of texts, 0 to 1."""

Direction = Literal["right in left", "left in right", "either"]
"""Which text must stand in which."""

Slips = Union["AnySlip", "Slip", Sequence["Slip"]]
"""Kinds of slip: "any", one, or a list."""

AnySlip = Literal["any"]
"""All kinds of slip."""

Slip = Literal["swapped", "one_digit", "factor"]
"""A kind of digit slip."""

Level = Union["EqualsLevel", "WithinLevel", "DaysLevel", "BusinessDaysLevel", "SimilarLevel", "OccursLevel", "SlipLevel"]
"""One level of agreement: one test, and what it is worth."""

Cardinality = Literal["1:1", "1:n", "n:1", "n:m", "same_side", "cluster"]
"""How many records a group has on each side."""

GroupBy = Union[str, Sequence[str], "GroupBySides"]
"""Fields by which records are taken as one: one, some, or by side."""

Fees = Union[str, "Fee", Sequence["OneFee"]]
"""One fee or several, in order."""

FeePer = Literal["record", "group"]
"""What a fee is kept back of."""

FeeBase = Literal["gross", "rest"]
"""What the percentage of a fee is of."""

Rounding = Literal["half_up", "half_even", "up", "down"]
"""How a fraction of a unit becomes whole."""

Negative = Literal["returned", "charged", "free"]
"""What becomes of a fee where an amount is negative: a refund, or money paid out."""

OneFee = Union[str, "Fee"]
"""A fee among several."""

Converts = Union[str, "Convert"]
"""The field that holds the rate, or a conversion in full."""

Conditions = Literal["before", "after"]
"""Which records the conditions of a pass with `group_by` are asked of."""

Status = Literal["matched", "proposed"]
"""Whether a group is final or a person decides."""

Ambiguous = Literal["propose", "leave", "match"]
"""What happens to records that are tied in substance."""

Score = Literal["grades", "probability"]
"""What the score of a pass is."""

Compare = Union[str, "ComparedField"]
"""What is checked inside groups: a field whose values have to be equal, or a table."""

TieOutAmount = Union[str, Literal[False]]
"""The amount field, or false to count records only."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
"""A day of the week."""

Balances = Union[str, Sequence[str], Sequence[Mapping[str, Optional[Union[str, int, float, bool, decimal.Decimal]]]]]
"""Balances, in tables or written down."""

Decisions = Union[str, Sequence[str], "DecisionFiles", Sequence["Decision"]]
"""A file of decisions, files, or the decisions themselves."""

DecisionKind = Literal["accept", "reject", "force"]
"""What a decision says."""

RecordName = Union[Union[str, float], "NamedRecord"]
"""A record: its id, or a table."""


@dataclass(frozen=True, kw_only=True)
class Source(Node):
    """One of the two sources."""

    name: Optional[str] = None
    """Its user-facing name. Default: `left`, `right`, `source`."""
    path: Optional["OneOrMore"] = None
    """Its file or files, in order. Absent when tables are passed in memory."""
    read: Optional["Read"] = None
    """How its text is written."""
    where: Optional[Sequence["Filter"]] = None
    """Records that take part: all tests must hold. The others are excluded, counted and totalled. Default: all."""
    zone: Optional[str] = None
    """IANA time zone to which zoned timestamps are converted before their day is taken. Default: the column's own."""
    cut_off: Optional[str] = None
    """Time of day, such as "17:00", from which a timestamp counts as the next day. Default: none."""


@dataclass(frozen=True, kw_only=True)
class Read(Node):
    """How a source's text is written."""

    delimiter: Optional[str] = None
    """CSV delimiter, one ASCII character. Default: detected among comma, semicolon, tab and bar."""
    decimal: Optional[str] = None
    """Decimal mark of amounts in text. Default "."."""
    thousands: Optional[str] = None
    """Thousands separator of amounts in text. Default: none."""
    currency_sign: Optional[str] = None
    """Currency sign that amounts in text may have before or behind them, such as "$" or "EUR": at most 8 characters, no
    digit, sign or parenthesis. Another sign makes an amount unreadable. Default: none."""
    dates: Optional[str] = None
    """strftime format of dates in text, such as "%d.%m.%Y". Default: ISO 8601, with or without a time."""
    encoding: Optional[str] = None
    """Encoding of text files by its WHATWG label, such as "windows-1252". Default: UTF-8, with or without a byte
    order mark."""
    quote: Optional[str] = None
    """CSV quote, one ASCII character. Default: the double quote."""
    header: Optional[bool] = None
    """Whether the first line names the columns. Default true; else they are `column_1`, `column_2`, …."""
    skip: Optional[Union[int, str]] = None
    """Lines to skip before the header, rows of a sheet. Default: 0 of a sheet, of CSV those that plainly are no part of
    the table."""
    footer: Optional[Union[int, str]] = None
    """Rows to leave out at the end of each CSV file or sheet. Default 0."""
    ragged: Optional["Ragged"] = None
    """What becomes of a row of CSV with more or fewer cells than the header: its record is "unreadable" (the default);
    "pad" takes cells that are missing at its end as empty; "error" stops the run."""
    sheet: Optional[str] = None
    """Sheet of a workbook. Default: its only visible one."""
    range: Optional[str] = None
    """Range of the sheet, such as "B3:F200", or "B:F" for whole columns. Default: all of it."""


@dataclass(frozen=True, kw_only=True)
class EqualsFilter(Node):
    """Keeps records with one value."""

    field: str
    """The field, or else the column of this source, that is tested."""
    equals: Union[str, int, float, bool, decimal.Decimal]
    """The value."""


@dataclass(frozen=True, kw_only=True)
class InFilter(Node):
    """Keeps records with one of several values."""

    field: str
    """The field, or else the column of this source, that is tested."""
    in_: Sequence[Union[str, int, float, bool, decimal.Decimal]]
    """The values."""


@dataclass(frozen=True, kw_only=True)
class BetweenFilter(Node):
    """Keeps records between two values, inclusive: amounts and integers by value, dates by day, text by bytes."""

    field: str
    """The field, or else the column of this source, that is tested."""
    between: Sequence[Union[str, int, float, bool, decimal.Decimal]]
    """The least and the most."""


@dataclass(frozen=True, kw_only=True)
class MatchesFilter(Node):
    """Keeps records in whose text a regular expression finds something."""

    field: str
    """The field, or else the column of this source, that is tested."""
    matches: str
    """The regular expression (Rust's `regex` syntax, unanchored)."""


@dataclass(frozen=True, kw_only=True)
class IsNullFilter(Node):
    """Keeps records without, or with, a value."""

    field: str
    """The field, or else the column of this source, that is tested."""
    is_null: bool
    """true: the cell must be null (or empty). false: it must not."""


@dataclass(frozen=True, kw_only=True)
class ColumnCell(Node):
    """One column with reading rules."""

    column: str
    """The column."""
    negate: Optional[bool] = None
    """Whether the amount's sign is turned. Default false."""
    minor: Optional[Union[int, str]] = None
    """Integers count units of 10^-minor: 2 for cents. Amounts only. Default 0."""
    scale: Optional[Union[int, str]] = None
    """Digits after the point on this side; overrides the field's."""
    dates: Optional[str] = None
    """strftime format of this column's dates; overrides the source's."""
    extract: Optional[str] = None
    """Regular expression on the text: the first match's group 1, or the whole match. No match is null."""
    clean: Optional[Sequence["Clean"]] = None
    """Cleaning of text on this side, in order, after the field's. Default: none."""
    all: Optional[bool] = None
    """Whether every match of `extract` is a value, not only the first: the field then has many values per record, and
    equality means "shares a value". Default false."""
    lookup: Optional["Lookup"] = None
    """Where the values stand: the cell's text is a key into a third table, whose column has the field's values, many
    per record. Default: the cell is the value."""


@dataclass(frozen=True, kw_only=True)
class Lookup(Node):
    """Where a cell's values stand in a third table."""

    table: str
    """The table's name in `tables`."""
    key: str
    """Its column that the cell's text is looked up in."""
    column: str
    """Its column with the values, of every row that has the key."""
    where: Optional[Mapping[str, Union[str, int, float, bool, decimal.Decimal]]] = None
    """What its rows must hold, by column: others are not looked at. Default: all rows."""
    date: Optional[str] = None
    """Its column with the day from which a row holds. With it only the rows of one day count: the latest that is not after
    the record's. Goes with `at` and `days`."""
    at: Optional[str] = None
    """The record's own column with the day that is asked for."""
    days: Optional[Union[int, str]] = None
    """How many days earlier than the record's a row may be."""


@dataclass(frozen=True, kw_only=True)
class DebitCreditCell(Node):
    """An amount in two columns: credit - debit. At most one of them is filled; a zero counts as empty."""

    debit: str
    """The column of debits, counted negative."""
    credit: str
    """The column of credits, counted positive."""
    negate: Optional[bool] = None
    """Whether the amount's sign is turned. Default false."""
    minor: Optional[Union[int, str]] = None
    """Integers count units of 10^-minor: 2 for cents. Default 0."""
    scale: Optional[Union[int, str]] = None
    """Digits after the point on this side; overrides the field's."""


@dataclass(frozen=True, kw_only=True)
class IndicatorCell(Node):
    """An unsigned amount and a column that says which way it goes."""

    column: str
    """The column of the amount."""
    indicator: str
    """The column that says which way it goes."""
    debit: "OneOrSome"
    """Values that mean debit (negative), compared after trimming, case-sensitive."""
    credit: "OneOrSome"
    """Values that mean credit (positive). Any other value makes the amount unreadable."""
    negate: Optional[bool] = None
    """Whether the amount's sign is turned. Default false."""
    minor: Optional[Union[int, str]] = None
    """Integers count units of 10^-minor: 2 for cents. Default 0."""
    scale: Optional[Union[int, str]] = None
    """Digits after the point on this side; overrides the field's."""


@dataclass(frozen=True, kw_only=True)
class LongField(Node):
    """A field with its reading rules. Without `left` and `right` it is the column of its own name on both sides; with
    one of them it is a field of that side only, for conditions that name it."""

    source: Optional["Cell"] = None
    """Where its cells come from, in a spec with one source. Default: the column of its own name."""
    left: Optional["Cell"] = None
    """Where its cells come from on the left."""
    right: Optional["Cell"] = None
    """Where its cells come from on the right."""
    as_: Optional["Kind"] = None
    """What its cells mean. Default: `amount`, `date`, `currency` and `id` mean themselves; others by use, else by
    the column's type, else text."""
    scale: Optional[Union[int, str]] = None
    """Digits after the point of amounts, 0 to 18. Text and decimals with more are unreadable; doubles are rounded
    to it and counted. Default: decimals keep theirs, integers have 0, text has the most found in the column."""
    clean: Optional[Sequence["Clean"]] = None
    """Cleaning of text on both sides, in order, before a side's own. Default: none."""


@dataclass(frozen=True, kw_only=True)
class Defaults(Node):
    """What stands before every pass's own."""

    on: Optional["On"] = None
    """Conditions that stand before every pass's own. Default: none."""


@dataclass(frozen=True, kw_only=True)
class Equals(Node):
    """The values are equal."""

    field: Optional[str] = None
    """The field that is tested on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left (in a `same_side` pass: of the positive record)."""
    right: Optional[str] = None
    """The field that is read on the right (in a `same_side` pass: of the negative record)."""
    equals: Literal[True] = True
    """true."""
    nulls: Optional["Nulls"] = None
    """"equal": two nulls are equal. Default: a null equals nothing."""
    required: Optional[bool] = None
    """Whether a candidate must satisfy it. Default true; else it only grades."""
    weight: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Its part in the score, 0 to 1,000. Default 1, for equality 0."""


@dataclass(frozen=True, kw_only=True)
class WithinTolerance(Node):
    """The amounts differ by at most a tolerance, inclusive."""

    field: Optional[str] = None
    """The field that is tested on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left (in a `same_side` pass: of the positive record)."""
    right: Optional[str] = None
    """The field that is read on the right (in a `same_side` pass: of the negative record)."""
    within: "Within"
    """The tolerance."""
    of: Optional["Side"] = None
    """Side of which the percentage is. Default: the larger absolute amount."""
    sign: Optional["Sign"] = None
    """How signs are compared. Default "same"."""
    required: Optional[bool] = None
    """Whether a candidate must satisfy it. Default true; else it only grades."""
    weight: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Its part in the score, 0 to 1,000. Default 1, for equality 0."""


@dataclass(frozen=True, kw_only=True)
class Larger(Node):
    """Two parts of which the larger allowance holds."""

    larger: Sequence[Union[str, int, float, decimal.Decimal]]
    """One part in the amount's unit and one in percent."""


@dataclass(frozen=True, kw_only=True)
class DaysApart(Node):
    """right - left in calendar days lies in a range."""

    field: Optional[str] = None
    """The field that is tested on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left (in a `same_side` pass: of the positive record)."""
    right: Optional[str] = None
    """The field that is read on the right (in a `same_side` pass: of the negative record)."""
    days: "Days"
    """The range."""
    required: Optional[bool] = None
    """Whether a candidate must satisfy it. Default true; else it only grades."""
    weight: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Its part in the score, 0 to 1,000. Default 1, for equality 0."""


@dataclass(frozen=True, kw_only=True)
class BusinessDaysApart(Node):
    """right - left in business days lies in a range."""

    field: Optional[str] = None
    """The field that is tested on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left (in a `same_side` pass: of the positive record)."""
    right: Optional[str] = None
    """The field that is read on the right (in a `same_side` pass: of the negative record)."""
    business_days: "Days"
    """The range."""
    calendar: str
    """The calendar, by its name in `calendars`."""
    required: Optional[bool] = None
    """Whether a candidate must satisfy it. Default true; else it only grades."""
    weight: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Its part in the score, 0 to 1,000. Default 1, for equality 0."""


@dataclass(frozen=True, kw_only=True)
class Similar(Node):
    """The texts are alike."""

    field: Optional[str] = None
    """The field that is tested on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left (in a `same_side` pass: of the positive record)."""
    right: Optional[str] = None
    """The field that is read on the right (in a `same_side` pass: of the negative record)."""
    similar: "Measure"
    """The measure."""
    at_least: Union[str, int, float, decimal.Decimal]
    """The least similarity, 0 to 1."""
    required: Optional[bool] = None
    """Whether a candidate must satisfy it. Default true; else it only grades."""
    weight: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Its part in the score, 0 to 1,000. Default 1, for equality 0."""


@dataclass(frozen=True, kw_only=True)
class OccursIn(Node):
    """One text stands in the other."""

    field: Optional[str] = None
    """The field that is tested on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left (in a `same_side` pass: of the positive record)."""
    right: Optional[str] = None
    """The field that is read on the right (in a `same_side` pass: of the negative record)."""
    occurs: "Direction"
    """Which text must stand in which."""
    min_length: Optional[Union[int, str]] = None
    """Values with fewer characters never occur. Default 4."""
    required: Optional[bool] = None
    """Whether a candidate must satisfy it. Default true; else it only grades."""
    weight: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Its part in the score, 0 to 1,000. Default 1, for equality 0."""


@dataclass(frozen=True, kw_only=True)
class Slipped(Node):
    """The digits differ by one slip."""

    field: Optional[str] = None
    """The field that is tested on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left (in a `same_side` pass: of the positive record)."""
    right: Optional[str] = None
    """The field that is read on the right (in a `same_side` pass: of the negative record)."""
    slip: "Slips"
    """The kinds of slip: "any", one, or a list."""
    required: Optional[bool] = None
    """Whether a candidate must satisfy it. Default true; else it only grades."""
    weight: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Its part in the score, 0 to 1,000. Default 1, for equality 0."""


@dataclass(frozen=True, kw_only=True)
class Levels(Node):
    """How near the values are, weighed in bits: the first level that holds counts. For passes with `score` "probability"."""

    field: Optional[str] = None
    """The field that is tested on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left."""
    right: Optional[str] = None
    """The field that is read on the right."""
    levels: Sequence["Level"]
    """The levels, from the strongest agreement to the weakest."""
    otherwise: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Bits where no level holds. Needed, unless `required`."""
    null: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Bits where a value is null. Default 0: no evidence."""
    required: Optional[bool] = None
    """true: one of the levels has to hold, or the pair is no candidate. Default false."""


@dataclass(frozen=True, kw_only=True)
class EqualsLevel(Node):
    """The values are equal."""

    equals: Literal[True] = True
    """true."""
    frequency: Optional[bool] = None
    """true: the bits are those of a value of average frequency; rarer ones weigh more, common ones less. Default false."""
    bits: Union[str, int, float, decimal.Decimal]
    """log2 of how many times more often records that belong together are on this level than others."""


@dataclass(frozen=True, kw_only=True)
class WithinLevel(Node):
    """The amounts differ by at most a tolerance, inclusive."""

    within: "Within"
    """The tolerance."""
    of: Optional["Side"] = None
    """Side of which the percentage is. Default: the larger absolute amount."""
    sign: Optional["Sign"] = None
    """How signs are compared. Default "same"."""
    bits: Union[str, int, float, decimal.Decimal]
    """log2 of how many times more often records that belong together are on this level than others."""


@dataclass(frozen=True, kw_only=True)
class DaysLevel(Node):
    """right - left in calendar days lies in a range."""

    days: "Days"
    """The range."""
    bits: Union[str, int, float, decimal.Decimal]
    """log2 of how many times more often records that belong together are on this level than others."""


@dataclass(frozen=True, kw_only=True)
class BusinessDaysLevel(Node):
    """right - left in business days lies in a range."""

    business_days: "Days"
    """The range."""
    calendar: str
    """The calendar, by its name in `calendars`."""
    bits: Union[str, int, float, decimal.Decimal]
    """log2 of how many times more often records that belong together are on this level than others."""


@dataclass(frozen=True, kw_only=True)
class SimilarLevel(Node):
    """The texts are alike."""

    similar: "Measure"
    """The measure."""
    at_least: Union[str, int, float, decimal.Decimal]
    """The least similarity, 0 to 1."""
    bits: Union[str, int, float, decimal.Decimal]
    """log2 of how many times more often records that belong together are on this level than others."""


@dataclass(frozen=True, kw_only=True)
class OccursLevel(Node):
    """One text stands in the other."""

    occurs: "Direction"
    """Which text must stand in which."""
    min_length: Optional[Union[int, str]] = None
    """Values with fewer characters never occur. Default 4."""
    bits: Union[str, int, float, decimal.Decimal]
    """log2 of how many times more often records that belong together are on this level than others."""


@dataclass(frozen=True, kw_only=True)
class SlipLevel(Node):
    """The digits differ by one slip."""

    slip: "Slips"
    """The kinds of slip: "any", one, or a list."""
    bits: Union[str, int, float, decimal.Decimal]
    """log2 of how many times more often records that belong together are on this level than others."""


@dataclass(frozen=True, kw_only=True)
class Pass(Node):
    """One matching step."""

    name: Optional[str] = None
    """Its name, unique in the spec. Default: the fields of its conditions, joined by " + "."""
    cardinality: Optional["Cardinality"] = None
    """How many records a group has on each side. Default "1:1"."""
    on: Optional["On"] = None
    """Its own conditions, after the defaults."""
    group_by: Optional["GroupBy"] = None
    """The fields by which the records of a side that has many are taken as one: those with equal values, inside the
    equalities of `on`. A record in which one of them is null is in no group. Default: every record stands for itself."""
    sum: Optional["Sum"] = None
    """What the amounts of a group sum up to. Default: in a `same_side` pass exactly zero; in others sums are not compared."""
    conditions: Optional["Conditions"] = None
    """With `group_by`: which records the conditions of `on` are asked of. Default "before"."""
    status: Optional["Status"] = None
    """Status of what it finds. Default "matched" ("proposed" with a required `slip`)."""
    propose_below: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Groups with a lower score are proposed. Default 0: none."""
    ambiguous: Optional["Ambiguous"] = None
    """What happens to records that are tied in substance. Default "propose"."""
    floor: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Score from which a candidate gains more than the least. A pair whose probability is lower is none. Default 0.5."""
    margin: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Matches whose regret is up to this are ambiguous. Default 0: only true ties are."""
    partial: Optional[bool] = None
    """One record of a group is taken in part where the sums don't agree: what is left of it stays open. With `sum`, of what is
    tied out, without fees, conversion or payments. Default false."""
    score: Optional["Score"] = None
    """What its score is. Default "grades"."""
    prior: Optional[Union[str, int, float, decimal.Decimal]] = None
    """The probability that two records of one block belong together. With `score` "probability" only."""


@dataclass(frozen=True, kw_only=True)
class GroupBySides(Node):
    """Fields by which the records of each side are taken as one."""

    left: Optional["OneOrSome"] = None
    """Fields read on the left."""
    right: Optional["OneOrSome"] = None
    """Fields read on the right."""


@dataclass(frozen=True, kw_only=True)
class Sum(Node):
    """What the amounts of a group sum up to."""

    field: Optional[str] = None
    """The amount that is summed on both sides. Default: the one that is tied out; a `same_side` pass has no other."""
    left: Optional[str] = None
    """The amount that is summed on the left."""
    right: Optional[str] = None
    """The amount that is summed on the right."""
    within: Optional["Within"] = None
    """How far the sums may be apart; in a `same_side` pass, how far from zero. Default: not at all."""
    of: Optional["Side"] = None
    """Side of which a percentage is; in a `same_side` pass left is the positive record, right the negative one. Default:
    the larger absolute sum."""
    sign: Optional["Sign"] = None
    """How the signs of the sums are compared. Default "same"."""
    fee: Optional["Fees"] = None
    """What is kept back of one side's amounts before they are compared. Default: nothing."""
    convert: Optional["Converts"] = None
    """How amounts of one side become those of the other's currency, after fees. Default: currencies are equal."""
    short_pay: Optional["Within"] = None
    """How much less than is due may be paid, whatever `within` says; a percentage is of what is due. Default: as `within`."""
    discount: Optional["Within"] = None
    """How much less may be paid as a discount, likewise: told before `short_pay` is. Default: none."""
    overpay: Optional["Within"] = None
    """How much more than is due may be paid, likewise. Default: as `within`."""
    paid: Optional["Side"] = None
    """The side whose amounts are payments. Default: of a side that has one and a side that has many the former, else
    right."""


@dataclass(frozen=True, kw_only=True)
class Fee(Node):
    """What is kept back of amounts before they are compared: `percent` and `fixed`, or `tiers`."""

    percent: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Percent of the amount."""
    fixed: Optional[Union[str, int, float, decimal.Decimal]] = None
    """A fixed amount."""
    tiers: Optional[Sequence["Tier"]] = None
    """Instead of both: by the size of the amount, ascending."""
    per: Optional["FeePer"] = None
    """Of every record, or once of a group. Default "record"."""
    side: Optional["Side"] = None
    """The side whose amounts are gross. Default: the one that has many, else left."""
    of: Optional["FeeBase"] = None
    """What the percentage is of. Default "gross"."""
    round: Optional["Rounding"] = None
    """How the percentage is rounded. Default `half_up`."""
    digits: Optional[Union[int, str]] = None
    """Digits after the point that it is rounded to. Default: those of the run's amounts."""
    negative: Optional["Negative"] = None
    """What becomes of it where an amount is negative. Default "returned"."""


@dataclass(frozen=True, kw_only=True)
class Tier(Node):
    """A fee of amounts up to a size."""

    up_to: Optional[Union[str, int, float, decimal.Decimal]] = None
    """The largest amount that it is of, by its size. Only the last tier may be without."""
    percent: Optional[Union[str, int, float, decimal.Decimal]] = None
    """Percent of the whole amount."""
    fixed: Optional[Union[str, int, float, decimal.Decimal]] = None
    """A fixed amount."""


@dataclass(frozen=True, kw_only=True)
class Convert(Node):
    """How amounts of one side become those of the other's currency before they are compared."""

    rate: str
    """The field that holds the rate, on the side that is converted."""
    side: Optional["Side"] = None
    """The side that is converted. Default: the one that has the rate."""
    divide: Optional[bool] = None
    """Whether amounts are divided by the rate. Default false: multiplied."""
    to: Optional[str] = None
    """The currency that the rate leads to: other records of the other side are not compared. Default: any."""
    per: Optional["FeePer"] = None
    """Every record is rounded, or once the group. Default "record"."""
    round: Optional["Rounding"] = None
    """How it is rounded. Default `half_up`."""
    digits: Optional[Union[int, str]] = None
    """Digits after the point that it is rounded to. Default: those of the run's amounts."""


@dataclass(frozen=True, kw_only=True)
class ComparedField(Node):
    """A field that is checked inside groups, by at most one of `equals`, `within`, `days`, `business_days` and `similar`; without
    one its values have to be equal. Two nulls agree, a null and a value don't."""

    field: Optional[str] = None
    """The field that is compared on both sides. Either this, or `left` and `right`."""
    left: Optional[str] = None
    """The field that is read on the left."""
    right: Optional[str] = None
    """The field that is read on the right."""
    equals: Optional[Literal[True]] = None
    """true: the values are equal, which is the default."""
    within: Optional["Within"] = None
    """The tolerance of amounts, inclusive."""
    of: Optional["Side"] = None
    """Side of which a percentage of the tolerance is. Default: the larger absolute amount."""
    sign: Optional["Sign"] = None
    """How the signs of amounts are compared. Default "same"."""
    days: Optional["Days"] = None
    """Range of right - left in calendar days."""
    business_days: Optional["Days"] = None
    """Range of right - left in business days."""
    calendar: Optional[str] = None
    """The calendar of `business_days`, by its name in `calendars`."""
    similar: Optional["Measure"] = None
    """The measure by which texts are alike."""
    at_least: Optional[Union[str, int, float, decimal.Decimal]] = None
    """The least similarity, 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class TieOut(Node):
    """What totals are tied out, by which cells."""

    amount: Optional["TieOutAmount"] = None
    """The amount field, or false to count records only. Default "amount"."""
    by: Sequence[str]
    """Fields whose values make a cell."""


@dataclass(frozen=True, kw_only=True)
class Calendar(Node):
    """Which days are business days."""

    weekend: Optional[Sequence["Weekday"]] = None
    """Days of the week that are not. Default: Saturday and Sunday."""
    holidays: Optional[Sequence[Union[str, datetime.date]]] = None
    """Single days that are not. Default: none."""


@dataclass(frozen=True, kw_only=True)
class Limits(Node):
    """Bounds on work, counted per record, component or block, never in time."""

    rivals_max: Optional[Union[int, str]] = None
    """Candidates a record keeps in one pass, best first. Default 64. A component in which one was cut is
    `limited`."""
    regret_nodes_max: Optional[Union[int, str]] = None
    """Records (both sides) of a component up to which `regret` is computed. Default 64; beyond, it is null."""
    comparisons_max: Optional[Union[int, str]] = None
    """Candidates tested for one record in one pass. Default 20,000; beyond, its component is `limited`."""
    nearest_max: Optional[Union[int, str]] = None
    """Open records looked at for the nearest of one open record, per requirement that is left out. Default 256."""
    cluster_max: Optional[Union[int, str]] = None
    """Records of a cluster up to which it is matched. Default 1,000; beyond, it is proposed and `limited`."""
    issues_max: Optional[Union[int, str]] = None
    """Rows of `issues` kept per source and field; the rest are counted. Default 10,000."""


@dataclass(frozen=True, kw_only=True)
class DecisionFiles(Node):
    """Files of decisions."""

    path: "OneOrMore"
    """The file or files, in order."""
    swapped: Optional[bool] = None
    """Whether `left` in the files means the right source, as after mirroring a spec. Default false."""


@dataclass(frozen=True, kw_only=True)
class Decision(Node):
    """What a person says of some records: at least two of them."""

    decision: Optional[Union[str, float]] = None
    """What it is called. Default: its place in the list, from 1."""
    kind: "DecisionKind"
    """accept: yes to a proposed group. force: a group of one's own. reject: never this group, in any pass."""
    left: Optional[Sequence["RecordName"]] = None
    """The left records. Default: none."""
    right: Optional[Sequence["RecordName"]] = None
    """The right records. Default: none."""


@dataclass(frozen=True, kw_only=True)
class NamedRecord(Node):
    """A record, named by its id or its row."""

    id: Optional[Union[str, float]] = None
    """Its id, as outcomes show it."""
    occurrence: Optional[Union[int, str]] = None
    """Which of the records with this id, in canonical order, from 1. Needed where the id repeats."""
    row: Optional[Union[int, str]] = None
    """Its row, from 0. Looked at only where there is no id, or it repeats and no occurrence is given."""
    was: Optional[Mapping[str, Union[str, int, float, bool, decimal.Decimal]]] = None
    """Values it had when it was decided, by field. Where one differs now, the decision is stale. Default: none."""


@dataclass(frozen=True, kw_only=True)
class ThirdTable(Node):
    """A third table, beside the two sources."""

    path: Optional["OneOrMore"] = None
    """Its file or files, in order. Absent when the table is passed in memory."""
    read: Optional["Read"] = None
    """How its text is written."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Spec(Document):
    """What to reconcile: two sources, their fields, and the passes that match them; or one source with its duplicates."""

    version: Optional[Union[int, str]] = 1
    """Version of this format. Default 1, the only one there is."""
    source: Optional["Source"] = None
    """The only source, instead of `left` and `right`, of a spec that looks for duplicates: its passes have the
    `cardinality` "cluster"."""
    left: Optional["Source"] = None
    """The left source."""
    right: Optional["Source"] = None
    """The right source."""
    fields: Optional[Mapping[str, "Field"]] = None
    """Logical fields by name: a column of the same name on both sides, `[left, right]`, or a table. `amount`,
    `currency`, `date` and `id` have a meaning of their own. A column that exists under one name on both sides
    needs no entry."""
    defaults: Optional["Defaults"] = None
    """What stands before every pass's own."""
    passes: Sequence["Pass"]
    """The matching steps, in order, each over the records that earlier ones left open."""
    compare: Optional[Sequence["Compare"]] = None
    """What is checked inside groups, and reported in the table `differences`. Default: nothing."""
    tie_out: Optional["TieOut"] = None
    """What totals are tied out, by which cells. Default: `amount` by `currency`, where they are mapped."""
    carry: Optional[Sequence[str]] = None
    """Fields to carry into the table `pairs`, from both sides. Default: none."""
    calendars: Optional[Mapping[str, "Calendar"]] = None
    """Calendars by name, for `business_days`."""
    as_of: Optional[Union[str, datetime.date]] = None
    """The day to which `age_days` of open records are counted, such as "2026-01-31". Default: ages are null."""
    open_items: Optional["OneOrMore"] = None
    """The table or tables `open_items` of an earlier outcome: records that enter this run behind those of their
    source. Default: none."""
    balances: Optional["Balances"] = None
    """Opening and closing balances per cell of the tie-out: a table or tables, or a list of them. Default: none,
    nothing is proved."""
    strict: Optional[bool] = None
    """Whether the first unreadable cell is an error. Default false: it is an issue, and the record goes on or
    becomes a break."""
    limits: Optional["Limits"] = None
    """Bounds on work. Reaching one is named in the outcome."""
    decisions: Optional["Decisions"] = None
    """What persons decided about an earlier outcome, applied before the first pass. Default: nothing."""
    tables: Optional[Mapping[str, "ThirdTable"]] = None
    """Third tables by name, beside the two sources, for `lookup`. Default: none."""
