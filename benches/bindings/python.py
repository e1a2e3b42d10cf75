"""Whole runs through the Python package, on Arrow tables in memory: `python.py FOLDER SPEC THREADS RUNS`."""

import json
import sys
import time
from pathlib import Path

import pyarrow as pa

import recon378 as rc


def main(folder: str, spec: str, threads: str, runs: str) -> None:
    left, right = (pa.ipc.open_file(Path(folder) / f"{side}.arrow").read_all() for side in ("left", "right"))
    seconds, digest = [], ""
    for _ in range(int(runs)):
        start = time.perf_counter()
        outcome = rc.reconcile(left, right, json.loads(spec), threads=int(threads))
        tables = pa.table(outcome.pairs), pa.table(outcome.breaks)
        seconds.append(time.perf_counter() - start)
        del tables
        digest = outcome.digest()
    print(json.dumps({"seconds": seconds, "digest": digest}))


main(*sys.argv[1:])
