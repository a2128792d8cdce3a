#!/usr/bin/env python3
"""Change one thing at a time in the optimizers, wrappers and schedules, and count the changes that no test sees.

    python scripts/mutants.py                 a sample, every 15th change; those done already are not run again
    python scripts/mutants.py --shards 1,16   others: shard k of 60 holds the changes k, k + 60, ... of all files
    python scripts/mutants.py --write         and put the table into METHODOLOGY.md

It runs `cargo mutants` (cargo install --locked cargo-mutants), whose settings are in .cargo/mutants.toml. The changes
are numbered file by file, so a shard takes the same share of each. A shard is some minutes, and what it found stays in
target/mutants: an interrupted run goes on with the first shard that did not end. After a change of the sources,
--fresh runs them again.

A change that no test saw must be listed in EXPLAINED, with the reason why none could or the law that was added since,
or the command fails. So it does if fewer than 97 % of those that compile are caught.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "crates/downhill/src"
FOUND = ROOT / "target/mutants"
PAGE = ROOT / "METHODOLOGY.md"
BEGIN, END = "<!-- mutants:begin -->", "<!-- mutants:end -->"
SHARDS = 60
LEAST = 0.97

# File, the line's code, the change: why no test can tell, or which does since.
SEARCH = "optimizers/line_search/"
EXPLAINED = {
    ("optimizers/adagrad_line/rmsprop.rs", "*a = alpha * *a + fresh * g;", "replace + with -"):
        "equivalent: `a` becomes `-a`, and only its square is used",
    (SEARCH + "armijo.rs", "let first = if self.growth > 0.0 && self.t > 0.0 { step.lr.min(self.growth * self.t) } "
     "else { step.lr };", "replace > with >="): "since caught by `armijo_goes_on_after_a_rate_of_zero`",
    (SEARCH + "l_bfgs.rs", "if descends(slope) && self.t > 0.0 {", "replace > with >="):
        "since caught by `a_rate_of_zero_needs_no_search`",
    (SEARCH + "wolfe.rs", "if (to - from) * reach < SHORT {", "replace * with /"):
        "since caught by `a_bracket_is_short_in_units_of_the_parameters`",
    (SEARCH + "wolfe.rs", "bracket[1 - low] = Point { f: f64::INFINITY, ..new };", "replace - with +"):
        "since caught by `a_search_goes_around_a_hole`",
    ("optimizers/matrix/psgd_kron.rs", "self.q.iter().fold(R::ZERO, |m, q| m.larger(q.abs())).to_f64()",
     "replace Factor<R>::largest -> f64 with 1.0"): "since caught by `psgds_balance_leaves_both_factors_as_large`",
    ("optimizers/matrix/shampoo.rs", "let length = real::norm(direction) + 1e-16;", "replace + with -"):
        "equivalent: it only keeps 0 / 0 away",
}


def run(shard: int) -> list[dict]:
    """What became of each change of the shard."""
    folder = FOUND / f"{shard}-of-{SHARDS}"
    outcomes = folder / "mutants.out/outcomes.json"
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(f"shard {shard} of {SHARDS}", flush=True)
        command = ["cargo", "mutants", "-p", "downhill", "--shard", f"{shard}/{SHARDS}", "--sharding", "round-robin"]
        code = subprocess.run([*command, "-o", folder], cwd=ROOT).returncode
        # 2: some were missed; 3: some timed out.
        if code not in (0, 2, 3):
            sys.exit(f"cargo mutants ended with {code}; is it installed? (cargo install --locked cargo-mutants)")
        done.touch()
    every = json.loads(outcomes.read_text())["outcomes"]
    return [outcome | {"folder": outcomes.parent} for outcome in every if isinstance(outcome["scenario"], dict)]


def described(outcome: dict) -> tuple[str, str, str]:
    """The file, the line's code (the first that the change takes away) and the change; not the line's number, which
    moves."""
    mutant = outcome["scenario"]["Mutant"]
    change = mutant["name"].split(": ", 1)[1].rsplit(" in ", 1)[0]
    diff = (outcome["folder"] / outcome["diff_path"]).read_text().splitlines()
    code = next(line[1:].strip() for line in diff if line.startswith("-") and not line.startswith("---"))
    return str((ROOT / mutant["file"]).relative_to(SOURCES)), code, change


def interval(caught: int, n: int) -> tuple[float, float]:
    """Wilson's, at 95 %."""
    z, share = 1.96, caught / n
    middle, half = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shards", default="0,15,30,45", help="which, of 0 to 59")
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    parser.add_argument("--write", action="store_true", help="put the table into METHODOLOGY.md")
    args = parser.parse_args()
    if args.fresh:
        shutil.rmtree(FOUND, ignore_errors=True)
    outcomes = [outcome for shard in args.shards.split(",") for outcome in run(int(shard))]

    table, unexplained = report(outcomes)
    print(table)
    if args.write:
        text = PAGE.read_text()
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        PAGE.write_text(f"{text[:start]}\n{table}\n{text[end:]}")
    if unexplained:
        sys.exit("no test sees these, and no reason is given:\n" + "\n".join(unexplained))


def report(outcomes: list[dict]) -> tuple[str, list[str]]:
    """The table, and what is wrong."""
    counts: dict[str, Counter] = {}
    survivors, wrong = [], []
    for outcome in outcomes:
        file, code, change = described(outcome)
        family = str(Path(file).parent) if "/" in file else Path(file).stem
        counts.setdefault(family, Counter())[outcome["summary"]] += 1
        if outcome["summary"] == "MissedMutant":
            reason = EXPLAINED.get((file, code, change))
            shown = code.replace("|", "\\|")
            survivors.append(f"| `{file}` | `{shown}` | {change} | {reason} |")
            if reason is None:
                wrong.append(outcome["scenario"]["Mutant"]["name"])

    total = sum(counts.values(), Counter())
    rows = [row(f"`{family}`", count) for family, count in sorted(counts.items())]
    caught, n = viable(total)
    low, high = interval(caught, n)
    if caught < LEAST * n:
        wrong.append(f"{caught} of {n} caught, fewer than {LEAST:.0%}")
    lines = [
        "| in | changes | do not compile | caught | by a time limit | survive |",
        "|---|---|---|---|---|---|",
        *rows,
        row("all", total),
        "",
        f"{caught} of {n} that compile are caught: {caught / n:.1%} (95 % interval {low:.1%} to {high:.1%}).",
    ]
    if survivors:
        lines += ["", "The survivors:", "", "| in | line | change | why |", "|---|---|---|---|"]
        lines += survivors
    return "\n".join(lines), wrong


def viable(count: Counter) -> tuple[int, int]:
    """How many are caught, of how many that compile."""
    caught = count["CaughtMutant"] + count["Timeout"]
    return caught, caught + count["MissedMutant"]


def row(name: str, count: Counter) -> str:
    keys = ["Unviable", "CaughtMutant", "Timeout", "MissedMutant"]
    return " | ".join([f"| {name}", str(count.total()), *(str(count[key]) for key in keys)]) + " |"


if __name__ == "__main__":
    main()
