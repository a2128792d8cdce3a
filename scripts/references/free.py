"""No learning rate, or no schedule, to choose."""

import math

import numpy as np

from .harness import VECTORS, Case, Ref

# On rosenbrock many are chaotic at their usual rate.
CALM = ["quadratic", "recorded", "spike"]
ALL = [*VECTORS, "matrices"]
SF = {"rosenbrock": 1e-4, "quadratic": 0.1, "recorded": 0.1, "spike": 0.1, "matrices": 0.1}


class Sps:
    """SPS_max as in the paper, equation 3; with `doubling`, the growing bound of its section 5."""

    def __init__(self, shapes, lower_bound, c, bound, doubling=0, eps=0.0):
        self.lower_bound, self.c, self.eps = lower_bound, c, eps
        self.bound, self.growth = bound, 2.0 ** (1.0 / doubling) if doubling else math.inf
        self.last = bound if doubling else 1.0

    def step(self, x, g, lr, value, ask):
        square = sum(float(np.sum(b * b)) for b in g)
        if square > 0.0:
            polyak = max(value - self.lower_bound, 0.0) / (self.c * square + self.eps)
            self.last = min(polyak, self.bound if self.growth == math.inf else self.growth * self.last)
        return [x - lr * self.last * g for x, g in zip(x, g)]


def polyak(options, scale="lr", before=""):
    """optax's `polyak_sgd` but for its `scaling`, which stands before the norm and so divides."""
    return (
        f"optax.chain({before}optax.scale_by_polyak({options}, f_min=lower_bound, variant='sps+'), "
        f"optax.scale_by_learning_rate({scale}))"
    )


def averaged(call, gamma=8.0):
    """With the average that its authors read out."""
    return Ref(
        call,
        setup=f"average = dog.PolynomialDecayAverager(torch.nn.ParameterList(params), gamma={gamma})",
        after="average.step()",
        readout="list(average.averaged_model.parameters())",
    )


def ali_g(options=""):
    """pytorch_optimizer's, but for its sum of squares in float32 and its bound of 0."""
    return Ref(
        f"pytorch_optimizer.AliG(params, max_lr=lr{options})",
        setup="optimizer.compute_step_size = lambda loss: "
        "float(loss - lower_bound) / (sum(float((p.grad * p.grad).sum()) for p in params) + 1e-5)",
        closure=True,
    )


def with_loss(call):
    return Ref(f"momo.{call}", closure=True)


