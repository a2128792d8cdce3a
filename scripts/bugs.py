#!/usr/bin/env python3
"""Plant the classical mistakes of optimizer implementations, one at a time, and see which test fails.

    python scripts/bugs.py                plant all, print a table
    python scripts/bugs.py --write        and put the table into METHODOLOGY.md
    python scripts/bugs.py --only 3,20    some
    python scripts/bugs.py --list         what is planted where, without running anything

Each mistake is a change of a few characters in a copy of the sources; the copy is built and tested, the copy's
change undone. A mistake that no test catches makes the command fail. Every test runs offline; a build and a test
run take about half a minute, in a folder of their own below target/.
"""

import argparse
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "target/bugs"
PAGE = ROOT / "METHODOLOGY.md"
BEGIN, END = "<!-- bugs:begin -->", "<!-- bugs:end -->"
TESTS = ["laws", "golden", "naive", "alloc", "isa"]


@dataclass(frozen=True)
class Bug:
    number: str  # several plants of one mistake: 3a, 3b
    mistake: str
    file: str  # below crates/downhill/src
    old: str
    new: str


OPTIMIZERS = "optimizers/"
ADAM = OPTIMIZERS + "adam_line/"
ADAGRAD = OPTIMIZERS + "adagrad_line/"
MOMENTUM = OPTIMIZERS + "momentum/"
MATRIX = OPTIMIZERS + "matrix/"
MUON = MATRIX + "muon.rs"

BUGS = [
    Bug("1", "bias correction counts steps from 0", ADAM + "adam.rs", "1.0 / (1.0 - libm::pow(beta, t as f64))", "1.0 / (1.0 - libm::pow(beta, (t.max(2) - 1) as f64))"),
    Bug("2", "powers of beta in f32", ADAM + "adam.rs", "1.0 / (1.0 - libm::pow(beta, t as f64))", "1.0 / (1.0 - f64::from(libm::powf(beta as f32, t as f32)))"),
    Bug("3", "eps before the bias correction", ADAM + "adam.rs", "*m * c.unbias1 / ((*v * c.unbias2).sqrt() + c.eps)", "*m * c.unbias1 / ((*v).sqrt() * c.unbias2.sqrt() + c.eps * c.unbias2.sqrt())"),
    Bug("20a", "Muon's scale of the transposed matrix", MUON, "(rows / columns).max(1.0).sqrt()", "(columns / rows).max(1.0).sqrt()"),
    Bug("20b", "Muon's decay goes through the iteration", MUON, "Then(Then(Fused(momentum), orthogonal), Fused(Decay { lambda: self.decay }))", "Then(Then(Fused(momentum), Fused(Decay { lambda: self.decay })), orthogonal)"),
    Bug("20c", "Muon orthogonalises vectors and embeddings", MUON, "when: Block::is_hidden_matrix", "when: |_| true"),
    Bug("20d", "Muon divides by a norm of 0", MUON, "real::norm(u).larger(eps / (1.0 - momentum))", "(eps - eps + real::norm(u))"),
    Bug("41", "SOAP's v stays where its eigenvectors were", MATRIX + "soap.rs", "falling(&mut self.order, values);\n        for (to,", "falling(&mut self.order, values);\n        let v = &mut v.to_vec()[..];\n        for (to,"),
]


def copy_sources():
    """The workspace as git sees it, and what is new in it, in a folder of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    COPY.mkdir(parents=True, exist_ok=True)
    for name in listed.stdout.splitlines():
        source, target = ROOT / name, COPY / name
        if not name.startswith("results/") and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                shutil.copyfile(source, target)


def failures():
    """The names of the tests that fail in the copy; None if it does not compile."""
    words = ["cargo", "test", "--offline", "-p", "downhill", "--no-fail-fast"] + [w for t in TESTS for w in ("--test", t)]
    env = {"CARGO_PROFILE_DEV_OPT_LEVEL": "1", "CARGO_TARGET_DIR": str(ROOT / "target/bugs-build")}
    import os

    run = subprocess.run(words, cwd=COPY, env=os.environ | env, capture_output=True, text=True)
    if "error: could not compile" in run.stderr:
        print(run.stderr[-3000:], file=sys.stderr)
        return None
    return sorted(set(re.findall(r"^test (\S+) \.\.\. FAILED", run.stdout, re.M)))


def plant(bug):
    path = COPY / "crates/downhill/src" / bug.file
    text = path.read_text()
    if text.count(bug.old) != 1:
        sys.exit(f"{bug.number}: `{bug.old}` stands {text.count(bug.old)} times in {bug.file}, expected once")
    path.write_text(text.replace(bug.old, bug.new))
    try:
        return failures()
    finally:
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="comma-separated numbers")
    parser.add_argument("--list", action="store_true", help="run nothing")
    parser.add_argument("--write", action="store_true", help="put the table into METHODOLOGY.md")
    args = parser.parse_args()
    wanted = set(args.only.split(",")) if args.only else None
    bugs = [b for b in BUGS if wanted is None or b.number in wanted or b.number.rstrip("abcdef") in wanted]

    copy_sources()
    if args.list:
        for bug in bugs:
            count = (COPY / "crates/downhill/src" / bug.file).read_text().count(bug.old)
            print(f"{bug.number:4} {'ok' if count == 1 else f'{count} places':9} {bug.mistake} ({bug.file})")
        return 0
    if failed := failures():
        sys.exit(f"tests fail before anything is planted: {', '.join(failed)}")

    rows, missed = [], []
    for bug in bugs:
        failed = plant(bug)
        caught = bool(failed)
        missed += [] if caught else [bug.number]
        shown = "does not compile" if failed is None else ", ".join(f"`{name}`" for name in failed[:3])
        more = f" and {len(failed) - 3} more" if failed and len(failed) > 3 else ""
        rows.append(f"| {bug.number} | {bug.mistake} | `{Path(bug.file).stem}` | {shown or '**nothing**'}{more} |")
        print(rows[-1], flush=True)
    if args.write:
        table = "\n".join(["| | planted mistake | in | tests that fail |", "|---|---|---|---|"] + rows)
        text = PAGE.read_text()
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        PAGE.write_text(f"{text[:start]}\n{table}\n{text[end:]}")
    if missed:
        sys.exit(f"not caught: {', '.join(missed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
