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
# ]
# ///
"""Trajectories of the reference implementations, in float64, as golden files.

    python scripts/golden.py             write crates/downhill/tests/golden/*.csv
    python scripts/golden.py --check     regenerate in memory and compare; exit 1 on a difference
    python scripts/golden.py --only adam,lion
    python scripts/golden.py --sensitivity    how much rounding in the start grows, per file

Each file is one optimizer variant: comment lines that name the library, its version, the
constructor call that was executed and the learning rates, then `problem,step,index,value`.
`step` counts from 1 and `value` is the parameter after that step, with every digit of the
float64. The problems are written in plain Python arithmetic (one IEEE operation at a time,
in the order shown), so that another language can repeat the gradients bit for bit.
"""

import argparse
import os
import sys
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import optax
import prodigyopt
import pytorch_optimizer
import schedulefree
import torch

# NAdam and ASGD keep scalar state in the *default* dtype, whatever the parameters are.
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

GOLDEN = Path(__file__).resolve().parent.parent / "crates/downhill/tests/golden"
TOLERANCE = 1e-13


# --- problems: a start, and value and gradient at step t = 1, 2, ... ---------------------------


@dataclass(frozen=True)
class Problem:
    name: str
    text: str
    start: list[float]
    oracle: object  # (x, t) -> (value, gradient)
    record: list[int]  # the steps that are written
    f_min: float  # a lower bound of the value, for Polyak's step
    shape: tuple[int, ...] | None = None  # None: one vector


def rosenbrock(x, t):
    a, b = x
    r = b - a * a
    value = 100.0 * r * r + (1.0 - a) * (1.0 - a)
    return value, [-400.0 * a * r - 2.0 * (1.0 - a), 200.0 * r]


def twelve(x, t):
    value, gradient = 0.0, []
    for i, xi in enumerate(x):
        h = (i + 1) / 4
        b = 0.5 if i % 2 == 0 else -0.5
        p = 0.05 * ((7 * t + 3 * i) % 11 - 5) / 5
        value += 0.5 * h * xi * xi + 0.025 * (xi * xi) * (xi * xi) - b * xi + p * xi
        gradient.append(h * xi + 0.1 * (xi * xi * xi) - b + p)
    return value, gradient


A = [[2.0, -1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, -2.0], [1.0, 1.0, 1.0]]
B = [[1.0, 2.0], [0.0, -1.0], [3.0, 1.0], [-2.0, 1.0]]


def matrix(x, t):
    rows, cols, inner = 4, 2, 3
    residual = [
        [sum(A[r][k] * x[k * cols + c] for k in range(inner)) - B[r][c] for c in range(cols)]
        for r in range(rows)
    ]
    value = 0.5 * sum(e * e for row in residual for e in row)
    gradient = [
        sum(A[r][k] * residual[r][c] for r in range(rows)) for k in range(inner) for c in range(cols)
    ]
    return value, gradient


PROBLEMS = {
    p.name: p
    for p in [
        Problem(
            "rosenbrock",
            "f = 100 (y - x^2)^2 + (1 - x)^2 from (-1.2, 1)",
            [-1.2, 1.0],
            rosenbrock,
            list(range(1, 21)),
            0.0,
        ),
        Problem(
            "twelve",
            "g_i = h_i x_i + 0.1 x_i^3 - b_i + p_i(t), h_i = (i+1)/4, b_i = 0.5 (-1)^i, "
            "p_i(t) = 0.05 ((7t + 3i) mod 11 - 5)/5, t from 1, i from 0, x0_i = 1 - i/6",
            [1.0 - i / 6 for i in range(12)],
            twelve,
            [1, 2, 5, 10, 20, 50, 100, 200],
            -2.0,
        ),
        Problem(
            "matrix",
            "f = ||A W - B||_F^2 / 2, W 3x2 row by row from (1, -1, 0.5, 2, -1, 0), "
            "A = (2 -1 0; 1 3 1; 0 1 -2; 1 1 1), B = (1 2; 0 -1; 3 1; -2 1)",
            [1.0, -1.0, 0.5, 2.0, -1.0, 0.0],
            matrix,
            list(range(1, 11)),
            0.0,
            (3, 2),
        ),
    ]
}


