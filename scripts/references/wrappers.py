"""What goes around an optimizer."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

from .harness import SMOOTH, Case, Ref
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


# --- adapters, for references that take more than a gradient or want to be called in another way -----


class Asking:
    """An optax transformation whose update asks for gradients at other points."""

    def __init__(self, optimizer):
        self.optimizer, self.state = optimizer, None

    def step(self, x, g, lr, value, ask):
        x, g = jax.tree.map(jnp.asarray, (x, g))
        self.state = self.state or self.optimizer.init(x)
        updates, self.state = self.optimizer.update(g, self.state, x, grad_fn=lambda p, _: jax.tree.map(jnp.asarray, ask(p)[1]))
        return jax.tree.map(np.asarray, optax.apply_updates(x, updates))


class Pairs:
    """optax.lookahead, whose parameters are pairs of fast and slow."""

    def __init__(self, optimizer):
        self.optimizer, self.state = optimizer, None

    def step(self, x, g, lr, value, ask):
        if self.state is None:
            self.params = optax.LookaheadParams.init_synced(jax.tree.map(jnp.asarray, x))
            self.state = self.optimizer.init(self.params)
        updates, self.state = self.optimizer.update(jax.tree.map(jnp.asarray, g), self.state, self.params)
        self.params = optax.apply_updates(self.params, updates)
        self.slow = self.params.slow
        return jax.tree.map(np.asarray, self.params.fast)


class Pieces:
    """The torch loop: k backward passes of loss / k, then one step."""

    def __init__(self, make, k):
        self.make, self.k, self.seen, self.params = make, k, 0, None

    def step(self, x, g, lr, value, ask):
        if self.params is None:
            self.params = [torch.nn.Parameter(torch.tensor(p)) for p in x]
            self.optimizer = self.make(self.params)
            self.optimizer.zero_grad(set_to_none=False)
        for p, g in zip(self.params, g):
            p.grad = torch.tensor(g) / self.k + (0.0 if p.grad is None else p.grad)
        self.seen += 1
        if self.seen % self.k == 0:
            self.optimizer.param_groups[0]["lr"] = lr
            self.optimizer.step()
            self.optimizer.zero_grad()
        return [p.detach().numpy().copy() for p in self.params]


class Average:
    """torch's AveragedModel over the points from a step on."""

    def __init__(self, params, start, every=1):
        self.model = torch.nn.ParameterList(params)
        self.average = torch.optim.swa_utils.AveragedModel(self.model)
        self.t, self.start, self.every = 0, start, every

    def update(self):
        self.t += 1
        if self.t >= self.start and (self.t - self.start) % self.every == 0:
            self.average.update_parameters(self.model)

    def read(self):
        return list((self.average.module if self.average.n_averaged > 0 else self.model).parameters())


def squared_norm(groups, weight_adaptive):
    """pytorch_optimizer's get_global_gradient_norm for SAM, in float64: its own is in float32."""
    grads = [p.grad * p.abs() if g["adaptive"] else p.grad for g in groups for p in g["params"]]
    return sum((g * g).sum() for g in grads).reshape(1)


def uphill(rho, eta):
    """The ascent of the authors' asam.py (github.com/SamsungLabs/ASAM), for parameters named `weight`; all are."""

    def update(g, state, x):
        t = jax.tree.map(lambda x: jnp.abs(x) + eta, x)
        tg = jax.tree.map(jnp.multiply, t, g)
        norm = optax.tree.norm(tg)
        return jax.tree.map(lambda t, tg: -(t * tg) * (rho / norm), t, tg), state

    return optax.GradientTransformation(lambda x: optax.EmptyState(), update)


class CautiousAdam:
    """The authors' c_adamw.py (github.com/kyleliang919/C-Optim), without decay; eps as in TensorFlow 1."""

    def __init__(self, shapes, beta1=0.9, beta2=0.999, eps=1e-6):
        self.m, self.v, self.t = [np.zeros(s) for s in shapes], [np.zeros(s) for s in shapes], 0
        self.beta1, self.beta2, self.eps = beta1, beta2, eps

    def step(self, x, g, lr, value, ask):
        self.t += 1
        out = []
        for i, (x, g) in enumerate(zip(x, g)):
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g * g
            mask = (self.m[i] * g > 0).astype(float)
            mask /= max(mask.mean(), 1e-3)
            size = lr * math.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
            out.append(x - size * self.m[i] * mask / (np.sqrt(self.v[i]) + self.eps))
        return out


