"""Decisions given back: from groups, frames, lists and files; stale ones; alternatives."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

import recon378 as rc

BANK = [
    {"id": "b1", "reference": "INV-1", "amount": "10.00"},
    {"id": "b2", "reference": "INV-2", "amount": "7.00"},
]
LEDGER = [
    {"id": "l1", "reference": "INV-1", "amount": "10.40"},
    {"id": "l2", "reference": "INV-1", "amount": "10.20"},
    {"id": "l3", "reference": "INV-9", "amount": "6.00"},
]
SPEC: dict[str, Any] = {
    "pass": [{"on": ["reference", {"field": "amount", "within": "1.00"}], "status": "proposed"}]
}


def test_a_review_says_yes_and_no() -> None:
    first = rc.reconcile(BANK, LEDGER, SPEC)
    [group] = first.groups.to_pylist()
    assert (group["status"], group["group_id"]) == ("proposed", 0)
    [other] = first.alternatives.to_pylist()
    assert (other["group_id"], other["id"], other["optimal"]) == (0, "l1", False)

    accepted = rc.reconcile(BANK, LEDGER, SPEC, decisions=first.decisions_from([0]))
    [group] = accepted.groups.to_pylist()
    assert (group["pass"], group["status"], group["right_amount"]) == ("decision", "matched", group["right_amount"])
    assert accepted.summary.decisions is not None and accepted.summary.decisions.accepted == 1
    assert [row["state"] for row in accepted.decisions.to_pylist()] == ["applied", "applied"]

    rejected = rc.reconcile(BANK, LEDGER, SPEC, decisions=first.decisions_from([0], "reject"))
    [pair] = rejected.pairs.to_pylist()
    assert pair["right_id"] == "l1"


def test_rows_of_a_list_and_of_a_file_say_the_same(tmp_path: Path) -> None:
    rows = [
        {"decision": "1", "kind": "force", "side": "left", "id": "b2"},
        {"decision": "1", "kind": "force", "side": "right", "id": "l3"},
        {"decision": "1", "kind": "force", "side": "right", "id": "l1"},
    ]
    path = tmp_path / "decisions.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    listed = rc.reconcile(BANK, LEDGER, SPEC, decisions=rows)
    assert listed.digest() == rc.reconcile(BANK, LEDGER, SPEC, decisions=path).digest()
    assert listed.digest() == rc.reconcile(BANK, LEDGER, SPEC, decisions=str(path)).digest()
    shapes = {group["pass"]: group["cardinality"] for group in listed.groups.to_pylist()}
    assert shapes["decision"] == "1:n"
    assert len(listed.members) == 5
    spec = {**SPEC, "decisions": [{"decision": "1", "kind": "force", "left": ["b2"], "right": ["l3", "l1"]}]}
    assert rc.reconcile(BANK, LEDGER, spec).digest() == listed.digest()


def test_a_changed_record_makes_a_decision_stale() -> None:
    yes = rc.reconcile(BANK, LEDGER, SPEC).decisions_from([0])
    changed = [{**record, "amount": "10.01"} if record["id"] == "b1" else record for record in BANK]
    outcome = rc.reconcile(changed, LEDGER, SPEC, decisions=yes)
    assert outcome.summary.decisions is not None and outcome.summary.decisions.stale == 1
    [stale] = [row for row in outcome.decisions.to_pylist() if row["why"]]
    assert (stale["why"], stale["field"], stale["was"], stale["now"]) == ("changed", "amount", "10.00", "10.01")


def test_nothing_decided_changes_nothing() -> None:
    plain = rc.reconcile(BANK, LEDGER, SPEC)
    assert plain.summary.decisions is None
    assert rc.reconcile(BANK, LEDGER, SPEC, decisions=plain.decisions_from([])).digest() == plain.digest()


def test_mistakes_name_what_is_wrong() -> None:
    rows = [{"decision": "1", "kind": "acept", "side": "bank", "id": "b1"}]
    with pytest.raises(rc.SpecError) as caught:
        rc.reconcile(BANK, LEDGER, SPEC, decisions=rows)
    assert {mistake.path for mistake in caught.value.mistakes} >= {"decisions[0].kind", "decisions[0].side"}
    with pytest.raises(rc.SpecError) as caught:
        rc.reconcile(BANK, LEDGER, SPEC).decisions_from([99])
    assert caught.value.code == "unknown_group"
    for id in ["0", 0.5, None]:
        with pytest.raises(TypeError):
            rc.reconcile(BANK, LEDGER, SPEC).decisions_from([id])  # type: ignore[list-item]