# --- variants: the call is a string, so that what is written down is what ran -------------------


@dataclass(frozen=True)
class Variant:
    name: str
    call: str
    lr: dict[str, float]
    note: str = ""
    readout: str = ""  # the point that is recorded instead of the parameters
    blocks: dict[str, list[int]] = field(default_factory=dict)  # lengths, if more than one tensor

    @property
    def library(self):
        """The package that is called, and what computes for it."""
        head = self.call.split(".")[0]
        base = {"optax": "jax", "torch": "torch"}.get(head, "torch")
        return f"{head} {version(head)}" + (f", {base} {version(base)}" if base != head else "")


def both(name, call, rosenbrock, twelve, **more):
    return Variant(name, call, {"rosenbrock": rosenbrock, "twelve": twelve}, **more)


def on_matrix(name, call, lr, **more):
    return Variant(name, call, {"matrix": lr}, **more)


T, O, C, P = "torch.optim.", "optax.", "optax.contrib.", "pytorch_optimizer."
TWO_BLOCKS = {"rosenbrock": [1, 1], "twelve": [8, 4]}

VARIANTS = [
    # gradient descent and momentum
    both("sgd", T + "SGD(params, lr=lr)", 1e-3, 0.1),
    both("sgd-momentum", T + "SGD(params, lr=lr, momentum=0.9)", 1e-4, 0.03),
    both("sgd-dampening", T + "SGD(params, lr=lr, momentum=0.9, dampening=0.1)", 1e-4, 0.03),
    both("sgd-nesterov", T + "SGD(params, lr=lr, momentum=0.9, nesterov=True)", 1e-4, 0.03),
    both("sgd-nesterov-wd", T + "SGD(params, lr=lr, momentum=0.9, nesterov=True, weight_decay=0.01)", 1e-4, 0.03),
    both("qhm", P + "QHM(params, lr=lr, momentum=0.999, nu=0.7)", 1e-3, 0.1),
    both("aggmo", P + "AggMo(params, lr=lr, betas=(0.0, 0.9, 0.99))", 1e-4, 0.02),
    both("pid", P + "PID(params, lr=lr, momentum=0.9, integral=5.0, derivative=10.0)", 1e-5, 0.002),
    both("sign-sgd", O + "sign_sgd(lr)", 0.01, 0.01),
    both("signum", O + "signum(lr, beta=0.9)", 0.01, 0.01),
    both("asgd", T + "ASGD(params, lr=lr)", 1e-3, 0.1),
    both("asgd-readout", T + "ASGD(params, lr=lr, t0=5)", 1e-3, 0.1, readout="ax", note="the average `ax`, not the parameters"),
    both("rprop", T + "Rprop(params, lr=lr)", 0.01, 0.01),
    # Adagrad line
    both("adagrad", T + "Adagrad(params, lr=lr)", 0.1, 0.2),
    both("adagrad-lr-decay-wd", T + "Adagrad(params, lr=lr, lr_decay=0.1, weight_decay=0.01)", 0.1, 0.2),
    both("adagrad-optax", O + "adagrad(lr)", 0.1, 0.2),
    both("adadelta", T + "Adadelta(params, lr=lr)", 1.0, 1.0),
    both("rmsprop", T + "RMSprop(params, lr=lr)", 0.01, 0.01),
    both("rmsprop-centered-momentum", T + "RMSprop(params, lr=lr, centered=True, momentum=0.9)", 0.01, 0.001),
    both("rmsprop-optax", O + "rmsprop(lr)", 0.01, 0.01),
    both("madgrad", O + "contrib.madgrad(lr)", 0.01, 0.05),
    both("ftrl", P + "FTRL(params, lr=lr, beta=1.0)", 0.1, 0.5, note="the start is forgotten at step 1: z starts at 0"),
    # Adam line
    both("adam", T + "Adam(params, lr=lr)", 0.05, 0.02),
    both("adam-wd", T + "Adam(params, lr=lr, weight_decay=0.1)", 0.05, 0.02, note="coupled decay"),
    both("adamw", T + "AdamW(params, lr=lr, weight_decay=0.1)", 0.05, 0.02),
    both("amsgrad", T + "Adam(params, lr=lr, amsgrad=True)", 0.05, 0.02),
    both("amsgrad-optax", O + "amsgrad(lr)", 0.05, 0.02),
    both("adamax", T + "Adamax(params, lr=lr)", 0.05, 0.02),
    both("nadam", T + "NAdam(params, lr=lr)", 0.05, 0.02),
    both("nadamw", T + "NAdam(params, lr=lr, weight_decay=0.1, decoupled_weight_decay=True)", 0.05, 0.02),
    both("nadam-optax", O + "nadam(lr)", 0.05, 0.02),
    both("radam", T + "RAdam(params, lr=lr)", 1e-3, 0.02),
    both("radam-optax", O + "radam(lr)", 1e-3, 0.02),
    both("adabelief", O + "adabelief(lr)", 0.05, 0.02),
    both("yogi", O + "yogi(lr)", 0.05, 0.02),
    both("adan", P + "Adan(params, lr=lr)", 0.05, 0.02),
    both("adan-wd", P + "Adan(params, lr=lr, weight_decay=0.02)", 0.05, 0.02, note="proximal decay"),
    both("adabound", P + "AdaBound(params, lr=lr, final_lr=0.1, gamma=1e-3)", 1e-3, 0.02),
    both("ademamix", O + "contrib.ademamix(lr, alpha=5.0, b3=0.9999)", 0.01, 0.01),
    both("ademamix-simplified", O + "contrib.simplified_ademamix(lr, b1=0.99, b2=0.95, alpha=0.1)", 1e-4, 1e-4),
    both("adopt", O + "contrib.adopt(lr)", 0.05, 0.02),
    both("lion", O + "lion(lr, weight_decay=0.1)", 0.01, 0.01),
    both("novograd", O + "novograd(lr)", 0.01, 0.01),
    # layer-wise
    both("lamb", O + "lamb(lr, weight_decay=0.01)", 0.05, 0.02, note="one tensor"),
    both("lamb-blocks", O + "lamb(lr, weight_decay=0.01)", 0.05, 0.02, note="two tensors", blocks=TWO_BLOCKS),
    both("lars", O + "lars(lr, weight_decay=1e-4)", 0.1, 5.0, note="one tensor"),
    both("lars-blocks", O + "lars(lr, weight_decay=1e-4)", 0.1, 5.0, note="two tensors", blocks=TWO_BLOCKS),
    # no learning rate to choose
    both("prodigy", "prodigyopt.Prodigy(params, lr=lr)", 1.0, 1.0, note="no bias correction"),
    both("prodigy-optax", O + "contrib.prodigy(lr)", 1.0, 1.0, note="bias correction"),
    both("dog", O + "contrib.dog(lr, init_step=('heuristic', 1e-6))", 1.0, 1.0),
    both("dowg", O + "contrib.dowg(lr)", 1.0, 1.0),
    both("polyak", O + "polyak_sgd(max_learning_rate=lr, f_min=f_min)", 1.0, 0.2, note="f_min rosenbrock=0.0 twelve=-2.0; chaotic on rosenbrock: rounding grows by 5e5"),
    both("schedule-free-sgd", "schedulefree.SGDScheduleFree(params, lr=lr)", 1e-4, 0.1, note="the training point y"),
    both("schedule-free-sgd-readout", "schedulefree.SGDScheduleFree(params, lr=lr)", 1e-4, 0.1, readout="eval", note="the evaluation point x"),
    both("schedule-free-adamw", "schedulefree.AdamWScheduleFree(params, lr=lr)", 0.05, 0.05, note="the training point y"),
    both("schedule-free-adamw-readout", "schedulefree.AdamWScheduleFree(params, lr=lr)", 0.05, 0.05, readout="eval", note="the evaluation point x"),
    both("schedule-free-adamw-warmup-wd", "schedulefree.AdamWScheduleFree(params, lr=lr, warmup_steps=10, weight_decay=0.1)", 0.05, 0.05, note="the training point y"),
    # line search
    Variant("lbfgs", T + "LBFGS(params, lr=lr, max_iter=1, max_eval=25, line_search_fn='strong_wolfe')", {"rosenbrock": 1.0}, note="one iteration a step"),
    # matrices
    on_matrix("adafactor", T + "Adafactor(params, lr=lr)", 0.01),
    on_matrix("sm3", O + "chain(optax.scale_by_sm3(b1=0.0, b2=1.0, eps=0.0), optax.scale(-lr))", 0.1),
    on_matrix(
        "muon-optax",
        O + "contrib.muon(lr, nesterov=False, eps=0.0, weight_decay=0.1, muon_weight_dimension_numbers=OUT_BY_IN)",
        0.02,
        note="OUT_BY_IN = MuonDimensionNumbers(reduction_axis=1, output_axis=0); torch's Muon rounds to bfloat16",
    ),
    on_matrix(
        "muon-optax-match-rms",
        O + "contrib.muon(lr, nesterov=False, eps=0.0, weight_decay=0.1, consistent_rms=0.2, muon_weight_dimension_numbers=OUT_BY_IN)",
        0.02,
        note="OUT_BY_IN = MuonDimensionNumbers(reduction_axis=1, output_axis=0)",
    ),
]