CASES = [
    Case(
        file="polyak",
        name="default",
        table={"name": "polyak"},
        call=polyak("max_learning_rate=jnp.inf"),
        lr={"quadratic": 0.02, "recorded": 0.5, "spike": 0.5, "matrices": 0.2},
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="polyak",
        name="optax",
        table={"name": "polyak", "preset": "optax"},
        call=polyak("max_learning_rate=1.0"),
        lr={"rosenbrock": 0.2, "quadratic": 1.0, "recorded": 0.5, "spike": 0.5, "matrices": 0.2},
        problems=["quadratic", "recorded", "spike", "matrices"],
        schedule={"name": "cosine"},
    ),
    Case(
        file="polyak",
        name="max, l2",
        table={"name": "polyak", "max": 0.1, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=polyak("max_learning_rate=0.1", before="optax.add_decayed_weights(0.1), "),
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="sps",
        name="default",
        table={"name": "sps"},
        call=polyak("max_learning_rate=0.5", scale="2 * lr"),
        also=["Sps(shapes, lower_bound, c=0.5, bound=1.0)"],
        lr={"quadratic": 0.3, "recorded": 0.5, "spike": 0.5, "matrices": 0.2},
        problems=["quadratic", "recorded", "spike", "matrices"],
        note="2 is 1 / c",
    ),
    Case(
        file="sps",
        name="c, max, eps",
        table={"name": "sps", "c": 0.25, "max": 0.25, "eps": 0.125},
        call=polyak("max_learning_rate=0.0625, eps=0.5", scale="4 * lr"),
        lr=0.5,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="sps",
        name="authors, linear",
        table={"name": "sps", "preset": "authors", "doubling": 20.0, "max": 0.1},
        call="Sps(shapes, lower_bound, c=0.5, bound=0.1, doubling=20, eps=1e-8)",
        lr=0.2,
        problems=["quadratic", "recorded", "spike", "matrices"],
        schedule={"name": "linear"},
    ),
    Case(
        file="ali-g",
        name="default",
        table={"name": "ali-g"},
        call=polyak("max_learning_rate=lr, eps=1e-5", scale="1.0"),
        also=[ali_g()],
        lr={"rosenbrock": 1e-3, "quadratic": 0.1, "recorded": 0.1, "spike": 0.1, "matrices": 0.1},
        problems=ALL,
        note="pytorch_optimizer sums squares in float32",
    ),
    Case(
        file="ali-g",
        name="momentum",
        table={"name": "ali-g", "momentum": 0.9},
        call=ali_g(", momentum=0.9"),
        lr={"rosenbrock": 1e-4, "quadratic": 0.01, "recorded": 0.1, "spike": 0.1, "matrices": 0.01},
        problems=ALL,
        note="pytorch_optimizer sums squares in float32",
    ),
    Case(
        file="ali-g",
        name="eps, l2",
        table={"name": "ali-g", "eps": 0.5, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=polyak("max_learning_rate=lr, eps=0.5", scale="1.0", before="optax.add_decayed_weights(0.1), "),
        lr=0.05,
        problems=CALM,
    ),
    Case(
        file="momo",
        name="default",
        table={"name": "momo"},
        call=with_loss("Momo(params, lr=lr, lb=lower_bound)"),
        also=["optax.contrib.momo(lr, lower_bound=lower_bound)"],
        lr={"rosenbrock": 1e-4, "quadratic": 1.0, "recorded": 1.0, "spike": 1.0, "matrices": 0.1},
        problems=ALL,
    ),
    Case(
        file="momo",
        name="bias correction, cosine",
        table={"name": "momo", "beta": 0.8, "bias_correction": True},
        call=with_loss("Momo(params, lr=lr, beta=0.8, lb=lower_bound, bias_correction=True)"),
        lr={"rosenbrock": 1e-4, "quadratic": 1.0, "recorded": 1.0, "spike": 1.0, "matrices": 0.1},
        problems=ALL,
        schedule={"name": "cosine"},
    ),
    Case(
        file="momo",
        name="decay",
        table={"name": "momo", "decay": 0.1},
        call=with_loss("Momo(params, lr=lr, weight_decay=0.1, lb=lower_bound)"),
        lr={"rosenbrock": 1e-4, "quadratic": 0.3, "recorded": 0.3, "spike": 0.3, "matrices": 0.1},
        problems=ALL,
        note="optax does not divide the step by 1 + lr decay",
    ),
    Case(
        file="momo-adam",
        name="default",
        table={"name": "momo-adam"},
        call=with_loss("MomoAdam(params, lr=lr, lb=lower_bound)"),
        also=["optax.contrib.momo_adam(lr, lower_bound=lower_bound)"],
        problems=ALL,
    ),
    Case(
        file="momo-adam",
        name="betas, eps, cosine",
        table={"name": "momo-adam", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
        call=with_loss("MomoAdam(params, lr=lr, betas=(0.8, 0.95), eps=1e-3, lb=lower_bound)"),
        also=["optax.contrib.momo_adam(lr, b1=0.8, b2=0.95, eps=1e-3, lower_bound=lower_bound)"],
        lr={"rosenbrock": 0.01, "quadratic": 0.1, "recorded": 0.1, "spike": 0.1, "matrices": 0.1},
        schedule={"name": "cosine"},
        problems=ALL,
    ),
    Case(
        file="momo-adam",
        name="decay",
        table={"name": "momo-adam", "decay": 0.1},
        call=with_loss("MomoAdam(params, lr=lr, weight_decay=0.1, lb=lower_bound)"),
        problems=ALL,
        note="optax does not divide the step by 1 + lr decay",
    ),
    Case(
        file="cocob",
        name="default",
        table={"name": "cocob"},
        call="parameterfree.COCOB(params)",
        also=["optax.contrib.cocob()"],
        lr=1.0,
        problems=["rosenbrock", "recorded", "spike", "matrices"],
        note="on quadratic its bets are chaotic",
    ),
    Case(
        file="cocob",
        name="alpha, eps, l2",
        table={"name": "cocob", "alpha": 10.0, "eps": 0.1, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="parameterfree.COCOB(params, alpha=10.0, eps=0.1, weight_decay=0.1)",
        also=["optax.contrib.cocob(alpha=10.0, eps=0.1, weight_decay=0.1)"],
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="cocob",
        name="half way",
        table={"name": "cocob"},
        call=Ref(
            "parameterfree.COCOB(params)",
            before="old = [p.detach().clone() for p in params]",
            after="for p, o in zip(params, old): p.data.sub_(o).mul_(lr).add_(o)",
        ),
        also=["optax.chain(optax.contrib.cocob(), optax.scale(lr))"],
        lr=0.5,
        problems=ALL,
    ),
    Case(
        file="dadapt-sgd",
        name="default",
        table={"name": "dadapt-sgd"},
        call="dadaptation.DAdaptSGD(params, lr=lr)",
        lr={"rosenbrock": 1.0, "quadratic": 0.3, "recorded": 0.3, "spike": 0.3, "matrices": 1.0},
        problems=ALL,
        note="on quadratic it diverges at lr = 1",
    ),
    Case(
        file="dadapt-sgd",
        name="momentum, d0, cosine",
        table={"name": "dadapt-sgd", "momentum": 0.9, "d0": 1e-3},
        call="dadaptation.DAdaptSGD(params, lr=lr, momentum=0.9, d0=1e-3)",
        lr={"rosenbrock": 1.0, "quadratic": 1.0, "recorded": 0.3, "spike": 0.3, "matrices": 1.0},
        problems=ALL,
        schedule={"name": "cosine", "end": 0.1},
    ),
    Case(
        file="dadapt-sgd",
        name="growth, l2",
        table={"name": "dadapt-sgd", "growth_rate": 1.05, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=Ref(
            "dadaptation.DAdaptSGD(params, lr=lr, growth_rate=1.05)",
            before="for p in params: p.grad.add_(p.detach(), alpha=0.1)",
        ),
        lr=1.0,
        problems=ALL,
        note="its own weight_decay misses the norm of the first gradient",
    ),
    Case(
        file="dadapt-adam",
        name="default",
        table={"name": "dadapt-adam"},
        call="dadaptation.DAdaptAdam(params, lr=lr)",
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="dadapt-adam",
        name="optax",
        table={"name": "dadapt-adam", "preset": "optax"},
        call="optax.contrib.dadapt_adamw(lr)",
        also=["dadaptation.DAdaptAdam(params, lr=lr, use_bias_correction=True)"],
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="dadapt-adam",
        name="decay, growth, cosine",
        table={
            "name": "dadapt-adam",
            "beta1": 0.8,
            "beta2": 0.99,
            "eps": 1e-4,
            "decay": 0.1,
            "d0": 1e-4,
            "growth_rate": 1.02,
        },
        call="dadaptation.DAdaptAdam(params, lr=lr, betas=(0.8, 0.99), eps=1e-4, weight_decay=0.1, decouple=True, d0=1e-4, growth_rate=1.02)",
        lr=1.0,
        problems=ALL,
        schedule={"name": "cosine", "end": 0.1},
    ),
    Case(
        file="dadapt-adam",
        name="layer_scale",
        table={"name": "dadapt-adam", "groups": [{"name": "b", "lr_scale": 0.5}]},
        call="dadaptation.DAdaptAdam([{'params': params[:1]}, {'params': params[1:2], 'layer_scale': 0.5}, {'params': params[2:]}], lr=lr)",
        lr=1.0,
        problems=["matrices"],
    ),
    Case(
        file="prodigy",
        name="default",
        table={"name": "prodigy"},
        call="prodigyopt.Prodigy(params, lr=lr)",
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
        note="no bias correction",
    ),
    Case(
        file="prodigy",
        name="optax",
        table={"name": "prodigy", "preset": "optax"},
        call="optax.contrib.prodigy(lr)",
        also=["prodigyopt.Prodigy(params, lr=lr, use_bias_correction=True)"],
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="prodigy",
        name="decay, cosine",
        table={"name": "prodigy", "beta1": 0.8, "beta2": 0.99, "beta3": 0.9, "eps": 1e-4, "decay": 0.1, "d_coef": 0.5},
        call="prodigyopt.Prodigy(params, lr=lr, betas=(0.8, 0.99), beta3=0.9, eps=1e-4, weight_decay=0.1, d_coef=0.5)",
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
        schedule={"name": "cosine"},
    ),
    Case(
        file="prodigy",
        name="safeguard, growth, warm-up",
        table={
            "name": "prodigy",
            "bias_correction": True,
            "safeguard_warmup": True,
            "d0": 1e-3,
            "growth_rate": 1.02,
        },
        call="prodigyopt.Prodigy(params, lr=lr, use_bias_correction=True, safeguard_warmup=True, d0=1e-3, growth_rate=1.02)",
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
        schedule={"name": "warmup", "steps": 20},
    ),
    Case(
        file="prodigy",
        name="l2, a block at rest",
        table={
            "name": "prodigy",
            "wrap": [{"name": "l2", "lambda": 0.1}],
            "groups": [{"name": "b", "lr_scale": 0.0}],
        },
        call="prodigyopt.Prodigy([{'params': params[:1]}, {'params': params[1:2], 'lr': 0.0}, {'params': params[2:]}], "
        "lr=lr, weight_decay=0.1, decouple=False)",
        lr=1.0,
        problems=["matrices"],
    ),
    Case(
        file="dog",
        name="default",
        table={"name": "dog"},
        call=averaged("dog.DoG(params)"),
        lr=1.0,
        problems=ALL,
        note="the average",
    ),
    Case(
        file="dog",
        name="optax",
        table={"name": "dog", "preset": "optax"},
        call="optax.contrib.dog(lr)",
        also=["dog.DoG(params, lr=lr)"],
        lr=1.0,
        problems=ALL,
    ),
    Case(
        file="dog",
        name="reps, eps, l2, gamma, linear",
        table={"name": "dog", "reps": 1e-3, "eps": 1.0, "gamma": 2.0, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=averaged("dog.DoG(params, reps_rel=1e-3, lr=lr, eps=1.0, weight_decay=0.1)", gamma=2.0),
        lr=0.5,
        problems=ALL,
        schedule={"name": "linear", "end": 0.1},
        note="the average",
    ),
    Case(
        file="l-dog",
        name="default",
        table={"name": "l-dog"},
        call=averaged("dog.LDoG(params)"),
        lr=1.0,
        problems=["quadratic", "matrices"],
        note="the average",
    ),
    Case(
        file="l-dog",
        name="last point",
        table={"name": "l-dog", "average": False},
        call="dog.LDoG(params)",
        lr=1.0,
        problems=["quadratic", "matrices"],
    ),
    Case(
        file="l-dog",
        name="reps, eps, l2, cosine",
        table={"name": "l-dog", "reps": 1e-3, "eps": 1.0, "gamma": 0.0, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=averaged("dog.LDoG(params, reps_rel=1e-3, lr=lr, eps=1.0, weight_decay=0.1)", gamma=0.0),
        lr=0.5,
        problems=["quadratic", "matrices"],
        schedule={"name": "cosine", "end": 0.1},
        note="the average",
    ),
    Case(
        file="dowg",
        name="default",
        table={"name": "dowg"},
        call="dowg.DoWG(params)",
        also=["optax.contrib.dowg(lr)"],
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="dowg",
        name="init, cosine",
        table={"name": "dowg", "init": 1e-6, "eps": 1e-8},
        call="optax.contrib.dowg(lr, init_estim_sq_dist=1e-6, eps=1e-8)",
        lr=0.3,
        problems=["quadratic", "recorded", "spike", "matrices"],
        schedule={"name": "cosine", "end": 0.1},
    ),
    Case(
        file="dowg",
        name="eps, l2",
        table={"name": "dowg", "init": 0.01, "eps": 0.01, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="optax.chain(optax.add_decayed_weights(0.1), optax.contrib.dowg(lr, eps=0.01))",
        also=[Ref("dowg.DoWG(params, eps=0.01)", before="for p in params: p.grad.add_(p.detach(), alpha=0.1)")],
        lr=1.0,
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="schedule-free-sgd",
        name="default",
        table={"name": "schedule-free-sgd"},
        call="schedulefree.SGDScheduleFree(params, lr=lr)",
        also=["optax.contrib.schedule_free_sgd(lr)"],
        lr=SF,
        problems=ALL,
        note="the training point y",
    ),
    Case(
        file="schedule-free-sgd",
        name="readout",
        table={"name": "schedule-free-sgd"},
        call=Ref("schedulefree.SGDScheduleFree(params, lr=lr)", readout="eval"),
        also=[
            Ref(
                "optax.contrib.schedule_free_sgd(lr)",
                readout="optax.contrib.schedule_free_eval_params(state, params)",
            )
        ],
        lr=SF,
        problems=ALL,
        note="the evaluation point x",
    ),
    Case(
        file="schedule-free-sgd",
        name="momentum, l2, warm-up",
        table={"name": "schedule-free-sgd", "momentum": 0.5, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="schedulefree.SGDScheduleFree(params, lr=lr, momentum=0.5, weight_decay=0.1)",
        also=[
            Ref(
                "schedulefree.SGDScheduleFree(params, lr=lr, momentum=0.5, weight_decay=0.1, warmup_steps=20)",
                before="optimizer.param_groups[0]['lr'] = lr",
            )
        ],
        lr=SF,
        problems=ALL,
        schedule={"name": "warmup", "steps": 20},
    ),
    Case(
        file="schedule-free-sgd",
        name="weights, readout, cosine",
        table={"name": "schedule-free-sgd", "r": 2.0, "lr_power": 1.0},
        call=Ref("schedulefree.SGDScheduleFree(params, lr=lr, r=2.0, weight_lr_power=1.0)", readout="eval"),
        lr=SF,
        problems=ALL,
        schedule={"name": "warmup", "steps": 20, "then": {"name": "cosine"}},
    ),
    Case(
        file="schedule-free-adamw",
        name="default",
        table={"name": "schedule-free-adamw"},
        call="schedulefree.AdamWScheduleFree(params, lr=lr)",
        also=["optax.contrib.schedule_free_adamw(lr)"],
        problems=ALL,
        note="the training point y",
    ),
    Case(
        file="schedule-free-adamw",
        name="readout",
        table={"name": "schedule-free-adamw"},
        call=Ref("schedulefree.AdamWScheduleFree(params, lr=lr)", readout="eval"),
        also=[
            Ref(
                "optax.contrib.schedule_free_adamw(lr)",
                readout="optax.contrib.schedule_free_eval_params(state, params)",
            )
        ],
        problems=ALL,
        note="the evaluation point x",
    ),
    Case(
        file="schedule-free-adamw",
        name="betas, eps, decay",
        table={"name": "schedule-free-adamw", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "decay": 0.1},
        call="schedulefree.AdamWScheduleFree(params, lr=lr, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)",
        also=["optax.contrib.schedule_free_adamw(lr, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1)"],
        problems=ALL,
    ),
    Case(
        file="schedule-free-adamw",
        name="weights, decay, warm-up",
        table={"name": "schedule-free-adamw", "decay": 0.1, "r": 1.0, "lr_power": 1.0},
        call=Ref(
            "schedulefree.AdamWScheduleFree(params, lr=lr, weight_decay=0.1, r=1.0, weight_lr_power=1.0)",
            readout="eval",
        ),
        also=[
            Ref(
                "schedulefree.AdamWScheduleFree(params, lr=lr, weight_decay=0.1, r=1.0, weight_lr_power=1.0, warmup_steps=20)",
                before="optimizer.param_groups[0]['lr'] = lr",
                readout="eval",
            )
        ],
        problems=ALL,
        schedule={"name": "warmup", "steps": 20},
    ),
]
