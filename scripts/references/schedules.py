"""Schedules of torch and optax: the rate for a base rate of 1 at steps 0..100 and every 97th up to 10,000."""

import json
from dataclasses import dataclass, field

from .harness import NAMES, Ref, jnp, torch, two_digits

STEPS = [*range(101), *range(194, 10_000, 97), 9_999]


@dataclass(frozen=True)
class Rate:
    name: str
    table: dict  # Downhill's
    call: str
    also: list[str] = field(default_factory=list)
    horizon: int = 10_000
    note: str = ""


W, D = 500, 2_000  # steps of warm-up and of the last decay
WARM = f"optax.linear_schedule(1 / {W}, 1.0, {W - 1})"


def joined(then):
    return f"optax.join_schedules([{WARM}, {then}], [{W}])"


def wsd(fall):
    return f"optax.join_schedules([{WARM}, optax.constant_schedule(1.0), {fall}], [{W}, {10_000 - D}])"


S = "torch.optim.lr_scheduler."

RATES = [
    Rate("constant", {"name": "constant"}, S + "ConstantLR(optimizer, factor=1.0)", also=["optax.constant_schedule(1.0)"]),
    Rate("linear", {"name": "linear"}, "optax.linear_schedule(1.0, 0.0, 10_000)"),
    Rate(
        "linear-up",
        {"name": "linear", "start": 0.25, "end": 0.75, "over": 6000},
        S + "LinearLR(optimizer, start_factor=0.25, end_factor=0.75, total_iters=6000)",
        also=["optax.linear_schedule(0.25, 0.75, 6000)"],
    ),
    Rate(
        "polynomial",
        {"name": "polynomial", "power": 2.0, "over": 8000},
        S + "PolynomialLR(optimizer, total_iters=8000, power=2.0)",
        also=["optax.polynomial_schedule(1.0, 0.0, power=2.0, transition_steps=8000)"],
    ),
    Rate(
        "polynomial-end",
        {"name": "polynomial", "power": 0.5, "end": 0.1, "over": 0.9},
        "optax.polynomial_schedule(1.0, 0.1, power=0.5, transition_steps=9000)",
    ),
    Rate("exponential", {"name": "exponential", "gamma": 0.999}, S + "ExponentialLR(optimizer, gamma=0.999)", also=["optax.exponential_decay(1.0, 1, 0.999)"]),
    Rate("exponential-per", {"name": "exponential", "gamma": 0.5, "per": 0.1}, "optax.exponential_decay(1.0, 1000, 0.5)"),
    Rate(
        "step",
        {"name": "step", "gamma": 0.3, "every": 970},
        S + "StepLR(optimizer, step_size=970, gamma=0.3)",
        also=["optax.exponential_decay(1.0, 970, 0.3, staircase=True)"],
    ),
    Rate(
        "multistep",
        {"name": "multistep", "gamma": 0.5, "at": [50, 0.5, 8051]},
        S + "MultiStepLR(optimizer, milestones=[50, 5000, 8051], gamma=0.5)",
        also=["optax.piecewise_constant_schedule(1.0, {50: 0.5, 5000: 0.5, 8051: 0.5})"],
    ),
    Rate("inverse-sqrt", {"name": "inverse-sqrt"}, S + "LambdaLR(optimizer, lambda t: 1 / math.sqrt(t + 1))"),
    Rate(
        "cosine",
        {"name": "cosine", "end": 0.01},
        S + "CosineAnnealingLR(optimizer, T_max=10_000, eta_min=0.01)",
        also=["optax.cosine_decay_schedule(1.0, 10_000, alpha=0.01)"],
    ),
    Rate(
        "cosine-clamped",
        {"name": "cosine"},
        "optax.cosine_decay_schedule(1.0, 8000)",
        horizon=8000,
        note="beyond the horizon, where torch rises again",
    ),
    Rate(
        "cosine-restarts",
        {"name": "cosine-restarts", "first": 60, "mult": 2},
        S + "CosineAnnealingWarmRestarts(optimizer, T_0=60, T_mult=2)",
        also=["optax.sgdr_schedule([{'init_value': 1.0, 'peak_value': 1.0, 'warmup_steps': 0, 'decay_steps': 60 * 2**k} for k in range(9)])"],
    ),
    Rate(
        "cosine-restarts-even",
        {"name": "cosine-restarts", "first": 0.1, "end": 0.2},
        S + "CosineAnnealingWarmRestarts(optimizer, T_0=1000, eta_min=0.2)",
    ),
    Rate("one-cycle", {"name": "one-cycle"}, S + "OneCycleLR(optimizer, max_lr=1.0, total_steps=10_000)"),
    Rate(
        "one-cycle-settings",
        {"name": "one-cycle", "rise": 0.45, "div": 10.0, "final_div": 100.0},
        S + "OneCycleLR(optimizer, max_lr=1.0, total_steps=10_000, pct_start=0.45, div_factor=10.0, final_div_factor=100.0)",
    ),
    Rate(
        "warmup",
        {"name": "warmup", "steps": W},
        f"optax.warmup_constant_schedule(1 / {W}, 1.0, {W - 1})",
        also=[S + f"LinearLR(optimizer, start_factor=1 / {W}, total_iters={W - 1})"],
        note="Downhill's first rate is 1/W, not 0: W - 1 steps from there",
    ),
    Rate(
        "warmup-cosine",
        {"name": "warmup", "steps": 0.05, "then": {"name": "cosine", "end": 0.1}},
        joined(f"optax.cosine_decay_schedule(1.0, {10_000 - W}, alpha=0.1)"),
    ),
    Rate(
        "warmup-exponential",
        {"name": "warmup", "steps": W, "then": {"name": "exponential", "gamma": 0.5, "per": 1000}},
        joined("optax.exponential_decay(1.0, 1000, 0.5)"),
    ),
    Rate(
        "warmup-stable-decay",
        {"name": "warmup-stable-decay", "warmup": W, "decay": D, "end": 0.1},
        wsd(f"optax.linear_schedule(1.0, 0.1, {D})"),
    ),
    Rate(
        "warmup-stable-decay-cosine",
        {"name": "warmup-stable-decay", "warmup": 0.05, "shape": "cosine"},
        wsd(f"optax.cosine_decay_schedule(1.0, {D})"),
    ),
    Rate(
        "warmup-stable-decay-sqrt",
        {"name": "warmup-stable-decay", "warmup": W, "shape": "sqrt", "decay": 0.2},
        wsd(f"lambda t: 1 - jnp.sqrt(t / {D})"),
        note="the fall by its formula",
    ),
]