SLOW_PARAMS = "[optimizer.state[p]['slow_params'] for p in params]"


def lookahead(k, alpha):
    return {"name": "lookahead", "k": k, "alpha": alpha}


CASES += [
    Case(
        file="lookahead",
        name="sgd",
        table=around(MOMENTUM, {"name": "lookahead"}),
        call="pytorch_optimizer.Lookahead(torch.optim.SGD(params, lr=lr, momentum=0.9), k=5, alpha=0.5)",
        also=["Pairs(optax.lookahead(optax.sgd(lr, momentum=0.9), 5, 0.5))"],
        lr=SLOW,
        problems=ALL,
    ),
    Case(
        file="lookahead",
        name="adam, cosine",
        table=around({"name": "adam"}, lookahead(7, 0.8)),
        call="pytorch_optimizer.Lookahead(torch.optim.Adam(params, lr=lr), k=7, alpha=0.8)",
        lr=0.02,
        schedule={"name": "cosine"},
    ),
    Case(
        file="lookahead",
        name="slow weights",
        table=around({"name": "adam"}, lookahead(6, 0.25)),
        call=Ref(
            "pytorch_optimizer.Lookahead(torch.optim.Adam(params, lr=lr), k=6, alpha=0.25)",
            readout=SLOW_PARAMS,
        ),
        also=[Ref("Pairs(optax.lookahead(optax.adam(lr), 6, 0.25))", readout="optimizer.slow")],
        lr=0.02,
    ),
    Case(
        file="lookahead",
        name="ranger",
        table=around({"name": "radam", "beta1": 0.95, "eps": 1e-5}, {"name": "gradient-centralization"}, lookahead(6, 0.5)),
        call=Ref(
            "pytorch_optimizer.Lookahead(torch.optim.RAdam(params, lr=lr, betas=(0.95, 0.999), eps=1e-5), k=6, alpha=0.5)",
            before="for p in params: pytorch_optimizer.centralize_gradient(p.grad)",
        ),
        lr=0.02,
        problems=["matrices"],
    ),
]


def torch_sam(base, **options):
    return Ref(
        f"pytorch_optimizer.SAM(params, {base}, lr=lr, perturb_eps=0.0, "
        + ", ".join(f"{k}={v}" for k, v in options.items())
        + ")",
        setup="pytorch_optimizer.optimizer.sam.get_global_gradient_norm = squared_norm",
        closure=True,
    )


def optax_sam(base, ascent):
    return f"Asking(optax.contrib.sam({base}, {ascent}, opaque_mode=True))"


