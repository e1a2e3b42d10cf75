"""Tables: Arrow in and out without a copy, and the common frames on request."""

from __future__ import annotations

import datetime
import decimal
import html
from typing import TYPE_CHECKING, Any, Mapping, Sequence, final

from recon378 import _recon378

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

_SHOWN = 10
"""Rows of a table that its repr shows."""


@final
class Table:
    """An Arrow table. Whatever speaks the Arrow PyCapsule interface takes it as it is: `pyarrow.table(t)`,
    `polars.DataFrame(t)`, DuckDB, and `recon378.reconcile` again."""

    __slots__ = ("_native",)
    _native: _recon378.Table

    def __init__(self, data: Any) -> None:
        """Takes an object with `__arrow_c_stream__` or `__arrow_c_array__` (no copy), or a list of dicts."""
        object.__setattr__(self, "_native", data if isinstance(data, _recon378.Table) else native(data))

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
        return Table(self._native.slice(0, rows))

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


def _rows(rows: Sequence[Mapping[str, Any]]) -> _recon378.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [(str(name), *_column(str(name), [row.get(name) for row in rows])) for name in names]
    return _recon378.Table.from_columns(columns, len(rows))


def _column(name: str, cells: list[Any]) -> tuple[str, list[Any]]:
    """A column's kind and cells. Decimals and dates go as the text that is read back exactly."""
    types = {bool if isinstance(cell, bool) else type(cell) for cell in cells if cell is not None}
    if types <= {bool} and types:
        return "boolean", cells
    if types <= {int} and types:
        return "integer", cells
    if types <= {float, int} and types:
        return "double", [None if cell is None else float(cell) for cell in cells]
    return "text", [_text(name, row, cell) for row, cell in enumerate(cells)]


def _text(name: str, row: int, cell: Any) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, decimal.Decimal):
        return format(cell, "f")
    if isinstance(cell, (datetime.date, datetime.datetime)):
        return cell.isoformat()
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    raise TypeError(
        f'column "{name}", row {row}: {cell!r} is a {type(cell).__name__}; a column holds text, Decimals and '
        "dates, or else numbers or booleans alone"
    )
