"""Runs the same work in DuckDB, Polars and recon378 on the same Arrow tables, and prints ratios.

Sources are read into memory before the clock starts, everybody gets two threads, and equal answers are checked
before anything is compared. Run it with `make bench-peers`, or:

    python benches/peers/run.py --peers target/release/peers --records 1000000
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

THREADS = 2
os.environ["POLARS_MAX_THREADS"] = str(THREADS)  # read when polars is imported

import duckdb  # noqa: E402
import numpy as np  # noqa: E402
import polars as pl  # noqa: E402
import pyarrow as pa  # noqa: E402

KEY = ["account", "currency", "reference", "amount"]
LEVELS = ["few", "medium", "hard"]


def read(path):
    """A table in memory, not mapped, with its row numbers."""
    with pa.OSFile(path, "rb") as file:
        table = pa.ipc.open_file(file).read_all()
    return table.append_column("row", pa.array(np.arange(table.num_rows, dtype=np.uint32)))


def timed(work):
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def pairs(left, right):
    """Pairs as one sorted array, so that two answers compare by one call."""
    both = (np.asarray(left).astype(np.uint64) << np.uint64(32)) | np.asarray(right).astype(np.uint64)
    both.sort()
    return both


def connect(left, right):
    connection = duckdb.connect()
    connection.execute(f"set threads = {THREADS}")
    connection.register("l", left)
    connection.register("r", right)
    return connection


def out_pairs(connection):
    answer = connection.sql("select l, r from pairs").fetchnumpy()
    return pairs(answer["l"], answer["r"])


def duckdb_inner(left, right):
    connection = connect(left, right)
    sql = f"create temp table pairs as select l.row as l, r.row as r from l join r using ({', '.join(KEY)})"
    seconds, _ = timed(lambda: connection.execute(sql))
    return seconds, out_pairs(connection)


def duckdb_occurrence(left, right):
    """1:1 by occurrence number, with both records in full and what is left open."""
    connection = connect(left, right)
    key = ", ".join(KEY)
    numbered = f"row_number() over (partition by {key} order by row) as occurrence"
    sql = f"""create temp table full_out as
        with a as (select *, {numbered} from l), b as (select *, {numbered} from r)
        select a.*, b.* from a full outer join b using ({key}, occurrence)"""
    sql = sql.replace("select a.*, b.*", "select a.id as left_id, b.id as right_id, a.row as l, b.row as r, "
                      "a.date as left_date, b.date as right_date, " + ", ".join(KEY))
    seconds, _ = timed(lambda: connection.execute(sql))
    connection.execute("create temp table pairs as select l, r from full_out where l is not null and r is not null")
    return seconds, out_pairs(connection)


def polars_inner(left, right):
    left, right = pl.from_arrow(left), pl.from_arrow(right)
    work = lambda: left.join(right, on=KEY, how="inner").select("row", "row_right")
    seconds, answer = timed(work)
    return seconds, pairs(answer["row"].to_numpy(), answer["row_right"].to_numpy())


def polars_occurrence(left, right):
    left, right = pl.from_arrow(left), pl.from_arrow(right)
    occurrence = pl.int_range(pl.len()).over(KEY).alias("occurrence")

    def work():
        one, other = left.with_columns(occurrence), right.with_columns(occurrence)
        return one.join(other, on=[*KEY, "occurrence"], how="full", coalesce=True)

    seconds, answer = timed(work)
    answer = answer.filter(pl.col("row").is_not_null() & pl.col("row_right").is_not_null())
    return seconds, pairs(answer["row"].to_numpy(), answer["row_right"].to_numpy())


def duckdb_tolerance(left, right):
    """What one writes by hand: the exact pass by occurrence, then rounds of mutually best candidates."""
    connection = connect(left, right)
    key = ", ".join(KEY)

    def work():
        numbered = f"row_number() over (partition by {key} order by row) as occurrence"
        connection.execute(f"""create temp table pairs as
            with a as (select *, {numbered} from l), b as (select *, {numbered} from r)
            select a.row as l, b.row as r from a join b using ({key}, occurrence)""")
        connection.execute("""create temp table candidates as
            with a as (select * from l where row not in (select l from pairs)),
                 b as (select * from r where row not in (select r from pairs))
            select a.row as l, b.row as r,
                   1 - abs(b.amount - a.amount) / 0.10 + 1 - (b.date - a.date) / 6.0 as score
            from a join b on a.account = b.account and a.currency = b.currency
                and b.amount between a.amount - 0.05 and a.amount + 0.05 and b.date - a.date between 0 and 3""")
        rounds = 0
        while True:
            rounds += 1
            made = connection.execute("""insert into pairs
                select l, r from (select l, r,
                    row_number() over (partition by l order by score desc, r) as for_left,
                    row_number() over (partition by r order by score desc, l) as for_right
                    from candidates) where for_left = 1 and for_right = 1""").fetchone()[0]
            if made == 0:
                return rounds
            connection.execute("""create or replace temp table candidates as select * from candidates
                where l not in (select l from pairs) and r not in (select r from pairs)""")

    seconds, _ = timed(work)
    return seconds, out_pairs(connection)


def ours(arguments, folder, work):
    """Pairs, and the run with the least seconds of some in one process, as the peers' are."""
    command = [arguments.peers, "ours", folder, work, str(THREADS), str(arguments.runs)]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    with pa.OSFile(os.path.join(folder, "ours.arrow"), "rb") as file:
        answer = pa.ipc.open_file(file).read_all()
    runs = json.loads(said.stdout)
    figures = {name: min(run[name] for run in runs) for name in ("seconds", "full_seconds")}
    figures["peak_bytes"] = max(run["peak_bytes"] for run in runs)
    return figures, pairs(answer["l"].to_numpy(), answer["r"].to_numpy())