def rates(call):
    if call.startswith("optax."):
        schedule = eval(call, dict(NAMES))
        return [float(schedule(jnp.asarray(t))) for t in STEPS]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
    scheduler = eval(call, NAMES | {"optimizer": optimizer})
    # The closed form where torch has one: its recursion on the last rate gathers rounding over 10,000 steps.
    closed = hasattr(scheduler, "_get_closed_form_lr")
    out = {}
    for t in range(STEPS[-1] + 1):
        scheduler.last_epoch = t if closed else scheduler.last_epoch
        out[t] = scheduler._get_closed_form_lr()[0] if closed else optimizer.param_groups[0]["lr"]
        optimizer.step()
        if not closed and t < STEPS[-1]:
            scheduler.step()
    return [float(out[t]) for t in STEPS]


def file_text():
    lines = [
        "# schedules: rates for a base rate of 1, made by scripts/golden.py. Lines: step,rate; steps count from 0.",
        "# tolerance is relative to the rate, plus 1e-15: a cosine's end is the difference of two rounded ones.",
    ]
    for rate in RATES:
        values, also = rates(rate.call), []
        for call in rate.also:
            gap = max(abs(a - b) / (abs(a) + 1e-3) for a, b in zip(values, rates(call)))
            assert gap <= 1e-12, f"schedule {rate.name}: {call} is off by {gap:.1e}"
            also.append({"library": Ref(call).library(None), "call": call, "deviation": two_digits(gap)})
        head = {
            "name": rate.name,
            "table": rate.table,
            "library": Ref(rate.call).library(None),
            "call": rate.call,
            "horizon": rate.horizon,
            "tolerance": 1e-12,
            "also": also,
            "note": rate.note,
        }
        lines.append("# case " + json.dumps({k: v for k, v in head.items() if v not in ("", [])}))
        lines += [f"{t},{v!r}" for t, v in zip(STEPS, values)]
    return "\n".join(lines) + "\n"
