"""Adagrad's line."""

from .harness import Case

LR = {"rosenbrock": 0.1, "quadratic": 0.2, "recorded": 0.2, "spike": 0.2, "matrices": 0.2}
ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]

CASES = [
    Case(
        file="adagrad",
        name="default",
        table={"name": "adagrad"},
        call="torch.optim.Adagrad(params, lr=lr)",
        lr=LR,
        problems=ALL,
        note="optax adds eps inside the root",
    ),
    Case(
        file="adagrad",
        name="initial, eps 0",
        table={"name": "adagrad", "initial": 0.1, "eps": 0.0},
        call="torch.optim.Adagrad(params, lr=lr, initial_accumulator_value=0.1, eps=0.0)",
        also=["optax.adagrad(lr, initial_accumulator_value=0.1, eps=0.0)"],
        lr=LR,
    ),
    Case(
        file="adagrad",
        name="lr_decay, decay",
        table={"name": "adagrad", "lr_decay": 0.1, "eps": 1e-3, "wrap": [{"name": "l2", "lambda": 0.01}]},
        call="torch.optim.Adagrad(params, lr=lr, lr_decay=0.1, eps=1e-3, weight_decay=0.01)",
        lr=LR,
        schedule={"name": "linear", "end": 0.1},
    ),
    Case(
        file="rmsprop",
        name="default",
        table={"name": "rmsprop"},
        call="torch.optim.RMSprop(params, lr=lr)",
        also=["optax.rmsprop(lr, decay=0.99, eps_in_sqrt=False)"],
        problems=ALL,
    ),
    Case(
        file="rmsprop",
        name="momentum, decay",
        table={"name": "rmsprop", "alpha": 0.9, "momentum": 0.9, "eps": 1e-4, "wrap": [{"name": "l2", "lambda": 0.01}]},
        call="torch.optim.RMSprop(params, lr=lr, alpha=0.9, momentum=0.9, eps=1e-4, weight_decay=0.01)",
        also=["optax.chain(optax.add_decayed_weights(0.01), optax.rmsprop(lr, decay=0.9, eps=1e-4, eps_in_sqrt=False, momentum=0.9))"],
        lr=1e-3,
    ),
    Case(
        file="rmsprop",
        name="centered, step",
        table={"name": "rmsprop", "centered": True, "momentum": 0.5},
        call="torch.optim.RMSprop(params, lr=lr, centered=True, momentum=0.5)",
        lr=1e-3,
        schedule={"name": "step", "gamma": 0.5, "every": 60},
    ),
    Case(
        file="adadelta",
        name="default",
        table={"name": "adadelta"},
        call="torch.optim.Adadelta(params, lr=lr)",
        also=["optax.adadelta(lr, rho=0.9, eps=1e-6)", "pytorch_optimizer.AdaDelta(params, lr=lr)"],
        lr=1.0,
        problems=ALL,
    ),
    Case(
        file="adadelta",
        name="paper",
        table={"name": "adadelta", "rho": 0.95},
        call="torch.optim.Adadelta(params, lr=lr, rho=0.95)",
        also=["optax.adadelta(lr, rho=0.95, eps=1e-6)"],
        lr=1.0,
        schedule={"name": "cosine"},
    ),
    Case(
        file="adadelta",
        name="eps, decay",
        table={"name": "adadelta", "eps": 1e-3, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="torch.optim.Adadelta(params, lr=lr, eps=1e-3, weight_decay=0.1)",
        also=["optax.chain(optax.add_decayed_weights(0.1), optax.adadelta(lr, rho=0.9, eps=1e-3))"],
        lr={"rosenbrock": 0.01, "quadratic": 0.3, "recorded": 0.3, "spike": 0.3},
    ),
    Case(file="adagrad-optax", name="default", table={"name": "adagrad-optax"}, call="optax.adagrad(lr)", lr=LR),
    Case(file="rmsprop-optax", name="default", table={"name": "rmsprop-optax"}, call="optax.rmsprop(lr)", lr=1e-3),
    Case(file="madgrad", name="default", table={"name": "madgrad"}, call="optax.contrib.madgrad(lr)"),
    Case(
        file="ftrl",
        name="default",
        table={"name": "ftrl"},
        call="pytorch_optimizer.FTRL(params, lr=lr, beta=1.0)",
        lr=0.1,
        note="the start is forgotten at step 1: z starts at 0",
    ),
]
