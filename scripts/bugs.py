#!/usr/bin/env python3
"""Plant the classical mistakes of optimizer implementations, one at a time, and see which test fails.

    python scripts/bugs.py                plant all, print a table
    python scripts/bugs.py --write        and put it into METHODOLOGY.md
    python scripts/bugs.py --only 3,20    some, or some rows of the table
    python scripts/bugs.py --list         what is planted where, without running anything

Each mistake is a change of a few characters. A copy of the sources gets all of them in one build, each behind a
switch that is off unless the environment names it; the tests then run once for each mistake. A mistake that no test
catches makes the command fail, as does a test that fails without any. All is offline, in folders below target/: a build
takes a few minutes, a mistake some seconds.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "target/bugs"
CRATE = COPY / "crates/downhill"
PAGE = ROOT / "METHODOLOGY.md"
BEGIN, END = "<!-- bugs:begin -->", "<!-- bugs:end -->"
# The second row runs only for what the first one does not catch.
TESTS = [["laws", "golden"], ["naive", "alloc", "isa", "counterexamples"]]
SWITCH = """
/// Whether this mistake is switched on.
#[inline]
pub fn planted(number: usize) -> bool {
    static ON: std::sync::LazyLock<usize> =
        std::sync::LazyLock::new(|| std::env::var("PLANTED").map_or(usize::MAX, |on| on.parse().unwrap_or(usize::MAX)));
    *ON == number
}
"""


@dataclass(frozen=True)
class Bug:
    """A mistake: `old` stands once in `file` and is an expression, or statements, that `new` can replace.

    `old` may lie within the `old` of another one, but not overlap with it.
    """

    number: str  # several plants of one mistake: 3a, 3b
    mistake: str
    file: str  # below crates/downhill/src
    old: str
    new: str


OPTIMIZERS = "optimizers/"
MOMENTUM = OPTIMIZERS + "momentum/"
ADAGRAD = OPTIMIZERS + "adagrad_line/"
ADAM = OPTIMIZERS + "adam_line/"
LAYERWISE = OPTIMIZERS + "layerwise/"
LR_FREE = OPTIMIZERS + "lr_free/"
MATRIX = OPTIMIZERS + "matrix/"
WRAPPERS = "wrappers/"

BUGS = [
    Bug(
        "1", "bias correction counts steps from 0", ADAM + "adam.rs",
        "libm::pow(beta, t as f64)",
        "libm::pow(beta, (t - 1) as f64)",
    ),
    Bug(
        "2", "powers of beta in f32", ADAM + "adam.rs",
        "libm::pow(beta, t as f64)",
        "f64::from(libm::powf(beta as f32, t as f32))",
    ),
    Bug(
        "3a", "Adam's eps before the bias correction", ADAM + "adam.rs",
        "(v * self.unbias2).sqrt() + self.eps",
        "(v.sqrt() + self.eps) * self.unbias2.sqrt()",
    ),
    Bug(
        "3b", "eps inside the root where it belongs outside", ADAGRAD + "root.rs",
        "(v + self.inside).sqrt() + self.outside",
        "(v + self.inside + self.outside).sqrt()",
    ),
    Bug(
        "4a", "AdamW's decay coupled", ADAM + "adamw.rs",
        "Driver::boxed(Fused(Chain(adam, Decay { lambda: decay })), layout)",
        "Driver::boxed(Fused(Chain(Decay { lambda: decay }, adam)), layout)",
    ),
    Bug(
        "4b", "decay multiplied by the rate twice", WRAPPERS + "decay.rs",
        "R::of(at.decay.unwrap_or(self.lambda))",
        "R::of(at.lr * at.decay.unwrap_or(self.lambda))",
    ),
    Bug(
        "5a", "the penalty goes around the moments", WRAPPERS + "before.rs",
        "self.inner.step(x, &self.g, step);",
        "x.iter_mut().zip(&self.g).zip(g).for_each(|((x, &u), &g)| *x -= R::of(step.lr) * (u - g));\n"
        "self.inner.step(x, g, step);",
    ),
    Bug(
        "5b", "clipping sees the penalty: wrappers from the inside out", "registry.rs",
        "self.wrappers.iter().rev().fold(core, |inner, (_, w)| R::enclose(&**w, inner, &layout))",
        "self.wrappers.iter().fold(core, |inner, (_, w)| R::enclose(&**w, inner, &layout))",
    ),
    Bug(
        "6a", "Nesterov with the buffer of the step before", MOMENTUM + "sgd.rs",
        "*b = mu * *b + fresh * g;\n        of_g * g + of_b * *b",
        "let u = of_g * g + of_b * *b;\n        *b = mu * *b + fresh * g;\n        u",
    ),
    Bug(
        "6b", "momentum with the rate inside the buffer", MOMENTUM + "sgd.rs",
        "(R::of(self.mu), R::of(fresh), R::of(of_g), R::of(of_b))",
        "(R::of(self.mu), R::of(fresh * at.lr), R::of(of_g), R::of(of_b / at.lr))",
    ),
    Bug(
        "7", "the first gradient dampened", MOMENTUM + "sgd.rs",
        "if at.t == 1 { 1.0 } else { 1.0 - self.dampening }",
        "1.0 - self.dampening",
    ),
    Bug(
        "8a", "Adagrad's lr_decay counts from 1", ADAGRAD + "adagrad.rs",
        "(at.t - 1) as f64",
        "at.t as f64",
    ),
    Bug(
        "8b", "0/0 at a first gradient of zero", ADAGRAD + "root.rs",
        "if root == R::ZERO { R::ONE } else { root }",
        "root",
    ),
    Bug(
        "9a", "RMSprop's variance below zero", ADAGRAD + "rmsprop.rs",
        "(*v - *a * *a).larger(R::ZERO)",
        "(*v - *a * *a)",
    ),
    Bug(
        "9b", "RMSprop's rate outside the momentum where it belongs inside", ADAGRAD + "rmsprop.rs",
        "*b = self.mu * *b + self.lr * u;\n            *x -= *b;",
        "*b = self.mu * *b + u;\n            *x -= self.lr * *b;",
    ),
    Bug(
        "9c", "RMSprop's squares start at 0 in TensorFlow 1, too", ADAGRAD + "rmsprop.rs",
        'vec![("v", self.initial)]',
        'vec![("v", 0.0)]',
    ),
    Bug(
        "10", "Adadelta's numerator has the new mean of steps", ADAGRAD + "adadelta.rs",
        "*d = rho * *d + fresh * (u * u);\n        u",
        "*d = rho * *d + fresh * (u * u);\n        (*d + eps).sqrt() / (*v + eps).sqrt() * g",
    ),
    Bug(
        "11a", "NAdam's product is one factor late", ADAM + "nadam.rs",
        "*product *= self.mu(at.t);",
        "*product *= self.mu(at.t - 1);",
    ),
    Bug(
        "11b", "NAdam's next mu is the present one", ADAM + "nadam.rs",
        "self.mu(at.t + 1)",
        "self.mu(at.t)",
    ),
    Bug(
        "12", "RAdam rectifies above 4, not 5", ADAM + "radam.rs",
        "self.threshold.max(4.0)",
        "4.0",
    ),
    Bug(
        "13", "torch's AMSGrad takes the largest of the corrected scales", ADAM + "amsgrad.rs",
        "(c, R::ONE)",
        "(Coef { unbias2: R::ONE, ..c }, c.unbias2)",
    ),
    Bug(
        "14a", "AdaBelief measures from the old mean", ADAM + "adabelief.rs",
        "*m += c.a1 * (g - *m);\n        let off = g - *m;\n        *s += c.a2 * (off * off - *s) + eps_root;",
        "let off = g - *m;\n        *m += c.a1 * (g - *m);\n        *s += c.a2 * (off * off - *s) + eps_root;",
    ),
    Bug(
        "14b", "AdaBelief's eps does not gather", ADAM + "adabelief.rs",
        "c.a2 * (off * off - *s) + eps_root",
        "c.a2 * (off * off + eps_root - *s)",
    ),
    Bug(
        "15", "Yogi's sign of 0 is 1", ADAM + "yogi.rs",
        "(*v - square).sign()",
        "if *v >= square { R::ONE } else { -R::ONE }",
    ),
    Bug(
        "16a", "Lion remembers before it looks", ADAM + "lion.rs",
        "let u = (b1 * *m + a1 * g).sign();\n        *m = b2 * *m + a2 * g;\n        u",
        "*m = b2 * *m + a2 * g;\n        (b1 * *m + a1 * g).sign()",
    ),
    Bug(
        "16b", "Lion's betas swapped", ADAM + "lion.rs",
        "(R::of(self.beta1), R::of(1.0 - self.beta1), R::of(self.beta2), R::of(1.0 - self.beta2))",
        "(R::of(self.beta2), R::of(1.0 - self.beta2), R::of(self.beta1), R::of(1.0 - self.beta1))",
    ),
    Bug(
        "17a", "Adan's gradient before the first is 0", ADAM + "adan.rs",
        "if at.t == 1 { R::ZERO } else { R::ONE }",
        "R::ONE",
    ),
    Bug(
        "17b", "Adan looks ahead by 1 - beta2", ADAM + "adan.rs",
        "R::of(self.beta2)",
        "R::of(1.0 - self.beta2)",
    ),
    Bug(
        "18a", "ADOPT moves at the first gradient", ADAM + "adopt.rs",
        "(0.0, 1.0)",
        "(1.0 - self.beta1, 1.0)",
    ),
    Bug(
        "18b", "ADOPT's scale has the present gradient", ADAM + "adopt.rs",
        "let scaled = (g / v.sqrt().larger(eps)).smaller(limit).larger(-limit);\n"
        "        *m += a1 * (scaled - *m);\n        *v += a2 * (g * g - *v);",
        "*v += a2 * (g * g - *v);\n"
        "        let scaled = (g / v.sqrt().larger(eps)).smaller(limit).larger(-limit);\n"
        "        *m += a1 * (scaled - *m);",
    ),
    Bug(
        "19a", "LAMB's ratio of a tensor at zero is 0", LAYERWISE + "lamb.rs",
        "size != 0.0 && length != 0.0",
        "length != 0.0",
    ),
    Bug(
        "19b", "LAMB's ratio is that of the flat vector", LAYERWISE + "lamb.rs",
        "Driver::boxed(lamb, layout)",
        "Driver::boxed(lamb, &Layout::vector(layout.len()))",
    ),
    Bug(
        "20a", "Muon's scale of the transposed shape", MATRIX + "muon.rs",
        "(rows / columns).max(1.0).sqrt()",
        "(columns / rows).max(1.0).sqrt()",
    ),
    Bug(
        "20b", "Muon divides by a norm of zero", MATRIX + "muon.rs",
        "real::norm(u).larger(eps / (1.0 - momentum))",
        "real::norm(u)",
    ),
    Bug(
        "21a", "schedule-free reads out y", LR_FREE + "schedule_free.rs",
        "R::of(1.0 - 1.0 / self.weights.beta)",
        "R::ZERO",
    ),
    Bug(
        "21b", "schedule-free weighs by the rate, not the largest so far", LR_FREE + "schedule_free.rs",
        "*lr_max = lr_max.larger(at.lr);",
        "*lr_max = at.lr;",
    ),
    Bug(
        "22a", "Prodigy steps by the distance that it has just found", LR_FREE + "prodigy.rs",
        "R::of(rate)",
        "R::of(rate / d * self.d)",
    ),
    Bug(
        "22b", "DoG's distance and sum tensor by tensor", LR_FREE + "dog.rs",
        "if by_block { layout.blocks() } else { all.blocks() }",
        "layout.blocks()",
    ),
    Bug(
        "23a", "SAM restores by subtraction", WRAPPERS + "sam.rs",
        "self.point.iter_mut().zip(&*x).for_each(|(point, &x)| *point = x + *point);",
        "self.point.iter_mut().zip(&mut *x).for_each(|(point, x)| {\n"
        "    let e = *point;\n    *point = *x + e;\n    *x = *point - e;\n});",
    ),
    Bug(
        "23b", "SAM's norm is that of the first tensor", WRAPPERS + "sam.rs",
        "real::norm(&self.g)",
        "real::norm(&self.g[self.blocks[0].range.clone()])",
    ),
    Bug(
        "23c", "SAM's second gradient on other data", WRAPPERS + "sam.rs",
        "step.again(&self.point, &mut self.g)",
        "step.full(&self.point, &mut self.g)",
    ),
    Bug(
        "24", "Lookahead's slow weights start at 0", WRAPPERS + "lookahead.rs",
        "self.slow.copy_from_slice(x);",
        "self.slow.fill(R::ZERO);",
    ),
    Bug(
        "25a", "the plain mean counts one point more", WRAPPERS + "averaging.rs",
        "1.0 / n as f64",
        "1.0 / (n + 1) as f64",
    ),
    Bug(
        "25b", "the exponential mean keeps its bias", WRAPPERS + "averaging.rs",
        "(1.0 - decay) / (1.0 - libm::pow(decay, n as f64))",
        "1.0 - decay",
    ),
    Bug(
        "26a", "Rprop grows at the first step and after a turn", MOMENTUM + "rprop.rs",
        "turn > R::ZERO",
        "turn >= R::ZERO",
    ),
    Bug(
        "26b", "Rprop moves on at a turn", MOMENTUM + "rprop.rs",
        "if turn < R::ZERO { R::ZERO } else { g.sign() }",
        "g.sign()",
    ),
    Bug(
        "27", "FTRL counts from 0 and forgets where it starts", ADAGRAD + "ftrl.rs",
        "step.t == 1 && keep_start",
        "step.t == 0 && keep_start",
    ),
    Bug(
        "28a", "Adafactor's mean of a column over the number of columns", ADAGRAD + "adafactor.rs",
        "R::of(sum / rows as f64 + added)",
        "R::of(sum / columns as f64 + added)",
    ),
    Bug(
        "28b", "SM3's bound of a column is the last, not the largest", ADAGRAD + "sm3.rs",
        "*next = next.larger(v);",
        "*next = v;",
    ),
    Bug(
        "29", "AdaMax is 0/0 where gradients are zero", ADAM + "adamax.rs",
        "g.abs() + eps",
        "g.abs()",
    ),
    Bug(
        "30a", "maxima that lose a NaN", "real.rs",
        "let larger = if self > other { self } else { other };\n            if self.is_nan() { Self::NAN } else { larger }",
        "self.max(other)",
    ),
    Bug(
        "30b", "a skipped step advances the step count", WRAPPERS + "nan_guard.rs",
        "(self.taken, step.lr, step.loss)",
        "(step.t, step.lr, step.loss)",
    ),
    Bug(
        "31", "steps without an update advance the step count (gradient accumulation)", WRAPPERS + "accumulate.rs",
        "(self.seen / self.k, R::of(self.loss))",
        "(step.t, R::of(self.loss))",
    ),
    Bug(
        "32a", "slow weights are not saved", WRAPPERS + "lookahead.rs",
        'visit.by_block(&self.blocks, "slow", &mut self.slow);',
        "",
    ),
    Bug(
        "32b", "scalars are saved in f32", "state.rs",
        "self.vector(name, std::slice::from_mut(value));",
        "let mut narrow = [*value as f32];\n        self.vector(name, &mut narrow);\n"
        "        if let Mode::Load { .. } = self.mode {\n            *value = f64::from(narrow[0]);\n        }",
    ),
    Bug(
        "33a", "states are found by position, not by name", "optimizer.rs",
        "visit.within(&block.name, |v| self.rule.visit(state, v));",
        "visit.within(&block.range.start.to_string(), |v| self.rule.visit(state, v));",
    ),
    Bug(
        "33b", "what a state has too much is dropped", "state.rs",
        "taken != self.0.len()",
        "taken > self.0.len()",
    ),
    Bug(
        "34", "the order of a sum depends on the vector width", "real.rs",
        "sum(self.0, |x| x * x)",
        "if crate::isa::Isa::current() == crate::isa::Isa::Baseline {\n"
        "    self.0.iter().map(|x| x.to_f64() * x.to_f64()).sum()\n} else {\n    sum(self.0, |x| x * x)\n}",
    ),
    Bug(
        "35a", "the global norm is clipped tensor by tensor", WRAPPERS + "clip.rs",
        "Box::new(Clipped { norm: self.norm, inner, g: vec![R::ZERO; layout.len()] })",
        "ClipNorm { norm: self.norm }.wrap(inner, layout)",
    ),
    Bug(
        "35b", "clipping adds 1e-6 to the norm", WRAPPERS + "clip.rs",
        "R::of(limit / norm)",
        "R::of(limit / (norm + 1e-6))",
    ),
    Bug(
        "36a", "the schedule is a step ahead", "stepper.rs",
        "let lr = self.lr();\n        self.t += 1;\n"
        "        self.optimizer.step(x, g, &mut Step { t: self.t, lr, loss, oracle });",
        "self.t += 1;\n        let lr = self.lr();\n"
        "        self.optimizer.step(x, g, &mut Step { t: self.t, lr, loss, oracle });",
    ),
    Bug(
        "36b", "the cosine ends a step early", "schedule.rs",
        "cosine(progress(s, total))",
        "cosine(progress(s, total - 1.0))",
    ),
    Bug(
        "37", "a rate of 0 skips the step", "optimizer.rs",
        "self.rule.apply(&at, state, &mut x[range.clone()], &g[range], scratch);",
        "if at.lr != 0.0 {\n    self.rule.apply(&at, state, &mut x[range.clone()], &g[range], scratch);\n}",
    ),
]

NOT_HERE = {
    "38": "there are no sparse gradients; a gradient is one vector of all parameters",
    "39": "there is no switch to maximize, whose decay could have the wrong sign",
    "40": "a step borrows the gradient for reading: the compiler refuses to change the caller's",
}


def copy_sources() -> None:
    """The workspace as git sees it, and what is new in it, in a folder of its own, each mistake behind a switch."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )
    names = {name for name in listed.stdout.splitlines() if not name.startswith("results/") and (ROOT / name).is_file()}
    for path in COPY.rglob("*"):
        if path.is_file() and str(path.relative_to(COPY)) not in names:
            path.unlink()
    for name in sorted(names):
        content = (ROOT / name).read_bytes()
        if name.startswith("crates/downhill/src/"):
            content = switched(name.removeprefix("crates/downhill/src/"), content.decode()).encode()
        target = COPY / name
        # What is not touched need not be built again.
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def switched(file: str, text: str) -> str:
    """A source file with its mistakes behind switches."""
    bugs = [(number, bug) for number, bug in enumerate(BUGS) if bug.file == file]
    for _, bug in bugs:
        if (count := text.count(bug.old)) != 1:
            sys.exit(f"{bug.number}: `{bug.old}` stands {count} times in {file}, expected once")
    return plant(text, bugs) + (SWITCH if file == "lib.rs" else "")


