"""Diagonals of the Hessian. The references get the estimates that Downhill makes of the same noise."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

from .harness import Case, Ref
from .problems import EXAMPLES, LABELS, PROBE, noise


def estimate(problem, blocks, t, kind):
    """By block: z (H z) for `gaussian` or `rademacher` z, or the squared gradients for drawn `labels`."""
    x = [float(v) for block in blocks for v in np.asarray(block).reshape(-1)]
    if kind == "labels":
        _, g = problem.oracle(x, t)
        s = [a + b for a, b in zip(g, noise(t, LABELS, len(x)))]
        out = [EXAMPLES * (s * s) for s in s]
    else:
        z = noise(t, PROBE, len(x))
        if kind == "rademacher":
            z = [-1.0 if z < 0.0 else 1.0 for z in z]
        out = [a * b for a, b in zip(z, problem.along(x, z))]
    ends = np.cumsum([block.size if isinstance(block, np.ndarray) else block.numel() for block in blocks])
    return [part.reshape(block.shape) for part, block in zip(np.split(np.array(out), ends[:-1]), blocks)]


def feed(optimizer, params, problem, kind, every=1):
    """Passes an estimate to `step` now and then."""
    step, steps = optimizer.step, itertools.count(1)

    def fed():
        t = next(steps)
        if (t - 1) % every:
            return step()
        blocks = [p.detach() for p in params]
        return step(hessian=[torch.tensor(h) for h in estimate(problem, blocks, t, kind)])

    optimizer.step = fed


def diagonal(problem, kind, every):
    """The same for optax."""

    def update(updates, t, params=None, **_):
        like = jax.tree.map(lambda p: jax.ShapeDtypeStruct(p.shape, p.dtype), params)
        answer = lambda t, params: estimate(problem, [np.asarray(p) for p in params], int(t), kind)
        return jax.pure_callback(answer, like, t, params), t + every

    return optax.GradientTransformationExtraArgs(lambda _: jnp.array(1), update)


class AuthorsSophiaG:
    """sophia.py of github.com/Liuhong99/Sophia, whose h has no batch size in it: that stands in the ratio."""

    def __init__(self, shapes, problem, rho=0.04, betas=(0.965, 0.99), decay=0.1, every=10):
        self.problem, self.rho, self.betas, self.decay, self.every = problem, rho, betas, decay, every
        self.t, self.m, self.h = 0, [np.zeros(s) for s in shapes], [np.zeros(s) for s in shapes]

    def step(self, x, g, lr, value, ask):
        (b1, b2), out = self.betas, []
        self.t += 1
        if self.t % self.every == 1:
            squares = [h / EXAMPLES for h in estimate(self.problem, x, self.t, "labels")]
            self.h = [b2 * h + (1 - b2) * new for h, new in zip(self.h, squares)]
        self.m = [b1 * m + (1 - b1) * g for m, g in zip(self.m, g)]
        for x, m, h in zip(x, self.m, self.h):
            ratio = np.minimum(np.abs(m) / (self.rho * EXAMPLES * h + 1e-15), 1.0)
            out.append(x * (1 - lr * self.decay) - lr * np.sign(m) * ratio)
        return out


ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]
LR = {"rosenbrock": 0.002, "quadratic": 0.005, "recorded": 0.01, "spike": 0.01, "matrices": 0.002}
COSINE = {"name": "cosine", "end": 0.1}


def sophia(kind, every=10, gamma=0.01, eps=1e-12, decay=0.2, more=""):
    """clip(m / max(h, eps / gamma), gamma) at a rate of lr / gamma: the form of the paper's first version."""
    return Ref(
        f"pytorch_optimizer.SophiaH(params, lr=lr / {gamma}, p={gamma}, eps={eps} / {gamma}, "
        f"weight_decay={decay} * {gamma}, update_period={every}{more})",
        setup=f"feed(optimizer, params, problem, {kind!r}, {every})",
    )


