#!/usr/bin/env python3
"""Runs the parts of a plan on a Ray cluster: one task a part, a bounded number of them at a time.

    python3 scripts/ray_driver.py --downhill PROGRAM --plan PLAN --shards N --out DIR

`downhill submit ray STUDY` calls it. Ray starts a part again when its node or its worker dies; a part that ends badly by
itself is tried once more, as what it has done is kept. Program, plan and folder are at the same paths on all nodes.
"""

import argparse
import subprocess
import sys
import time

import ray

FAILED_TRIALS = 3  # The part came to its end; some trials failed, which is written down.


@ray.remote(num_cpus=1, max_retries=5, retry_exceptions=False)
def work(command: list[str]) -> int:
    return subprocess.run(command, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--downhill", required=True)
    parser.add_argument("--plan", required=True)
    parser.add_argument("--shards", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", type=int, nargs="*", help="these parts alone")
    parser.add_argument("--window", type=int, default=1000, help="how many tasks Ray knows at a time")
    parser.add_argument("--address", default="auto")
    args = parser.parse_args()
    ray.init(address=args.address, log_to_driver=False)

    def start(part: int):
        shard = f"{part}/{args.shards}"
        own = ["--shard", shard, "--jobs", "1", "--quiet", "--plan", args.plan, "--out", args.out]
        return work.remote([args.downhill, "work", *own])

    parts = range(args.shards) if args.only is None else args.only
    todo = [(part, 2) for part in reversed(parts)]
    count, live, lost, clock = len(todo), {}, [], time.monotonic()
    while todo or live:
        while todo and len(live) < args.window:
            part, tries = todo.pop()
            live[start(part)] = (part, tries)
        ended, _ = ray.wait(list(live), num_returns=1, timeout=60)
        for ref in ended:
            part, tries = live.pop(ref)
            try:
                code = ray.get(ref)
            except ray.exceptions.RayError as error:
                code = type(error).__name__
            if code in (0, FAILED_TRIALS):
                continue
            print(f"part {part}: {code}", file=sys.stderr, flush=True)
            if tries > 1:
                todo.append((part, tries - 1))
            else:
                lost.append(part)
    print(f"{count - len(lost)} of {count} parts in {time.monotonic() - clock:.1f} s; lost: {sorted(lost)}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
