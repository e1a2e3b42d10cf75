"""The calls: reconcile, check, and their asynchronous forms."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Literal, Mapping, NamedTuple, Optional, Protocol, Sequence, Union

from recon378 import _recon378
from recon378 import _spec as spec_module
from recon378._errors import Mistake, mistakes_of
from recon378._outcome import Outcome
from recon378._table import frames_of, native
from recon378._tree import plain

Condition = spec_module.Condition
Spec = spec_module.Spec


class Progress(NamedTuple):
    """How far a run is."""

    stage: str
    """`columns`, `pass 1`, …, `breaks`, `cells` (of a comparison), `outcome`."""
    event: Literal["started", "advanced", "finished"]
    done: int
    """Records done, when `advanced`."""
    total: int
    """Records in all, when `advanced`."""
    bytes: int
    """Bytes the engine holds, when `started` or `finished`."""


class ArrowStream(Protocol):
    """What hands over Arrow batches: pyarrow, Polars, pandas, DuckDB relations, nanoarrow, …"""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object: ...


class ArrowArray(Protocol):
    """What hands over one Arrow batch."""

    def __arrow_c_array__(self, requested_schema: object = None) -> Any: ...


Source = Union[ArrowStream, ArrowArray, Sequence[Mapping[str, Any]], str, "os.PathLike[str]"]
Tables = Mapping[str, Source]
SpecLike = Union[spec_module.Spec, Mapping[str, Any], str, "os.PathLike[str]"]
FieldLike = Union[spec_module.Field, Mapping[str, Any]]
OnProgress = Callable[[Progress], object]


@dataclass(frozen=True)
class Check:
    """The plan, and what its passes would look at. Print it for the words."""

    plan: Mapping[str, Any]
    """The plan as data; the survey of the records stands under `survey`."""
    text: str
    """The same in words."""

    def __str__(self) -> str:
        return self.text


def spec_of(spec: Optional[SpecLike], on: Any = None, **parts: Any) -> tuple[dict[str, Any], str]:
    """A spec as plain data, and the folder its paths are relative to."""
    base = ""
    if spec is None:
        if on is None:
            raise TypeError("name the fields that must be equal (on=[…]), or hand over a spec")
        data: dict[str, Any] = {"pass": [{"on": plain(on)}]}
    elif on is not None:
        raise TypeError("hand over a spec or on=[…], not both")
    elif isinstance(spec, spec_module.Spec):
        data = spec.to_dict()
    elif isinstance(spec, Mapping):
        data = plain(spec)
    else:
        path = Path(spec)
        base = str(path.parent)
        data = json.loads(_recon378.canonical(path.read_text(encoding="utf-8"), False))
    data.update({key: plain(part) for key, part in parts.items() if part is not None})
    return data, base


def _side(data: dict[str, Any], side: str, source: Optional[Source]) -> Optional[_recon378.Table]:
    if source is None:
        return None
    if not isinstance(source, (str, os.PathLike)):
        return native(source)
    # A spec of one source has it as `source`, which is the left side everywhere else.
    side = "source" if side == "left" and "source" in data else side
    path = os.fspath(source)
    of_side = dict(data.get(side) or {})
    of_side.setdefault("name", Path(path).stem)
    data[side] = {**of_side, "path": os.path.abspath(path)}
    return None


def _brought(data: dict[str, Any], key: str, table: Optional[Source]) -> Optional[_recon378.Table]:
    """What a run brings along: a table that crosses, or a path that stands in the spec."""
    if table is None:
        return None
    if not isinstance(table, (str, os.PathLike)):
        return native(table)
    data[key] = os.path.abspath(os.fspath(table))
    return None


def _third(data: dict[str, Any], tables: Optional[Tables]) -> dict[str, _recon378.Table]:
    """Third tables: those that cross, by name; a path stands in the spec."""
    crossing = {}
    for name, table in (tables or {}).items():
        if not isinstance(table, (str, os.PathLike)):
            crossing[name] = native(table)
            continue
        of_spec = data.get("tables") or {}
        path = os.path.abspath(os.fspath(table))
        data["tables"] = {**of_spec, name: {**(of_spec.get(name) or {}), "path": path}}
    return crossing


def _names(data: dict[str, Any]) -> None:
    """Two files of one name are left and right."""
    left, right = ((data.get(side) or {}) for side in ("left", "right"))
    if left.get("name") is not None and left.get("name") == right.get("name"):
        for side in ("left", "right"):
            data[side]["name"] = side


def told(progress: OnProgress) -> Callable[..., object]:
    return lambda *event: progress(Progress(*event))


class _Job:
    """A spec, two sources and what the host hands in, ready to run."""

    def __init__(
        self,
        left: Optional[Source],
        right: Optional[Source],
        spec: Optional[SpecLike],
        parts: Mapping[str, Any],
        brought: tuple[Optional[Source], Optional[Source], Optional[Source], Optional[Tables]],
        threads: Optional[int],
        memory_limit: Optional[int],
        progress: Optional[OnProgress],
    ) -> None:
        data, base = spec_of(spec, **parts)
        open_items, balances, decisions, third = brought
        tables = (_brought(data, "open_items", open_items), _brought(data, "balances", balances))
        decided = _brought(data, "decisions", decisions)
        crossing = _third(data, third)
        self.frames = frames_of(left, right)
        self.sides = (_side(data, "left", left), _side(data, "right", right))
        _names(data)
        self.run = _recon378.Run(json.dumps(data), base, (threads, memory_limit), tables)
        if decided is not None:
            self.run = self.run.with_decisions(decided)
        for name, table in crossing.items():
            self.run = self.run.with_table(name, table)
        self.progress = None if progress is None else told(progress)

    def reconcile(self) -> Outcome:
        return Outcome(self.run.reconcile(self.sides, self.progress), self.frames)

    def check(self, schemas_only: bool) -> Check:
        text, view = self.run.check(self.sides, schemas_only, self.progress)
        return Check(json.loads(view), text)


def reconcile(
    left: Optional[Source] = None,
    right: Optional[Source] = None,
    spec: Optional[SpecLike] = None,
    *,
    on: Union[str, Sequence[Condition], None] = None,
    fields: Optional[Mapping[str, FieldLike]] = None,
    tie_out: Optional[spec_module.TieOut] = None,
    carry: Optional[Sequence[str]] = None,
    decisions: Optional[Source] = None,
    open_items: Optional[Source] = None,
    balances: Optional[Source] = None,
    tables: Optional[Tables] = None,
    threads: Optional[int] = None,
    memory_limit: Optional[int] = None,
    progress: Optional[OnProgress] = None,
) -> Outcome:
    """Decides which records of two sources belong together, and accounts for every difference.

    A source is anything that hands over Arrow data (pyarrow, Polars, pandas, DuckDB, …), a list of dicts, or the
    path of a file; without one, the spec names the file. `on` is the short form, one pass of these conditions;
    `spec` says everything: a `Spec`, a dict, or the path of a TOML or JSON file. `fields`, `tie_out` and `carry`
    are put into the spec. `decisions` is what persons said of an earlier outcome: a table with a row per record, from
    `outcome.decisions_from` or with its columns, or the path of a file of it.

    `open_items` is the table of that name of an earlier outcome: what was open then enters this run. `balances` has a
    row per cell of the tie-out, with its values and what is known of `left_opening`, `left_closing`, `right_opening`,
    `right_closing`: the outcome then has a statement. Both are tables, lists of dicts or paths. `tables` are third tables
    by name, for the spec's `lookup`: `tables={"remittance": frame}`; they stand instead of the files that the spec names.

    Runs without the interpreter lock; Ctrl-C cancels. `threads`: as many as the machine has, unless given. Holding
    more than `memory_limit` bytes beside the tables handed over is a `LimitError`. None of these change a result.

    >>> import recon378 as rc
    >>> bank = [{"reference": "INV-1", "amount": "10.50"}, {"reference": "INV-2", "amount": "7.00"}]
    >>> ledger = [{"reference": "INV-2", "amount": "7.00"}, {"reference": "INV-3", "amount": "9.99"}]
    >>> rc.reconcile(bank, ledger, on=["reference", "amount"])
    <Outcome: 1 matched, 0 proposed, 2 open; tied out>

    Raises `SpecError` with all mistakes of a spec that doesn't fit, `DataError` for data that can't be read as the
    spec says, `LimitError`, `Cancelled`, `UnavailableError` for files.
    """
    parts = {"on": on, "fields": fields, "tie_out": tie_out, "carry": carry}
    brought = (open_items, balances, decisions, tables)
    return _Job(left, right, spec, parts, brought, threads, memory_limit, progress).reconcile()


def cluster(
    source: Optional[Source] = None,
    spec: Optional[SpecLike] = None,
    *,
    on: Union[str, Sequence[Condition], None] = None,
    fields: Optional[Mapping[str, FieldLike]] = None,
    decisions: Optional[Source] = None,
    tables: Optional[Tables] = None,
    threads: Optional[int] = None,
    memory_limit: Optional[int] = None,
    progress: Optional[OnProgress] = None,
) -> Outcome:
    """Looks for the duplicates of one source: puts records together that are near each other, one by one.

    `on` is the short form, one pass of these conditions; `spec` says everything, with `source` instead of `left` and
    `right`, and passes of the `cardinality` "cluster". The other arguments mean what they mean for `reconcile`. Each
    cluster is a group of the outcome, and a record without a duplicate is open.

    >>> import recon378 as rc
    >>> customers = [
    ...     {"id": "c1", "name": "Jane Roe", "city": "Bonn"},
    ...     {"id": "c2", "name": "Jane Row", "city": "Bonn"},
    ...     {"id": "c3", "name": "John Doe", "city": "Ulm"},
    ... ]
    >>> outcome = rc.cluster(customers, on=["city", rc.similar("name", "jaro_winkler", at_least=0.9)])
    >>> [row["id"] for row in outcome.members.to_pylist()]
    ['c1', 'c2']

    Raises what `reconcile` raises.
    """
    if spec is None:
        if on is None:
            raise TypeError("name the fields that must be equal (on=[…]), or hand over a spec")
        spec = {"source": {}, "pass": [{"cardinality": "cluster", "on": on}]}
    elif on is not None:
        raise TypeError("hand over a spec or on=[…], not both")
    brought = (None, None, decisions, tables)
    return _Job(source, None, spec, {"fields": fields}, brought, threads, memory_limit, progress).reconcile()


async def reconcile_async(
    left: Optional[Source] = None,
    right: Optional[Source] = None,
    spec: Optional[SpecLike] = None,
    *,
    on: Union[str, Sequence[Condition], None] = None,
    fields: Optional[Mapping[str, FieldLike]] = None,
    tie_out: Optional[spec_module.TieOut] = None,
    carry: Optional[Sequence[str]] = None,
    decisions: Optional[Source] = None,
    open_items: Optional[Source] = None,
    balances: Optional[Source] = None,
    tables: Optional[Tables] = None,
    threads: Optional[int] = None,
    memory_limit: Optional[int] = None,
    progress: Optional[OnProgress] = None,
) -> Outcome:
    """`reconcile` beside the event loop. Cancelling the task stops the run. `progress` is called on the loop."""
    parts = {"on": on, "fields": fields, "tie_out": tie_out, "carry": carry}
    # Takes a while to import, and most programs never need it.
    import asyncio

    loop = asyncio.get_running_loop()
    heard = progress and (lambda event: loop.call_soon_threadsafe(progress, event))
    brought = (open_items, balances, decisions, tables)
    job = _Job(left, right, spec, parts, brought, threads, memory_limit, heard)
    running = loop.run_in_executor(None, job.reconcile)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        job.run.cancel()
        # The run ends soon; its own error has nobody left to tell.
        await asyncio.gather(running, return_exceptions=True)
        raise


def check(
    left: Optional[Source] = None,
    right: Optional[Source] = None,
    spec: Optional[SpecLike] = None,
    *,
    on: Union[str, Sequence[Condition], None] = None,
    fields: Optional[Mapping[str, FieldLike]] = None,
    open_items: Optional[Source] = None,
    tables: Optional[Tables] = None,
    schemas_only: bool = False,
    threads: Optional[int] = None,
    memory_limit: Optional[int] = None,
    progress: Optional[OnProgress] = None,
) -> Check:
    """Says what a spec would do and would have to look at; matches nothing.

    The arguments mean what they mean for `reconcile`; decisions and balances stand in the spec. `schemas_only` reads no
    records: the plan, without how much it would look at. `memory_limit` doesn't end the check: `survey.memory` of the
    answer says whether a run would fit into it.
    """
    parts = {"on": on, "fields": fields}
    job = _Job(left, right, spec, parts, (open_items, None, None, tables), threads, memory_limit, progress)
    return job.check(schemas_only)


def validate(spec: SpecLike) -> tuple[Mistake, ...]:
    """The mistakes of a spec by itself, without sources; empty when it is right."""
    if isinstance(spec, (str, os.PathLike)):
        return mistakes_of(_recon378.mistakes(Path(spec).read_text(encoding="utf-8"), False))
    data, _ = spec_of(spec)
    return mistakes_of(_recon378.mistakes(json.dumps(data), True))


def tqdm_progress(**options: Any) -> OnProgress:
    """A progress listener that shows a tqdm bar: `reconcile(…, progress=tqdm_progress())`. Needs tqdm."""
    from tqdm.auto import tqdm

    bar = tqdm(unit=" stages", **options)

    def heard(event: Progress) -> None:
        if event.event == "started":
            bar.set_description(event.stage)
        elif event.event == "finished":
            bar.update(1)
            if event.stage == "outcome":
                bar.close()

    return heard
