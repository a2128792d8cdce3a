#!/usr/bin/env python3
"""What planning, status, merging and reporting cost, for studies of a thousand to a million trials that were never run.

    cargo build --release -p runner --no-default-features --bin downhill --example synthetic
    python3 scripts/scale.py target/release FOLDER [TRIALS ...]

Prints a row of docs/scale.md for each size and command: seconds on the clock, seconds of processor, MB of memory at most.
A million trials take 9 GB in FOLDER.
"""

import os
import shutil
import sys
import time
from pathlib import Path

STUDY = """question = "How large may a study be?"
seeds = {seeds}
epochs = 10
points = 4
curves = "chosen"
lr = {{ log = [1e-4, 3.17], per_decade = 2 }}
[[optimizer]]
name = ["sgd", "adam", "adamw", "rmsprop", "adagrad", "adamax", "nadam", "lion", "adabelief", "radam"]
[[problem]]
name = ["softmax", "mlp"]
data = ["iris", "wine", "digits", "breast_cancer", "letter"]
"""


def run(what: str, *words: object) -> None:
    clock = time.monotonic()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.execv(str(words[0]), [str(word) for word in words])
    _, status, used = os.wait4(pid, 0)
    seconds, cpu, memory = time.monotonic() - clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    code = os.waitstatus_to_exitcode(status)
    print(f"| {what} | {seconds:.2f} | {cpu:.2f} | {memory:.0f} |" + (f" code {code}" if code else ""), flush=True)


def main() -> None:
    programs, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    downhill = programs / "downhill"
    for trials in [int(n) for n in sys.argv[3:]] or [1_000, 10_000, 100_000, 1_000_000]:
        at = folder / f"scale-{trials}"
        shutil.rmtree(at, ignore_errors=True)
        at.mkdir(parents=True)
        # 1,000 candidates; the seeds make the size.
        study, plan, out = at / f"of{trials}.toml", at / "plan.jsonl", at / "out"
        study.write_text(STUDY.format(seeds=max(trials // 1000, 1)))
        print(f"| **{trials:,}** | | | |")
        run("plan", downhill, "plan", study, "-o", plan, "--out", out)
        run("(records made up)", programs / "examples/synthetic", plan, out, 10)
        plan.unlink()
        run("merge, journals", downhill, "merge", study, "--out", out, "--no-tables")
        run("status", downhill, "status", study, "--out", out)
        run("merge again", downhill, "merge", study, "--out", out, "--no-tables")
        run("plan, all done", downhill, "plan", study, "-o", at / "none.jsonl", "--out", out)
        run("merge, tables and report", downhill, "merge", study, "--out", out)
        run("report", downhill, "report", out)
        shutil.rmtree(at)


if __name__ == "__main__":
    main()