CASES = [
    Case(
        file="sophia-h",
        name="default",
        table={"name": "sophia-h"},
        call=sophia("gaussian"),
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="sophia-h",
        name="betas, gamma, eps, every, signs, cosine",
        table={
            "name": "sophia-h",
            "beta1": 0.9,
            "beta2": 0.8,
            "gamma": 2.0,
            "eps": 1e-2,
            "every": 3,
            "probe": "rademacher",
        },
        call=sophia("rademacher", 3, 2.0, 1e-2, more=", betas=(0.9, 0.8)"),
        lr=LR,
        schedule=COSINE,
        problems=ALL,
    ),
    Case(
        file="sophia-h",
        name="gamma, decay",
        table={"name": "sophia-h", "gamma": 4.0, "decay": 1.0},
        call=sophia("gaussian", gamma=4.0, decay=1.0),
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="sophia-h",
        name="optax",
        table={"name": "sophia-h", "preset": "optax"},
        call=Ref(
            "optax.contrib.sophia(lr, hessian_diagonal_fn=diagonal(problem, 'rademacher', 10))", jit=True
        ),
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="sophia-h",
        name="optax, betas, gamma, every",
        table={"name": "sophia-h", "preset": "optax", "beta1": 0.9, "beta2": 0.8, "gamma": 2.0, "decay": 0.1, "every": 3},
        call=Ref(
            "optax.contrib.sophia(lr, b1=0.9, b2=0.8, gamma=2.0, update_interval=3, weight_decay=0.1, "
            "hessian_diagonal_fn=diagonal(problem, 'rademacher', 3))",
            jit=True,
        ),
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="sophia-g",
        name="default",
        table={"name": "sophia-g"},
        call=sophia("labels", gamma=0.05),
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="sophia-g",
        name="betas, gamma, eps, every, cosine",
        table={"name": "sophia-g", "beta1": 0.9, "beta2": 0.8, "gamma": 0.5, "eps": 1e-1, "every": 3},
        call=sophia("labels", 3, 0.5, 1e-1, more=", betas=(0.9, 0.8)"),
        lr=LR,
        schedule=COSINE,
        problems=ALL,
    ),
    Case(
        file="sophia-g",
        name="authors",
        table={"name": "sophia-g", "preset": "authors"},
        call="AuthorsSophiaG(shapes, problem)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="sophia-g",
        name="authors, betas, gamma, every",
        table={"name": "sophia-g", "preset": "authors", "beta1": 0.9, "beta2": 0.8, "gamma": 0.5, "every": 3},
        call="AuthorsSophiaG(shapes, problem, rho=0.5, betas=(0.9, 0.8), every=3)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adahessian",
        name="default",
        table={"name": "adahessian"},
        call=Ref("pytorch_optimizer.AdaHessian(params, lr=lr, eps=1e-4)", setup="feed(optimizer, params, problem, 'rademacher')"),
        lr={"rosenbrock": 0.05, "quadratic": 0.02, "matrices": 0.02},
        problems=["rosenbrock", "quadratic", "matrices"],
    ),
    Case(
        file="adahessian",
        name="betas, eps, power, cosine",
        table={"name": "adahessian", "beta1": 0.8, "beta2": 0.95, "eps": 1e-2, "power": 0.5},
        call=Ref(
            "pytorch_optimizer.AdaHessian(params, lr=lr, betas=(0.8, 0.95), eps=1e-2, hessian_power=0.5)",
            setup="feed(optimizer, params, problem, 'rademacher')",
        ),
        lr={"rosenbrock": 0.02, "quadratic": 0.02, "recorded": 1e-3, "spike": 1e-3, "matrices": 0.02},
        schedule=COSINE,
        problems=ALL,
        note="recorded and spike have no curvature: eps alone",
    ),
    Case(
        file="adahessian",
        name="decay",
        table={"name": "adahessian", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call=Ref(
            "pytorch_optimizer.AdaHessian(params, lr=lr, eps=1e-4, weight_decay=0.1)",
            setup="feed(optimizer, params, problem, 'rademacher')",
        ),
        lr=0.02,
        problems=["quadratic", "matrices"],
        note="the wrapper decays before the Hessian is asked for: the same where that is constant",
    ),
]
