"""Times OR-tools' LinearSumAssignment and scipy's sparse matching on the graphs our own bench has just solved.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install ortools scipy numpy
    /tmp/venv/bin/python benches/peers/assignment.py [NODES]

Both peers can only match every record. So there are two kinds of graph:
  *_full  10^9 on top of each worth, so that to leave a record open never pays: the same answer for all, compared
          before times are. Peers get the worths without the 10^9, which changes nothing where all are matched.
  others  records may stay open. OR-tools gets the graph twice over: the copy, turned round, takes what stays open.
          That is the known reduction, and what the question costs with it. `plain` is its time on the graph as
          it is: not the same question, since it forces every record. Where its costs would overflow it refuses.
One thread each; ours includes the split into components, theirs not the building of the graph.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

FULL = 1_000_000_000
ROOT = Path(__file__).resolve().parents[2]


def ours(directory, nodes):
    command = ["cargo", "run", "--release", "--quiet", "-p", "recon378-benches", "--bin", "assignment", "--"]
    done = subprocess.run(command + [directory, str(nodes)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def doubled(nodes, left, right, gain):
    """Left records and copies of right ones against right records and copies of left ones."""
    each = np.arange(nodes)
    lefts = np.concatenate([left, right + nodes, each, each + nodes])
    rights = np.concatenate([right, left + nodes, each + nodes, each])
    gains = np.concatenate([gain, np.zeros(len(left) + 2 * nodes, dtype=np.int64)])
    return lefts, rights, gains


def best_of(runs, work):
    best, answer = float("inf"), None
    for _ in range(runs):
        start = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - start)
    return best, answer


def ortools(left, right, gain, runs):
    from ortools.graph.python import linear_sum_assignment

    solver = linear_sum_assignment.SimpleLinearSumAssignment()
    solver.add_arcs_with_cost(left.astype(np.int32), right.astype(np.int32), -gain)

    def work():
        status = solver.solve()
        if status == solver.POSSIBLE_OVERFLOW:
            return None
        assert status == solver.OPTIMAL, status
        return -solver.optimal_cost()

    return best_of(runs, work)


def scipy_sparse(nodes, left, right, gain):
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    graph = csr_array((gain.astype(np.float64), (left, right)), shape=(nodes, nodes))

    def work():
        rows, columns = min_weight_full_bipartite_matching(graph, maximize=True)
        return int(graph[rows, columns].sum())

    return best_of(1, work)


def main():
    nodes = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as directory:
        print(f"{'graph':18}{'peer':20}{'ours s':>10}{'peer s':>10}{'ratio':>8}")
        for graph in ours(directory, nodes):
            edges = np.fromfile(Path(directory) / f"{graph['name']}.bin", dtype="<u4").reshape(-1, 3)
            left, right, gain = (edges[:, column].astype(np.int64) for column in range(3))
            full = graph["name"].endswith("_full")
            bonus = FULL if full else 0
            asked = (left, right, gain - bonus) if full else doubled(graph["nodes"], left, right, gain)
            cases = [("OR-tools" if full else "OR-tools doubled", ortools(*asked, 3 if full else 1), True)]
            if full:
                cases.append(("scipy", scipy_sparse(graph["nodes"], *asked), True))
            else:
                cases.append(("OR-tools plain", ortools(left, right, gain, 3), False))
            for peer, (seconds, total), same in cases:
                if total is None:
                    print(f"{graph['name']:18}{peer:20}{graph['seconds']:10.3f}   refuses", flush=True)
                    continue
                expected = graph["gain"] - bonus * graph["nodes"]
                assert not same or total == expected, (graph["name"], peer, total, expected)
                ratio = seconds / graph["seconds"]
                print(f"{graph['name']:18}{peer:20}{graph['seconds']:10.3f}{seconds:10.3f}{ratio:7.1f}x", flush=True)


if __name__ == "__main__":
    main()
