#!/usr/bin/env python3
"""What planning, status, merging and reporting cost, for studies of a thousand to a million trials that were never run.

    cargo build --release -p runner --no-default-features --bin downhill --example synthetic
    python3 scripts/scale.py target/release FOLDER [TRIALS ...]
    python3 scripts/scale.py target/release FOLDER overhead
    python3 scripts/scale.py target/release FOLDER resume

Prints a row of docs/scale.md for each size and command: seconds on the clock, seconds of processor, MiB of memory at most.
A million trials take 9 GB in FOLDER. With `overhead`, what trials cost beside themselves, and two threads against one; with
`resume`, fifteen looks at 100,000 trials that are done.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path
from statistics import median

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


# Trials of one step, and of some 50 ms.
TINY = """seeds = 500
steps = 1
points = 1
[[optimizer]]
name = ["sgd", "adam"]
lr = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
[[problem]]
name = "rosenbrock"
"""
LONGER = """seeds = 40
epochs = 75
points = 4
[[optimizer]]
name = ["sgd", "adam"]
lr = [1e-3, 1e-2]
[[problem]]
name = "mlp"
data = "digits"
hidden = [[64, 32]]
"""


def run(what: str, *words: object, told: bool = True) -> float:
    clock = time.monotonic()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.execv(str(words[0]), [str(word) for word in words])
    _, status, used = os.wait4(pid, 0)
    seconds, cpu, memory = time.monotonic() - clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    code = os.waitstatus_to_exitcode(status)
    if code:
        sys.exit(f"{what}: code {code}")
    if told:
        print(f"| {what} | {seconds:.2f} | {cpu:.2f} | {memory:.0f} |", flush=True)
    return seconds


def overhead(downhill: Path, at: Path) -> None:
    """Of five runs each, in turns: medians, and the ratio of two threads to one with its range."""
    at.mkdir(parents=True, exist_ok=True)
    tiny, longer, out = at / "tiny.toml", at / "longer.toml", at / "out"
    tiny.write_text(TINY)
    longer.write_text(LONGER)
    work, sweep, one, two, outside = [], [], [], [], []
    for number in range(5):
        plan = at / f"plan{number}.jsonl"
        shutil.rmtree(out, ignore_errors=True)
        run("plan", downhill, "plan", tiny, "-o", plan, "--out", out, told=False)
        work.append(run("work", downhill, "work", "--plan", plan, "--out", out, "-q", "--jobs", 1, told=False))
        sweep.append(run("sweep", downhill, "sweep", tiny, "--out", out, "--fresh", "-q", "--jobs", 1, told=False))
        for jobs, seconds in [(1, one), (2, two)]:
            shutil.rmtree(out, ignore_errors=True)
            run("plan", downhill, "plan", longer, "-o", at / f"longer{number}-{jobs}.jsonl", "--out", out, told=False)
            words = ["work", "--plan", at / f"longer{number}-{jobs}.jsonl", "--out", out, "-q", "--jobs", jobs]
            seconds.append(run("work", downhill, *words, told=False))
            if jobs == 1:
                lines = next((out / "shards").glob("*.jsonl")).read_text().splitlines()
                inside = sum(json.loads(line[9:])["timings"]["wall"] for line in lines)
                outside.append(1 - inside / seconds[-1])
    shutil.rmtree(at)
    ratios = [a / b for a, b in zip(one, two)]
    print(f"a trial of one step, of 5,000: work {median(work) / 5000 * 1e6:.0f} us, sweep {median(sweep) / 5000 * 1e6:.0f} us")
    print(f"160 trials of {1e3 * median(one) / 160:.0f} ms: {100 * median(outside):.1f} % outside of them")
    print(f"two threads against one: {sum(one) / sum(two):.2f} times as fast, {min(ratios):.2f} to {max(ratios):.2f}")


def made_up(programs: Path, at: Path, trials: int) -> tuple[Path, Path]:
    """A study of so many trials in a new folder, its results, and records of all of them beside."""
    shutil.rmtree(at, ignore_errors=True)
    at.mkdir(parents=True)
    # 1,000 candidates; the seeds make the size.
    study, plan, out = at / f"of{trials}.toml", at / "plan.jsonl", at / "out"
    study.write_text(STUDY.format(seeds=max(trials // 1000, 1)))
    print(f"| **{trials:,}** | | | |")
    run("plan", programs / "downhill", "plan", study, "-o", plan, "--out", out)
    run("(records made up)", programs / "examples/synthetic", plan, out, 10)
    plan.unlink()
    run("merge, journals", programs / "downhill", "merge", study, "--out", out, "--no-tables")
    return study, out


def resume(programs: Path, at: Path) -> None:
    study, out = made_up(programs, at, 100_000)
    words = [programs / "downhill", "plan", study, "-o", at / "none.jsonl", "--out", out]
    seconds = [run("plan, all done", *words, told=False) for _ in range(15)]
    print(f"a resume: {median(seconds):.2f} s, {min(seconds):.2f} to {max(seconds):.2f}")
    shutil.rmtree(at)


def main() -> None:
    programs, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    downhill = programs / "downhill"
    if sys.argv[3:] == ["overhead"]:
        return overhead(downhill, folder / "overhead")
    if sys.argv[3:] == ["resume"]:
        return resume(programs, folder / "resume")
    for trials in [int(n) for n in sys.argv[3:]] or [1_000, 10_000, 100_000, 1_000_000]:
        at = folder / f"scale-{trials}"
        study, out = made_up(programs, at, trials)
        run("status", downhill, "status", study, "--out", out)
        run("merge again", downhill, "merge", study, "--out", out, "--no-tables")
        run("plan, all done", downhill, "plan", study, "-o", at / "none.jsonl", "--out", out)
        run("merge, tables and report", downhill, "merge", study, "--out", out)
        run("report", downhill, "report", out)
        shutil.rmtree(at)


if __name__ == "__main__":
    main()
