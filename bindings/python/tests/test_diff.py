"""Two outcomes beside each other."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import recon378 as rc

BANK = pl.DataFrame({"id": ["B1", "B2", "B3"], "reference": ["1", "2", "3"], "amount": ["10.00", "20.00", "30.00"]})
LEDGER = pl.DataFrame({"id": ["L1", "L2", "L3"], "reference": ["1", "2", "9"], "amount": ["10.00", "20.03", "30.00"]})


def strict(bank: pl.DataFrame = BANK) -> rc.Outcome:
    return rc.reconcile(bank, LEDGER, on=["reference", "amount"])


def loose() -> rc.Outcome:
    return rc.reconcile(BANK, LEDGER, on=["reference", rc.within("amount", "0.05")])


def test_a_wider_tolerance_is_told() -> None:
    found = rc.diff(strict(), loose())
    assert not found.equal
    groups = found.groups.to_polars()
    assert groups.select("kind", "left_ids_new", "right_ids_new", "net_new").rows() == [
        ("appeared", "B2", "L2", Decimal("0.03")),
    ]
    grouped = found.records.to_polars().filter(pl.col("kind") == "grouped")
    assert grouped.select("side", "id", "was", "is").rows() == [
        ("left", "B2", "open", "matched"),
        ("right", "L2", "open", "matched"),
    ]
    assert isinstance(found.groups.to_frame(), pl.DataFrame)
    assert "1 appeared" in repr(found) and "different" in str(found) and "B2" in found._repr_html_()
    (cell,) = found.summary.tie_out.cells
    changes = {term.term: term.change for term in cell.terms}
    assert changes["matched"] == Decimal("0.03") and changes["open_left"] == Decimal("-20.00")


def test_an_outcome_equals_itself_in_any_form(tmp_path: Path) -> None:
    outcome = loose()
    assert rc.diff(outcome, loose()).equal
    assert repr(rc.diff(outcome, outcome)) == "<Diff: equal, 2 groups>"
    for format in ("parquet", "csv", "ndjson", "arrow"):
        outcome.write(tmp_path / format, format)
        assert rc.diff(outcome, tmp_path / format).equal
        assert rc.diff(str(tmp_path / format), strict()).groups.to_pylist()[0]["kind"] == "vanished"


def test_every_record_is_in_one_flow() -> None:
    found = rc.diff(strict(), strict(BANK.head(2))).summary
    assert [warning.code for warning in found.warnings] == ["records_differ"]
    left = [flow for flow in found.flows if flow.side == "left"]
    assert sum(flow.records for flow in left if flow.was != "absent") == 3
    assert sum(flow.records for flow in left if flow.is_ != "absent") == 2


def test_specs_are_run(tmp_path: Path) -> None:
    BANK.write_csv(tmp_path / "bank.csv")
    LEDGER.write_csv(tmp_path / "ledger.csv")
    head = 'version = 1\nleft = { path = "bank.csv" }\nright = { path = "ledger.csv" }\n'
    (tmp_path / "old.toml").write_text(head + '[[pass]]\non = ["reference", "amount"]\n')
    (tmp_path / "new.toml").write_text(head + '[[pass]]\non = ["reference"]\n')
    found = rc.diff(tmp_path / "old.toml", tmp_path / "new.toml")
    assert [groups.groups for groups in found.summary.groups if groups.kind == "appeared"] == [(0, 1)]
    found.write(tmp_path / "diff", format="csv")
    assert json.loads((tmp_path / "diff/summary.json").read_text())["equal"] is False


def test_mistakes_are_named(tmp_path: Path) -> None:
    with pytest.raises(rc.ReconError) as caught:
        rc.diff(tmp_path / "nowhere", loose())
    assert caught.value.code == "not_found"
    (tmp_path / "other").mkdir()
    with pytest.raises(rc.ReconError) as caught:
        rc.diff(tmp_path / "other", loose())
    assert caught.value.code == "no_outcome"
    with pytest.raises(TypeError):
        rc.diff(7, loose())  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match="frozen"):
        setattr(rc.diff(loose(), loose()), "groups", None)
