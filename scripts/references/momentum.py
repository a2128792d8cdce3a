"""Gradient descent and momentum."""

import math

import numpy as np

from .harness import SMOOTH, Case, Ref

LR = {"rosenbrock": 1e-3, "quadratic": 0.1, "recorded": 0.1, "spike": 0.1, "matrices": 0.05}
# With momentum 0.9 the same reach needs a tenth.
SLOW = {"rosenbrock": 1e-4, "quadratic": 0.03, "recorded": 0.03, "spike": 0.03, "matrices": 0.01}
ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]

# A sign turns where a gradient is about 0: rounding must not get there.
SIGN = {"rosenbrock": 1e-3, "quadratic": 3e-3, "recorded": 3e-3, "spike": 3e-3, "matrices": 3e-3}


class Fista:
    """Beck & Teboulle 2009 for a smooth function, in their variables: x follows, gradients are taken at y. The restart
    is O'Donoghue & Candes 2012, section 3.2, gradient scheme."""

    def __init__(self, shapes, momentum=None, restart=False):
        self.momentum, self.restart, self.x, self.theta = momentum, restart, None, 1.0

    def step(self, y, g, lr, value, ask):
        before = y if self.x is None else self.x
        self.x = [y - lr * g for y, g in zip(y, g)]
        moved = [x - b for x, b in zip(self.x, before)]
        if self.restart and sum(float((g * m).sum()) for g, m in zip(g, moved)) > 0.0:
            self.theta = 1.0
            return self.x
        mu = self.momentum
        if mu is None:
            theta = (1.0 + math.sqrt(1.0 + 4.0 * self.theta**2)) / 2.0
            mu, self.theta = (self.theta - 1.0) / theta, theta
        return [x + mu * m for x, m in zip(self.x, moved)]


class EfSignSgd:
    """Karimireddy et al. 2019, Algorithm 1, for each layer."""

    def __init__(self, shapes):
        self.e = [np.zeros(shape) for shape in shapes]

    def step(self, x, g, lr, value, ask):
        p = [lr * g + e for g, e in zip(g, self.e)]
        delta = [np.abs(p).sum() / p.size * np.sign(p) for p in p]
        self.e = [p - d for p, d in zip(p, delta)]
        return [x - d for x, d in zip(x, delta)]


