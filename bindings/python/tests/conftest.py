"""What the tests share: two sources whose reconciliation is known."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

import recon378 as rc

ROOT = Path(__file__).resolve().parents[3]
DATE = datetime.date

ON: list[rc.Condition] = ["account", "reference", rc.within("amount", "0.01"), rc.days("date", 0, 5)]
"""One pair is exact, one differs by a cent and three days, one record is open on each side."""


def _table(rows: list[tuple[str, str, str, DATE]]) -> pa.Table:
    accounts, references, amounts, dates = zip(*rows)
    return pa.table(
        {
            "account": pa.array(accounts, pa.string()),
            "reference": pa.array(references, pa.string()),
            "amount": pa.array([Decimal(amount) for amount in amounts], pa.decimal128(12, 2)),
            "date": pa.array(dates, pa.date32()),
        }
    )


@pytest.fixture
def bank() -> pa.Table:
    return _table(
        [
            ("A", "INV-1", "10.50", DATE(2026, 1, 5)),
            ("A", "INV-2", "7.00", DATE(2026, 1, 6)),
            ("B", "INV-3", "3.00", DATE(2026, 1, 7)),
        ]
    )


@pytest.fixture
def ledger() -> pa.Table:
    return _table(
        [
            ("A", "INV-1", "10.50", DATE(2026, 1, 5)),
            ("A", "INV-2", "7.01", DATE(2026, 1, 9)),
            ("B", "INV-4", "4.00", DATE(2026, 1, 7)),
        ]
    )


@pytest.fixture
def outcome(bank: pa.Table, ledger: pa.Table) -> rc.Outcome:
    return rc.reconcile(bank, ledger, on=ON)


def large(records: int, offset: int = 0) -> pa.Table:
    """A source that takes the engine long enough to be interrupted: many near amounts in one block."""
    rows = range(records)
    return pa.table(
        {
            "reference": pa.array([f"REF {(row * 7919 + offset) % 1_000_003:08}" for row in rows], pa.string()),
            "amount": pa.array([row * 100 + offset for row in rows], pa.int64()),
        }
    )


SLOW_ON: list[rc.Condition] = [rc.similar("reference", "jaro_winkler", "0.6"), rc.within("amount", 100_000_000)]
"""A pass that compares nearly everything with everything."""
