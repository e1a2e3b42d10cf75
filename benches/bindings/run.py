"""The same work from Rust, Python and Node, side by side: what a language costs.

`run.py --bin target/release --python PYTHON [--node NODE] [--records 1000000] [--runs 5] [--rounds 3]`. Programs take turns, so
that a noisy machine is noisy for all of them; medians are compared, after the digests.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXACT = {"on": ["account", "currency", "reference", "amount"]}
TOLERANCE = {
    "on": ["account", "currency", {"field": "amount", "within": "0.05"}, {"field": "date", "days": [0, 3]}],
}
SPECS = {
    "exact": {"pass": [{"name": "exact", **EXACT}]},
    "medium": {"pass": [{"name": "exact", **EXACT}, {"name": "tolerance", **TOLERANCE}]},
}


def told(command: list[str]) -> dict:
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--node")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--runs", default="5")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{'work':<8} {'language':<8} {'seconds':>8} {'to Rust':>8}")
    for work, spec in SPECS.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([options.bin / "peers", "data", folder, work, str(options.records)], check=True)
            last = [options.threads, options.runs]
            commands = {
                "rust": [str(options.bin / "door"), folder, work, *last],
                "rust-ipc": [str(options.bin / "door"), folder, work, *last, "ipc"],
                "python": [options.python, str(HERE / "python.py"), folder, json.dumps(spec), *last],
            }
            if options.node:
                commands["node"] = [options.node, str(HERE / "node.mjs"), folder, json.dumps(spec), *last]
            seconds: dict[str, list[float]] = {language: [] for language in commands}
            digests = set()
            for _ in range(options.rounds):
                for language, command in commands.items():
                    answer = told(command)
                    seconds[language] += answer["seconds"]
                    digests.add(answer["digest"])
        if len(digests) != 1:
            raise SystemExit(f"{work}: the languages differ: {digests}")
        for language, runs in seconds.items():
            # Node takes and gives Arrow IPC: it is measured against Rust that does so, too.
            base = statistics.median(seconds["rust-ipc" if language == "node" else "rust"])
            median = statistics.median(runs)
            print(f"{work:<8} {language:<8} {median:>8.3f} {median / base:>8.2f}")


main()
