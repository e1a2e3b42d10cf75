"""The figures of a run. Amounts are exact decimals; rates are 0 to 1, in millionths."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Mapping, Optional, Tuple


@dataclass(frozen=True)
class FirstUnreadable:
    """The first of the unreadable cells of a field: enough to see what the spec has to say of it."""

    field: Optional[str]
    """The field; None for a row of which no cell can be read."""
    row: int
    value: str
    """The cell, or the row, as it was given."""
    problem: str


@dataclass(frozen=True)
class SourceSummary:
    """One source."""

    side: Literal["left", "right"]
    name: str
    """Its user-facing name."""
    records: int
    """Records read, carried ones included."""
    carried: int
    """Of these, records that came from the open items of an earlier run."""
    replaced: int
    """Open items that are not among them, because the source holds them itself."""
    excluded: int
    """Records that `where` left out."""
    unreadable: int
    """Records whose amount or id can't be read; they are open."""
    matched: int
    """Records in matched groups."""
    proposed: int
    """Records in proposed groups."""
    in_part: int
    """Records that groups take in part: what is left of each is open beside."""
    open: int
    """Records that are open."""
    match_rate: Optional[float]
    """Matched records among those that are not excluded; None where there are none."""
    repeated_ids: int
    """Records whose id another record has too."""
    doubles: Mapping[str, int]
    """Doubles that became decimals, by field."""
    unreadable_cells: Mapping[str, int]
    """Unreadable cells, by field."""
    first_unreadable: Tuple[FirstUnreadable, ...]
    """The first unreadable cell of each field that has any, and the first row of which no cell can be read."""
    unreadable_rows: int
    """Rows whose cells couldn't be told apart; they are among the unreadable records."""
    left_out_lines: Mapping[str, int]
    """Lines of its files that are no records: `before_header`, `repeated_header`, `footer`, where there are any."""


@dataclass(frozen=True)
class Amounts:
    """Amounts of one currency."""

    currency: Optional[str]
    left: Decimal
    right: Decimal
    difference: Decimal
    """What it explains of right - left."""


@dataclass(frozen=True)
class GroupsSummary:
    """The groups of one pass and status."""

    groups: int
    records: Tuple[int, int]
    """Records of them, left and right."""
    amounts: Tuple[Amounts, ...]
    """By currency; empty when records are only counted."""


@dataclass(frozen=True)
class AmbiguitySummary:
    """Groups by how certain their choice is."""

    unique: int
    """In every optimal answer."""
    interchangeable: int
    """Optimal answers differ only by exchanging twins."""
    ambiguous: int
    """Optimal answers differ in substance."""
    limited: int
    """A limit cut the search."""


@dataclass(frozen=True)
class PassWork:
    """What a pass looked at."""

    entered: Tuple[int, int]
    """Records that entered, left and right."""
    blocks: int
    """Blocks with records on both sides."""
    comparisons: int
    """Candidates tested."""
    candidates: int
    """Candidates that satisfied every required condition."""
    components: int
    """Connected components."""
    limited: int
    """Components in which a limit cut the search."""
    nearest_cut: int
    """Open records whose nearest was not found, because not all were looked at."""


@dataclass(frozen=True)
class PassSummary:
    """One pass."""

    name: str
    cardinality: str
    matched: GroupsSummary
    proposed: GroupsSummary
    ambiguity: AmbiguitySummary
    work: PassWork


@dataclass(frozen=True)
class OpenAmount:
    """An amount of one currency."""

    currency: Optional[str]
    amount: Decimal


@dataclass(frozen=True)
class OpenSummary:
    """Open records of one side and reason."""

    side: Literal["left", "right"]
    reason: str
    records: int
    amounts: Tuple[OpenAmount, ...]
    """By currency; empty when records are only counted."""


@dataclass(frozen=True)
class Totals:
    """Figures over both sides."""

    records: int
    """Records read, carried ones included."""
    excluded: int
    """Records that `where` left out."""
    matched: int
    """Matched groups."""
    proposed: int
    """Proposed groups."""
    open: int
    """Open records."""
    differences: int
    """Compared fields that differ inside a group."""
    match_rate: Optional[float]
    """Matched records among those that are not excluded; None where there are none."""


@dataclass(frozen=True)
class LimitReached:
    """A limit that was reached."""

    place: str
    what: str
    count: int


@dataclass(frozen=True)
class CauseSummary:
    """A cause of a cell's difference, over all passes and both sides."""

    cause: str
    """A reason, or `fee`, `rate`, `rounding`, `variance`, `sign`, `conversion`, `other_cell`, `netted`, `proposed`."""
    detail: Optional[str]
    """The fee, the rate or the factor, where several pairs agree on one."""
    records: Tuple[int, int]
    """Records, left and right."""
    amount: Decimal
    """What it adds to right - left."""


