"""What an outcome gives: tables, figures, files, views."""

from __future__ import annotations

import csv
import gc
import json
import resource
import weakref
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet
import pytest
from conftest import ON, large

import recon378 as rc


def test_the_summary_has_every_figure(outcome: rc.Outcome) -> None:
    summary = outcome.summary
    assert (summary.totals.records, summary.totals.matched, summary.totals.open) == (6, 2, 2)
    assert summary.tie_out.tied_out
    cell = summary.tie_out.cells[0]
    assert cell.unexplained == Decimal("0.00") and isinstance(cell.unexplained, Decimal)
    assert cell.right is not None and cell.left is not None and cell.difference == cell.right - cell.left
    assert sum(cause.amount for cause in cell.causes) == cell.difference and cell.residual == 0
    assert summary.systematic == ()
    assert {(found.side, found.reason) for found in summary.open} == {
        ("left", "missing_on_right"),
        ("right", "missing_on_left"),
    }
    assert summary.passes[0].matched.amounts[0].difference == Decimal("0.01")


def test_what_differs_systematically_is_said_once() -> None:
    rows = [(f"INV-{number}", Decimal(number * 100)) for number in range(1, 9)]
    left = [{"reference": reference, "amount": amount, "note": f"to {reference}"} for reference, amount in rows]
    right = [
        {"reference": reference, "amount": amount * Decimal("0.971") - Decimal("0.30"), "note": reference}
        for reference, amount in rows
    ]
    schema = pa.schema({"reference": pa.string(), "amount": pa.decimal128(12, 2), "note": pa.string()})
    for row in right:
        row["amount"] = Decimal(str(row["amount"])).quantize(Decimal("0.01"))
    tables = [pa.Table.from_pylist(side, schema) for side in (left, right)]
    found = rc.reconcile(*tables, on=["reference", rc.within("amount", "5%")], carry=["note"]).summary
    fee, note = sorted(found.systematic, key=lambda difference: difference.field)
    assert (fee.field, fee.kind, fee.side, fee.value) == ("amount", "fee", "left", "2.9 % + 0.30")
    assert (note.field, note.kind, note.side, note.value) == ("note", "prefix", "left", "to ")
    assert (fee.pairs, fee.of, fee.share, len(fee.examples)) == (8, 8, 1.0, 3)
    (cause,) = found.tie_out.cells[0].causes
    assert (cause.cause, cause.detail, cause.records) == ("fee", "2.9 % + 0.30", (8, 8))


def test_an_outcome_shows_itself(outcome: rc.Outcome) -> None:
    assert repr(outcome) == "<Outcome: 2 matched, 0 proposed, 2 open; tied out>"
    assert "tied out to the cent" in str(outcome)
    html = outcome._repr_html_()
    assert "tied out to the cent" in html and "missing_on_right" in html


def test_an_outcome_explains_records_and_groups(outcome: rc.Outcome) -> None:
    story = outcome.explain("left", row=2)
    assert story.data["kind"] == "record" and story.data["state"] == "open"
    assert str(story).startswith("left#2: open, ")
    assert repr(story).startswith("<Explanation: left#2: open, ")
    group = outcome.explain(group=0).data
    assert group["kind"] == "group" and group["score"]["score"] == 1_000_000
    with pytest.raises(rc.DataError, match="unknown_record"):
        outcome.explain("right", row=99)
    with pytest.raises(rc.DataError, match="no_ids"):
        outcome.explain("right", 4711)
    for question in ({}, {"side": "left"}, {"side": "left", "row": 1, "group": 0}, {"side": "lefft", "row": 1}):
        with pytest.raises(rc.SpecError):
            outcome.explain(**question)


def test_every_table_is_there(outcome: rc.Outcome) -> None:
    for name in rc.TABLES:
        assert len(getattr(outcome, name)) == len(outcome.table(name))
    assert outcome.pairs is outcome.pairs
    with pytest.raises(rc.ReconError, match="grups"):
        outcome.table("grups")


def test_an_outcome_is_frozen(outcome: rc.Outcome) -> None:
    with pytest.raises(AttributeError, match="frozen"):
        setattr(outcome, "breaks", None)
    with pytest.raises(AttributeError, match="frozen"):
        setattr(outcome.breaks, "x", None)


@pytest.mark.parametrize("suffix", ["parquet", "csv", "ndjson", "arrow"])
def test_an_outcome_is_written(suffix: str, tmp_path: Path, outcome: rc.Outcome) -> None:
    folder = tmp_path / "result"
    outcome.write(folder, suffix)  # type: ignore[arg-type]
    assert {path.stem for path in folder.glob(f"*.{suffix}")} == set(rc.TABLES)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["digest"] == outcome.digest() == outcome.manifest()["digest"]
    if suffix == "parquet":
        assert pa.parquet.read_table(folder / "breaks.parquet").num_rows == 2
    if suffix == "csv":
        with (folder / "breaks.csv").open(newline="") as file:
            assert [row["amount"] for row in csv.DictReader(file)] == ["3.00", "4.00"]


def test_an_outcome_is_a_workbook_for_people(tmp_path: Path, outcome: rc.Outcome) -> None:
    outcome.write(tmp_path / "result", "xlsx")
    names = {path.name for path in (tmp_path / "result").iterdir()}
    assert names == {"outcome.xlsx", "summary.json", "manifest.json"}
    spec = {"right": {"read": {"sheet": "breaks"}}, "pass": [{"on": "id"}]}
    read_again = rc.reconcile([{"id": "x"}], tmp_path / "result" / "outcome.xlsx", spec)
    assert read_again.summary.sources[1].records == 2


def test_an_unknown_format_is_refused(tmp_path: Path, outcome: rc.Outcome) -> None:
    with pytest.raises(rc.ReconError, match="parkett"):
        outcome.write(tmp_path / "result", "parkett")  # type: ignore[arg-type]
    assert not (tmp_path / "result").exists()


def test_duckdb_sees_the_tables(outcome: rc.Outcome) -> None:
    connection = duckdb.connect()
    rc.register(connection, outcome, prefix="may_")
    assert connection.sql("select sum(amount) from may_breaks").fetchall() == [(Decimal("7.00"),)]
    assert connection.sql("select count(*) from may_pairs").fetchall() == [(2,)]


def test_carried_fields_stand_in_pairs(bank: pa.Table, ledger: pa.Table) -> None:
    pairs = rc.reconcile(bank, ledger, on=ON, carry=["reference"]).pairs
    assert "left_reference" in pairs.column_names


def test_amounts_tie_out_by_the_fields_asked_for(bank: pa.Table, ledger: pa.Table) -> None:
    cells = rc.reconcile(bank, ledger, on=ON, tie_out=rc.TieOut(by=["account"])).summary.tie_out.cells
    assert [cell.cell for cell in cells] == [("A",), ("B",)]


def test_nothing_outlives_its_outcome() -> None:
    """Runs over and over hold what one run holds."""
    source = large(50_000)

    def run() -> None:
        found = rc.reconcile(source, source, on=["reference", "amount"])
        assert len(found.pairs) == 50_000 and len(found.members) == 100_000

    for _ in range(3):
        run()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20):
        run()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    # One outcome's tables take over 10 MB: twenty of them would be seen.
    assert grown < 100_000_000, f"{grown:,} bytes"


def test_python_lets_go_of_tables(outcome: rc.Outcome) -> None:
    class Row(dict[str, str]):
        pass

    row = Row(a="x")
    gone = weakref.ref(row)
    rc.reconcile([row], [{"a": "x"}], on="a")
    del row
    gc.collect()
    assert gone() is None
