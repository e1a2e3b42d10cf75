"""Two versions of a table: what differs, and by how much."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

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


def test_what_a_host_hands_in_is_heard(tmp_path: Path) -> None:
    heard: list[rc.Progress] = []
    found = rc.compare(BEFORE, AFTER, key="id", progress=heard.append, threads=1, memory_limit=1 << 30)
    assert not found.equal
    stages = [event.stage for event in heard if event.event == "finished"]
    assert stages == ["columns", "pass 1", "cells", "outcome"]
    assert any(event.event == "advanced" and event.done == event.total for event in heard)
    with pytest.raises(rc.LimitError):
        rc.compare(BEFORE, AFTER, key="id", memory_limit=1)

    def stop(event: rc.Progress) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        rc.compare(BEFORE, AFTER, key="id", progress=stop)


def test_tables_go_by_their_names(tmp_path: Path) -> None:
    BEFORE.write_csv(tmp_path / "monday.csv")
    AFTER.write_csv(tmp_path / "friday.csv")
    found = rc.compare(tmp_path / "monday.csv", tmp_path / "friday.csv", key="id")
    assert found.summary.names == ("monday", "friday") and "3 in monday, 3 in friday" in str(found)
    with pytest.raises(rc.SpecError, match="a column of old"):
        rc.compare(BEFORE, AFTER, key="nr", names=("old", "new"))