@dataclass(frozen=True)
class CellSummary:
    """The identity of one cell: right - left = matched + proposed + open_right - open_left + unexplained."""

    cell: Tuple[Optional[str], ...]
    """The values that make the cell, such as a currency."""
    records: Tuple[int, int]
    left: Optional[Decimal]
    right: Optional[Decimal]
    difference: Optional[Decimal]
    matched: Optional[Decimal]
    proposed: Optional[Decimal]
    open_left: Optional[Decimal]
    open_right: Optional[Decimal]
    unexplained: Optional[Decimal]
    causes: Tuple[CauseSummary, ...]
    """The shortest list of causes that adds up to the difference, the largest first."""
    residual: Optional[Decimal]
    """The difference less the causes: 0."""


@dataclass(frozen=True)
class TieOutSummary:
    """The identity of every cell."""

    amount: Optional[str]
    """The amount field; None when records are only counted."""
    by: Tuple[str, ...]
    """Fields whose values make a cell."""
    tied_out: bool
    cells_count: int
    cells: Tuple[CellSummary, ...]
    """The first cells; all of them stand in the table `tie_out`."""


@dataclass(frozen=True)
class ComparedSummary:
    """A field that was compared inside groups."""

    field: str
    """`left = right` where the names differ."""
    test: str
    """What has to hold, in words."""
    pairs: int
    """Pairs of records that were compared."""
    differing: int
    """Of these, pairs whose values disagree: rows of `differences`."""


@dataclass(frozen=True)
class DecisionsSummary:
    """Decisions by what they say, and those that were not applied."""

    accepted: int
    forced: int
    rejected: int
    stale: int
    """They name an absent or changed record, or one that takes no part."""


@dataclass(frozen=True)
class BalanceSummary:
    """Proofs of one cell; None where a balance that they take is not known."""

    cell: Tuple[Optional[str], ...]
    """The values that make the cell."""
    left_proof: Optional[Decimal]
    """Closing - opening - records."""
    right_proof: Optional[Decimal]
    brought_forward: Optional[Decimal]
    """The difference of the opening balances that carried records don't explain."""
    proof: Optional[Decimal]
    """0 where the cell is reconciled."""


@dataclass(frozen=True)
class BalancesSummary:
    """Proofs of the balances that were given."""

    proven: Optional[bool]
    """Whether every proof that is known is zero; None where none is known."""
    cells_count: int
    cells: Tuple[BalanceSummary, ...]


@dataclass(frozen=True)
class SystematicExample:
    """A pair that shows a difference."""

    left_row: int
    right_row: int
    left: str
    """Its value on the left, as prepared."""
    right: str


@dataclass(frozen=True)
class SystematicDifference:
    """A difference that many pairs show."""

    field: str
    kind: str
    """`days`, `business_days`, `factor`, `sign`, `fee`, `rate`, `cut`, `prefix`, `suffix`, `leading_zeros`, `case`,
    `spaces` or `punctuation`."""
    side: Optional[Literal["left", "right"]]
    """The side that shows it; None where it has no side."""
    value: Optional[str]
    """Days, factor, formula, characters or text."""
    pairs: int
    """Pairs that show it."""
    of: int
    """Pairs in which both records have a value."""
    share: float
    examples: Tuple[SystematicExample, ...]
    text: str
    """All that in one sentence."""


@dataclass(frozen=True)
class Summary:
    """Counts, amounts and rates of a run."""

    schema_version: int
    as_of: Optional[str]
    """The day ages are counted to, ISO 8601."""
    sources: Tuple[SourceSummary, ...]
    """Left, right; or the only one."""
    passes: Tuple[PassSummary, ...]
    """In the order of the plan."""
    open: Tuple[OpenSummary, ...]
    """Open records, by side and reason, those that occur."""
    totals: Totals
    decisions: Optional[DecisionsSummary]
    """What persons decided; None where nothing was."""
    compared: Tuple[ComparedSummary, ...]
    """What was compared inside groups, in the order of the spec."""
    not_compared: int
    """Groups that hold many records on both sides, or lie inside one source: nothing in them was compared."""
    limits_reached: Tuple[LimitReached, ...]
    """Nothing here is dropped in silence."""
    tie_out: TieOutSummary
    balances: Optional[BalancesSummary]
    """What the balances prove; None where none were given."""
    systematic: Tuple[SystematicDifference, ...]
    """What differs systematically, the most frequent first."""