CASES += [
    Case(
        file="sam",
        name="default",
        table=around({"name": "sgd"}, {"name": "sam"}),
        call=torch_sam("torch.optim.SGD", rho=0.05),
        also=[optax_sam("optax.sgd(lr)", "optax.chain(optax.contrib.normalize(), optax.sgd(0.05))")],
        lr={"rosenbrock": 5e-4, "quadratic": 0.1, "matrices": 0.1},
        problems=SMOOTH,
        note="pytorch_optimizer with its norm in float64",
    ),
    Case(
        file="sam",
        name="momentum, cosine",
        table=around(MOMENTUM, {"name": "sam", "rho": 0.2}),
        call=torch_sam("torch.optim.SGD", momentum=0.9, rho=0.2),
        lr={"rosenbrock": 1e-4, "quadratic": 0.02, "matrices": 0.02},
        schedule={"name": "cosine"},
        problems=SMOOTH,
    ),
    Case(
        file="sam",
        name="adam, l2",
        table=around({"name": "adam"}, {"name": "sam", "rho": 0.1}, {"name": "l2", "lambda": 0.1}),
        call=torch_sam("torch.optim.Adam", weight_decay=0.1, rho=0.1),
        also=[
            optax_sam(
                "optax.chain(optax.add_decayed_weights(0.1), optax.adam(lr))",
                "optax.chain(optax.contrib.normalize(), optax.sgd(0.1))",
            )
        ],
        lr={"rosenbrock": 0.002, "quadratic": 0.02, "matrices": 0.02},
        problems=SMOOTH,
    ),
    Case(
        file="asam",
        name="default",
        table=around({"name": "sgd"}, {"name": "asam"}),
        call=optax_sam("optax.sgd(lr)", "uphill(0.5, 0.01)"),
        lr={"quadratic": 0.02, "matrices": 0.1},
        problems=["quadratic", "matrices"],
        note="on rosenbrock it is chaotic: rho 0.5 reaches far out of the valley",
    ),
    Case(
        file="asam",
        name="no eta, adam",
        table=around({"name": "adam"}, {"name": "asam", "rho": 0.1, "eta": 0.0}),
        call=torch_sam("torch.optim.Adam", rho=0.1, adaptive=True),
        also=[optax_sam("optax.adam(lr)", "uphill(0.1, 0.0)")],
        lr={"rosenbrock": 0.002, "quadratic": 0.02, "matrices": 0.02},
        problems=SMOOTH,
        note="pytorch_optimizer with its norm in float64",
    ),
    Case(
        file="asam",
        name="momentum, cosine",
        table=around(MOMENTUM, {"name": "asam", "rho": 0.2, "eta": 0.0}),
        call=torch_sam("torch.optim.SGD", momentum=0.9, rho=0.2, adaptive=True),
        lr={"rosenbrock": 1e-4, "quadratic": 0.02, "matrices": 0.02},
        schedule={"name": "cosine"},
        problems=SMOOTH,
    ),
]


def model_average(call, start, every=1):
    return Ref(
        call,
        setup=f"average = Average(params, {start}, {every})",
        after="average.update()",
        readout="average.read()",
    )


CASES += [
    Case(
        file="swa",
        name="sgd",
        table=around(MOMENTUM, {"name": "swa", "start": 20, "every": 10}),
        call=model_average("torch.optim.SGD(params, lr=lr, momentum=0.9)", 20, 10),
        lr=SLOW,
    ),
    Case(
        file="swa",
        name="adam, step",
        table=around({"name": "adam"}, {"name": "swa", "start": 3, "every": 1}),
        call=model_average("torch.optim.Adam(params, lr=lr)", 3),
        lr=0.02,
        schedule={"name": "step", "gamma": 0.5, "every": 50},
    ),
    Case(
        file="swa",
        name="adamw",
        table=around({"name": "adamw", "decay": 0.1}, {"name": "swa", "start": 100, "every": 7}),
        call=model_average("torch.optim.AdamW(params, lr=lr, weight_decay=0.1)", 100, 7),
        lr=0.02,
        problems=ALL,
    ),
    Case(
        file="polyak-average",
        name="default",
        table=around({"name": "sgd"}, {"name": "polyak-average"}),
        call=Ref(
            "torch.optim.ASGD(params, lr=lr, lambd=0.0, alpha=0.0, t0=-1)",
            readout="[optimizer.state[p]['ax'] for p in params]",
        ),
        also=[model_average("torch.optim.SGD(params, lr=lr)", 1)],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="polyak-average",
        name="late",
        table=around({"name": "sgd"}, {"name": "polyak-average", "start": 21}),
        call=Ref(
            "torch.optim.ASGD(params, lr=lr, lambd=0.0, alpha=0.0, t0=19)",
            readout="[optimizer.state[p]['ax'] for p in params]",
        ),
        also=[model_average("torch.optim.SGD(params, lr=lr)", 21)],
        lr=LR,
    ),
    Case(
        file="polyak-average",
        name="adam, inverse-sqrt",
        table=around({"name": "adam"}, {"name": "polyak-average", "start": 5}),
        call=model_average("torch.optim.Adam(params, lr=lr)", 5),
        lr=0.05,
        schedule={"name": "inverse-sqrt"},
    ),
]

AGC = "for p in params: p.grad.copy_(pytorch_optimizer.optimizer.agc(p.detach(), p.grad, {eps}, {clipping}))"

