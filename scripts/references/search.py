"""Line searches, and variance reduction where nothing is drawn."""

import numpy as np
import torch
from torch.optim.lbfgs import _strong_wolfe

from .harness import SMOOTH, Case, Ref


class Flat:
    """One vector in place of blocks."""

    def __init__(self, shapes):
        self.shapes = shapes

    def flat(self, blocks):
        return np.concatenate([b.reshape(-1) for b in blocks])

    def blocks(self, x):
        ends = np.cumsum([int(np.prod(s)) for s in self.shapes])
        return [part.reshape(s) for part, s in zip(np.split(x, ends[:-1]), self.shapes)]

    def step(self, x, g, lr, value, ask):
        def at(x):
            value, g = ask(self.blocks(x))
            return value, self.flat(g)

        with np.errstate(all="ignore"):
            return self.blocks(self.move(self.flat(x), self.flat(g), lr, value, at))


class ConjugateGradients(Flat):
    """PR+ and Hager-Zhang with torch's search."""

    def __init__(self, shapes, beta="polak-ribiere", restart=0, orthogonal=0.0, c1=1e-4, c2=0.1, max_eval=25):
        super().__init__(shapes)
        self.kind, self.orthogonal, self.c1, self.c2, self.max_eval = beta, orthogonal, c1, c2, max_eval
        self.restart = restart or sum(int(np.prod(s)) for s in shapes)
        self.g = None

    def beta(self, g):
        if self.g is None or self.since == self.restart:
            return 0.0
        if self.orthogonal and abs(g @ self.g) >= self.orthogonal * (g @ g):
            return 0.0
        y = g - self.g
        if self.kind == "polak-ribiere":
            beta = max(0.0, (g @ y) / (self.g @ self.g))
        else:
            dy = self.d @ y
            eta = -1.0 / (np.linalg.norm(self.d) * min(0.01, np.linalg.norm(self.g)))
            beta = max(eta, ((g @ y) - 2.0 * (y @ y) * (self.d @ g) / dy) / dy)
        return beta if np.isfinite(beta) else 0.0

    def move(self, x, g, lr, value, at):
        beta = self.beta(g)
        self.since = self.since + 1 if beta else 1
        d = -g + beta * self.d if beta else -g
        slope = g @ d
        if slope >= 0.0:
            d, self.since = -g, 1
            slope = g @ d
        t = lr * min(1.0, 1.0 / np.linalg.norm(g))
        if self.g is not None and self.t * self.slope / slope > 0.0 and np.isfinite(self.t * self.slope / slope):
            t = self.t * self.slope / slope
        if slope < 0.0:
            d_, g_ = torch.tensor(d), torch.tensor(g)

            def ask(_, t, __):
                value, g = at(x + float(t) * d)
                return value, torch.tensor(g)

            _, _, t, _ = _strong_wolfe(
                ask, x, t, d_, value, g_, g_.dot(d_), c1=self.c1, c2=self.c2, max_ls=self.max_eval - 1
            )
            t = float(t)
        self.g, self.d, self.t, self.slope = g, d, t, slope
        return x + t * d


class TwoPoint(Flat):
    """Barzilai and Borwein's step with Raydan's search."""

    def __init__(self, shapes, quotient="long", memory=10, c=1e-4, max_eval=30):
        super().__init__(shapes)
        self.quotient, self.memory, self.c, self.max_eval = quotient, memory, c, max_eval
        self.values, self.t = [], 0

    def move(self, x, g, lr, value, at):
        self.t += 1
        a = lr
        if self.t > 1:
            s, y = x - self.x, g - self.g
            long = self.quotient == "long" or (self.quotient == "alternating" and self.t % 2 == 1)
            quotient = (s @ s) / (s @ y) if long else (s @ y) / (y @ y)
            if 1e-10 <= quotient < 1e10:
                a = quotient
        self.x, self.g = x, g
        self.values = (self.values + [value])[-self.memory :]
        for _ in range(self.max_eval):
            new, _ = at(x - a * g)
            if new <= max(self.values) - self.c * a * (g @ g):
                return x - a * g
            a /= 2
        return x if new >= value else x - 2 * a * g


class Svrg(Flat):
    """SVRG where every batch is all there is: two steps are two passes."""

    def __init__(self, shapes, inner=2):
        super().__init__(shapes)
        self.inner, self.left = inner, 0

    def move(self, x, g, lr, value, at):
        if self.left == 0:
            self.left, self.anchor = self.inner, x
            _, self.mu = at(x)
        self.left -= 1
        _, noise = at(self.anchor)
        return x - lr * (g - noise + self.mu)


def lbfgs(arguments=""):
    """One iteration a step; it goes on where torch would say that it is near enough."""
    call = "torch.optim.LBFGS(params, lr=lr, max_iter=1, max_eval=25, tolerance_grad=0, tolerance_change=0, "
    return Ref(call + arguments + "line_search_fn='strong_wolfe')", closure=True)


def backtracking(arguments):
    return Ref(
        "optax.chain(optax.scale(-1.0), optax.scale_by_backtracking_linesearch("
        f"max_backtracking_steps=29, max_learning_rate=lr, {arguments}))",
        closure=True,
        jit=True,
    )