def f1(answer, truth):
    right = np.intersect1d(answer, truth, assume_unique=True).size
    return 2 * right / (answer.size + truth.size)


def best(runs, work, *given):
    """The fastest of some runs, and the answer, which must not change between them."""
    results = [work(*given) for _ in range(runs)]
    if not all(np.array_equal(results[0][1], answer) for _, answer in results[1:]):
        sys.exit(f"{work.__name__}: another answer in another run")
    return min(seconds for seconds, _ in results), results[0][1]


def table(title, rows, base):
    print(f"\n{title}")
    for name, seconds, note in rows:
        print(f"  {name:<34} {seconds:8.2f} s   {seconds / base:6.2f} x   {note}")


def exact(arguments):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([arguments.peers, "data", folder, "exact", str(arguments.records)], check=True)
        left, right = read(os.path.join(folder, "left.arrow")), read(os.path.join(folder, "right.arrow"))
        figures, answer = ours(arguments, folder, "exact")
        base, gigabytes = figures["seconds"], figures["peak_bytes"] / 1e9
        size = (left.nbytes + right.nbytes) / 1e9
        rows = [
            ("recon378, pairs as row numbers", base, f"{answer.size} pairs, {gigabytes:.2f} GB above {size:.2f} GB"),
            ("recon378, all outcome tables held", figures["full_seconds"], "groups, members, pairs, breaks, tie-out"),
        ]
        for name, work in [
            ("DuckDB inner join (not 1:1)", duckdb_inner),
            ("Polars inner join (not 1:1)", polars_inner),
            ("DuckDB 1:1 by occurrence, in full", duckdb_occurrence),
            ("Polars 1:1 by occurrence, in full", polars_occurrence),
        ]:
            seconds, theirs = best(arguments.runs, work, left, right)
            if not np.array_equal(answer, theirs):
                sys.exit(f"{name}: another answer: {theirs.size} pairs, ours {answer.size}")
            rows.append((name, seconds, "equal answer"))
        table(f"exact on {', '.join(KEY)}, {arguments.records} a side", rows, base)


def tolerance(arguments, level):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([arguments.peers, "data", folder, level, str(arguments.tolerance_records)], check=True)
        left, right = read(os.path.join(folder, "left.arrow")), read(os.path.join(folder, "right.arrow"))
        truth = read(os.path.join(folder, "truth.arrow"))
        truth = pairs(truth["l"].to_numpy(), truth["r"].to_numpy())
        figures, answer = ours(arguments, folder, level)
        base = figures["seconds"]
        seconds, theirs = best(arguments.runs, duckdb_tolerance, left, right)
        rows = [
            ("recon378, optimal, with ties", base, f"{answer.size} pairs, F1 {f1(answer, truth):.4f}"),
            ("recon378, all outcome tables held", figures["full_seconds"], ""),
            ("DuckDB SQL, greedy ranking", seconds, f"{theirs.size} pairs, F1 {f1(theirs, truth):.4f}"),
        ]
        table(f"exact + tolerance, {level}, {arguments.tolerance_records} a side", rows, base)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default="target/release/peers", help="our binary")
    parser.add_argument("--records", type=int, default=1_000_000, help="records a side of the exact work")
    parser.add_argument("--tolerance-records", type=int, default=1_000_000, help="records a side of the tolerance work")
    parser.add_argument("--runs", type=int, default=3, help="runs of each; the fastest counts")
    parser.add_argument("--only", choices=["exact", *LEVELS])
    arguments = parser.parse_args()
    if arguments.only in (None, "exact"):
        exact(arguments)
    for level in LEVELS:
        if arguments.only in (None, level):
            tolerance(arguments, level)


if __name__ == "__main__":
    main()
