"""Reads one CSV file, all columns as text, in DuckDB, Polars, pyarrow and recon378, and prints ratios.

Rows and columns are checked to be equal before anything is compared. Nobody keeps what was read beyond the run:
DuckDB and Polars hold the table, recon378 hands it out batch by batch. Run it with `make bench-csv`, or:

    python benches/peers/text.py --ours target/release/csv --records 5000000
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

THREADS = 2
os.environ["POLARS_MAX_THREADS"] = str(THREADS)  # read when polars is imported

import duckdb  # noqa: E402
import polars as pl  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.csv as pc  # noqa: E402


def timed(work):
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def in_duckdb(path, threads):
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    table = connection.sql(f"select * from read_csv('{path}', all_varchar = true)").to_arrow_table()
    return table.num_rows, table.num_columns


def in_polars(path):
    table = pl.read_csv(path, separator=";", infer_schema=False)
    return table.height, table.width


def in_pyarrow(path):
    names = pc.open_csv(path, parse_options=pc.ParseOptions(delimiter=";")).schema.names
    convert = pc.ConvertOptions(column_types={name: pa.string() for name in names})
    options = pc.ReadOptions(use_threads=False)
    table = pc.read_csv(path, options, pc.ParseOptions(delimiter=";"), convert)
    return table.num_rows, table.num_columns


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True)
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "export.csv")
        subprocess.run([arguments.ours, "data", path, str(arguments.records)], check=True)
        size = os.path.getsize(path)
        others = {
            "DuckDB, 2 threads": lambda: in_duckdb(path, 2),
            "DuckDB, 1 thread": lambda: in_duckdb(path, 1),
            "Polars, 2 threads": lambda: in_polars(path),
            "pyarrow, 1 thread": lambda: in_pyarrow(path),
        }
        figures = {"recon378": []}
        for _ in range(arguments.runs):
            said = subprocess.run([arguments.ours, "ours", path, "1"], check=True, capture_output=True, text=True)
            ours = json.loads(said.stdout)
            figures["recon378"].append(ours["seconds"])
            for name, work in others.items():
                seconds, (rows, columns) = timed(work)
                assert (rows, columns) == (ours["rows"], ours["columns"]), name
                figures.setdefault(name, []).append(seconds)
        best = statistics.median(figures["recon378"])
        print(f"{arguments.records} rows, {size / 1e6:.0f} MB; recon378 holds {ours['peak_bytes'] / 1e6:.0f} MB at most")
        for name, seconds in figures.items():
            middle = statistics.median(seconds)
            rate = arguments.records / middle
            print(f"{name:20} {middle:6.2f} s  {rate / 1e6:6.2f} M rows/s  {size / middle / 1e6:6.0f} MB/s  {middle / best:5.2f}")


if __name__ == "__main__":
    main()