def up_to(rosenbrock=200, quadratic=200, matrices=200):
    """Records up to these steps: behind them rounding grows more than a thousandfold, for a while or for good."""
    last = {"rosenbrock": rosenbrock, "quadratic": quadratic, "matrices": matrices}
    return {name: [t for t in [*range(1, 13), 15, 20, 50, 100, 200] if t <= last[name]] for name in last}


COSINE = {"name": "cosine", "end": 0.1}

CASES = [
    Case(
        file="l-bfgs",
        name="default",
        table={"name": "l-bfgs"},
        call=lbfgs(),
        lr=1.0,
        problems=["rosenbrock", "quadratic"],
        record=up_to(quadratic=10),
        note="torch's `tolerance_grad` and `tolerance_change`, where it stops, are 0",
    ),
    Case(
        file="l-bfgs",
        name="half",
        table={"name": "l-bfgs", "history": 100},
        call=lbfgs("history_size=100, "),
        lr=0.5,
        problems=["rosenbrock", "quadratic"],
        record=up_to(quadratic=12),
    ),
    Case(
        file="l-bfgs",
        name="short history",
        table={"name": "l-bfgs", "history": 3},
        call=lbfgs("history_size=3, "),
        lr=1.0,
        problems=["rosenbrock", "quadratic"],
        record=up_to(rosenbrock=12, quadratic=9),
    ),
    Case(
        file="l-bfgs",
        name="schedule",
        table={"name": "l-bfgs", "history": 10},
        call=lbfgs("history_size=10, "),
        lr=1.0,
        schedule={"name": "linear", "end": 0.5},
        problems=["rosenbrock", "quadratic"],
        record=up_to(rosenbrock=15, quadratic=10),
    ),
    Case(
        file="armijo",
        name="default",
        table={"name": "armijo"},
        call=backtracking("decrease_factor=0.5, increase_factor=math.inf"),
        lr=1.0,
        problems=SMOOTH,
        note="`increase_factor` inf is to start from the largest rate",
    ),
    Case(
        file="armijo",
        name="optax",
        table={"name": "armijo", "preset": "optax"},
        call=backtracking("decrease_factor=0.8, increase_factor=1.5"),
        lr=1.0,
        problems=SMOOTH,
    ),
    Case(
        file="armijo",
        name="steep",
        table={"name": "armijo", "c": 0.3, "shrink": 0.3, "growth": 2.0},
        call=backtracking("slope_rtol=0.3, decrease_factor=0.3, increase_factor=2.0"),
        lr=0.5,
        problems=SMOOTH,
    ),
    Case(
        file="barzilai-borwein",
        name="default",
        table={"name": "barzilai-borwein"},
        call="TwoPoint(shapes)",
        lr=1.0,
        problems=SMOOTH,
        record=up_to(rosenbrock=5, quadratic=9),
    ),
    Case(
        file="barzilai-borwein",
        name="short",
        table={"name": "barzilai-borwein", "quotient": "short", "memory": 1, "c": 0.1},
        call="TwoPoint(shapes, quotient='short', memory=1, c=0.1)",
        lr=0.1,
        problems=SMOOTH,
        record=up_to(rosenbrock=20, quadratic=20),
    ),
    Case(
        file="barzilai-borwein",
        name="alternating",
        table={"name": "barzilai-borwein", "quotient": "alternating", "memory": 3},
        call="TwoPoint(shapes, quotient='alternating', memory=3)",
        lr=0.1,
        schedule=COSINE,
        problems=SMOOTH,
        record=up_to(rosenbrock=12, quadratic=20),
    ),
    Case(
        file="nonlinear-cg",
        name="default",
        table={"name": "nonlinear-cg"},
        call="ConjugateGradients(shapes)",
        lr=1.0,
        problems=SMOOTH,
        record=up_to(quadratic=5, matrices=50),
        note="the search is torch's `_strong_wolfe`",
    ),
    Case(
        file="nonlinear-cg",
        name="hager-zhang",
        table={"name": "nonlinear-cg", "beta": "hager-zhang", "restart": 50},
        call="ConjugateGradients(shapes, beta='hager-zhang', restart=50)",
        lr=1.0,
        problems=SMOOTH,
        record=up_to(rosenbrock=6, quadratic=5),
        note="the search is torch's `_strong_wolfe`",
    ),
    Case(
        file="nonlinear-cg",
        name="orthogonal",
        table={"name": "nonlinear-cg", "orthogonal": 0.2, "c2": 0.4, "restart": 7},
        call="ConjugateGradients(shapes, orthogonal=0.2, c2=0.4, restart=7)",
        lr=1.0,
        schedule=COSINE,
        problems=SMOOTH,
        record=up_to(rosenbrock=11, quadratic=15),
        note="the search is torch's `_strong_wolfe`",
    ),
    Case(
        file="svrg",
        name="default",
        table={"name": "svrg"},
        call="Svrg(shapes)",
        lr={"rosenbrock": 1e-3, "quadratic": 0.5, "matrices": 0.2},
        problems=SMOOTH,
    ),
    Case(
        file="svrg",
        name="inner",
        table={"name": "svrg", "inner": 7},
        call="Svrg(shapes, inner=7)",
        lr={"rosenbrock": 1e-3, "quadratic": 0.5, "matrices": 0.2},
        schedule=COSINE,
        problems=SMOOTH,
    ),
]
