#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "torch==2.15.0",
#     "jax[cpu]==0.10.2",
#     "optax==0.2.8",
#     "numpy==2.4.6",
#     "schedulefree==1.4.1",
#     "prodigyopt==1.1.2",
#     "pytorch_optimizer==4.1.0",
#     "dadaptation==3.2",
#     "adabound==0.0.5",
#     "qhoptim==1.1.0",
#     "kron-torch==0.3.3",
#     "adam-mini==1.1.1",
#     "dog-optimizer==1.0.3",
#     "dowgopt==0.13",
#     "momo-opt==0.1.0",
#     "parameterfree==0.0.1",
# ]
# ///
"""Trajectories of the reference implementations, in float64, as golden files.

    python scripts/golden.py                write crates/downhill/tests/golden/*.csv
    python scripts/golden.py --check        regenerate in memory and compare; exit 1 on a difference
    python scripts/golden.py --only adam,lion
    python scripts/golden.py --sensitivity  print how much rounding grows, by case and problem

To add a case, append to CASES in the family's module of scripts/references:

    Case(
        file="adam",                                # golden/adam.csv
        name="decay",
        table={"name": "adam", "wrap": [{"name": "l2", "lambda": 0.1}]},    # what Downhill must follow with
        call="torch.optim.Adam(params, lr=lr, weight_decay=0.1)",
        also=["optax.chain(optax.add_decayed_weights(0.1), optax.adam(lr))"],    # same convention, checked here
        lr={"rosenbrock": 0.05, "quadratic": 0.02, "recorded": 0.02, "spike": 0.02},    # or one number
        schedule={"name": "cosine", "end": 0.1},    # one of Downhill's, horizon 200
    )

then run `--only adam` and `cargo test -p downhill --test golden`. `Ref` in references/harness.py is for calls that
need a closure, hooks around the step or another point than the parameters, and for references in no package.
Every file must be followed: a case of an optimizer that Downhill does not have makes the test fail.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path

from references import schedules
from references.harness import file_text, gap

FAMILIES = ["momentum", "adagrad", "adam", "layerwise", "matrix", "curvature", "free", "search", "wrappers"]
GOLDEN = Path(__file__).resolve().parent.parent / "crates/downhill/tests/golden"


def files():
    """The (case, module) pairs of each file, in the order of the families."""
    out = {}
    for family in FAMILIES:
        module = importlib.import_module(f"references.{family}")
        for case in module.CASES:
            cases = out.setdefault(case.file, [])
            assert all(case.name != c.name for c, _ in cases), f"{case.file}: two cases are named {case.name}"
            cases.append((case, module))
    return out


def parse(text):
    """The header of each case, and its points by problem."""
    cases = []
    for line in text.splitlines():
        if line.startswith("# case "):
            cases.append((json.loads(line.removeprefix("# case ")), {}))
        elif not line.startswith("#"):
            *key, values = line.split(",")
            problem = key[0] if len(key) == 2 else ""
            cases[-1][1].setdefault(problem, {})[key[-1]] = [float(v) for v in values.split()]
    return cases


def measured(head):
    """The header without what was measured: that may differ between machines."""
    also = [{k: v for k, v in other.items() if k != "deviation"} for other in head.get("also", [])]
    return {k: v for k, v in head.items() if k != "growth"} | {"also": also}


def difference(old, new):
    """The largest difference in units of what is allowed; infinite for another header or layout."""
    old, new, worst = parse(old), parse(new), 0.0
    if [measured(head) for head, _ in old] != [measured(head) for head, _ in new]:
        return float("inf")
    for (head, a), (_, b) in zip(old, new):
        for problem in a:
            if {t: len(x) for t, x in a[problem].items()} != {t: len(x) for t, x in b.get(problem, {}).items()}:
                return float("inf")
            allowed = head["tolerance"] * max(1.0, head.get("growth", {}).get(problem, 1.0))
            worst = max(worst, gap(a[problem], b[problem]) / allowed)
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    parser.add_argument("--sensitivity", action="store_true", help="print how much a change in the start grows")
    parser.add_argument("--only", help="comma-separated files (`schedules` is the schedules)")
    args = parser.parse_args()

    jobs = {f: (lambda f=f, cases=cases: file_text(f, cases)) for f, cases in files().items()}
    jobs["schedules"] = schedules.file_text
    chosen = args.only.split(",") if args.only else list(jobs)
    if unknown := [name for name in chosen if name not in jobs]:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(jobs)}")

    failed = 0
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        path = GOLDEN / f"{name}.csv"
        try:
            text = jobs[name]()
        except Exception as error:
            # The other files are still made.
            print(f"FAILED   {name}: {type(error).__name__}: {error}", flush=True)
            failed += 1
            continue
        if args.sensitivity:
            for head, _ in parse(text):
                print(f"{name:24} {head['name']:20} {head.get('growth', '')}", flush=True)
        elif args.check:
            off = difference(path.read_text(), text) if path.exists() else float("inf")
            failed += off > 1
            print(f"{'ok' if off <= 1 else 'DIFFERS':8} {off:9.2e} {name}", flush=True)
        else:
            path.write_text(text)
            print(f"wrote {path.name}", flush=True)
    for stray in sorted({p.stem for p in GOLDEN.glob("*.csv")} - set(jobs)):
        print(f"no case makes {stray}.csv")
        failed += args.check
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
