"""Two versions of a table, compared by a key."""

from __future__ import annotations

import functools
import html
import json
import os
from dataclasses import dataclass
from typing import Any, Literal, Mapping, Optional, Sequence, Tuple, Union, final

from recon378 import _recon378
from recon378._reconcile import OnProgress, Source, told
from recon378._result import _Result
from recon378._table import Table, frames_of, native
from recon378._tree import plain

Nulls = Literal["equal", "empty", "differ"]


@dataclass(frozen=True)
class LargestDifference:
    """The largest difference of a column."""

    delta: str
    """right - left."""
    left_row: int
    right_row: int


@dataclass(frozen=True)
class ColumnSummary:
    """The figures of a column."""

    name: str
    """Its name on the left."""
    right_name: str
    types: Tuple[str, str]
    type_changed: bool
    """Whether its values are of another kind on the other side."""
    differing: int
    """Cells that differ; the kinds below add up to it."""
    changed: int
    """Another value."""
    nulled: int
    """A value that became null or empty text."""
    filled: int
    """A null or empty text that became a value."""
    format: int
    """The same number, written otherwise."""
    space_or_case: int
    """The same text but for spaces and case."""
    largest: Optional[LargestDifference]


@dataclass(frozen=True)
class OneSided:
    """Columns without a partner."""

    left: Tuple[str, ...]
    right: Tuple[str, ...]


@dataclass(frozen=True)
class ComparisonSummary:
    """The figures of a comparison."""

    equal: bool
    """The same columns, every row with a partner, no cell that differs."""
    names: Tuple[str, str]
    """What the two tables are called."""
    rows: Tuple[int, int]
    paired_rows: int
    """Rows that have a partner."""
    changed_rows: int
    """Pairs of rows in which a cell differs."""
    only_left: int
    """Left rows without a partner."""
    only_right: int
    """Right rows without a partner."""
    differing_cells: int
    key: Tuple[str, ...]
    repeated_keys: int
    """Keys that more than one row of a side has."""
    limited_keys: int
    """Keys whose rows were too many to be paired by assignment."""
    columns: Tuple[ColumnSummary, ...]
    """Each compared column, in the left table's order."""
    one_sided: OneSided
    ignored: Tuple[str, ...]
    """Columns that both have and that were not compared."""


@final
class Comparison(_Result):
    """What a comparison found."""

    _native: _recon378.Comparison

    @property
    def equal(self) -> bool:
        """Whether the tables are equal: the same columns, every row with a partner, no cell that differs."""
        return self.summary.equal

    @functools.cached_property
    def differences(self) -> Table:
        """A row per differing cell: `left_row`, `right_row`, the key, `column`, `kind`, `left`, `right`, `delta`."""
        return self.table("differences")

    @functools.cached_property
    def rows(self) -> Table:
        """A row per row without a partner: `side`, `row`, the key, `reason`."""
        return self.table("rows")

    @functools.cached_property
    def summary(self) -> ComparisonSummary:
        """Counts, per column too."""
        return self._summary(ComparisonSummary)

    def __repr__(self) -> str:
        found = self.summary
        if found.equal:
            return f"<Comparison: equal, {found.paired_rows} rows>"
        alone = f"{found.only_left} rows only on the left, {found.only_right} only on the right"
        return f"<Comparison: {found.differing_cells} cells differ in {found.changed_rows} rows; {alone}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>{self.differences._repr_html_()}"


def compare(
    left: Source,
    right: Source,
    *,
    key: Union[str, Sequence[str]],
    columns: Optional[Sequence[str]] = None,
    ignored: Optional[Sequence[str]] = None,
    renamed: Optional[Mapping[str, str]] = None,
    within: Optional[Mapping[str, Any]] = None,
    nulls: Optional[Mapping[str, Nulls]] = None,
    rivals_max: Optional[int] = None,
    names: Optional[Tuple[str, str]] = None,
    threads: Optional[int] = None,
    memory_limit: Optional[int] = None,
    progress: Optional[OnProgress] = None,
) -> Comparison:
    """Compares two versions of a table: which rows stand on one side only, which cells differ, and by how much.

    `key` names the columns that bring rows together; rows whose key repeats are paired by what they hold, so that two
    equal tables never differ, whatever their order. Columns go by their names on the left; `renamed` gives those of the
    right. `within` is a tolerance per column: `"0.01"`, or `"0.5%"` of the larger value. `nulls` says per column what
    a null is equal to: a null (`equal`, the default), also empty text (`empty`), or nothing (`differ`). A key with more
    than `rivals_max` (64) unequal rows on a side is paired in sorted order. `names` is what the summary and the errors
    call the two tables; files have their own.

    Runs without the interpreter lock; Ctrl-C cancels. `threads`: as many as the machine has, unless given. Holding
    more than `memory_limit` bytes beside the tables handed over is a `LimitError`. None of these change a result.

    >>> import recon378 as rc
    >>> before = [{"id": 1, "price": "9.50"}, {"id": 2, "price": "7.00"}]
    >>> after = [{"id": 2, "price": "7.10"}, {"id": 3, "price": "1.00"}]
    >>> rc.compare(before, after, key="id")
    <Comparison: 1 cells differ in 1 rows; 1 rows only on the left, 1 only on the right>

    Raises `SpecError` for names that aren't there, with the nearest ones; `DataError` for types that can't be compared.
    """
    options = {
        "key": [key] if isinstance(key, str) else list(key),
        "columns": columns,
        "ignored": ignored,
        "renamed": renamed,
        "within": None if within is None else {name: str(plain(part)) for name, part in within.items()},
        "nulls": nulls,
        "rivals_max": rivals_max,
        "names": names,
    }
    given = {name: plain(part) for name, part in options.items() if part is not None}
    heard = None if progress is None else told(progress)
    sides = (_side(left), _side(right))
    made = _recon378.compare(sides, json.dumps(given), (threads, memory_limit), heard)
    return Comparison(made, frames_of(left, right))


def _side(source: Source) -> Union[_recon378.Table, str]:
    """What crosses for a side: records, or the path of a file."""
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else native(source)