# --- running ------------------------------------------------------------------------------------


def split(flat, lengths):
    at, parts = 0, []
    for n in lengths:
        parts.append(flat[at : at + n])
        at += n
    return parts


def run_torch(variant, problem, start, lr):
    shape = problem.shape or (-1,)
    lengths = variant.blocks.get(problem.name, [len(start)])
    params = [torch.nn.Parameter(torch.tensor(part).reshape(shape)) for part in split(start, lengths)]
    names = {"torch": torch, "schedulefree": schedulefree, "prodigyopt": prodigyopt, "pytorch_optimizer": pytorch_optimizer}
    optimizer = eval(variant.call, names | {"params": params, "lr": lr})
    if hasattr(optimizer, "train"):
        optimizer.train()

    def point(tensors):
        return [v for p in tensors for v in p.detach().reshape(-1).tolist()]

    def closure():
        value, gradient = problem.oracle(point(params), t)
        for p, part in zip(params, split(gradient, lengths)):
            p.grad = torch.tensor(part).reshape(p.shape)
        return torch.tensor(value)

    for t in range(1, problem.record[-1] + 1):
        if isinstance(optimizer, torch.optim.LBFGS):
            optimizer.step(closure)
        else:
            closure()
            optimizer.step()
        if variant.readout == "eval":
            optimizer.eval()
            yield t, point(params)
            optimizer.train()
        elif variant.readout:
            yield t, point(optimizer.state[p][variant.readout] for p in params)
        else:
            yield t, point(params)


