"""Two versions of a table: what differs, and by how much."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from conftest import ROOT

import recon378 as rc

BEFORE = pl.DataFrame({"id": [1, 2, 3], "price": ["9.50", "7.00", "1.25"], "seen": [True, None, False]})
AFTER = pl.DataFrame({"id": [3, 2, 4], "price": ["1.25", "7.10", "2.00"], "seen": [False, True, True]})


def test_rows_and_cells_that_differ_are_told() -> None:
    found = rc.compare(BEFORE, AFTER, key="id")
    assert not found.equal
    cells = found.differences.to_polars()
    assert cells.select("id", "column", "kind", "left", "right", "delta").rows() == [
        ("2", "price", "changed", "7.00", "7.10", "0.10"),
        ("2", "seen", "filled", None, "true", None),
    ]
    assert found.rows.to_polars().select("side", "id", "reason").rows() == [
        ("left", "1", "missing_on_right"),
        ("right", "4", "missing_on_left"),
    ]
    assert found.summary.columns[1].largest == rc.LargestDifference(delta="0.10", left_row=1, right_row=1)
    assert isinstance(found.differences.to_frame(), pl.DataFrame)
    assert "2 cells differ" in repr(found) and "different" in str(found) and "7.10" in found._repr_html_()


def test_a_table_equals_itself_whatever_its_order() -> None:
    doubled = pl.concat([BEFORE, BEFORE])
    assert rc.compare(doubled, doubled.reverse(), key=["id"]).equal
    assert repr(rc.compare(BEFORE, BEFORE, key="id")) == "<Comparison: equal, 3 rows>"


def test_tolerances_names_and_nulls_go_by_column() -> None:
    after = AFTER.rename({"price": "cost"})
    found = rc.compare(
        BEFORE,
        after,
        key="id",
        renamed={"price": "cost"},
        within={"price": Decimal("0.10")},
        ignored=["seen"],
    )
    assert found.summary.differing_cells == 0 and not found.equal
    assert found.summary.ignored == ("seen",)
    empty = rc.compare([{"id": 1, "x": None}], [{"id": 1, "x": ""}], key="id", nulls={"x": "empty"})
    assert empty.equal


def test_mistakes_are_named() -> None:
    with pytest.raises(rc.SpecError) as caught:
        rc.compare(BEFORE, AFTER, key="idd", within={"price": "x"})
    assert [mistake.path for mistake in caught.value.mistakes] == ["key[0]", "within.price"]
    assert caught.value.mistakes[0].nearest == "id"
    with pytest.raises(rc.SpecError, match='"id"'):
        rc.compare(BEFORE, AFTER, key=[])


def test_files_and_frames_and_a_folder(tmp_path: Path) -> None:
    BEFORE.write_csv(tmp_path / "before.csv")
    AFTER.write_parquet(tmp_path / "after.parquet")
    found = rc.compare(tmp_path / "before.csv", str(tmp_path / "after.parquet"), key="id")
    assert found.summary.paired_rows == 2
    assert found.summary.columns[1].differing == 1
    found.write(tmp_path / "result", format="csv")
    assert pd.read_csv(tmp_path / "result/differences.csv")["column"].tolist() == ["price", "seen"]
    assert json.loads((tmp_path / "result/summary.json").read_text())["equal"] is False


def test_a_comparison_is_frozen() -> None:
    with pytest.raises(AttributeError, match="frozen"):
        setattr(rc.compare(BEFORE, AFTER, key="id"), "rows", None)


CASES = ROOT.parent / "shared/data/diff"
LEDGER = CASES / "mutated_ledger"


@pytest.mark.skipif(not LEDGER.is_dir(), reason="the case of a mutated ledger is not on this machine")
def test_every_change_of_a_mutated_ledger_is_found_and_none_invented() -> None:
    truth = json.loads((LEDGER / "changes.json").read_text())
    changes = truth["changes"]
    renamed = {change["old"]: change["new"] for change in changes if change["kind"] == "column_renamed"}
    found = rc.compare(LEDGER / "base.csv", LEDGER / "changed.csv", key=truth["key"], renamed=renamed)
    cells = {(row[truth["key"]], row["column"]) for row in found.differences.to_pylist()}
    assert cells == {(change["key"], change["column"]) for change in changes if "column" in change and "key" in change}
    rows = Counter((row["side"], row["reason"], row[truth["key"]]) for row in found.rows.to_pylist())
    kinds = {
        "row_removed": ("left", "missing_on_right"),
        "row_added": ("right", "missing_on_left"),
        "row_duplicated": ("right", "duplicate"),
    }
    expected = Counter((*kinds[change["kind"]], change["key"]) for change in changes if change["kind"] in kinds)
    assert rows == expected


@pytest.mark.skipif(not CASES.is_dir(), reason="the cases with known differences are not on this machine")
def test_small_cases_come_out_as_their_authors_expect() -> None:
    folder = CASES / "larsyencken"
    expected = json.loads((folder / "diff.json").read_text())
    found = rc.compare(folder / "a.csv", folder / "b.csv", key=expected["_index"])
    alone = {(row["side"], row["id"]) for row in found.rows.to_pylist()}
    removed, added = ({(side, row["id"]) for row in expected[kind]} for side, kind in (("left", "removed"), ("right", "added")))
    assert alone == removed | added
    cells = {(row["id"], row["column"], row["left"], row["right"]) for row in found.differences.to_pylist()}
    assert cells == {
        (change["key"][0], column, cell["from"], cell["to"])
        for change in expected["changed"]
        for column, cell in change["fields"].items()
    }
    # Without a header: one line changed, three are gone, one is new.
    before, after = (
        pl.read_csv(CASES / "aswinkarthik" / f"{name}-small.csv", has_header=False) for name in ("base", "delta")
    )
    lines = rc.compare(before, after, key="column_1").summary
    assert (lines.changed_rows, lines.only_left, lines.only_right) == (1, 3, 1)
