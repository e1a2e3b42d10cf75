"""Compares two versions of a table with recon378, DuckDB, Polars and datacompy, and prints ratios.

Twenty columns, the second version in another order, one cell in a hundred changed. Tables are read into memory before the
clock starts, everybody gets two threads and a process of its own for each run, and runs are taken in turns. Answers are
compared before anything else: the same cells must differ. Run it with `make bench-compare`, or:

    python benches/peers/compare.py --ours target/release/compare --rows 1000000

The peers write down what one has by hand: the rows in which a cell differs with both versions and a flag per column, rows
of one side, and counts per column. recon378 makes a row per differing cell, with both values as text and the difference.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

THREADS = 2
KEY = "id"


def resident():
    """Resident bytes of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Meter:
    """Seconds, seconds of processors, and the most memory held beyond what was held before."""

    def __enter__(self):
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
        self.before = resident()
        self.start, self.cpu_start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self.start
        self.cpu = time.process_time() - self.cpu_start
        with open("/proc/self/status", encoding="ascii") as file:
            high = next(line for line in file if line.startswith("VmHWM"))
        self.peak = max(0, int(high.split()[1]) * 1024 - self.before)


def read(folder, name):
    import pyarrow as pa

    with pa.OSFile(os.path.join(folder, f"{name}.arrow"), "rb") as file:
        return pa.ipc.open_file(file).read_all()


def duckdb_sql(folder):
    """One full join by the key that keeps the rows in which a cell differs; then counts."""
    import duckdb

    before, after = read(folder, "before"), read(folder, "after")
    columns = [name for name in before.column_names if name != KEY]
    connection = duckdb.connect()
    connection.execute(f"set threads = {THREADS}")
    connection.execute("set preserve_insertion_order = false")
    connection.register("l", before)
    connection.register("r", after)
    values = ", ".join(f"l.{name} as l_{name}, r.{name} as r_{name}" for name in columns)
    flags = ", ".join(f"l.{name} is distinct from r.{name} as d_{name}" for name in columns)
    any_flag = " or ".join(f"l.{name} is distinct from r.{name}" for name in columns)
    with Meter() as meter:
        connection.execute(f"""create temp table changed as
            select l.{KEY} as l_id, r.{KEY} as r_id, {values}, {flags} from l full join r on l.{KEY} = r.{KEY}
            where l.{KEY} is null or r.{KEY} is null or {any_flag}""")
        counts = ", ".join(f"count(*) filter (where d_{name})" for name in columns)
        connection.execute(f"select {counts} from changed").fetchall()
    return meter, {name: connection.execute(f"select l_id from changed where d_{name}").fetchnumpy()["l_id"] for name in columns}


def polars_by_hand(folder):
    """One full join by the key, flags, a filter; lazily, with the streaming engine."""
    import polars as pl

    before, after = pl.from_arrow(read(folder, "before")), pl.from_arrow(read(folder, "after"))
    columns = [name for name in before.columns if name != KEY]
    flags = [pl.col(name).ne_missing(pl.col(f"{name}_right")).alias(f"d_{name}") for name in columns]
    one_side = pl.col(KEY).is_null() | pl.col(f"{KEY}_right").is_null()
    with Meter() as meter:
        joined = before.lazy().join(after.lazy(), on=KEY, how="full", coalesce=False).with_columns(flags)
        differ = pl.any_horizontal([f"d_{name}" for name in columns])
        changed = joined.filter(one_side | differ).collect(engine="streaming")
        changed.select(pl.col(f"d_{name}").sum() for name in columns)
    return meter, {name: changed.filter(pl.col(f"d_{name}"))[KEY].to_numpy() for name in columns}


def datacompy_polars(folder):
    """What its page shows: a comparison object and its report."""
    import datacompy
    import polars as pl

    before, after = pl.from_arrow(read(folder, "before")), pl.from_arrow(read(folder, "after"))
    columns = [name for name in before.columns if name != KEY]
    with Meter() as meter:
        compared = datacompy.PolarsCompare(before, after, join_columns=[KEY])
        compared.report()
    rows = compared.intersect_rows
    return meter, {name: rows.filter(~pl.col(f"{name}_match"))[KEY].to_numpy() for name in columns}


