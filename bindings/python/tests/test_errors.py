"""Every failure is a ReconError that says where and what to do."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from conftest import large

import recon378 as rc


def test_all_mistakes_of_a_spec_come_at_once(bank: pa.Table, ledger: pa.Table) -> None:
    spec: dict[str, Any] = {"pass": [{"on": ["account"], "flor": 1}, {"on": [{"field": "amount", "within": "x"}]}]}
    with pytest.raises(rc.SpecError) as caught:
        rc.reconcile(bank, ledger, spec)
    error = caught.value
    assert [(mistake.code, mistake.path, mistake.nearest) for mistake in error.mistakes] == [
        ("unknown_key", "pass[0].flor", "floor"),
        ("bad_value", "pass[1].on[0].within", None),
    ]
    assert error.path == "pass[0].flor" and error.code == "unknown_key"
    # A program's spec has no lines.
    assert all(mistake.position is None for mistake in error.mistakes)
    assert "line" not in str(error)


def test_a_written_spec_is_quoted_by_line(tmp_path: Path) -> None:
    path = tmp_path / "recon.toml"
    path.write_text("[[pass]]\non = ['reference']\nflor = 1\n")
    (mistake,) = rc.validate(path)
    assert mistake.position == (3, 1)
    with pytest.raises(rc.SpecError, match="line 3"):
        rc.Spec.from_file(path)


def test_an_unknown_field_names_its_neighbour(bank: pa.Table, ledger: pa.Table) -> None:
    with pytest.raises(rc.SpecError) as caught:
        rc.reconcile(bank, ledger, on=["acount"])
    assert "account" in str(caught.value)
    assert caught.value.mistakes[0].nearest == "account"


def test_doubles_are_refused_with_the_scale_that_fits_and_taken_with_it() -> None:
    bank = pd.DataFrame({"reference": ["a", "b"], "amount": [10.25, 7.1]})
    with pytest.raises(rc.DataError) as caught:
        rc.reconcile(bank, bank, on=["reference", "amount"])
    error = caught.value
    assert (error.code, error.source, error.field) == ("double_needs_scale", "left", "amount")
    assert error.hint is not None and "fields.amount.scale = 2" in error.hint
    outcome = rc.reconcile(bank, bank, on=["reference", "amount"], fields={"amount": rc.LongField(scale=2)})
    assert outcome.summary.totals.matched == 2
    assert outcome.summary.sources[0].doubles == {"amount": 2}
    same = rc.reconcile(bank, bank, on=["reference", "amount"], fields={"amount": {"scale": 2}})
    assert same.digest() == outcome.digest()


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(rc.UnavailableError) as caught:
        rc.reconcile("no/such/bank.csv", [{"a": 1}], on="a")
    assert caught.value.code == "not_found"
    assert caught.value.path is not None and caught.value.path.endswith("no/such/bank.csv")


def test_a_file_that_is_wrong_is_quoted_by_line(tmp_path: Path) -> None:
    (tmp_path / "bank.csv").write_text("reference,amount\na,1\nb,2,3\n")
    outcome = rc.reconcile(tmp_path / "bank.csv", [{"reference": "a"}], on="reference")
    (source, _) = outcome.summary.sources
    assert source.unreadable_rows == 1 and source.first_unreadable[0].value == "b,2,3"
    (issue,) = outcome.issues.to_pylist()
    assert issue["field"] is None and issue["value"] == "b,2,3" and "line 3" in issue["problem"]
    with pytest.raises(rc.DataError) as caught:
        spec = {"strict": True, "pass": [{"on": "reference"}]}
        rc.reconcile(tmp_path / "bank.csv", [{"reference": "a"}], spec)
    assert caught.value.code == "ragged_row" and caught.value.line == 3


def test_a_limit_is_its_own_error() -> None:
    with pytest.raises(rc.LimitError):
        rc.reconcile(large(20_000), large(20_000, 1), on="reference", memory_limit=100_000)


def test_errors_survive_pickling(bank: pa.Table) -> None:
    with pytest.raises(rc.SpecError) as caught:
        rc.reconcile(bank, bank, on=["acount"])
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is rc.SpecError
    assert str(again) == str(caught.value)
    assert again.mistakes == caught.value.mistakes and again.code == caught.value.code


def test_every_error_is_a_recon_error() -> None:
    for kind in (rc.SpecError, rc.DataError, rc.LimitError, rc.Cancelled, rc.UnavailableError, rc.InternalError):
        assert issubclass(kind, rc.ReconError)


def test_a_stream_that_fails_says_so() -> None:
    schema = pa.schema([("a", pa.string())])

    def batches() -> Any:
        yield pa.record_batch({"a": ["x"]}, schema)
        raise ValueError("the disk is on fire")

    broken = pa.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(Exception, match="the disk is on fire"):
        rc.reconcile(broken, [{"a": "x"}], on="a")


def test_a_spec_or_conditions_but_not_both(bank: pa.Table) -> None:
    with pytest.raises(TypeError, match="not both"):
        rc.reconcile(bank, bank, {"pass": [{"on": "account"}]}, on="account")
    with pytest.raises(TypeError, match="hand over a spec"):
        rc.reconcile(bank, bank)


def test_a_failed_write_leaves_nothing(tmp_path: Path, outcome: rc.Outcome) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(rc.ReconError):
        outcome.write(blocked / "result")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
