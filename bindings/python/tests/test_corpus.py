"""The cases of `corpus/`: the same digests as in Rust and Node."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

import recon378 as rc

COMPARISONS = sorted(path.parent for path in ROOT.glob("corpus/*/compare.json"))
CASES = sorted(path.parent for path in ROOT.glob("corpus/*/spec.toml"))


def test_the_corpus_is_there() -> None:
    assert len(CASES) > 50


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_what_it_says(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    spec = case / "spec.toml"
    if "error" in expected:
        with pytest.raises(rc.ReconError) as caught:
            rc.reconcile(spec=spec)
        error = caught.value
        assert error.code == expected["error"]["code"]
        # The order is that of the text, which a program has none of.
        assert sorted(mistake.path for mistake in error.mistakes) == sorted(expected["error"]["paths"])
    else:
        assert rc.reconcile(spec=spec).digest() == expected["digest"]


@pytest.mark.parametrize("case", COMPARISONS, ids=lambda case: case.name)
def test_a_comparison_gives_what_it_says(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    options = json.loads((case / "compare.json").read_text(encoding="utf-8"))["options"]
    # The cases that name no key expect to be told which would do.
    options = {"key": [], **options}
    typed = {side: case / f"{side}.arrow" for side in ("left", "right")}
    left, right = (file if file.is_file() else file.with_suffix(".csv") for file in typed.values())
    if "error" in expected:
        with pytest.raises(rc.ReconError) as caught:
            rc.compare(left, right, **options)
        assert caught.value.code == expected["error"]["code"]
        assert [mistake.path for mistake in caught.value.mistakes] == expected["error"]["paths"]
    else:
        found = rc.compare(left, right, **options)
        assert plain(found.summary) == expected["summary"]
        assert found.differences.to_pylist() == expected["differences"]
        assert found.rows.to_pylist() == expected["rows"]


def plain(summary: rc.ComparisonSummary) -> Any:
    """As JSON has it: lists, not tuples."""
    return json.loads(json.dumps(dataclasses.asdict(summary)))