CASES += [
    Case(
        file="clip-adaptive",
        name="default",
        table=around({"name": "sgd"}, {"name": "clip-adaptive"}),
        call=Ref("torch.optim.SGD(params, lr=lr)", before=AGC.format(eps=1e-3, clipping=0.01)),
        also=["optax.chain(optax.adaptive_grad_clip(0.01), optax.sgd(lr))"],
        lr=0.5,
    ),
    Case(
        file="clip-adaptive",
        name="matrices",
        table=around(MOMENTUM, {"name": "clip-adaptive", "clipping": 0.05, "eps": 0.5}),
        call=Ref("torch.optim.SGD(params, lr=lr, momentum=0.9)", before=AGC.format(eps=0.5, clipping=0.05)),
        also=["optax.chain(optax.adaptive_grad_clip(0.05, eps=0.5, axis=1), optax.sgd(lr, momentum=0.9))"],
        lr=0.1,
        problems=["matrices"],
    ),
    Case(
        file="clip-adaptive",
        name="adam, cosine",
        table=around({"name": "adam"}, {"name": "clip-adaptive", "clipping": 0.1}),
        call=Ref("torch.optim.Adam(params, lr=lr)", before=AGC.format(eps=1e-3, clipping=0.1)),
        lr=ADAM,
        schedule={"name": "cosine"},
        problems=["quadratic", "recorded", "matrices"],
    ),
    Case(
        file="accumulate",
        name="sgd",
        table=around(MOMENTUM, {"name": "accumulate", "k": 3}),
        call=Ref("optax.MultiSteps(optax.sgd(lr, momentum=0.9), 3, accumulator_dtype=jnp.float64).gradient_transformation()", jit=True),
        also=["Pieces(lambda params: torch.optim.SGD(params, momentum=0.9), 3)"],
        lr=SLOW,
        problems=ALL,
    ),
    Case(
        file="accumulate",
        name="adam",
        table=around({"name": "adam"}, {"name": "accumulate", "k": 4}),
        call=Ref("optax.MultiSteps(optax.adam(lr), 4, accumulator_dtype=jnp.float64).gradient_transformation()", jit=True),
        also=["Pieces(torch.optim.Adam, 4)"],
        lr=0.02,
    ),
    Case(
        file="accumulate",
        name="adam, cosine",
        table=around({"name": "adam"}, {"name": "accumulate", "k": 5}, {"name": "decay", "lambda": 0.1}),
        call="Pieces(lambda params: torch.optim.AdamW(params, weight_decay=0.1), 5)",
        lr=0.02,
        schedule={"name": "cosine"},
    ),
    Case(
        file="cautious",
        name="default",
        table=around({"name": "adam", "eps": 1e-6, "eps_hat": True}, {"name": "cautious"}),
        call="CautiousAdam(shapes)",
        lr=0.02,
        problems=["quadratic", "matrices"],
        note="steps that are lost in the parameters' rounding agree in the authors' code and not here: no `recorded`",
    ),
    Case(
        file="cautious",
        name="betas",
        table=around({"name": "adam", "beta1": 0.6, "beta2": 0.9, "eps": 1e-3, "eps_hat": True}, {"name": "cautious"}),
        call="CautiousAdam(shapes, 0.6, 0.9, 1e-3)",
        lr=0.02,
        problems=["quadratic", "matrices"],
    ),
    Case(
        file="cautious",
        name="paper, lion",
        table=around({"name": "lion"}, {"name": "cautious", "xi": 1.0}),
        call="pytorch_optimizer.Lion(params, lr=lr, cautious=True)",
        lr=0.01,
        problems=ALL,
    ),
    Case(
        file="cautious",
        name="paper, lion, decay, cosine",
        table=around({"name": "lion", "beta1": 0.8}, {"name": "decay", "lambda": 0.1}, {"name": "cautious", "xi": 1.0}),
        call="pytorch_optimizer.Lion(params, lr=lr, betas=(0.8, 0.99), weight_decay=0.1, cautious=True)",
        lr=0.01,
        schedule={"name": "cosine"},
    ),
]