CASES = [
    Case(
        file="sgd",
        name="default",
        table={"name": "sgd"},
        call="torch.optim.SGD(params, lr=lr)",
        also=["optax.sgd(lr)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="sgd",
        name="momentum",
        table={"name": "sgd", "momentum": 0.9},
        call="torch.optim.SGD(params, lr=lr, momentum=0.9)",
        also=["optax.sgd(lr, momentum=0.9)"],
        lr=SLOW,
    ),
    Case(
        file="sgd",
        name="momentum, cosine",
        table={"name": "sgd", "momentum": 0.95},
        call="torch.optim.SGD(params, lr=lr, momentum=0.95)",
        also=["optax.sgd(lr, momentum=0.95)"],
        lr=SLOW,
        schedule={"name": "cosine", "end": 0.1},
    ),
    Case(
        file="sgd",
        name="dampening",
        table={"name": "sgd", "momentum": 0.9, "dampening": 0.1},
        call="torch.optim.SGD(params, lr=lr, momentum=0.9, dampening=0.1)",
        also=["pytorch_optimizer.SGDW(params, lr=lr, momentum=0.9, dampening=0.1)"],
        lr=SLOW,
    ),
    Case(
        file="sgd",
        name="nesterov, decay",
        table={"name": "sgd", "momentum": 0.9, "nesterov": True, "wrap": [{"name": "l2", "lambda": 0.01}]},
        call="torch.optim.SGD(params, lr=lr, momentum=0.9, nesterov=True, weight_decay=0.01)",
        also=["optax.chain(optax.add_decayed_weights(0.01), optax.sgd(lr, momentum=0.9, nesterov=True))"],
        lr=SLOW,
    ),
    Case(
        file="heavy-ball",
        name="default",
        table={"name": "heavy-ball"},
        call="torch.optim.SGD(params, lr=lr, momentum=0.9)",
        also=["optax.sgd(lr, momentum=0.9)"],
        lr=SLOW,
        problems=ALL,
    ),
    Case(
        file="heavy-ball",
        name="burn, decay",
        table={"name": "heavy-ball", "preset": "burn", "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="torch.optim.SGD(params, lr=lr, momentum=0.9, dampening=0.1, weight_decay=0.1)",
        also=["pytorch_optimizer.SGDW(params, lr=lr, momentum=0.9, dampening=0.1, weight_decay=0.1, weight_decouple=False)"],
        lr=SLOW,
    ),
    Case(
        file="heavy-ball",
        name="0.5, cosine",
        table={"name": "heavy-ball", "momentum": 0.5},
        call="torch.optim.SGD(params, lr=lr, momentum=0.5)",
        also=["optax.chain(optax.trace(0.5), optax.scale_by_learning_rate(lr))"],
        lr=SLOW,
        schedule={"name": "cosine"},
    ),
    Case(
        file="nesterov",
        name="default",
        table={"name": "nesterov"},
        call="torch.optim.SGD(params, lr=lr, momentum=0.9, nesterov=True)",
        also=["optax.sgd(lr, momentum=0.9, nesterov=True)", "Fista(shapes, momentum=0.9)"],
        lr=SLOW,
        problems=ALL,
    ),
    Case(
        file="nesterov",
        name="0.5, decay, step",
        table={"name": "nesterov", "momentum": 0.5, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="torch.optim.SGD(params, lr=lr, momentum=0.5, nesterov=True, weight_decay=0.1)",
        also=["optax.chain(optax.add_decayed_weights(0.1), optax.sgd(lr, momentum=0.5, nesterov=True))"],
        lr=SLOW,
        schedule={"name": "step", "gamma": 0.5, "every": 60},
    ),
    Case(
        file="nesterov",
        name="convex",
        table={"name": "nesterov", "convex": True},
        call="Fista(shapes)",
        lr=SLOW,
        problems=ALL,
    ),
    Case(
        file="nesterov",
        name="convex, restart",
        table={"name": "nesterov", "convex": True, "restart": True},
        call="Fista(shapes, restart=True)",
        lr={"rosenbrock": 3e-4, "quadratic": 1.0, "matrices": 0.2},
        problems=SMOOTH,
    ),
    Case(
        file="nesterov",
        name="restart",
        table={"name": "nesterov", "restart": True},
        call="Fista(shapes, momentum=0.9, restart=True)",
        lr={"rosenbrock": 3e-4, "quadratic": 1.0, "matrices": 0.2},
        problems=SMOOTH,
    ),
    Case(
        file="sgdw",
        name="default",
        table={"name": "sgdw"},
        call="pytorch_optimizer.SGDW(params, lr=lr, momentum=0.9, weight_decay=0.01)",
        also=["optax.chain(optax.trace(0.9), optax.add_decayed_weights(0.01), optax.scale_by_learning_rate(lr))"],
        lr=SLOW,
        problems=ALL,
    ),
    Case(
        file="sgdw",
        name="nesterov, cosine",
        table={"name": "sgdw", "momentum": 0.8, "nesterov": True, "decay": 0.5},
        call="pytorch_optimizer.SGDW(params, lr=lr, momentum=0.8, nesterov=True, weight_decay=0.5)",
        also=["optax.chain(optax.trace(0.8, nesterov=True), optax.add_decayed_weights(0.5), optax.scale_by_learning_rate(lr))"],
        lr=SLOW,
        schedule={"name": "cosine", "end": 0.1},
    ),
    Case(
        file="sgdw",
        name="dampening",
        table={"name": "sgdw", "dampening": 0.5, "decay": 0.1},
        call="pytorch_optimizer.SGDW(params, lr=lr, momentum=0.9, dampening=0.5, weight_decay=0.1)",
        lr=SLOW,
    ),
    Case(
        file="qhm",
        name="default",
        table={"name": "qhm"},
        call="pytorch_optimizer.QHM(params, lr=lr, momentum=0.999, nu=0.7)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="qhm",
        name="momentum as a mean, decay",
        table={"name": "qhm", "beta": 0.9, "nu": 1.0, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="pytorch_optimizer.QHM(params, lr=lr, momentum=0.9, nu=1.0, weight_decay=0.1)",
        also=["optax.chain(optax.add_decayed_weights(0.1), optax.ema(0.9, debias=False), optax.scale_by_learning_rate(lr))"],
        lr=LR,
    ),
    Case(
        file="qhm",
        name="nesterov, cosine",
        table={"name": "qhm", "beta": 0.9, "nu": 0.9},
        call="pytorch_optimizer.QHM(params, lr=lr, momentum=0.9, nu=0.9)",
        also=["optax.chain(optax.trace(0.9, nesterov=True), optax.scale(0.1), optax.scale_by_learning_rate(lr))"],
        lr=LR,
        schedule={"name": "cosine"},
        note="Nesterov's direction is (1 - beta) of torch's where nu = beta",
    ),
    Case(
        file="aggmo",
        name="default",
        table={"name": "aggmo"},
        call="pytorch_optimizer.AggMo(params, lr=lr, betas=(0.0, 0.9, 0.99))",
        lr=SLOW,
        problems=ALL,
    ),
    Case(
        file="aggmo",
        name="one, decay",
        table={"name": "aggmo", "betas": [0.9], "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="torch.optim.SGD(params, lr=lr, momentum=0.9, weight_decay=0.1)",
        lr=SLOW,
    ),
    Case(
        file="aggmo",
        name="four, exponential",
        table={"name": "aggmo", "betas": [0.0, 0.5, 0.9, 0.95]},
        call="pytorch_optimizer.AggMo(params, lr=lr, betas=(0.0, 0.5, 0.9, 0.95))",
        lr=SLOW,
        schedule={"name": "exponential", "gamma": 0.99},
    ),
    Case(
        file="pid",
        name="default",
        table={"name": "pid"},
        call="pytorch_optimizer.PID(params, lr=lr, momentum=0.9, integral=5.0, derivative=10.0)",
        lr={"rosenbrock": 1e-5, "quadratic": 0.002, "recorded": 0.002, "spike": 0.002, "matrices": 0.001},
        problems=ALL,
    ),
    Case(
        file="pid",
        name="decay",
        table={
            "name": "pid",
            "momentum": 0.5,
            "integral": 1.0,
            "derivative": 3.0,
            "wrap": [{"name": "l2", "lambda": 0.1}],
        },
        call="pytorch_optimizer.PID(params, lr=lr, momentum=0.5, integral=1.0, derivative=3.0, weight_decay=0.1)",
        lr=SLOW,
    ),
    Case(
        file="pid",
        name="integral alone, cosine",
        table={"name": "pid", "integral": 2.0, "derivative": 0.0},
        call="pytorch_optimizer.PID(params, lr=lr, momentum=0.9, integral=2.0, derivative=0.0)",
        lr={"rosenbrock": 2e-5, "quadratic": 0.005, "recorded": 0.005, "spike": 0.005},
        schedule={"name": "cosine"},
    ),
    Case(
        file="sign-sgd",
        name="default",
        table={"name": "sign-sgd"},
        call="optax.sign_sgd(lr)",
        also=["pytorch_optimizer.SignSGD(params, lr=lr, momentum=0.0)"],
        lr=SIGN,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="sign-sgd",
        name="decay, cosine",
        table={"name": "sign-sgd", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="pytorch_optimizer.SignSGD(params, lr=lr, momentum=0.0, weight_decay=0.1)",
        also=["optax.chain(optax.scale_by_sign(), optax.add_decayed_weights(0.1), optax.scale_by_learning_rate(lr))"],
        lr=SIGN,
        schedule={"name": "cosine"},
        problems=["quadratic", "recorded", "spike"],
    ),
    Case(
        file="signum",
        name="default",
        table={"name": "signum"},
        call="optax.signum(lr)",
        also=["pytorch_optimizer.SignSGD(params, lr=lr, momentum=0.9)"],
        lr=SIGN,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="signum",
        name="0.5, decay, cosine",
        table={"name": "signum", "momentum": 0.5, "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="pytorch_optimizer.SignSGD(params, lr=lr, momentum=0.5, weight_decay=0.1)",
        also=[
            "optax.chain(optax.ema(0.5, debias=False), optax.scale_by_sign(), optax.add_decayed_weights(0.1), "
            "optax.scale_by_learning_rate(lr))"
        ],
        lr=SIGN,
        schedule={"name": "cosine"},
        problems=["quadratic", "recorded", "spike"],
    ),
    Case(
        file="ef-sign-sgd",
        name="default",
        table={"name": "ef-sign-sgd"},
        call="EfSignSgd(shapes)",
        lr={"quadratic": 0.01, "recorded": 0.03, "spike": 0.03, "matrices": 0.01},
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="ef-sign-sgd",
        name="cosine",
        table={"name": "ef-sign-sgd"},
        call="EfSignSgd(shapes)",
        lr={"recorded": 0.03, "matrices": 0.01},
        schedule={"name": "cosine"},
        problems=["recorded", "matrices"],
    ),
    Case(
        file="asgd",
        name="default",
        table={"name": "asgd"},
        call="torch.optim.ASGD(params, lr=lr)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="asgd",
        name="average",
        table={"name": "asgd", "lambda": 0.1, "t0": 10},
        call=Ref("torch.optim.ASGD(params, lr=lr, lambd=0.1, t0=10)", readout='[optimizer.state[p]["ax"] for p in params]'),
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="asgd",
        name="alpha, decay",
        table={"name": "asgd", "lambda": 0.01, "alpha": 1.0, "t0": 0, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=Ref(
            "torch.optim.ASGD(params, lr=lr, lambd=0.01, alpha=1.0, t0=0, weight_decay=0.1)",
            readout='[optimizer.state[p]["ax"] for p in params]',
        ),
        lr=LR,
    ),
    Case(
        file="rprop",
        name="default",
        table={"name": "rprop"},
        call="torch.optim.Rprop(params, lr=lr)",
        problems=["quadratic", "recorded", "spike", "matrices"],
        note="optax.rprop takes each step one call late",
    ),
    Case(
        file="rprop",
        name="etas, step_sizes",
        table={"name": "rprop", "shrink": 0.7, "grow": 1.4, "min": 1e-3, "max": 0.05},
        call="torch.optim.Rprop(params, lr=lr, etas=(0.7, 1.4), step_sizes=(1e-3, 0.05))",
        problems=["recorded", "spike", "matrices"],
    ),
    Case(
        file="rprop",
        name="decay",
        table={"name": "rprop", "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=Ref("torch.optim.Rprop(params, lr=lr)", before="for p in params: p.grad += 0.1 * p.detach()"),
        lr=1e-3,
        problems=["quadratic", "recorded", "spike"],
    ),
]
