"""What goes in and what comes out: every kind of frame, the same answer, no copy."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Callable

import duckdb
import nanoarrow
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from conftest import ON

import recon378 as rc

KINDS: dict[str, Callable[[pa.Table], Any]] = {
    "pyarrow table": lambda table: table,
    "pyarrow batches": lambda table: pa.RecordBatchReader.from_batches(table.schema, table.to_batches(2)),
    "pyarrow batch": lambda table: table.combine_chunks().to_batches()[0],
    "polars": lambda table: pl.from_arrow(table),
    "pandas": lambda table: table.to_pandas(),
    "pandas with Arrow types": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "duckdb relation": lambda table: duckdb.from_arrow(table),
    "nanoarrow": lambda table: nanoarrow.Array(table.combine_chunks().to_batches()[0]),
    "list of dicts": lambda table: table.to_pylist(),
    "recon378": lambda table: rc.Table(table),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_frame_gives_the_same_outcome(kind: str, bank: pa.Table, ledger: pa.Table) -> None:
    expected = rc.reconcile(bank, ledger, on=ON)
    found = rc.reconcile(KINDS[kind](bank), KINDS[kind](ledger), on=ON)
    assert found.digest() == expected.digest()
    assert found.summary.totals.matched == 2


def test_kinds_may_differ_and_views_may_be_lazy(bank: pa.Table, ledger: pa.Table) -> None:
    expected = rc.reconcile(bank, ledger, on=ON).digest()
    assert rc.reconcile(pl.from_arrow(bank), ledger.to_pandas(), on=ON).digest() == expected


def test_files_are_sources(tmp_path: Path, bank: pa.Table, ledger: pa.Table) -> None:
    pa.parquet.write_table(bank, tmp_path / "bank.parquet")
    ledger.to_pandas().to_csv(tmp_path / "ledger.csv", index=False)
    found = rc.reconcile(tmp_path / "bank.parquet", str(tmp_path / "ledger.csv"), on=ON)
    assert found.summary.totals.matched == 2
    assert [source.name for source in found.summary.sources] == ["bank", "ledger"]


def test_files_of_one_name_are_left_and_right(tmp_path: Path, bank: pa.Table, ledger: pa.Table) -> None:
    for folder, table in (("a", bank), ("b", ledger)):
        (tmp_path / folder).mkdir()
        pa.parquet.write_table(table, tmp_path / folder / "may.parquet")
    found = rc.reconcile(tmp_path / "a/may.parquet", tmp_path / "b/may.parquet", on=ON)
    assert [source.name for source in found.summary.sources] == ["left", "right"]


def _addresses(table: pa.Table) -> list[list[int]]:
    return [
        [buffer.address for chunk in column.chunks for buffer in chunk.buffers() if buffer is not None]
        for column in table.columns
    ]


def test_arrow_data_is_not_copied(bank: pa.Table) -> None:
    # Addresses survive a round trip only when the buffers themselves were handed over, both ways.
    assert _addresses(pa.table(rc.Table(bank))) == _addresses(bank)


def test_the_memory_of_a_frame_is_held_while_a_table_uses_it(bank: pa.Table) -> None:
    expected = bank.to_pylist()
    table = rc.Table(bank)
    del bank
    assert table.to_pylist() == expected


def test_an_empty_source_has_columns(bank: pa.Table) -> None:
    found = rc.reconcile(bank.slice(0, 0), bank, on=ON)
    assert found.summary.totals.open == 3


def test_amounts_are_decimals_and_dates_are_dates(outcome: rc.Outcome) -> None:
    first = outcome.breaks.to_pylist()[0]
    assert first["amount"] == Decimal("3.00") and isinstance(first["amount"], Decimal)
    assert first["date"] == datetime.date(2026, 1, 7)
    assert outcome.breaks.to_polars()["amount"].dtype == pl.Decimal(38, 2)
    assert outcome.breaks.to_pandas()["amount"][0] == Decimal("3.00")
    assert pa.types.is_decimal(outcome.breaks.to_arrow().schema.field("amount").type)


@pytest.mark.parametrize(
    ("convert", "frame"),
    [(pl.from_arrow, pl.DataFrame), (pa.Table.to_pandas, pd.DataFrame), (lambda table: table, pa.Table)],
)
def test_frames_in_are_frames_out(convert: Any, frame: type, bank: pa.Table, ledger: pa.Table) -> None:
    found = rc.reconcile(convert(bank), convert(ledger), on=ON)
    assert isinstance(found.pairs.to_frame(), frame)
    assert isinstance(found.pairs.head(1).to_frame(), frame)


def test_lists_in_are_tables_out(bank: pa.Table, ledger: pa.Table) -> None:
    assert isinstance(rc.reconcile(bank.to_pylist(), ledger.to_pylist(), on=ON).pairs.to_frame(), rc.Table)


def test_a_table_shows_itself(outcome: rc.Outcome) -> None:
    assert "missing_on_right" in repr(outcome.breaks)
    assert "<td>missing_on_right</td>" in outcome.breaks._repr_html_()
    assert "and 1 more" in repr(rc.Table([{"a": row} for row in range(11)]))
    assert len(outcome.breaks) == 2
    assert outcome.breaks.column_names[:3] == ["side", "row", "id"]


def test_html_is_escaped() -> None:
    assert "<b>" not in rc.Table([{"<b>": "<b>"}])._repr_html_()


def test_lists_of_dicts_hold_what_python_has() -> None:
    noon = datetime.datetime(2026, 1, 5, 12, 30)
    rows: list[dict[str, Any]] = [
        {"text": "x", "amount": Decimal("1.10"), "day": noon.date(), "count": 1, "flag": True, "at": noon},
        {"text": None, "amount": Decimal("2"), "day": None, "count": None, "flag": None, "at": None},
        {"text": "y"},
    ]
    read = rc.Table(rows).to_pylist()
    assert read[0] == {**rows[0], "amount": "1.10", "day": "2026-01-05"}
    assert read[2]["text"] == "y" and read[2]["amount"] is None
    zoned = noon.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert rc.Table([{"at": zoned}]).to_pylist()[0]["at"] == zoned
    assert rc.Table([{"big": 2**80}]).to_pylist() == [{"big": str(2**80)}]


@pytest.mark.parametrize("cell", [[1], {"a": 1}, object(), b"x"])
def test_a_cell_that_no_column_holds_is_named(cell: Any) -> None:
    with pytest.raises(TypeError, match='column "x", row 1'):
        rc.Table([{"x": "text"}, {"x": cell}])


def test_times_with_and_without_zone_do_not_mix() -> None:
    now = datetime.datetime(2026, 1, 5)
    with pytest.raises(TypeError, match="zone"):
        rc.Table([{"at": now}, {"at": now.replace(tzinfo=datetime.timezone.utc)}])


@pytest.mark.parametrize("source", [7, object(), [1, 2], {"a": 1}])
def test_what_is_no_source_is_refused(source: Any) -> None:
    with pytest.raises(TypeError, match="a source is an Arrow table"):
        rc.reconcile(source, [], on="a")
