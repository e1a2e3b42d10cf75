"""What a run found."""

from __future__ import annotations

import functools
import html
import json
import operator
from dataclasses import dataclass
from typing import Any, Dict, Iterable, Literal, Optional, final

from recon378 import _recon378
from recon378._summary import Summary
from recon378._result import _Result
from recon378._table import Table

TABLES = (
    "groups",
    "members",
    "pairs",
    "breaks",
    "differences",
    "issues",
    "tie_out",
    "causes",
    "alternatives",
    "decisions",
    "open_items",
    "adjustments",
    "balances",
    "statement",
)
"""Names of the tables of an outcome."""


@final
@dataclass(frozen=True, repr=False)
class Explanation:
    """The story of a group or a record. Print it, or look into `data`; `docs/spec/outcome.md` has its keys."""

    text: str
    """As a person reads it."""
    data: Dict[str, Any]
    """As data. Scores, grades, gains, weights and regrets are integers in millionths, amounts are text."""

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Explanation: {self.text.splitlines()[0]}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text)}</pre>"


@final
class Outcome(_Result):
    """What a run found: tables, figures, a digest. Complete and tied out, or it would not exist.

    Tables are made when they are asked for; see `docs/spec/outcome.md` for their columns.
    """

    _native: _recon378.Outcome

    @functools.cached_property
    def groups(self) -> Table:
        """One row per group, in the order of `group_id`."""
        return self.table("groups")

    @functools.cached_property
    def members(self) -> Table:
        """One row per record in a group, in the order of (`group_id`, `side`, `row`)."""
        return self.table("members")

    @functools.cached_property
    def pairs(self) -> Table:
        """One row per `1:1` group in wide form, with the carried fields."""
        return self.table("pairs")

    @functools.cached_property
    def breaks(self) -> Table:
        """One row per open record, left ones first, in the order of their rows, with the reason."""
        return self.table("breaks")

    @functools.cached_property
    def differences(self) -> Table:
        """One row per compared field whose values disagree inside a group. Empty where the spec compares nothing."""
        return self.table("differences")

    @functools.cached_property
    def issues(self) -> Table:
        """One row per unreadable cell."""
        return self.table("issues")

    @functools.cached_property
    def tie_out(self) -> Table:
        """The identity that explains the totals, per cell."""
        return self.table("tie_out")

    @functools.cached_property
    def causes(self) -> Table:
        """Why the totals of each cell differ: causes that add up to right - left exactly."""
        return self.table("causes")

    @functools.cached_property
    def alternatives(self) -> Table:
        """Who else could have taken a place: other candidates of ambiguous and proposed groups, best first. Looked for
        when it is first asked for."""
        return self.table("alternatives")

    @functools.cached_property
    def decisions(self) -> Table:
        """One row per record that a decision names: whether it was applied, and why not."""
        return self.table("decisions")

    def decisions_from(
        self, group_ids: Iterable[int], kind: Literal["accept", "reject", "force"] = "accept"
    ) -> Table:
        """Decisions about groups of this outcome, for `reconcile(…, decisions=…)`: what a review screen hands back.
        Each row has the record's amount, so that the decision is stale once it changed."""
        return Table(self._native.decisions_from([operator.index(each) for each in group_ids], kind), self._frames)

    @functools.cached_property
    def open_items(self) -> Table:
        """One row per record that the next run begins with: open ones, and members of proposed groups."""
        return self.table("open_items")

    @functools.cached_property
    def adjustments(self) -> Table:
        """One row per matched group whose amounts differ: the line that would post the difference."""
        return self.table("adjustments")

    @functools.cached_property
    def balances(self) -> Table:
        """One row per cell: balances, movements and proofs. Empty where no balances were given."""
        return self.table("balances")

    @functools.cached_property
    def statement(self) -> Table:
        """One row per cell and line of the reconciliation statement. Empty where no balances were given."""
        return self.table("statement")

    @property
    def statement_text(self) -> Optional[str]:
        """The statement as a person reads it; None where no balances were given."""
        return self._native.statement_text()

    @functools.cached_property
    def summary(self) -> Summary:
        """Counts, amounts and rates; work done and limits reached."""
        return self._summary(Summary)

    def explain(
        self,
        side: Optional[str] = None,
        id: Optional[object] = None,
        *,
        row: Optional[int] = None,
        group: Optional[int] = None,
        occurrence: Optional[int] = None,
    ) -> Explanation:
        """Tells the full story of a record or a group: what held and by how much, who else was there, what they lacked.

        A record goes by the name of its source (or `"left"`, `"right"`) and its id, or its `row` from 0; where several
        records have the id, `occurrence` tells which, in canonical order from 1. A group goes by its `group_id`.

        Nothing is kept for it: a story costs about one look at every record per pass.

        Raises `SpecError` for a question that means nothing, `DataError` for a record that isn't there or an id that
        several records have.
        """
        asked = {
            "side": side,
            "id": None if id is None else str(id),
            "row": row,
            "group": group,
            "occurrence": occurrence,
        }
        given = {name: part for name, part in asked.items() if part is not None}
        text, data = self._native.explain(json.dumps(given))
        return Explanation(text, json.loads(data))

    def digest(self) -> str:
        """A hash of the logical values of all tables: the same in every language, on every platform."""
        return self._native.digest()

    def manifest(self) -> dict[str, Any]:
        """Versions, the spec and the digest: the record of the run."""
        manifest: dict[str, Any] = json.loads(self._native.manifest())
        return manifest

    def __repr__(self) -> str:
        return f"<Outcome: {self._native}>"

    def _repr_html_(self) -> str:
        breaks = Table(self._native.head("breaks", 10))
        more = self.summary.totals.open - len(breaks)
        foot = f"<p>and {more:,} more</p>" if more > 0 else ""
        title = f"<h4>First open records</h4>{breaks._repr_html_()}{foot}" if len(breaks) else ""
        return f"<pre>{html.escape(str(self))}</pre>{title}"


def register(connection: Any, outcome: Outcome, prefix: str = "") -> None:
    """Makes the tables of an outcome views of a DuckDB connection: `groups`, `pairs`, `breaks`, …"""
    for name in TABLES:
        connection.register(prefix + name, outcome.table(name).to_arrow())