def filtered(call, alpha, lamb):
    return Ref(
        call,
        setup="model = torch.nn.ParameterList(params); grads = None",
        before=f"grads = pytorch_optimizer.optimizer.grokfast.gradfilter_ema(model, grads, {alpha}, {lamb})",
    )


CASES += [
    Case(
        file="grokfast",
        name="default",
        table=around({"name": "sgd"}, {"name": "grokfast"}),
        call=filtered("torch.optim.SGD(params, lr=lr)", 0.98, 2.0),
        lr=SLOW,
        problems=ALL,
    ),
    Case(
        file="grokfast",
        name="adam, cosine",
        table=around({"name": "adam"}, {"name": "grokfast", "alpha": 0.9, "lamb": 5.0}),
        call=filtered("torch.optim.Adam(params, lr=lr)", 0.9, 5.0),
        lr=0.02,
        schedule={"name": "cosine"},
    ),
    Case(
        file="grokfast",
        name="adamw",
        table=around({"name": "adamw", "decay": 0.1}, {"name": "grokfast", "alpha": 0.5, "lamb": 1.0}),
        call=filtered("torch.optim.AdamW(params, lr=lr, weight_decay=0.1)", 0.5, 1.0),
        lr=0.02,
    ),
    Case(
        file="gradient-centralization",
        name="adam",
        table=around({"name": "adam"}, {"name": "gradient-centralization"}),
        call=Ref("torch.optim.Adam(params, lr=lr)", before="for p in params: pytorch_optimizer.centralize_gradient(p.grad)"),
        also=["optax.chain(optax.centralize(), optax.adam(lr))"],
        lr=0.02,
        problems=["matrices", "quadratic"],
    ),
    Case(
        file="gradient-centralization",
        name="momentum, cosine",
        table=around(MOMENTUM, {"name": "gradient-centralization"}, {"name": "l2", "lambda": 0.1}),
        call=Ref(
            "torch.optim.SGD(params, lr=lr, momentum=0.9, weight_decay=0.1)",
            before="for p in params: pytorch_optimizer.centralize_gradient(p.grad)",
        ),
        lr=SLOW | {"matrices": 0.05},
        schedule={"name": "cosine"},
        problems=["matrices"],
    ),
    Case(
        file="gradient-centralization",
        name="behind l2",
        table=around(MOMENTUM, {"name": "l2", "lambda": 0.1}, {"name": "gradient-centralization"}),
        call="optax.chain(optax.add_decayed_weights(0.1), optax.centralize(), optax.sgd(lr, momentum=0.9))",
        lr=0.05,
        problems=["matrices"],
    ),
    Case(
        file="mechanic",
        name="default",
        table=around({"name": "sgd"}, {"name": "mechanic"}),
        call=Ref("optax.contrib.mechanize(optax.sgd(lr))", jit=True),
        lr=1.0,
        problems=["recorded"],
        note="where the gradients depend on the point, a scale that grows from 1e-6 is chaotic",
    ),
    Case(
        file="mechanic",
        name="from a larger scale",
        table=around({"name": "sgd"}, {"name": "mechanic", "s_init": 1e-3, "betas": [0.9, 0.99, 0.999]}),
        call=Ref("optax.contrib.mechanize(optax.sgd(lr), s_init=1e-3, num_betas=3)", jit=True),
        lr=1.0,
        problems=["matrices", "recorded"],
    ),
    Case(
        file="mechanic",
        name="from a larger scale, decay",
        table=around({"name": "sgd"}, {"name": "mechanic", "s_init": 0.1, "s_decay": 0.1, "betas": [0.9, 0.99, 0.999]}),
        call=Ref("optax.contrib.mechanize(optax.sgd(lr), s_init=0.1, weight_decay=0.1, num_betas=3)", jit=True),
        lr=1.0,
        problems=["quadratic", "recorded", "spike"],
    ),
    Case(
        file="mechanic",
        name="adam, cosine",
        table=around({"name": "adam"}, {"name": "mechanic", "s_init": 0.1, "s_decay": 0.0}),
        call=Ref("optax.contrib.mechanize(optax.adam(lr), s_init=0.1, weight_decay=0.0)", jit=True),
        lr=0.1,
        schedule={"name": "cosine"},
        problems=["recorded"],
    ),
]
