"""Two outcomes beside each other: what a change of rules would do."""

from __future__ import annotations

import functools
import html
import json
import os
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Optional, Tuple, Union, final

from recon378 import _recon378
from recon378._outcome import Outcome
from recon378._result import _Result
from recon378._table import Table

State = Literal["matched", "proposed", "open", "excluded", "absent"]
Side = Literal["left", "right"]


@dataclass(frozen=True)
class DiffWarning:
    """A reason to doubt that the outcomes can be compared."""

    code: str
    """`records_differ`, `ids_differ`, `content_differs`, `cells_differ`."""
    side: Optional[Side]
    """None where it concerns both."""
    text: str


@dataclass(frozen=True)
class DiffSource:
    """One source in both outcomes."""

    side: Side
    names: Tuple[str, str]
    records: Tuple[int, int]
    """Records read, old and new."""
    matched_by: Literal["row", "id"]
    """How its records were brought together."""


@dataclass(frozen=True)
class DiffGroupAmounts:
    """Amounts of groups of one currency, old and new."""

    currency: Optional[str]
    left: Tuple[Decimal, Decimal]
    right: Tuple[Decimal, Decimal]
    net: Tuple[Decimal, Decimal]


@dataclass(frozen=True)
class DiffGroups:
    """Groups of one kind."""

    kind: Literal["unchanged", "changed", "regrouped", "vanished", "appeared"]
    groups: Tuple[int, int]
    """Old and new."""
    amounts: Tuple[DiffGroupAmounts, ...]
    """By currency; empty when records are only counted."""


@dataclass(frozen=True)
class DiffAmount:
    """An amount of one currency, old and new."""

    currency: Optional[str]
    amount: Tuple[Decimal, Decimal]


@dataclass(frozen=True)
class DiffRecords:
    """Records of one kind and side."""

    kind: Literal["grouped", "opened", "regrouped", "status_changed", "reason_changed", "entered", "gone"]
    side: Side
    records: int
    amounts: Tuple[DiffAmount, ...]


@dataclass(frozen=True)
class DiffFlow:
    """Records that went one way."""

    side: Side
    was: State
    was_by: Optional[str]
    """The pass that grouped them, or the reason they were open for."""
    is_: State
    is_by: Optional[str]
    records: int
    amounts: Tuple[DiffAmount, ...]


@dataclass(frozen=True)
class TermChange:
    """One term of a cell: `left`, `right`, `matched`, `proposed`, `open_left`, `open_right`."""

    term: str
    old: Optional[Decimal]
    """None where no amount is tied out."""
    new: Optional[Decimal]
    change: Optional[Decimal]
    """new - old."""


@dataclass(frozen=True)
class DiffCell:
    """One cell of the tie-out."""

    cell: Tuple[Optional[str], ...]
    terms: Tuple[TermChange, ...]


@dataclass(frozen=True)
class DiffTieOut:
    """The terms of the tie-out."""

    by: Tuple[str, ...]
    """Fields whose values make a cell."""
    cells_count: int
    changed_count: int
    """Cells with a term that changed."""
    cells: Tuple[DiffCell, ...]
    """The first cells, changed ones before the others; all of them stand in the table `tie_out`."""


@dataclass(frozen=True)
class DiffSummary:
    """The figures of a diff."""

    schema_version: int
    equal: bool
    """No group, no open record and its reason, no term of the tie-out differs."""
    names: Tuple[str, str]
    """What the outcomes are called."""
    warnings: Tuple[DiffWarning, ...]
    """What tells that the outcomes are not of the same records."""
    sources: Tuple[DiffSource, DiffSource]
    groups: Tuple[DiffGroups, ...]
    """All kinds, in their order."""
    records: Tuple[DiffRecords, ...]
    """Records that are grouped, open or excluded otherwise than before."""
    flows: Tuple[DiffFlow, ...]
    """Every record of both inputs is in exactly one line."""
    tie_out: DiffTieOut


@final
class Diff(_Result):
    """What differs between two outcomes; see `docs/spec/diff.md` for the tables' columns."""

    _native: _recon378.Diff

    @property
    def equal(self) -> bool:
        """Whether nothing differs: no group, no open record and its reason, no term of the tie-out."""
        return self.summary.equal

    @functools.cached_property
    def groups(self) -> Table:
        """A row per group that changed, was regrouped, vanished or appeared."""
        return self.table("groups")

    @functools.cached_property
    def records(self) -> Table:
        """A row per record that is grouped, open or excluded otherwise than before."""
        return self.table("records")

    @functools.cached_property
    def tie_out(self) -> Table:
        """A row per cell and term of the tie-out: `old`, `new`, `change`."""
        return self.table("tie_out")

    @functools.cached_property
    def summary(self) -> DiffSummary:
        """Counts and amounts by kind, flows, terms of the tie-out."""
        data = json.loads(self._native.summary())
        for flow in data["flows"]:
            flow["is_"] = flow.pop("is")
        return self._summary(DiffSummary, data)

    def __repr__(self) -> str:
        counts = {groups.kind: groups.groups for groups in self.summary.groups}
        if self.equal:
            return f"<Diff: equal, {counts['unchanged'][1]} groups>"
        told = [f"{max(counts[kind])} {kind}" for kind in ("changed", "regrouped", "vanished", "appeared")]
        return f"<Diff: groups {', '.join(told)}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>{self.groups._repr_html_()}"


OutcomeLike = Union[Outcome, str, "os.PathLike[str]"]


def diff(old: OutcomeLike, new: OutcomeLike, *, threads: Optional[int] = None) -> Diff:
    """What differs between two outcomes: groups that appear, vanish and change, records that open and close, terms of
    the tie-out that move. Of one input under two specs it is the plan before a rule is changed.

    Each is an `Outcome`, the folder one was written to (in any format), or the path of a spec, which is run on the files
    it names.

    >>> import recon378 as rc
    >>> bank = [{"reference": "INV-1", "amount": "10.50"}, {"reference": "INV-2", "amount": "7.00"}]
    >>> ledger = [{"reference": "INV-1", "amount": "10.50"}, {"reference": "INV-2", "amount": "7.01"}]
    >>> strict = rc.reconcile(bank, ledger, on=["reference", "amount"])
    >>> loose = rc.reconcile(bank, ledger, on=["reference", rc.within("amount", "0.01")])
    >>> rc.diff(strict, loose)
    <Diff: groups 0 changed, 0 regrouped, 0 vanished, 1 appeared>
    >>> [row["net_new"] for row in rc.diff(strict, loose).groups.to_pylist() if row["kind"] == "appeared"]
    [Decimal('0.01')]

    Raises `UnavailableError` and `DataError` for folders that aren't there or hold something else, and what `reconcile`
    raises for specs.
    """
    frames = next((side._frames for side in (old, new) if isinstance(side, Outcome)), None)
    return Diff(_recon378.diff(_native(old), _native(new), threads or 0), frames)


def _native(side: OutcomeLike) -> Union[_recon378.Outcome, str]:
    return side._native if isinstance(side, Outcome) else os.fspath(side)
