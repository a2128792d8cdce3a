"""What goes around an optimizer."""

import math

from .harness import Case, Ref
from .momentum import LR, SLOW

ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]
# With clipping, Adam is chaotic on rosenbrock at a higher rate.
ADAM = {"rosenbrock": 0.002, "quadratic": 0.02, "recorded": 0.02, "spike": 0.02, "matrices": 0.02}
MOMENTUM = {"name": "sgd", "momentum": 0.9}


def around(table, *wrap):
    return table | {"wrap": list(wrap)}


CASES = [
    Case(
        file="decay",
        name="sgd",
        table=around(MOMENTUM, {"name": "decay", "lambda": 0.1}),
        call="pytorch_optimizer.SGDW(params, lr=lr, momentum=0.9, weight_decay=0.1)",
        also=["optax.chain(optax.trace(0.9), optax.add_decayed_weights(0.1), optax.scale_by_learning_rate(lr))"],
        lr=SLOW,
    ),
    Case(
        file="decay",
        name="adam, cosine",
        table=around({"name": "adam"}, {"name": "decay", "lambda": 0.5}),
        call="torch.optim.AdamW(params, lr=lr, weight_decay=0.5)",
        also=["optax.adamw(lr, weight_decay=0.5)"],
        lr=0.02,
        schedule={"name": "cosine"},
    ),
    Case(
        file="decay",
        name="groups",
        table=around({"name": "adam"}, {"name": "decay", "lambda": 0.5})
        | {"groups": [{"name": "b", "lr_scale": 0.5, "decay": 0.0}, {"name": "c", "decay": 0.1}]},
        call="torch.optim.AdamW([{'params': params[:1]}, {'params': params[1:2], 'lr': 0.5 * lr, 'weight_decay': 0.0}, "
        "{'params': params[2:], 'weight_decay': 0.1}], lr=lr, weight_decay=0.5)",
        lr=0.02,
        schedule={"name": "warmup", "steps": 20},
        problems=["matrices"],
    ),
    Case(
        file="l2",
        name="sgd",
        table=around(MOMENTUM, {"name": "l2", "lambda": 0.1}),
        call="torch.optim.SGD(params, lr=lr, momentum=0.9, weight_decay=0.1)",
        also=["optax.chain(optax.add_decayed_weights(0.1), optax.sgd(lr, momentum=0.9))"],
        lr=SLOW,
    ),
    Case(
        file="l2",
        name="rmsprop, exponential",
        table=around({"name": "rmsprop"}, {"name": "l2", "lambda": 0.5}),
        call="torch.optim.RMSprop(params, lr=lr, weight_decay=0.5)",
        also=["optax.chain(optax.add_decayed_weights(0.5), optax.rmsprop(lr, decay=0.99, eps_in_sqrt=False))"],
        schedule={"name": "exponential", "gamma": 0.99},
    ),
    Case(
        file="l2",
        name="groups",
        table=around({"name": "adam"}, {"name": "l2", "lambda": 0.5}) | {"groups": [{"name": "b", "lr_scale": 0.5, "decay": 0.0}]},
        call="torch.optim.Adam([{'params': params[::2]}, {'params': params[1:2], 'lr': 0.5 * lr, 'weight_decay': 0.0}], "
        "lr=lr, weight_decay=0.5)",
        lr=0.02,
        problems=["matrices"],
    ),
    Case(
        file="l1",
        name="sgd",
        table=around({"name": "sgd"}, {"name": "l1", "lambda": 0.01}),
        call=Ref(
            "torch.optim.SGD(params, lr=lr)",
            before="for p in params: p.grad += 0.01 * torch.autograd.grad(p.abs().sum(), p)[0]",
        ),
        also=[Ref("optax.sgd(lr)", before="updates = [u + 0.01 * jnp.sign(p) for u, p in zip(updates, params)]")],
        lr=LR,
    ),
    Case(
        file="l1",
        name="adam",
        table=around({"name": "adam"}, {"name": "l1", "lambda": 0.2}),
        call=Ref(
            "torch.optim.Adam(params, lr=lr)",
            before="for p in params: p.grad += 0.2 * torch.autograd.grad(p.abs().sum(), p)[0]",
        ),
        lr=0.02,
    ),
    Case(
        file="l1",
        name="momentum, linear",
        table=around(MOMENTUM, {"name": "l1", "lambda": 0.1}),
        call=Ref(
            "torch.optim.SGD(params, lr=lr, momentum=0.9)",
            before="for p in params: p.grad += 0.1 * torch.autograd.grad(p.abs().sum(), p)[0]",
        ),
        lr=SLOW,
        schedule={"name": "linear", "end": 0.1},
    ),
    Case(
        file="clip-value",
        name="sgd",
        table=around(MOMENTUM, {"name": "clip-value", "limit": 0.2}),
        call=Ref("torch.optim.SGD(params, lr=lr, momentum=0.9)", before="torch.nn.utils.clip_grad_value_(params, 0.2)"),
        also=["optax.chain(optax.clip(0.2), optax.sgd(lr, momentum=0.9))"],
        lr=SLOW,
    ),
    Case(
        file="clip-value",
        name="adam, cosine",
        table=around({"name": "adam"}, {"name": "clip-value", "limit": 0.5}),
        call=Ref("torch.optim.Adam(params, lr=lr)", before="torch.nn.utils.clip_grad_value_(params, 0.5)"),
        also=["optax.chain(optax.clip(0.5), optax.adam(lr))"],
        lr=ADAM,
        schedule={"name": "cosine"},
    ),
    Case(
        file="clip-value",
        name="before and behind l2",
        table=around(MOMENTUM, {"name": "clip-value", "limit": 0.5}, {"name": "l2", "lambda": 0.1}, {"name": "clip-value", "limit": 0.3}),
        call="optax.chain(optax.clip(0.5), optax.add_decayed_weights(0.1), optax.clip(0.3), optax.sgd(lr, momentum=0.9))",
        lr=SLOW,
    ),
    Case(
        file="clip-norm",
        name="sgd",
        table=around(MOMENTUM, {"name": "clip-norm", "norm": 0.5}),
        call="optax.chain(optax.partition({str(i): optax.clip_by_global_norm(0.5) for i in range(3)}, "
        "[str(i) for i, _ in enumerate(params)]), optax.sgd(lr, momentum=0.9))",
        lr=SLOW,
        problems=ALL,
        note="torch's clip_grad_norm_ adds 1e-6 to the norm",
    ),
    Case(
        file="clip-norm",
        name="adam",
        table=around({"name": "adam"}, {"name": "clip-norm", "norm": 2.0}),
        call="optax.chain(optax.partition({str(i): optax.clip_by_global_norm(2.0) for i in range(3)}, "
        "[str(i) for i, _ in enumerate(params)]), optax.adam(lr))",
        lr=ADAM,
        problems=["rosenbrock", "recorded", "matrices"],
    ),
    Case(
        file="clip-norm",
        name="adagrad",
        table=around({"name": "adagrad", "eps": 0.0}, {"name": "clip-norm", "norm": math.sqrt(20) / 8}),
        call="optax.chain(optax.clip_by_block_rms(0.125), optax.adagrad(lr, initial_accumulator_value=0.0, eps=0.0))",
        lr=0.1,
        problems=["quadratic"],
        note="a root mean square of 1/8 over 20 coordinates",
    ),
    Case(
        file="clip-global",
        name="sgd",
        table=around(MOMENTUM, {"name": "clip-global", "norm": 0.5}),
        call="optax.chain(optax.clip_by_global_norm(0.5), optax.sgd(lr, momentum=0.9))",
        lr=SLOW,
        problems=ALL,
        note="torch's clip_grad_norm_ adds 1e-6 to the norm",
    ),
    Case(
        file="clip-global",
        name="adam, cosine",
        table=around({"name": "adam"}, {"name": "clip-global", "norm": 1.0}),
        call="optax.chain(optax.clip_by_global_norm(1.0), optax.adam(lr))",
        lr=ADAM,
        schedule={"name": "cosine"},
    ),
    Case(
        file="clip-global",
        name="behind l2",
        table=around({"name": "adamw", "decay": 0.1}, {"name": "l2", "lambda": 0.1}, {"name": "clip-global", "norm": 2.0}),
        call="optax.chain(optax.add_decayed_weights(0.1), optax.clip_by_global_norm(2.0), optax.adamw(lr, weight_decay=0.1))",
        lr=0.02,
        problems=["recorded", "matrices"],
    ),
]


def averaged(call, decay):
    """optax's debiased average, fed with the parameters in place of gradients."""
    return Ref(
        call,
        setup=f"ema = optax.ema({decay}); memory = ema.init(params)",
        after="average, memory = ema.update(params, memory)",
        readout="average",
    )


CASES += [
    Case(
        file="ema",
        name="sgd",
        table=around({"name": "sgd"}, {"name": "ema", "decay": 0.9}),
        call=averaged("optax.sgd(lr)", 0.9),
        lr=LR,
    ),
    Case(
        file="ema",
        name="adam, cosine",
        table=around({"name": "adam"}, {"name": "ema", "decay": 0.99}),
        call=averaged("optax.adam(lr)", 0.99),
        lr=0.02,
        schedule={"name": "cosine"},
    ),
    Case(
        file="ema",
        name="no memory",
        table=around(MOMENTUM, {"name": "ema", "decay": 0.0}),
        call="torch.optim.SGD(params, lr=lr, momentum=0.9)",
        lr=SLOW,
        problems=["rosenbrock", "recorded"],
        note="decay 0 reads out the point itself",
    ),
]
