"""Cases, and how their references are run: torch-like, optax-like, or a class of this package."""

import json
import math
import os
from dataclasses import dataclass, field
from importlib.metadata import version

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax

jax.config.update("jax_enable_x64", True)

import adabound
import adam_mini
import dadaptation
import dog
import dowg
import jax.numpy as jnp
import kron_torch
import momo
import numpy as np
import optax
import parameterfree
import prodigyopt
import pytorch_optimizer
import qhoptim.pyt
import schedulefree
import torch

from .problems import PROBLEMS, STEPS

# NAdam and ASGD keep scalar state in the *default* dtype, whatever the parameters are.
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

PACKAGES = {
    "torch": torch,
    "optax": optax,
    "schedulefree": schedulefree,
    "prodigyopt": prodigyopt,
    "pytorch_optimizer": pytorch_optimizer,
    "dadaptation": dadaptation,
    "adabound": adabound,
    "qhoptim": qhoptim,
    "kron_torch": kron_torch,
    "adam_mini": adam_mini,
    "dog": dog,
    "dowg": dowg,
    "momo": momo,
    "parameterfree": parameterfree,
}
# By what name they are installed, if it is another.
INSTALLED = {"dog": "dog-optimizer", "dowg": "dowgopt", "momo": "momo-opt"}
NAMES = PACKAGES | {"jax": jax, "jnp": jnp, "np": np, "math": math}

VECTORS = ["rosenbrock", "quadratic", "recorded", "spike"]
# Gradients at any point: for methods that ask for more than one.
SMOOTH = ["rosenbrock", "quadratic", "matrices"]

# Two references of the same convention agree so far, relative to the largest coordinate.
SAME = 1e-11
NUDGE = 1e-14
# Rounding of 1e-15 or so must stay within the tolerance.
CHAOS = 1e15


@dataclass(frozen=True)
class Ref:
    """A reference. All texts are Python and see `params`, `lr`, `lower_bound`, `optimizer`, optax's `state` and the
    packages by name; what is written into the file's header is what ran.

    A class of this package is called as `Name(shapes, ...)` and has `step(x, g, lr, value, ask)`, which returns the new
    blocks; x and g are lists of numpy arrays, `ask(x)` is (value, gradient) at another point.
    """

    call: str
    setup: str = ""  # statements after the construction
    before: str = ""  # statements before every step, with p.grad set (torch) or `updates` (optax)
    after: str = ""  # statements after every step
    readout: str = ""  # "eval" (optimizer.eval()), or the list of blocks that is recorded in place of the parameters
    closure: bool = False  # torch: step(closure); optax: update gets `grad` and `value_fn`, too
    jit: bool = False  # optax: compile the step; for loops inside it, which are compiled anew in every step otherwise

    @property
    def head(self):
        return self.call.split(".")[0]

    @property
    def text(self):
        parts = {"setup": self.setup, "before": self.before, "after": self.after}
        return "; ".join([self.call] + [f"{k}: {v}" for k, v in parts.items() if v])

    def library(self, module):
        if self.head not in PACKAGES:
            return f"scripts/{module.__name__.replace('.', '/')}.py"
        base = "jax" if self.head == "optax" else "torch"
        return f"{self.head} {version(INSTALLED.get(self.head, self.head))}" + (f", {base} {version(base)}" if base != self.head else "")


@dataclass(frozen=True)
class Case:
    file: str  # golden/<file>.csv
    name: str
    table: dict  # Downhill's, which must follow
    call: str | Ref
    lr: float | dict[str, float] = 1e-2  # for all problems, or by problem
    schedule: dict | None = None  # one of Downhill's, horizon 200
    also: list = field(default_factory=list)  # further references of the same convention
    problems: list[str] = field(default_factory=lambda: VECTORS)
    record: dict[str, list[int]] = field(default_factory=dict)  # other steps than the problem's, where rounding grows
    tolerance: float = 1e-12  # relative to the largest coordinate
    note: str = ""

    @property
    def ref(self):
        return as_ref(self.call)

    def rate(self, problem):
        return self.lr[problem] if isinstance(self.lr, dict) else self.lr


def as_ref(call):
    return call if isinstance(call, Ref) else Ref(call)


