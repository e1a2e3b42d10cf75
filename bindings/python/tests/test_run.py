"""Runs as hosts have them: watched, stopped, side by side, in forks."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from conftest import ON, SLOW_ON, large

import recon378 as rc


def test_progress_tells_each_stage_once(bank: pa.Table, ledger: pa.Table) -> None:
    events: list[rc.Progress] = []
    rc.reconcile(bank, ledger, on=ON, progress=events.append)
    started = [event.stage for event in events if event.event == "started"]
    finished = [event.stage for event in events if event.event == "finished"]
    assert started == finished and len(set(started)) == len(started) >= 3
    assert started[0] == "columns"


def test_an_error_of_the_listener_stops_the_run_and_is_raised(bank: pa.Table, ledger: pa.Table) -> None:
    def refuse(event: rc.Progress) -> None:
        raise KeyError(event.stage)

    with pytest.raises(KeyError, match="columns"):
        rc.reconcile(bank, ledger, on=ON, progress=refuse)


def test_a_bar_is_ready(bank: pa.Table, ledger: pa.Table) -> None:
    assert rc.reconcile(bank, ledger, on=ON, progress=rc.tqdm_progress(disable=True)).summary.totals.matched == 2


def test_neither_threads_nor_memory_change_a_result(bank: pa.Table, ledger: pa.Table) -> None:
    digests = {
        rc.reconcile(bank, ledger, on=ON, threads=threads, memory_limit=limit).digest()
        for threads in (None, 1, 3)
        for limit in (None, 1 << 30)
    }
    assert len(digests) == 1


def test_runs_side_by_side_give_what_each_gives_alone(bank: pa.Table, ledger: pa.Table) -> None:
    sources = [large(3_000, offset) for offset in range(4)]
    alone = [rc.reconcile(source, sources[0], on="reference").digest() for source in sources]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda source: rc.reconcile(source, sources[0], on="reference").digest(), sources))
    assert together == alone


def test_other_threads_work_during_a_run() -> None:
    """The listener is called by the thread that runs; the interpreter is free for another one in between."""
    ticks: list[int] = []
    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(0.001):
            ticks.append(1)

    other = threading.Thread(target=tick)
    other.start()
    try:
        counts: list[int] = []
        source = large(3_000)
        rc.reconcile(source, source, on=SLOW_ON, progress=lambda event: counts.append(len(ticks)))
    finally:
        ended.set()
        other.join()
    # Between the first and the last event, the engine worked; had it held the lock, nothing would have ticked.
    assert counts[-1] > counts[0]


CTRL_C = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from conftest import SLOW_ON, large
import recon378 as rc

source = large(200_000)
fired = []

def interrupt(event):
    if event.stage.startswith("pass") and not fired:
        fired.append(1)
        os.kill(os.getpid(), signal.SIGINT)

try:
    rc.reconcile(source, source, on=SLOW_ON, progress=interrupt)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_stops_a_run() -> None:
    code = CTRL_C.format(tests=os.path.dirname(__file__))
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert ended.stdout == "interrupted\n", ended.stderr


def test_a_cancelled_task_stops_its_run_and_the_loop_goes_on() -> None:
    async def main() -> None:
        source = large(200_000)
        reached = asyncio.Event()

        def heard(event: rc.Progress) -> None:
            if event.stage.startswith("pass"):
                reached.set()

        task = asyncio.create_task(rc.reconcile_async(source, source, on=SLOW_ON, progress=heard))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        again = await rc.reconcile_async([{"a": "x"}], [{"a": "x"}], on="a")
        assert again.summary.totals.matched == 1

    asyncio.run(main())


def test_async_runs_go_side_by_side(bank: pa.Table, ledger: pa.Table) -> None:
    async def main() -> list[rc.Outcome]:
        return list(await asyncio.gather(*(rc.reconcile_async(bank, ledger, on=ON) for _ in range(3))))

    expected = rc.reconcile(bank, ledger, on=ON).digest()
    assert [outcome.digest() for outcome in asyncio.run(main())] == [expected] * 3


def test_async_errors_are_the_same_errors(bank: pa.Table) -> None:
    with pytest.raises(rc.SpecError):
        asyncio.run(rc.reconcile_async(bank, bank, on="acount"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_after_a_run_can_run() -> None:
    rows = [{"reference": f"R{row}", "amount": str(row)} for row in range(1_000)]
    expected = rc.reconcile(rows, rows, on=["reference", "amount"]).digest()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        found = b""
        try:
            found = rc.reconcile(rows, rows, on=["reference", "amount"]).digest().encode()
        finally:
            os.write(write, found)
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert pipe.read().decode() == expected
    os.waitpid(child, 0)


def test_check_says_what_a_run_would_do(bank: pa.Table, ledger: pa.Table) -> None:
    checked = rc.check(bank, ledger, on=ON)
    assert "Passes" in str(checked) and "account" in checked.text
    assert checked.plan["survey"]["passes"][0]["pairs"] is not None
    schemas = rc.check(bank, ledger, on=ON, schemas_only=True)
    assert schemas.plan.get("survey") is None
    with pytest.raises(rc.SpecError):
        rc.check(bank, ledger, on="acount")


def test_the_handler_of_the_host_stays(bank: pa.Table, ledger: pa.Table) -> None:
    before = signal.getsignal(signal.SIGINT)
    rc.reconcile(bank, ledger, on=ON)
    assert signal.getsignal(signal.SIGINT) is before


JANUARY = [{"id": "b4", "reference": "INV-105", "amount": "410.00"}]
LEDGER = [{"id": "l4", "reference": "INV-104", "amount": "-80.00"}]
FEBRUARY = [{"id": "b6", "reference": "INV-104", "amount": "-80.00"}]


def test_open_items_enter_the_next_run(tmp_path: Path) -> None:
    first = rc.reconcile(JANUARY, LEDGER, on=["reference", "amount"])
    path = tmp_path / "january"
    first.write(path, "csv")
    nothing = pa.Table.from_pylist(LEDGER).slice(0, 0)
    for open_items in (first.open_items, first.open_items.to_arrow(), path / "open_items.csv"):
        second = rc.reconcile(FEBRUARY, nothing, on=["reference", "amount"], open_items=open_items)
        assert (second.summary.totals.matched, second.summary.totals.open) == (1, 1)
        assert [source.carried for source in second.summary.sources] == [1, 1]
    again = rc.reconcile(JANUARY, LEDGER, on=["reference", "amount"], open_items=first.open_items)
    assert again.digest() == first.digest()
    assert [source.replaced for source in again.summary.sources] == [1, 1]


def test_an_invoice_is_paid_in_parts_over_two_runs() -> None:
    paid = rc.Pass(on=["invoice"], cardinality="1:n", group_by="invoice", sum=rc.Sum(within="0.00"), partial=True)
    spec = rc.Spec(passes=[paid])
    invoices = [{"id": "I1", "invoice": "A", "amount": "100.00"}]
    january = rc.reconcile(invoices, [{"id": "P1", "invoice": "A", "amount": "60.00"}], spec)
    (rest,) = january.breaks.to_arrow().to_pylist()
    assert (rest["id"], rest["reason"], str(rest["amount"])) == ("I1", "partly_allocated", "40.00")
    assert rest["shortfall"] == "40.00 is left of 100.00"
    assert [source.in_part for source in january.summary.sources] == [1, 0]
    assert january.explain("left", "I1").data["in_part"] == {"taken": "60.00", "left": "40.00"}
    none = pa.Table.from_pylist(invoices).slice(0, 0)
    payment = [{"id": "P2", "invoice": "A", "amount": "40.00"}]
    february = rc.reconcile(none, payment, spec, open_items=january.open_items)
    assert (february.summary.totals.matched, february.summary.totals.open) == (1, 0)


LOOKUP = {
    "fields": {
        "invoice": {
            "left": {"column": "payment", "lookup": {"table": "lines", "key": "payment", "column": "invoice"}},
            "right": "invoice",
        }
    },
    "pass": [{"on": ["invoice"]}],
}
PAYMENTS = [{"id": "b1", "payment": "P1"}, {"id": "b2", "payment": "P2"}]
INVOICES = [{"id": "l1", "invoice": "A-2"}, {"id": "l2", "invoice": "C-1"}]
LINES = [{"payment": "P1", "invoice": "A-1"}, {"payment": "P1", "invoice": "A-2"}, {"payment": "P2", "invoice": "B-1"}]


def test_third_tables_are_handed_over_or_named(tmp_path: Path) -> None:
    outcome = rc.reconcile(PAYMENTS, INVOICES, LOOKUP, tables={"lines": LINES})
    assert (outcome.summary.totals.matched, len(outcome.breaks)) == (1, 2)
    file = tmp_path / "lines.csv"
    file.write_text("payment;invoice\nP1;A-2\n", encoding="utf-8")
    spec = {**LOOKUP, "tables": {"lines": {"read": {"delimiter": ";"}}}}
    for named in (file, str(file)):
        assert rc.reconcile(PAYMENTS, INVOICES, spec, tables={"lines": named}).summary.totals.matched == 1
    assert "looked up" in str(rc.check(PAYMENTS, INVOICES, LOOKUP, tables={"lines": LINES}))
    with pytest.raises(rc.SpecError) as caught:
        rc.reconcile(PAYMENTS, INVOICES, LOOKUP, tables={"line": LINES})
    assert (caught.value.code, caught.value.mistakes[0].nearest) == ("unknown_table", "line")


def test_list_columns_have_many_values() -> None:
    left = pa.table({"id": ["b1", "b2"], "tags": pa.array([["x", "y"], None])})
    right = pa.table({"id": ["l1", "l2"], "tags": pa.array(["y", "z"])})
    outcome = rc.reconcile(left, right, on=["tags"], carry=["tags"])
    assert outcome.pairs.to_pylist()[0]["left_tags"] == "x|y"


def test_balances_are_proved() -> None:
    on: list[rc.Condition] = ["reference", rc.within("amount", "0.05")]
    ledger = [{"id": "l1", "reference": "INV-105", "amount": "410.02"}]
    balances = [{"left_closing": Decimal("410.00"), "right_closing": Decimal("410.02")}]
    outcome = rc.reconcile(JANUARY, ledger, on=on, balances=balances)
    assert outcome.summary.balances is not None and outcome.summary.balances.proven
    assert outcome.statement_text is not None and "every proof is zero" in outcome.statement_text
    assert outcome.adjustments.to_pylist()[0]["amount"] == Decimal("-0.02")
    assert [row["line"] for row in outcome.statement.to_pylist()][-1] == "proof"
    spec = {"pass": [{"on": ["reference"]}], "balances": [{"left_closing": 1, "right_closing": 0}]}
    off = rc.reconcile(JANUARY, ledger, spec)
    assert off.summary.balances is not None and off.summary.balances.proven is False
    assert rc.reconcile(JANUARY, ledger, on=on).statement_text is None


CUSTOMERS = [
    {"id": "c1", "name": "Jane Roe", "city": "Bonn"},
    {"id": "c2", "name": "JANE ROE", "city": "Bonn"},
    {"id": "c3", "name": "Jane Row", "city": "Bonn"},
    {"id": "c4", "name": "John Doe", "city": "Ulm"},
]


def test_duplicates_of_one_source_are_clusters(tmp_path: Path) -> None:
    near = rc.similar("name", "jaro_winkler", at_least=0.9)
    fields = {"name": {"clean": ["lower"]}}
    outcome = rc.cluster(CUSTOMERS, on=["city", near], fields=fields)
    assert [row["id"] for row in outcome.members.to_pylist()] == ["c1", "c2", "c3"]
    assert outcome.groups.to_pylist()[0]["cardinality"] == "cluster"
    assert [source.name for source in outcome.summary.sources] == ["source"]
    assert outcome.summary.totals.open == 1

    file = tmp_path / "customers.csv"
    file.write_text("id,city\n1,Bonn\n2,Bonn\n3,Ulm\n", encoding="utf-8")
    from_file = rc.cluster(file, on="city")
    assert from_file.summary.sources[0].name == "customers"
    assert from_file.summary.totals.matched == 1
    spec = rc.Spec(source=rc.Source(path=str(file)), passes=[rc.Pass(cardinality="cluster", on=["city"])])
    assert rc.cluster(spec=spec).digest() == from_file.digest()
    assert rc.reconcile(spec=spec).digest() == from_file.digest()
    assert "duplicates in" in str(rc.check(spec=spec))


def test_a_second_table_is_a_mistake_where_there_is_one_source() -> None:
    spec = {"source": {}, "pass": [{"cardinality": "cluster", "on": ["city"]}]}
    with pytest.raises(rc.SpecError) as caught:
        rc.reconcile(CUSTOMERS, CUSTOMERS, spec)
    assert caught.value.mistakes[0].path == "source"
    with pytest.raises(rc.SpecError):
        rc.cluster(CUSTOMERS, {"pass": [{"cardinality": "cluster", "on": ["city"]}]})
    with pytest.raises(TypeError, match="on="):
        rc.cluster(CUSTOMERS)