def run_optax(variant, problem, start, lr):
    shape = problem.shape or (-1,)
    lengths = variant.blocks.get(problem.name, [len(start)])

    def tree(flat):
        return [jnp.asarray(part, dtype=jnp.float64).reshape(shape) for part in split(flat, lengths)]

    params = tree(start)
    out_by_in = [optax.contrib.MuonDimensionNumbers(reduction_axis=1, output_axis=0)]
    names = {"optax": optax, "lr": lr, "f_min": problem.f_min, "OUT_BY_IN": out_by_in}
    optimizer = optax.with_extra_args_support(eval(variant.call, names))
    state = optimizer.init(params)
    for t in range(1, problem.record[-1] + 1):
        flat = [float(v) for p in params for v in p.reshape(-1)]
        value, gradient = problem.oracle(flat, t)
        updates, state = optimizer.update(tree(gradient), state, params, value=jnp.float64(value))
        params = optax.apply_updates(params, updates)
        assert all(p.dtype == jnp.float64 for p in params), variant.name
        yield t, [float(v) for p in params for v in p.reshape(-1)]


def trajectory(variant, problem, start=None):
    run = run_optax if variant.call.startswith("optax.") else run_torch
    steps = run(variant, problem, start or problem.start, variant.lr[problem.name])
    return {t: x for t, x in steps if t in problem.record}