def factor(table, t, horizon=STEPS):
    """Downhill's schedules that cases use: the factor of step t, from 0."""
    match table:
        case None:
            return 1.0
        case {"name": "linear"}:
            start, end = table.get("start", 1.0), table.get("end", 0.0)
            return start + (end - start) * min(1.0, t / table.get("over", horizon))
        case {"name": "exponential", "gamma": gamma}:
            return gamma ** (t / table.get("per", 1))
        case {"name": "step", "gamma": gamma, "every": every}:
            return gamma ** (t // every)
        case {"name": "inverse-sqrt"}:
            return 1.0 / math.sqrt(t + 1)
        case {"name": "cosine"}:
            end = table.get("end", 0.0)
            return end + (1.0 - end) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, t / horizon)))
        case {"name": "warmup", "steps": steps}:
            if t < steps:
                return (t + 1) / steps * factor(table.get("then"), 0, horizon - steps)
            return factor(table.get("then"), t - steps, horizon - steps)
    raise ValueError(f"no schedule {table} in scripts/references/harness.py: add it to `factor`")


# --- running: each yields the recorded point after every step ---------------------------------------


class Run:
    """One reference on one problem; `nudge` changes the start and all gradients relatively by so much."""

    def __init__(self, ref, case, problem, module, nudge):
        self.ref, self.problem, self.nudge = ref, problem, nudge
        self.rates = [case.rate(problem.name) * factor(case.schedule, t) for t in range(STEPS + 1)]
        self.lr, self.scheduled = case.rate(problem.name), case.schedule is not None
        self.names = NAMES | vars(module) | {"lower_bound": problem.lower_bound, "shapes": problem.shapes}
        self.names |= {"problem": problem}

    def moved(self, values, t):
        return [v * (1.0 + self.nudge * (-1) ** (i + t)) for i, v in enumerate(values)] if self.nudge else values

    def start(self):
        return self.moved(self.problem.start, 0)

    def oracle(self, flat, t):
        value, gradient = self.problem.oracle(flat, t)
        return value, self.moved(gradient, t)

    def blocks(self, flat, make):
        out, at = [], 0
        for shape in self.problem.shapes:
            n = math.prod(shape)
            out.append(make(flat[at : at + n]).reshape(shape))
            at += n
        return out

    def make(self, **names):
        self.names |= {"lr": self.lr} | names
        self.names["optimizer"] = eval(self.ref.call, self.names)
        return self.names["optimizer"]

    def do(self, code):
        if code:
            exec(code, self.names)

    def path(self):
        if self.ref.head == "optax":
            return self.optax()
        return self.torch() if self.ref.head in PACKAGES else self.python()

    def torch(self):
        params = self.blocks(self.start(), lambda v: torch.tensor(v))
        params = [torch.nn.Parameter(p) for p in params]
        optimizer = self.make(params=params)
        self.do(self.ref.setup)
        rates = [group.get("lr", self.lr) for group in optimizer.param_groups]
        if hasattr(optimizer, "train"):
            optimizer.train()

        def flat(tensors):
            return [v for p in tensors for v in p.detach().reshape(-1).tolist()]

        def closure():
            value, gradient = self.oracle(flat(params), t)
            for p, g in zip(params, self.blocks(gradient, torch.tensor)):
                p.grad = g
            return torch.tensor(value)

        for t in range(1, STEPS + 1):
            if self.scheduled:
                for group, rate in zip(optimizer.param_groups, rates):
                    group["lr"] = rate * (self.rates[t - 1] / self.lr)
            value = closure()
            self.names["value"] = value
            self.do(self.ref.before)
            optimizer.step(closure) if self.ref.closure else optimizer.step()
            self.do(self.ref.after)
            if self.ref.readout == "eval":
                optimizer.eval()
                yield flat(params)
                optimizer.train()
            else:
                yield flat(eval(self.ref.readout, self.names) if self.ref.readout else params)

    def optax(self):
        def tree(flat):
            return self.blocks(flat, lambda v: jnp.asarray(v, dtype=jnp.float64))

        def flat(blocks):
            return [float(v) for p in blocks for v in np.asarray(p).reshape(-1)]

        if self.scheduled:
            rates = jnp.asarray(self.rates)
            self.lr = lambda count: rates[count]
        params = tree(self.start())
        optimizer = optax.with_extra_args_support(self.make(params=params))
        update = jax.jit(optimizer.update, static_argnames="value_fn") if self.ref.jit else optimizer.update
        names = self.names
        names |= {"state": optimizer.init(params)}
        self.do(self.ref.setup)

        def value_fn(params):
            scalar = jax.ShapeDtypeStruct((), jnp.float64)
            return jax.pure_callback(lambda p: np.float64(self.oracle(flat(p), t)[0]), scalar, params)

        for t in range(1, STEPS + 1):
            value, gradient = self.oracle(flat(params), t)
            names |= {"updates": tree(gradient), "value": value}
            self.do(self.ref.before)
            more = {"grad": tree(gradient), "value_fn": value_fn} if self.ref.closure else {}
            updates, names["state"] = update(names["updates"], names["state"], params, value=jnp.float64(value), **more)
            params = names["params"] = optax.apply_updates(params, updates)
            assert all(p.dtype == jnp.float64 for p in params), self.ref.call
            self.do(self.ref.after)
            yield flat(eval(self.ref.readout, names) if self.ref.readout else params)

    def python(self):
        def flat(blocks):
            return [float(v) for p in blocks for v in p.reshape(-1)]

        def ask(x):
            value, gradient = self.oracle(flat(x), t)
            return value, self.blocks(gradient, np.array)

        x = self.names["params"] = self.blocks(self.start(), np.array)
        optimizer = self.make()
        self.do(self.ref.setup)
        for t in range(1, STEPS + 1):
            value, g = ask(x)
            x = self.names["params"] = optimizer.step(x, g, self.rates[t - 1], value, ask)
            self.do(self.ref.after)
            yield flat(eval(self.ref.readout, self.names) if self.ref.readout else x)