PEERS = {"duckdb": duckdb_sql, "polars": polars_by_hand, "datacompy": datacompy_polars}
NAMES = {
    "ours": "recon378",
    "duckdb": "DuckDB SQL by hand",
    "polars": "Polars by hand",
    "datacompy": "datacompy on Polars",
}


def fingerprint(found):
    """Which cells differ: per column their number, and a sum and an exclusive or of their keys."""
    import numpy as np

    def of(ids):
        ids = np.asarray(ids).astype(np.uint64)
        return [len(ids), int(ids.sum(dtype=np.uint64)), int(np.bitwise_xor.reduce(ids))] if len(ids) else [0, 0, 0]

    return {name: of(ids) for name, ids in found.items()}


def child(peer, folder):
    meter, found = PEERS[peer](folder)
    print(json.dumps({"seconds": meter.seconds, "cpu": meter.cpu, "peak": meter.peak, "found": fingerprint(found)}))


def ours_found(folder):
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    table = read(folder, "ours").combine_chunks()
    names = [name for name in read(folder, "before").column_names if name != KEY]
    ids = pc.cast(table[KEY], pa.int64())
    return fingerprint({name: np.asarray(ids.filter(pc.equal(table["column"], name))) for name in names})


def run(command):
    environment = {**os.environ, "POLARS_MAX_THREADS": str(THREADS)}
    said = subprocess.run(command, capture_output=True, text=True, env=environment)
    if said.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{said.stderr}")
    return json.loads(said.stdout.strip().splitlines()[-1])


def measured(arguments, folder):
    """Every program in turn, as often as there are runs."""
    peers = [name for name in PEERS if name in arguments.peers]
    figures = {name: [] for name in ["ours", *peers]}
    expected = None
    for _ in range(arguments.runs):
        [own] = run([arguments.ours, "ours", folder, str(THREADS), "1"])
        figures["ours"].append((own["seconds"], own["cpu"], own["peak_bytes"]))
        expected = expected or ours_found(folder)
        for name in peers:
            python = arguments.datacompy_python if name == "datacompy" else sys.executable
            said = run([python, __file__, "--child", name, "--folder", folder])
            if said["found"] != expected:
                wrong = [column for column in expected if said["found"].get(column) != expected[column]]
                sys.exit(f"{NAMES[name]}: another answer in {', '.join(wrong)}")
            figures[name].append((said["seconds"], said["cpu"], said["peak"]))
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ours", default="target/release/compare", help="our binary")
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows of each version")
    parser.add_argument("--runs", type=int, default=5, help="runs of each; medians count")
    parser.add_argument("--peers", default="duckdb,polars,datacompy", help="which of them")
    parser.add_argument("--datacompy-python", default=sys.executable, help="the Python that has datacompy")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        return child(arguments.child, arguments.folder)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([arguments.ours, "data", folder, str(arguments.rows)], check=True)
        figures = measured(arguments, folder)
    medians = {name: [statistics.median(one) for one in zip(*runs)] for name, runs in figures.items()}
    base = medians["ours"]
    print(f"\n{arguments.rows} rows x 20 columns, shuffled, one cell in 100 changed; medians of {arguments.runs} runs")
    print(f"  {'':<22} {'seconds':>8} {'ratio':>6}   {'of cpu':>8} {'ratio':>6}   {'GB':>6} {'ratio':>6}")
    for name, figures in medians.items():
        seconds, cpu, peak = figures
        ratios = [figure / max(own, 1e-9) for figure, own in zip(figures, base)]
        print(
            f"  {NAMES[name]:<22} {seconds:8.2f} {ratios[0]:6.2f}   {cpu:8.2f} {ratios[1]:6.2f}"
            f"   {peak / 1e9:6.2f} {ratios[2]:6.2f}"
        )
    print("  equal answers: the same cells differ")


if __name__ == "__main__":
    main()