def variant_file(variant):
    lines = [
        f"# library {variant.library}",
        f"# call {variant.call}",
        "# lr " + " ".join(f"{name}={lr!r}" for name, lr in variant.lr.items()),
    ]
    if variant.note:
        lines.append(f"# note {variant.note}")
    for name in variant.lr:
        if name in variant.blocks:
            lines.append(f"# blocks {name} " + " ".join(map(str, variant.blocks[name])))
    lines += [f"# problem {name}: {PROBLEMS[name].text}" for name in variant.lr]
    lines.append("problem,step,index,value")
    for name in variant.lr:
        for t, x in trajectory(variant, PROBLEMS[name]).items():
            assert all(abs(v) < 1e3 for v in x), (variant.name, name, t, x)
            lines += [f"{name},{t},{i},{v!r}" for i, v in enumerate(x)]
    return "\n".join(lines) + "\n"


# --- schedules ----------------------------------------------------------------------------------


# name, call, last step. The base learning rate of the torch schedules is 0.1.
SCHEDULES = [
    ("constant", "optax.constant_schedule(0.1)", 100),
    ("linear", "torch.LinearLR(optimizer, start_factor=1.0, end_factor=0.1, total_iters=80)", 100),
    ("polynomial", "torch.PolynomialLR(optimizer, total_iters=80, power=2.0)", 100),
    ("polynomial-end", "optax.polynomial_schedule(0.1, 0.01, power=2, transition_steps=80)", 100),
    ("exponential", "torch.ExponentialLR(optimizer, gamma=0.95)", 100),
    ("step", "torch.StepLR(optimizer, step_size=30, gamma=0.1)", 100),
    ("multistep", "torch.MultiStepLR(optimizer, milestones=[20, 50, 80], gamma=0.5)", 100),
    ("cosine", "torch.CosineAnnealingLR(optimizer, T_max=100, eta_min=0.001)", 100),
    ("cosine-periodic", "torch.CosineAnnealingLR(optimizer, T_max=10, eta_min=0.001)", 40),
    ("cosine-clamped", "optax.cosine_decay_schedule(0.1, 80, alpha=0.01)", 100),
    ("cosine-restarts", "torch.CosineAnnealingWarmRestarts(optimizer, T_0=10, T_mult=2)", 100),
    ("one-cycle", "torch.OneCycleLR(optimizer, max_lr=0.1, total_steps=100)", 99),
    ("warmup-cosine", "optax.warmup_cosine_decay_schedule(0.0, 0.1, 10, 100)", 110),
    (
        "warmup-cosine-torch",
        "torch.SequentialLR(optimizer, [LinearLR(optimizer, start_factor=0.1, total_iters=10), "
        "CosineAnnealingLR(optimizer, T_max=90)], milestones=[10])",
        100,
    ),
    ("warmup-constant", "optax.warmup_constant_schedule(0.0, 0.1, 10)", 20),
    (
        "warmup-stable-decay",
        "optax.join_schedules([optax.linear_schedule(0.0, 0.1, 10), optax.constant_schedule(0.1), "
        "optax.linear_schedule(0.1, 0.0, 20)], [10, 80])",
        100,
    ),
    ("triangular", "torch.CyclicLR(optimizer, base_lr=0.01, max_lr=0.1, step_size_up=10)", 60),
]


