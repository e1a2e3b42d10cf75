"""The cases of `corpus/`: the same digests as in Rust and Node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT

import recon378 as rc

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
        assert [mistake.path for mistake in error.mistakes] == expected["error"]["paths"]
    else:
        assert rc.reconcile(spec=spec).digest() == expected["digest"]