def trajectory(ref, case, problem, module, nudge=0.0):
    points = enumerate(Run(ref, case, problem, module, nudge).path(), 1)
    record = case.record.get(problem.name, problem.record)
    return {t: x for t, x in points if t in record}


def gap(a, b):
    """The largest difference of two trajectories, relative to the largest coordinate of the first."""
    worst = 0.0
    for t, x in a.items():
        if not all(map(math.isfinite, x + b[t])):
            return math.inf
        largest = max(abs(u - v) for u, v in zip(x, b[t]))
        worst = max(worst, largest / (max(map(abs, x)) or 1.0))
    return worst


def growth(case, problem, module, base):
    """How much a relative change of 1e-14 in the start and in every gradient grows."""
    moved = (trajectory(case.ref, case, problem, module, sign * NUDGE) for sign in (1.0, -1.0))
    return max(gap(base, path) for path in moved) / NUDGE


def two_digits(x):
    return float(f"{x:.1e}")


def case_text(case, module):
    """The lines of a case, after its references have agreed."""
    problems = [PROBLEMS[name] for name in case.problems]
    label = f"{case.file}, case {case.name}"
    paths, grown = {}, {}
    for p in problems:
        path = paths[p.name] = trajectory(case.ref, case, p, module)
        assert all(math.isfinite(v) for x in path.values() for v in x), f"{label}, {p.name}: not finite"
        grown[p.name] = two_digits(growth(case, p, module, path))
        chaotic = p.name != "spike" and grown[p.name] > CHAOS * case.tolerance
        assert not chaotic, f"{label}, {p.name}: rounding grows by {grown[p.name]:g}; a smaller rate is calmer"
    also = []
    for other in map(as_ref, case.also):
        deviation = 0.0
        for p in problems:
            off = gap(paths[p.name], trajectory(other, case, p, module))
            scale = max(1.0, grown[p.name]) if p.name == "spike" else 1.0
            assert off <= SAME * scale, f"{label}, {p.name}: {other.text} is off by {off:.1e} (growth {grown[p.name]:g})"
            deviation = max(deviation, off)
        also.append({"library": other.library(module), "call": other.text, "deviation": two_digits(deviation)})
    head = {
        "name": case.name,
        "table": case.table,
        "library": case.ref.library(module),
        "call": case.ref.text,
        "lr": {p.name: case.rate(p.name) for p in problems},
        "schedule": case.schedule,
        "tolerance": case.tolerance,
        "also": also,
        "note": case.note,
        "readout": case.ref.readout,
        "growth": grown,
    }
    lines = ["# case " + json.dumps({k: v for k, v in head.items() if v not in (None, "", [])})]
    for name, path in paths.items():
        lines += [f"{name},{t}," + " ".join(map(repr, x)) for t, x in path.items()]
    return lines


ABOUT = [
    "# {file}: points after some steps of its references, made by scripts/golden.py. Lines: problem,step,coordinates.",
    "# tolerance is relative to the largest coordinate; in `spike`, times max(1, growth), where growth is how much",
    "# a relative change of 1e-14 in the start and in all gradients grows.",
]


def file_text(file, cases):
    """One file from the (case, module) pairs of its cases."""
    lines = [line.format(file=file) for line in ABOUT]
    for case, module in cases:
        lines += case_text(case, module)
    return "\n".join(lines) + "\n"
