"""Specs as objects: they mirror the schema, are equal when they say the same, and become text and back."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import json
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from conftest import ON, ROOT

import recon378 as rc
from recon378._tree import Node

SPEC = rc.Spec(
    left=rc.Source(
        name="bank",
        read=rc.Read(decimal=",", delimiter=";"),
        where=[rc.InFilter(field="state", in_=["booked", "settled"])],
    ),
    right=rc.Source(name="ledger"),
    fields={
        "amount": rc.LongField(left=rc.DebitCreditCell(debit="dr", credit="cr"), right="amt", scale=2),
        "reference": ["text", "ref"],
    },
    passes=[
        rc.Pass(on=["reference", "amount"]),
        rc.Pass(on=[rc.within("amount", rc.larger("0.05", "1%")), rc.days("date", 0, 5)], status="proposed"),
    ],
    tie_out=rc.TieOut(amount="amount", by=["currency"]),
    calendars={"TARGET": rc.Calendar(holidays=["2026-01-01"])},
    as_of="2026-01-31",
)


def test_a_spec_survives_text() -> None:
    assert rc.Spec.from_text(SPEC.to_toml()) == SPEC
    assert rc.Spec.from_text(SPEC.to_json()) == SPEC


def test_a_spec_survives_plain_data_pickle_and_copy() -> None:
    assert rc.Spec.from_dict(SPEC.to_dict()) == SPEC
    assert rc.Spec.from_dict(json.loads(json.dumps(SPEC.to_dict()))) == SPEC
    assert pickle.loads(pickle.dumps(SPEC)) == SPEC
    assert copy.deepcopy(SPEC) == SPEC


def test_specs_that_mean_the_same_are_equal() -> None:
    short = rc.Spec(passes=[rc.Pass(on="a,b")])
    long = rc.Spec(version=1, passes=[rc.Pass(on=["a", rc.equals("b")], cardinality="1:1", ambiguous="propose")])
    assert short == long and hash(short) == hash(long) and len({short, long}) == 1
    assert short != rc.Spec(passes=[rc.Pass(on="a")])
    wrong = rc.Spec(passes=[])
    assert wrong == rc.Spec(passes=[]) and wrong != short and wrong != 1


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "recon.toml"
    path.write_text(SPEC.to_toml())
    assert rc.Spec.from_file(path) == SPEC


def test_specs_are_frozen_and_a_changed_one_is_another() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SPEC.as_of = None  # type: ignore[misc]
    assert dataclasses.replace(SPEC, as_of=None) != SPEC


def test_a_wrong_spec_says_all_that_is_wrong_when_it_becomes_text() -> None:
    wrong = rc.Spec(passes=[rc.Pass(on=[], floor=7), rc.Pass(on=[rc.within("amount", "-1")])])
    with pytest.raises(rc.SpecError) as caught:
        wrong.to_toml()
    assert len(caught.value.mistakes) >= 2
    assert rc.validate(wrong) == caught.value.mistakes


def test_a_right_spec_has_no_mistakes() -> None:
    assert rc.validate(SPEC) == ()
    assert rc.validate(SPEC.to_dict()) == ()


def test_unknown_parts_are_refused() -> None:
    with pytest.raises(TypeError):
        rc.Pass(onn="a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Pass has no onn"):
        rc.Spec.from_dict({"pass": [{"onn": "a"}]})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (rc.equals("a"), {"field": "a", "equals": True}),
        (rc.equals(["a", "b"], nulls="equal"), {"left": "a", "right": "b", "equals": True, "nulls": "equal"}),
        (rc.within("a", "0.05"), {"field": "a", "within": "0.05"}),
        (rc.within("a", Decimal("0.050")), {"field": "a", "within": "0.050"}),
        (rc.within("a", ["1", "2%"], of="left"), {"field": "a", "within": ["1", "2%"], "of": "left"}),
        (rc.within("a", rc.larger("1", "2%")), {"field": "a", "within": {"larger": ["1", "2%"]}}),
        (rc.days("a", 0, 5), {"field": "a", "days": [0, 5]}),
        (rc.days("a", 3), {"field": "a", "days": 3}),
        (rc.business_days("a", 0, 2, calendar="T"), {"field": "a", "business_days": [0, 2], "calendar": "T"}),
        (rc.similar("a", "ratio", "0.9"), {"field": "a", "similar": "ratio", "at_least": "0.9"}),
        (rc.occurs("a", "right in left", min_length=6), {"field": "a", "occurs": "right in left", "min_length": 6}),
        (rc.slip("a"), {"field": "a", "slip": "any"}),
        (rc.slip("a", ["swapped"], weight="2"), {"field": "a", "slip": ["swapped"], "weight": "2"}),
    ],
)
def test_each_condition_has_a_function(condition: object, expected: object) -> None:
    assert isinstance(condition, Node)
    assert condition.to_dict() == expected
    on: list[Any] = ["key", condition]
    spec = rc.Spec(passes=[rc.Pass(on=on)], calendars={"T": rc.Calendar()})
    assert rc.validate(spec) == ()
    assert rc.Spec.from_dict(spec.to_dict()) == spec


def test_levels_are_dicts_or_objects() -> None:
    alike = {"similar": "osa", "at_least": "0.9", "bits": "4"}
    equal = rc.spec.EqualsLevel(equals=True, bits="9.1", frequency=True)
    condition = rc.levels(["a", "b"], [equal, alike], otherwise=Decimal("-4.5"), null=0)
    assert condition.to_dict() == {
        "left": "a",
        "right": "b",
        "levels": [{"equals": True, "bits": "9.1", "frequency": True}, alike],
        "otherwise": "-4.5",
        "null": 0,
    }
    spec = rc.Spec(passes=[rc.Pass(on=["key", condition], score="probability", prior="0.001")])
    assert rc.validate(spec) == ()
    assert rc.Spec.from_dict(spec.to_dict()) == spec
    held = rc.levels("a", [alike], required=True)
    assert rc.validate(rc.Spec(passes=[rc.Pass(on=["key", held], score="probability", prior=0.5)])) == ()
    assert [mistake.code for mistake in rc.validate(rc.Spec(passes=[rc.Pass(on=["key", held])]))] == ["conflict"]


def test_objects_dicts_and_files_are_one_spec(tmp_path: Path, bank: pa.Table, ledger: pa.Table) -> None:
    spec = rc.Spec(passes=[rc.Pass(on=ON)])
    path = tmp_path / "recon.toml"
    path.write_text(spec.to_toml())
    digests = {rc.reconcile(bank, ledger, form).digest() for form in (spec, spec.to_dict(), path, str(path))}
    assert digests == {rc.reconcile(bank, ledger, on=ON).digest()}


def test_every_spec_of_the_corpus_becomes_objects_and_back() -> None:
    cases = sorted(ROOT.glob("corpus/*/spec.toml"))
    assert len(cases) > 50
    for case in cases:
        if rc.validate(case):
            continue
        spec = rc.Spec.from_file(case)
        assert rc.Spec.from_text(spec.to_toml()) == spec, case


def test_dates_and_decimals_are_written_as_text() -> None:
    spec = rc.Spec.from_dict({"pass": [{"on": ["a"]}], "as_of": "2026-01-31"})
    assert spec.as_of == "2026-01-31"
    data = {"as_of": datetime.date(2026, 1, 31), "pass": [{"on": ["a"], "floor": Decimal("0.5")}]}
    assert rc.validate(data) == ()


def test_the_schema_is_json() -> None:
    assert json.loads(rc.schema())["title"] == "recon378 spec"
