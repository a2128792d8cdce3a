"""Gradient descent and momentum."""

from .harness import Case

LR = {"rosenbrock": 1e-3, "quadratic": 0.1, "recorded": 0.1, "spike": 0.1, "matrices": 0.05}
# With momentum 0.9 the same reach needs a tenth.
SLOW = {"rosenbrock": 1e-4, "quadratic": 0.03, "recorded": 0.03, "spike": 0.03, "matrices": 0.01}
ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]

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
        file="qhm",
        name="default",
        table={"name": "qhm"},
        call="pytorch_optimizer.QHM(params, lr=lr, momentum=0.999, nu=0.7)",
        lr=LR,
    ),
    Case(
        file="aggmo",
        name="default",
        table={"name": "aggmo"},
        call="pytorch_optimizer.AggMo(params, lr=lr, betas=(0.0, 0.9, 0.99))",
        lr=SLOW,
    ),
    Case(
        file="pid",
        name="default",
        table={"name": "pid"},
        call="pytorch_optimizer.PID(params, lr=lr, momentum=0.9, integral=5.0, derivative=10.0)",
        lr={"rosenbrock": 1e-5, "quadratic": 0.002, "recorded": 0.002, "spike": 0.002},
    ),
    Case(file="asgd", name="default", table={"name": "asgd"}, call="torch.optim.ASGD(params, lr=lr)", lr=LR),
    Case(file="rprop", name="default", table={"name": "rprop"}, call="torch.optim.Rprop(params, lr=lr)"),
]
