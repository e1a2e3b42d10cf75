"""Tables: Arrow in and out without a copy, and the common frames on request."""

from __future__ import annotations

import datetime
import decimal
import html
from typing import TYPE_CHECKING, Any, Literal, Mapping, Optional, Sequence, final

from recon378 import _recon378

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Frames = Optional[Literal["polars", "pandas", "pyarrow"]]
"""A library of frames."""

_SHOWN = 10
"""Rows of a table that its repr shows."""


@final
class Table:
    """An Arrow table. Whatever speaks the Arrow PyCapsule interface takes it as it is: `pyarrow.table(t)`,
    `polars.DataFrame(t)`, DuckDB, and `recon378.reconcile` again."""

    __slots__ = ("_native", "_frames")
    _native: _recon378.Table
    _frames: Frames

    def __init__(self, data: Any, frames: Frames = None) -> None:
        """Takes an object with `__arrow_c_stream__` or `__arrow_c_array__` (no copy), or a list of dicts. `frames`
        is what `to_frame` makes."""
        object.__setattr__(self, "_native", data if isinstance(data, _recon378.Table) else native(data))
        object.__setattr__(self, "_frames", frames)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a table is frozen: {name} can't be set")

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._native.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self._native.__arrow_c_schema__()

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
        return self._native.column_names

    def __len__(self) -> int:
        return len(self._native)

    def to_frame(self) -> Any:
        """As the kind of frame that was reconciled: a Polars or pandas frame, a `pyarrow.Table`; for sources of
        another kind the table itself."""
        if self._frames == "polars":
            return self.to_polars()
        if self._frames == "pandas":
            return self.to_pandas()
        return self.to_arrow() if self._frames == "pyarrow" else self

    def to_arrow(self) -> pyarrow.Table:
        """As a `pyarrow.Table`, without a copy."""
        import pyarrow

        return pyarrow.table(self)

    def to_polars(self) -> polars.DataFrame:
        """As a `polars.DataFrame`."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> pandas.DataFrame:
        """As a `pandas.DataFrame`: amounts are `decimal.Decimal`, dates `datetime.date`. Needs pyarrow."""
        return self.to_arrow().to_pandas()

    def to_pylist(self) -> list[dict[str, Any]]:
        """As a list of dicts: amounts are `decimal.Decimal`, dates `datetime.date`. Needs pyarrow."""
        rows: list[dict[str, Any]] = self.to_arrow().to_pylist()
        return rows

    def head(self, rows: int = _SHOWN) -> Table:
        """The first rows."""
        return Table(self._native.slice(0, rows), self._frames)

    def __repr__(self) -> str:
        return self._native.text(_SHOWN)

    def _repr_html_(self) -> str:
        names, rows = self._native.cells(_SHOWN)
        head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{'' if cell is None else html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        more = len(self) - len(rows)
        foot = f"<p>and {more:,} more</p>" if more > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"


def native(data: Any) -> _recon378.Table:
    """The native table of what a caller hands over."""
    if isinstance(data, Table):
        return data._native
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        return _recon378.Table(data)
    if isinstance(data, Sequence) and all(isinstance(row, Mapping) for row in data):
        return _rows(data)
    raise TypeError(
        f"a source is an Arrow table (pyarrow, Polars, pandas, DuckDB, …), a list of dicts or a path, "
        f"not {type(data).__name__}"
    )


def frames_of(*sources: Any) -> Frames:
    """The library whose frames the sources are; that of the left one where they differ."""
    libraries: tuple[Literal["polars", "pandas", "pyarrow"], ...] = ("polars", "pandas", "pyarrow")
    for source in sources:
        home = type(source).__module__.partition(".")[0]
        for library in libraries:
            if home == library:
                return library
    return None


def _rows(rows: Sequence[Mapping[str, Any]]) -> _recon378.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [(str(name), *_column(str(name), [row.get(name) for row in rows])) for name in names]
    return _recon378.Table.from_columns(columns, len(rows))


def _column(name: str, cells: list[Any]) -> tuple[str, list[Any]]:
    """A column's kind and cells. Decimals and dates go as the text that is read back exactly."""
    types = {type(cell) for cell in cells if cell is not None}
    if types == {bool}:
        return "boolean", cells
    if types == {int} and all(cell is None or -(2**63) <= cell < 2**63 for cell in cells):
        return "integer", cells
    if float in types and types <= {float, int}:
        return "double", [None if cell is None else float(cell) for cell in cells]
    if types == {datetime.datetime}:
        return _timestamps(name, cells)
    return "text", [_text(name, row, cell) for row, cell in enumerate(cells)]


def _timestamps(name: str, cells: list[Any]) -> tuple[str, list[Any]]:
    zoned = {cell.tzinfo is not None for cell in cells if cell is not None}
    if len(zoned) > 1:
        raise TypeError(f'column "{name}": some of its times have a zone, others have none; give all of them one')
    utc = datetime.timezone.utc if zoned == {True} else None
    epoch, microsecond = datetime.datetime(1970, 1, 1, tzinfo=utc), datetime.timedelta(microseconds=1)
    kind = "timestamp_utc" if utc else "timestamp"
    return kind, [None if cell is None else (cell - epoch) // microsecond for cell in cells]


def _text(name: str, row: int, cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, decimal.Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime.date) and not isinstance(cell, datetime.datetime):
        return cell.isoformat()
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    raise TypeError(
        f'column "{name}", row {row}: {cell!r} is a {type(cell).__name__}; a column holds text, Decimals and '
        "dates, or else numbers, booleans or times alone"
    )
