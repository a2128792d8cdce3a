#!/usr/bin/env python3
"""One training step, side by side: downhill, JAX and torch, on one core, in one run.

    python scripts/peers/peers.py --downhill target/release/examples/peer

One long-lived process per contestant. Each reads `run CASE STEPS` and answers with the elapsed
nanoseconds of exactly that many steps. They take turns, A B C A B C, so that whatever else the
machine does falls on all of them, and ratios are taken within a round.
"""

import argparse
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Whole epochs, long enough to time well.
STEPS = {
    "softmax-64-10-b64": 50 * 28,
    "mlp-64-32-10-b64": 50 * 28,
    "mlp-784-100-10-b64": 3 * 93,
    "mlp-784-100-10-b128": 4 * 46,
    "mlp-784-1000-500-100-10-b128": 46,
}

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


class Contestant:
    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD
        )

    def run(self, case, steps):
        """Microseconds per step."""
        self.process.stdin.write(f"run {case} {steps}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"{self.name} ended with status {self.process.wait()} in {case}")
        return float(answer) / 1e3 / steps

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def median_interval(values, level=0.95):
    """The order statistics that hold the median with at least this probability; no assumption on the
    distribution. Their numbers from below and above are the binomial quantile."""
    values, n = sorted(values), len(values)
    below, k = 0.0, 0
    while below + math.comb(n, k) / 2**n <= (1 - level) / 2:
        below += math.comb(n, k) / 2**n
        k += 1
    k = max(k, 1)  # fewer than six values: the whole range
    return values[k - 1], values[n - k]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--downhill", help="the worker: cargo build --release -p downhill-problems --example peer")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--cases", help="comma-separated; all if left out")
    parser.add_argument("--peers", default="jax,torch,torch-fused", help="comma-separated")
    parser.add_argument("--core", type=int, help="the core to run on; the last one allowed if left out")
    parser.add_argument("--raw", help="write every time to this CSV file")
    args = parser.parse_args()

    cases = args.cases.split(",") if args.cases else list(STEPS)
    if unknown := [case for case in cases if case not in STEPS]:
        parser.error(f"unknown case {', '.join(unknown)}; known: {', '.join(STEPS)}")
    commands = {
        "jax": [sys.executable, HERE / "jax_worker.py"],
        "torch": [sys.executable, HERE / "torch_worker.py", "default"],
        "torch-fused": [sys.executable, HERE / "torch_worker.py", "fused"],
    }
    peers = args.peers.split(",")
    if unknown := [peer for peer in peers if peer not in commands]:
        parser.error(f"unknown peer {', '.join(unknown)}; known: {', '.join(commands)}")

    # Inherited by every worker, so their thread pools see one core, too.
    core = args.core if args.core is not None else max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})

    contestants = [Contestant("downhill", [args.downhill])] if args.downhill else []
    contestants += [Contestant(peer, commands[peer]) for peer in peers]
    base = contestants[0].name

    raw = open(args.raw, "w") if args.raw else None
    if raw:
        print("case,round,contestant,us_per_step", file=raw)
    print(f"core {core}, {args.rounds} rounds, load {os.getloadavg()[0]:.1f}; us per step, ratio to {base} within a round")
    print(f"{'case':30} {'contestant':12} {'median us':>10} {'least us':>10} {'ratio':>7}  95 % interval")
    for case in cases:
        steps = STEPS[case]
        times = {c.name: [] for c in contestants}
        for c in contestants:
            c.run(case, steps)  # warm-up, and compilation where there is any
        for number in range(args.rounds):
            for c in contestants:
                times[c.name].append(c.run(case, steps))
                if raw:
                    print(f"{case},{number + 1},{c.name},{times[c.name][-1]!r}", file=raw)
        for name, us in times.items():
            line = f"{case:30} {name:12} {statistics.median(us):10.1f} {min(us):10.1f}"
            if name != base:
                ratios = [a / b for a, b in zip(us, times[base])]
                low, high = median_interval(ratios)
                line += f" {statistics.median(ratios):7.2f}  {low:.2f} .. {high:.2f}"
            print(line, flush=True)
    for c in contestants:
        c.close()


if __name__ == "__main__":
    main()