def plant(text: str, bugs: list[tuple[int, Bug]]) -> str:
    """Puts switches around the mistakes whose old text stands in `text`."""
    bugs = [(number, bug) for number, bug in bugs if bug.old in text]
    if not bugs:
        return text
    number, bug = max(bugs, key=lambda pair: len(pair[1].old))
    rest = [pair for pair in bugs if pair[0] != number]
    before, after = text.split(bug.old)
    choice = f"if crate::planted({number}) {{ {bug.new} }} else {{ {plant(bug.old, rest)} }}"
    # Statements stand in a block; an expression may be the operand of another.
    choice = f"{{ {choice} }}" if bug.old[-1] in ";}" else f"({choice})"
    return plant(before, rest) + choice + plant(after, rest)


def build() -> dict[str, Path]:
    """The test binaries of the copy, by name."""
    words = ["cargo", "test", "--offline", "-p", "downhill", "--no-run", "--message-format", "json"]
    for name in (name for row in TESTS for name in row):
        if any((CRATE / "tests" / path).exists() for path in (f"{name}.rs", f"{name}/main.rs")):
            words += ["--test", name]
    env = os.environ | {"CARGO_TARGET_DIR": str(ROOT / "target/bugs-build"), "CARGO_PROFILE_DEV_OPT_LEVEL": "1"}
    run = subprocess.run(words, cwd=COPY, env=env, stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        for line in run.stdout.splitlines():
            message = json.loads(line).get("message") or {}
            if message.get("level") == "error":
                print(message["rendered"], file=sys.stderr)
        sys.exit("the copy with all mistakes in it does not compile")
    built = (json.loads(line) for line in run.stdout.splitlines())
    return {m["target"]["name"]: Path(m["executable"]) for m in built if m.get("executable")}


def failures(binaries: list[Path], number: int | None = None) -> set[str]:
    """The tests that fail with this mistake switched on; of the golden test, the files that are not followed."""
    failed: set[str] = set()
    env = os.environ | {"PLANTED": "" if number is None else str(number)}
    for binary in binaries:
        run = subprocess.run([binary], cwd=CRATE, env=env, capture_output=True, text=True)
        names = set(re.findall(r"^test (\S+) \.\.\. FAILED", run.stdout, re.M))
        files = set(re.findall(r"^(\S+), case `", run.stdout, re.M))
        if files:
            names = {f"golden {file}" for file in files}
        elif run.returncode != 0 and not names:
            names = {f"{binary.name.split('-')[0]} breaks off"}
        failed |= names
    return failed


def shown(failed: set[str], bug: Bug) -> str:
    """Some of the tests by name, and the golden files in brackets; what is about the mistake's own file comes first."""
    about = Path(bug.file).with_suffix("").parts

    def some(names: set[str], most: int, quote: str = "") -> str:
        module = {name: name.split("::")[0] for name in names}
        words = sorted(names, key=lambda name: (module[name] not in about, module[name] != "identities", name))
        more = f" and {len(words) - most} more" if len(words) > most else ""
        return ", ".join(f"{quote}{word}{quote}" for word in words[:most]) + more

    files = {name.removeprefix("golden ") for name in failed if name.startswith("golden ")}
    names = {name for name in failed if not name.startswith("golden ")}
    parts = [some(names, 3, "`")] if names else []
    parts += [f"golden ({some(files, 4)})"] if files else []
    return "; ".join(parts) or "**nothing**"


def write(rows: dict[str, str]) -> None:
    """Puts rows into the table of METHODOLOGY.md; those of other mistakes stay."""
    text = PAGE.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    rows = {row.split()[1]: row for row in text[start:end].splitlines() if row[2:3].isdigit()} | rows
    known = {bug.number for bug in BUGS} | NOT_HERE.keys()
    order = sorted(known & rows.keys(), key=lambda number: (int(number.rstrip("abc")), number))
    lines = ["| | planted mistake | in | tests that fail |", "|---|---|---|---|", *(rows[number] for number in order)]
    PAGE.write_text(text[:start] + "\n" + "\n".join(lines) + "\n" + text[end:])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="comma-separated numbers")
    parser.add_argument("--list", action="store_true", help="run nothing")
    parser.add_argument("--write", action="store_true", help="put the rows into METHODOLOGY.md")
    args = parser.parse_args()
    wanted = set(args.only.split(",")) if args.only else None
    bugs = [
        (number, bug) for number, bug in enumerate(BUGS)
        if wanted is None or bug.number in wanted or bug.number.rstrip("abc") in wanted
    ]
    if args.list:
        for _, bug in bugs:
            count = (ROOT / "crates/downhill/src" / bug.file).read_text().count(bug.old)
            print(f"{bug.number:4} {'ok' if count == 1 else f'{count} places':9} {bug.mistake} ({bug.file})")
        return 0

    copy_sources()
    built = build()
    stages = [[built[name] for name in row if name in built] for row in TESTS]
    before = [failures(stage) for stage in stages]
    rows, missed = {number: f"| {number} | cannot be made here: {why} | | |" for number, why in NOT_HERE.items()}, []
    for number, bug in bugs:
        failed: set[str] = set()
        for stage, already in zip(stages, before):
            failed = failed or failures(stage, number) - already
        missed += [] if failed else [bug.number]
        rows[bug.number] = f"| {bug.number} | {bug.mistake} | `{Path(bug.file).stem}` | {shown(failed, bug)} |"
        print(rows[bug.number], flush=True)
    if args.write:
        write(rows)
    if missed:
        print(f"not caught: {', '.join(missed)}", file=sys.stderr)
    if already := sorted(set.union(*before)):
        print(f"fail without any mistake, and do not count: {', '.join(already)}", file=sys.stderr)
    return 1 if missed or already else 0


if __name__ == "__main__":
    sys.exit(main())