def rates(call, last):
    if call.startswith("optax."):
        schedule = eval(call, {"optax": optax})
        return [float(schedule(jnp.asarray(t))) for t in range(last + 1)]
    module = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1, momentum=0.9)
    names = {name: getattr(module, name) for name in dir(module)}
    scheduler = eval(call, names | {"torch": module, "optimizer": optimizer})
    out = [optimizer.param_groups[0]["lr"]]
    for _ in range(last):
        optimizer.step()
        scheduler.step()
        out.append(optimizer.param_groups[0]["lr"])
    return [float(v) for v in out]


def schedules_file():
    lines = [
        f"# library torch {version('torch')} (torch.X is torch.optim.lr_scheduler.X, base lr 0.1), optax {version('optax')}",
        "# step counts from 0: the first optimizer step uses the rate of step 0",
    ]
    lines += [f"# {name}: {call}" for name, call, _ in SCHEDULES]
    lines.append("schedule,step,lr")
    for name, call, last in SCHEDULES:
        lines += [f"{name},{t},{lr!r}" for t, lr in enumerate(rates(call, last))]
    return "\n".join(lines) + "\n"


# --- comparing ----------------------------------------------------------------------------------


def parse(text):
    """Comment lines, and the values of each point: the rows that share all but `index`."""
    lines = text.splitlines()
    notes = [line for line in lines if line.startswith("#")]
    points = {}
    for line in lines[len(notes) + 1 :]:
        *key, value = line.split(",")
        points.setdefault(tuple(key[:2]), []).append(float(value))
    return notes, points


def difference(old, new):
    """The largest difference, relative to the largest coordinate of its point; inf for another layout."""
    (old_notes, old), (new_notes, new) = parse(old), parse(new)
    if old_notes != new_notes or [(k, len(v)) for k, v in old.items()] != [(k, len(v)) for k, v in new.items()]:
        return float("inf")
    worst = 0.0
    for key, a in old.items():
        scale = max(map(abs, a)) or 1.0
        worst = max(worst, max(abs(x - y) for x, y in zip(a, new[key])) / scale)
    return worst


def sensitivity(variant):
    """Growth of a relative change of 1e-14 in the start, as a multiple, at each problem's worst recorded step."""
    out = []
    for name in variant.lr:
        problem = PROBLEMS[name]
        base = trajectory(variant, problem)
        worst = 0.0
        for sign in (1.0, -1.0):
            moved = trajectory(variant, problem, [x * (1 + sign * 1e-14 * (-1) ** i) for i, x in enumerate(problem.start)])
            for t, a in base.items():
                gap = max(abs(x - y) for x, y in zip(a, moved[t])) / max(map(abs, a))
                worst = max(worst, gap / 1e-14)
        out.append(f"{name} {worst:.3g}")
    return ", ".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    parser.add_argument("--sensitivity", action="store_true", help="print the growth of a change in the start")
    parser.add_argument("--only", help="comma-separated names (the name `schedules` is the schedules)")
    args = parser.parse_args()

    jobs = {v.name: (lambda v=v: variant_file(v)) for v in VARIANTS} | {"schedules": schedules_file}
    chosen = args.only.split(",") if args.only else list(jobs)
    if unknown := [name for name in chosen if name not in jobs]:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(jobs)}")

    if args.sensitivity:
        for v in VARIANTS:
            if v.name in chosen:
                print(f"{v.name:32} {sensitivity(v)}", flush=True)
        return 0

    failed = 0
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        text, path = jobs[name](), GOLDEN / f"{name}.csv"
        if not args.check:
            path.write_text(text)
            print(f"wrote {path.name}", flush=True)
            continue
        gap = difference(path.read_text(), text) if path.exists() else float("inf")
        verdict = "ok" if gap <= TOLERANCE else "DIFFERS"
        failed += verdict != "ok"
        print(f"{verdict:8} {gap:9.2e} {name}", flush=True)
    if args.check and not args.only:
        for stray in sorted({p.stem for p in GOLDEN.glob("*.csv")} - set(jobs)):
            print(f"DIFFERS  no generator for {stray}.csv")
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
