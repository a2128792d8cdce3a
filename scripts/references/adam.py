"""Adam's line."""

import math

import jax.numpy as jnp
import numpy as np

from .harness import Case, Ref

LR = {"rosenbrock": 0.05, "quadratic": 0.02, "recorded": 0.02, "spike": 0.02, "matrices": 0.02}
ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]
L2 = {"name": "l2", "lambda": 0.1}

# pytorch_optimizer adds 1e-15 to some means of squares.
NO_FLOOR = (
    "one, each = optimizer.apply_ams_bound, optimizer.apply_ams_bound_foreach; "
    "optimizer.apply_ams_bound = lambda *a, **k: one(*a, **k, exp_avg_sq_eps=0.0); "
    "optimizer.apply_ams_bound_foreach = lambda *a, **k: each(*a, **k, exp_avg_sq_eps=0.0)"
)
# Room for an eps of the step's own: `eps sqrt(1 - beta2^t)` before the bias correction is `eps` after it.
EPS = "; t, group = 0, optimizer.param_groups[0]"
# The state is made in the first step, in single precision, where both weights are 1.
DOUBLE = "[s.update({k: s[k].double() for k in ('beta1_weight', 'beta2_weight')}) for s in optimizer.state.values() if s]"


def half_life(first, last, share):
    """From that of one decay rate to that of another, in steps."""
    first, last = math.log(0.5) / math.log(first), math.log(0.5) / math.log(last)
    share = jnp.minimum(1.0, share)
    return (1 - share) * first + share * last


class Means:
    """A method written plainly from its source: `move` returns a block's step from its gradient."""

    def __init__(self, shapes, **settings):
        self.t, self.memory = 0, [{} for _ in shapes]
        vars(self).update(self.DEFAULTS | settings)

    def step(self, x, g, lr, value, ask):
        self.t += 1
        return [x - lr * self.move(x, g, memory) for x, g, memory in zip(x, g, self.memory)]

    def mean(self, memory, name, beta, new):
        memory[name] = beta * memory.get(name, 0.0) + (1 - beta) * new
        return memory[name]


class Yogi(Means):
    """tensorflow_addons/optimizers/yogi.py: m starts at 0, v at 1e-6; eps before the bias correction."""

    DEFAULTS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-3}

    def move(self, x, g, memory):
        m = self.mean(memory, "m", self.beta1, g)
        v = memory.get("v", 1e-6)
        v = memory["v"] = v + (1 - self.beta2) * np.sign(g * g - v) * g * g
        rate = math.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        return rate / (np.sqrt(v) + self.eps) * m


class LaProp(Means):
    """Algorithm 1 of arXiv:2002.04839, with a penalty in front."""

    DEFAULTS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-15, "l2": 0.0}

    def move(self, x, g, memory):
        g = g + self.l2 * x
        v = self.mean(memory, "v", self.beta2, g * g) / (1 - self.beta2**self.t)
        return self.mean(memory, "m", self.beta1, g / (np.sqrt(v) + self.eps)) / (1 - self.beta1**self.t)


class Adan(Means):
    """Algorithm 1 of arXiv:2208.06677 in its own coefficients, one minus the code's, without decay."""

    DEFAULTS = {"beta1": 0.02, "beta2": 0.08, "beta3": 0.01, "eps": 1e-8}

    def move(self, x, g, memory):
        d = g - memory.get("last", g)
        memory["last"] = g
        of = {"m": (self.beta1, g), "v": (self.beta2, d), "n": (self.beta3, (g + (1 - self.beta2) * d) ** 2)}
        m, v, n = (self.mean(memory, k, 1 - b, new) / (1 - (1 - b) ** self.t) for k, (b, new) in of.items())
        return (m + (1 - self.beta2) * v) / (np.sqrt(n) + self.eps)


class Mars(Means):
    """MARS-AdamW of the authors' code (mars.py, `optimize_1d`, `is_approx`), without decay."""

    DEFAULTS = {"beta1": 0.95, "beta2": 0.99, "gamma": 0.025, "eps": 1e-8}

    def move(self, x, g, memory):
        c = (g - memory.get("last", 0.0)) * (self.gamma * (self.beta1 / (1 - self.beta1))) + g
        memory["last"] = g
        c = c / max(1.0, math.sqrt((c * c).sum()))
        m = self.mean(memory, "m", self.beta1, c) / (1 - self.beta1**self.t)
        v = self.mean(memory, "v", self.beta2, c * c) / (1 - self.beta2**self.t)
        return m / (np.sqrt(v) + self.eps)


CASES = [
    Case(
        file="adam",
        name="default",
        table={"name": "adam"},
        call="torch.optim.Adam(params, lr=lr)",
        also=["optax.adam(lr)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adam",
        name="betas, eps, cosine",
        table={"name": "adam", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
        call="torch.optim.Adam(params, lr=lr, betas=(0.8, 0.95), eps=1e-3)",
        also=["optax.adam(lr, b1=0.8, b2=0.95, eps=1e-3)"],
        lr=LR,
        schedule={"name": "cosine", "end": 0.1},
    ),
    Case(
        file="adam",
        name="l2",
        table={"name": "adam", "wrap": [L2]},
        call="torch.optim.Adam(params, lr=lr, weight_decay=0.1)",
        also=["optax.chain(optax.add_decayed_weights(0.1), optax.adam(lr))"],
        lr=LR,
    ),
    Case(
        file="adam",
        name="no bias correction",
        table={"name": "adam", "bias_correction": False},
        call=Ref(
            "torch.optim.Adam(params, lr=lr)",
            setup="t, group = 0, optimizer.param_groups[0]",
            before="t += 1; group['lr'] = lr * (1 - 0.9**t) / (1 - 0.999**t)**0.5; group['eps'] = 1e-8 / (1 - 0.999**t)**0.5",
        ),
        lr=LR,
        note="rate and eps undo torch's correction",
    ),
    Case(
        file="adamw",
        name="default",
        table={"name": "adamw"},
        call="torch.optim.AdamW(params, lr=lr)",
        also=["optax.adamw(lr, weight_decay=0.01)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adamw",
        name="decay, cosine",
        table={"name": "adamw", "decay": 0.1},
        call="torch.optim.AdamW(params, lr=lr, weight_decay=0.1)",
        also=["optax.adamw(lr, weight_decay=0.1)"],
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="adamw",
        name="betas, eps",
        table={"name": "adamw", "beta1": 0.8, "beta2": 0.99, "eps": 1e-4, "decay": 0.3},
        call="torch.optim.AdamW(params, lr=lr, betas=(0.8, 0.99), eps=1e-4, weight_decay=0.3)",
        also=["optax.adamw(lr, b1=0.8, b2=0.99, eps=1e-4, weight_decay=0.3)"],
        lr=LR | {"rosenbrock": 0.02},
    ),
    Case(
        file="amsgrad",
        name="default",
        table={"name": "amsgrad"},
        call="torch.optim.Adam(params, lr=lr, amsgrad=True)",
        lr=LR,
        problems=ALL,
        note="optax takes the largest of the corrected v",
    ),
    Case(
        file="amsgrad",
        name="betas, eps, linear",
        table={"name": "amsgrad", "beta1": 0.8, "beta2": 0.9, "eps": 1e-3},
        call="torch.optim.Adam(params, lr=lr, betas=(0.8, 0.9), eps=1e-3, amsgrad=True)",
        lr=LR,
        schedule={"name": "linear"},
    ),
    Case(
        file="amsgrad",
        name="decay",
        table={"name": "amsgrad", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="torch.optim.AdamW(params, lr=lr, weight_decay=0.1, amsgrad=True)",
        lr=LR,
    ),
    Case(
        file="adamax",
        name="default",
        table={"name": "adamax"},
        call="torch.optim.Adamax(params, lr=lr)",
        also=["optax.adamax(lr)", "pytorch_optimizer.AdaMax(params, lr=lr)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adamax",
        name="betas, eps, cosine",
        table={"name": "adamax", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
        call="torch.optim.Adamax(params, lr=lr, betas=(0.8, 0.95), eps=1e-3)",
        also=["optax.adamax(lr, b1=0.8, b2=0.95, eps=1e-3)"],
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="adamax",
        name="l2",
        table={"name": "adamax", "wrap": [L2]},
        call="torch.optim.Adamax(params, lr=lr, weight_decay=0.1)",
        also=["optax.chain(optax.add_decayed_weights(0.1), optax.adamax(lr))"],
        lr=LR,
    ),
    Case(
        file="nadam",
        name="default",
        table={"name": "nadam"},
        call="torch.optim.NAdam(params, lr=lr)",
        lr=LR,
        problems=ALL,
        note="optax has no mu_t",
    ),
    Case(
        file="nadam",
        name="psi, betas, cosine",
        table={"name": "nadam", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "psi": 0.1},
        call="torch.optim.NAdam(params, lr=lr, betas=(0.8, 0.95), eps=1e-3, momentum_decay=0.1)",
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="nadam",
        name="decay",
        table={"name": "nadam", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="torch.optim.NAdam(params, lr=lr, weight_decay=0.1, decoupled_weight_decay=True)",
        lr=LR,
    ),
    Case(
        file="radam",
        name="default",
        table={"name": "radam"},
        call="torch.optim.RAdam(params, lr=lr)",
        also=["pytorch_optimizer.RAdam(params, lr=lr, degenerated_to_sgd=True)"],
        lr=LR | {"rosenbrock": 1e-3},
        problems=ALL,
    ),
    Case(
        file="radam",
        name="betas, decay, cosine",
        table={"name": "radam", "beta1": 0.8, "beta2": 0.99, "eps": 1e-3, "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="torch.optim.RAdam(params, lr=lr, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.1, decoupled_weight_decay=True)",
        also=["pytorch_optimizer.RAdam(params, lr=lr, betas=(0.8, 0.99), eps=1e-3, weight_decay=0.1, degenerated_to_sgd=True)"],
        lr=LR | {"rosenbrock": 1e-3},
        schedule={"name": "cosine"},
    ),
    Case(
        file="radam",
        name="eps 0",
        table={"name": "radam", "eps": 0.0},
        call="torch.optim.RAdam(params, lr=lr, eps=0.0)",
        also=["optax.radam(lr, eps=0.0)"],
        lr=LR | {"rosenbrock": 1e-3},
        problems=["rosenbrock", "quadratic"],
        note="optax adds eps after the bias correction",
    ),
    Case(
        file="adabelief",
        name="default",
        table={"name": "adabelief"},
        call="optax.adabelief(lr)",
        also=["pytorch_optimizer.AdaBelief(params, lr=lr)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adabelief",
        name="betas, cosine",
        table={"name": "adabelief", "beta1": 0.8, "beta2": 0.95, "eps": 1e-8, "eps_root": 1e-8},
        call="optax.adabelief(lr, b1=0.8, b2=0.95, eps=1e-8, eps_root=1e-8)",
        also=["pytorch_optimizer.AdaBelief(params, lr=lr, betas=(0.8, 0.95), eps=1e-8)"],
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="adabelief",
        name="decay",
        table={"name": "adabelief", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="pytorch_optimizer.AdaBelief(params, lr=lr, weight_decay=0.1)",
        lr=LR,
    ),
    Case(
        file="lion",
        name="default",
        table={"name": "lion"},
        call="optax.lion(lr, weight_decay=0.0)",
        also=["pytorch_optimizer.Lion(params, lr=lr)"],
        problems=ALL,
    ),
    Case(
        file="lion",
        name="decay, cosine",
        table={"name": "lion", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="optax.lion(lr, weight_decay=0.1)",
        also=["pytorch_optimizer.Lion(params, lr=lr, weight_decay=0.1)"],
        schedule={"name": "cosine"},
    ),
    Case(
        file="lion",
        name="betas",
        table={"name": "lion", "beta1": 0.95, "beta2": 0.98},
        call="optax.lion(lr, b1=0.95, b2=0.98, weight_decay=0.0)",
        also=["pytorch_optimizer.Lion(params, lr=lr, betas=(0.95, 0.98))"],
    ),
    Case(
        file="lion",
        name="signum",
        table={"name": "lion", "beta1": 0.9, "beta2": 0.9},
        call="optax.signum(lr, beta=0.9)",
        note="equal betas",
    ),
    Case(
        file="lion",
        name="sign descent",
        table={"name": "lion", "beta1": 0.0, "beta2": 0.0},
        call="optax.sign_sgd(lr)",
        note="no momentum",
    ),
    Case(
        file="adam",
        name="tf1",
        table={"name": "adam", "preset": "tf1"},
        call="pytorch_optimizer.PAdam(params, lr=lr, partial=0.5)",
        lr=LR,
        note="Padam with its power of 1/2",
    ),
    Case(
        file="adam",
        name="tf1, eps, l2, cosine",
        table={"name": "adam", "preset": "tf1", "beta1": 0.8, "eps": 1e-3, "wrap": [L2]},
        call="pytorch_optimizer.PAdam(params, lr=lr, betas=(0.8, 0.999), eps=1e-3, partial=0.5, weight_decay=0.1)",
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="adam",
        name="burn",
        table={"name": "adam", "preset": "burn"},
        call="torch.optim.Adam(params, lr=lr, eps=1e-5)",
        also=["optax.adam(lr, eps=1e-5)"],
        lr=LR,
    ),
    Case(
        file="adamw",
        name="optax",
        table={"name": "adamw", "preset": "optax"},
        call="optax.adamw(lr)",
        also=["torch.optim.AdamW(params, lr=lr, weight_decay=1e-4)"],
        lr=LR,
    ),
    Case(
        file="adamw",
        name="burn",
        table={"name": "adamw", "preset": "burn"},
        call="torch.optim.AdamW(params, lr=lr, eps=1e-5, weight_decay=1e-4)",
        also=["optax.adamw(lr, eps=1e-5)"],
        lr=LR,
    ),
    Case(
        file="amsgrad",
        name="paper",
        table={"name": "amsgrad", "preset": "paper"},
        call="optax.amsgrad(lr, bias_correction_mu=False, bias_correction_nu=False)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="amsgrad",
        name="optax",
        table={"name": "amsgrad", "preset": "optax"},
        call="optax.amsgrad(lr)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="amsgrad",
        name="optax, betas, decay, cosine",
        table={
            "name": "amsgrad",
            "preset": "optax",
            "beta1": 0.8,
            "beta2": 0.9,
            "eps": 1e-3,
            "wrap": [{"name": "decay", "lambda": 0.1}],
        },
        call="optax.chain(optax.scale_by_amsgrad(b1=0.8, b2=0.9, eps=1e-3), optax.add_decayed_weights(0.1), optax.scale_by_learning_rate(lr))",
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="nadam",
        name="optax",
        table={"name": "nadam", "preset": "optax"},
        call="optax.nadam(lr)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="nadam",
        name="optax, betas, linear",
        table={"name": "nadam", "preset": "optax", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
        call="optax.nadam(lr, b1=0.8, b2=0.95, eps=1e-3)",
        lr=LR,
        schedule={"name": "linear"},
    ),
    Case(
        file="nadamw",
        name="default",
        table={"name": "nadamw"},
        call="torch.optim.NAdam(params, lr=lr, weight_decay=0.01, decoupled_weight_decay=True)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="nadamw",
        name="betas, eps, psi, decay, cosine",
        table={"name": "nadamw", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "psi": 0.1, "decay": 0.1},
        call="torch.optim.NAdam(params, lr=lr, betas=(0.8, 0.95), eps=1e-3, momentum_decay=0.1, weight_decay=0.1, decoupled_weight_decay=True)",
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="nadamw",
        name="optax",
        table={"name": "nadamw", "preset": "optax"},
        call="optax.nadamw(lr)",
        also=["optax.adamw(lr, nesterov=True)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="radam",
        name="paper",
        table={"name": "radam", "preset": "paper"},
        call="pytorch_optimizer.RAdam(params, lr=lr, n_sma_threshold=4, degenerated_to_sgd=True)",
        lr=LR | {"rosenbrock": 1e-3},
        problems=ALL,
    ),
    Case(
        file="radam",
        name="optax",
        table={"name": "radam", "preset": "optax"},
        call="optax.radam(lr)",
        lr=LR | {"rosenbrock": 1e-3},
        problems=ALL,
    ),
    Case(
        file="radam",
        name="optax, betas, threshold, cosine",
        table={"name": "radam", "preset": "optax", "beta1": 0.8, "beta2": 0.99, "eps": 1e-3, "threshold": 10.0},
        call="optax.radam(lr, b1=0.8, b2=0.99, eps=1e-3, threshold=10.0)",
        lr=LR | {"rosenbrock": 1e-3},
        schedule={"name": "cosine"},
    ),
    Case(
        file="adabelief",
        name="paper",
        table={"name": "adabelief", "preset": "paper"},
        call="optax.adabelief(lr, eps=1e-8, eps_root=1e-8)",
        also=["pytorch_optimizer.AdaBelief(params, lr=lr, eps=1e-8)"],
        lr=LR,
    ),
    Case(
        file="adabelief",
        name="two eps",
        table={"name": "adabelief", "eps": 1e-3, "eps_root": 1e-6},
        call="optax.adabelief(lr, eps=1e-3, eps_root=1e-6)",
        lr=LR,
    ),
    Case(
        file="yogi",
        name="default",
        table={"name": "yogi"},
        call="optax.yogi(lr)",
        also=["pytorch_optimizer.Yogi(params, lr=lr)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="yogi",
        name="betas, eps, decay, cosine",
        table={
            "name": "yogi",
            "beta1": 0.8,
            "beta2": 0.95,
            "eps": 1e-4,
            "m_start": 0.01,
            "v_start": 0.01,
            "wrap": [{"name": "decay", "lambda": 0.1}],
        },
        call="pytorch_optimizer.Yogi(params, lr=lr, betas=(0.8, 0.95), eps=1e-4, initial_accumulator=0.01, weight_decay=0.1)",
        also=[
            "optax.chain(optax.scale_by_yogi(b1=0.8, b2=0.95, eps=1e-4, initial_accumulator_value=0.01), optax.add_decayed_weights(0.1), optax.scale_by_learning_rate(lr))"
        ],
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="yogi",
        name="authors",
        table={"name": "yogi", "preset": "authors"},
        call="Yogi(shapes)",
        lr=LR,
        problems=ALL,
        note="after tensorflow_addons, which needs an old TensorFlow",
    ),
    Case(
        file="adabound",
        name="default",
        table={"name": "adabound"},
        call="adabound.AdaBound(params, lr=lr)",
        also=[Ref("pytorch_optimizer.AdaBound(params, lr=lr)", setup=NO_FLOOR)],
        lr=1e-3,
        problems=ALL,
    ),
    Case(
        file="adabound",
        name="bounds, l2, cosine",
        table={
            "name": "adabound",
            "beta1": 0.8,
            "beta2": 0.95,
            "eps": 1e-3,
            "final_lr": 0.02,
            "gamma": 0.1,
            "wrap": [L2],
        },
        call="adabound.AdaBound(params, lr=lr, betas=(0.8, 0.95), eps=1e-3, final_lr=0.02, gamma=0.1, weight_decay=0.1)",
        also=[
            Ref(
                "pytorch_optimizer.AdaBound(params, lr=lr, betas=(0.8, 0.95), eps=1e-3, final_lr=0.02, gamma=0.1, weight_decay=0.1, weight_decouple=False)",
                setup=NO_FLOOR,
            )
        ],
        lr=0.02,
        schedule={"name": "cosine", "end": 0.1},
        problems=["quadratic", "recorded", "spike"],
    ),
    Case(
        file="adabound",
        name="amsbound",
        table={"name": "adabound", "amsbound": True, "beta2": 0.9, "gamma": 0.01, "final_lr": 0.01},
        call="adabound.AdaBound(params, lr=lr, betas=(0.9, 0.9), final_lr=0.01, gamma=0.01, amsbound=True)",
        also=[
            Ref(
                "pytorch_optimizer.AdaBound(params, lr=lr, betas=(0.9, 0.9), final_lr=0.01, gamma=0.01, ams_bound=True)",
                setup=NO_FLOOR,
            )
        ],
        lr=1e-3,
    ),
    Case(
        file="qhadam",
        name="default",
        table={"name": "qhadam"},
        call="qhoptim.pyt.QHAdam(params, lr=lr, betas=(0.995, 0.999), nus=(0.7, 1.0))",
        also=[Ref("pytorch_optimizer.QHAdam(params, lr=lr, betas=(0.995, 0.999), nus=(0.7, 1.0))", before=DOUBLE)],
        lr=LR,
        problems=ALL,
        note="pytorch_optimizer's two weights are single precision",
    ),
    Case(
        file="qhadam",
        name="nus, eps, l2, cosine",
        table={"name": "qhadam", "beta1": 0.8, "beta2": 0.95, "nu1": 0.5, "nu2": 0.9, "eps": 1e-3, "wrap": [L2]},
        call="qhoptim.pyt.QHAdam(params, lr=lr, betas=(0.8, 0.95), nus=(0.5, 0.9), eps=1e-3, weight_decay=0.1)",
        also=[
            Ref(
                "pytorch_optimizer.QHAdam(params, lr=lr, betas=(0.8, 0.95), nus=(0.5, 0.9), eps=1e-3, weight_decay=0.1)",
                before=DOUBLE,
            )
        ],
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="qhadam",
        name="authors, decay",
        table={"name": "qhadam", "preset": "authors", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="qhoptim.pyt.QHAdamW(params, lr=lr, weight_decay=0.1)",
        also=["torch.optim.AdamW(params, lr=lr, weight_decay=0.1)"],
        lr=LR,
    ),
    Case(
        file="laprop",
        name="default",
        table={"name": "laprop"},
        call=Ref(
            "pytorch_optimizer.LaProp(params, lr=lr, foreach=False)",
            setup=NO_FLOOR + EPS,
            before="t += 1; group['eps'] = 1e-15 * (1 - 0.999**t)**0.5",
        ),
        lr=LR,
        problems=ALL,
        note="it adds eps before the bias correction, and computes in single precision if foreach",
    ),
    Case(
        file="laprop",
        name="betas, eps",
        table={"name": "laprop", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
        call=Ref(
            "pytorch_optimizer.LaProp(params, lr=lr, betas=(0.8, 0.95), foreach=False)",
            setup=NO_FLOOR + EPS,
            before="t += 1; group['eps'] = 1e-3 * (1 - 0.95**t)**0.5",
        ),
        lr=LR | {"rosenbrock": 1e-3},
    ),
    Case(
        file="laprop",
        name="l2, cosine",
        table={"name": "laprop", "beta1": 0.95, "wrap": [L2]},
        call="LaProp(shapes, beta1=0.95, l2=0.1)",
        lr=LR,
        schedule={"name": "cosine"},
        note="the paper's: the packages have the rate inside the mean",
    ),
    Case(
        file="adan",
        name="default",
        table={"name": "adan"},
        call="pytorch_optimizer.Adan(params, lr=lr, weight_decay=0.02)",
        lr=LR,
        problems=ALL,
        note="optax multiplies v by 1 - beta2",
    ),
    Case(
        file="adan",
        name="authors",
        table={"name": "adan", "preset": "authors"},
        call="pytorch_optimizer.Adan(params, lr=lr)",
        also=["Adan(shapes)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adan",
        name="betas, eps, decay, cosine",
        table={"name": "adan", "beta1": 0.9, "beta2": 0.8, "beta3": 0.95, "eps": 1e-3, "decay": 0.3},
        call="pytorch_optimizer.Adan(params, lr=lr, betas=(0.9, 0.8, 0.95), eps=1e-3, weight_decay=0.3)",
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="adan",
        name="no_prox",
        table={"name": "adan", "decay": 0.1, "no_prox": True},
        call="pytorch_optimizer.Adan(params, lr=lr, weight_decay=0.1, weight_decouple=True)",
        lr=LR,
    ),
    Case(
        file="ademamix",
        name="default",
        table={"name": "ademamix"},
        call="pytorch_optimizer.AdEMAMix(params, lr=lr, alpha=2.0)",
        also=["optax.contrib.ademamix(lr, alpha=2.0)"],
        problems=ALL,
    ),
    Case(
        file="ademamix",
        name="optax, decay, cosine",
        table={"name": "ademamix", "preset": "optax", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="optax.contrib.ademamix(lr, weight_decay=0.1)",
        also=["pytorch_optimizer.AdEMAMix(params, lr=lr, weight_decay=0.1, weight_decouple=True)"],
        schedule={"name": "cosine"},
    ),
    Case(
        file="ademamix",
        name="betas, eps, warm-up",
        table={
            "name": "ademamix",
            "beta1": 0.8,
            "beta2": 0.95,
            "beta3": 0.99,
            "alpha": 8.0,
            "warmup": 100,
            "eps": 1e-3,
        },
        call="pytorch_optimizer.AdEMAMix(params, lr=lr, betas=(0.8, 0.95, 0.99), alpha=8.0, t_alpha_beta3=100, eps=1e-3)",
        also=[
            "optax.contrib.ademamix(lr, b1=0.8, b2=0.95, b3=lambda t: 0.5 ** (1 / half_life(0.8, 0.99, jnp.float64(t + 1) / 100)), alpha=lambda t: jnp.minimum(8.0, jnp.float64(t + 1) * 8.0 / 100), eps=1e-3)"
        ],
        lr={"rosenbrock": 1e-3, "quadratic": 1e-2, "recorded": 1e-2, "spike": 1e-2},
    ),
    Case(
        file="ademamix-simplified",
        name="default",
        table={"name": "ademamix-simplified"},
        call="optax.contrib.simplified_ademamix(lr, alpha=100.0)",
        lr={"rosenbrock": 1e-5, "quadratic": 1e-5, "recorded": 1e-4, "spike": 1e-4, "matrices": 1e-5},
        problems=ALL,
        note="pytorch_optimizer's divides where it should multiply by the bias of v",
    ),
    Case(
        file="ademamix-simplified",
        name="authors, decay, cosine",
        table={"name": "ademamix-simplified", "preset": "authors", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="optax.contrib.simplified_ademamix(lr, weight_decay=0.1)",
        lr=1e-4,
        schedule={"name": "cosine"},
    ),
    Case(
        file="ademamix-simplified",
        name="betas, eps",
        table={"name": "ademamix-simplified", "beta1": 0.9, "beta2": 0.99, "alpha": 0.1, "eps": 1e-3},
        call="optax.contrib.simplified_ademamix(lr, b1=0.9, b2=0.99, alpha=0.1, eps=1e-3)",
        lr=1e-3,
    ),
    Case(
        file="adopt",
        name="default",
        table={"name": "adopt"},
        call="optax.contrib.adopt(lr)",
        also=["pytorch_optimizer.ADOPT(params, lr=lr, clip_lambda=lambda step: (step - 1) ** 0.25)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adopt",
        name="betas, eps, decay, cosine",
        table={
            "name": "adopt",
            "beta1": 0.8,
            "beta2": 0.95,
            "eps": 1e-3,
            "wrap": [{"name": "l2", "lambda": 0.1}],
        },
        call="pytorch_optimizer.ADOPT(params, lr=lr, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1, clip_lambda=lambda step: (step - 1) ** 0.25)",
        also=["optax.chain(optax.add_decayed_weights(0.1), optax.contrib.adopt(lr, b1=0.8, b2=0.95, eps=1e-3))"],
        lr=LR,
        schedule={"name": "cosine"},
    ),
    Case(
        file="adopt",
        name="unclipped",
        table={"name": "adopt", "preset": "paper"},
        call="optax.contrib.adopt(lr, use_clipping=False)",
        also=["pytorch_optimizer.ADOPT(params, lr=lr, clip_lambda=None)"],
        lr=LR | {"rosenbrock": 1e-2},
        problems=["rosenbrock", "quadratic", "matrices"],
    ),
    Case(
        file="tiger",
        name="default",
        table={"name": "tiger"},
        call="pytorch_optimizer.Tiger(params, lr=lr, weight_decay=0.0)",
        also=["optax.signum(lr, beta=0.965)"],
        problems=ALL,
    ),
    Case(
        file="tiger",
        name="decay, cosine",
        table={"name": "tiger", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="pytorch_optimizer.Tiger(params, lr=lr, weight_decay=0.1)",
        schedule={"name": "cosine"},
    ),
    Case(
        file="tiger",
        name="beta",
        table={"name": "tiger", "beta": 0.5},
        call="pytorch_optimizer.Tiger(params, lr=lr, beta=0.5, weight_decay=0.0)",
        also=["optax.signum(lr, beta=0.5)"],
    ),
    Case(
        file="mars",
        name="default",
        table={"name": "mars"},
        call=Ref(
            "pytorch_optimizer.MARS(params, lr=lr, optimize_1d=True)",
            setup=NO_FLOOR + EPS,
            before="t += 1; group['eps'] = 1e-8 * (1 - 0.99**t)**0.5",
        ),
        also=["Mars(shapes)"],
        lr=LR | {"rosenbrock": 1e-3},
        problems=ALL,
        note="it adds eps before the bias correction, the authors' code after it",
    ),
    Case(
        file="mars",
        name="betas, gamma, decay, cosine",
        table={
            "name": "mars",
            "beta1": 0.9,
            "beta2": 0.95,
            "gamma": 0.1,
            "eps": 1e-3,
            "wrap": [{"name": "decay", "lambda": 0.1}],
        },
        call=Ref(
            "pytorch_optimizer.MARS(params, lr=lr, optimize_1d=True, betas=(0.9, 0.95), gamma=0.1, weight_decay=0.1)",
            setup=NO_FLOOR + EPS,
            before="t += 1; group['eps'] = 1e-3 * (1 - 0.95**t)**0.5",
        ),
        lr=LR | {"rosenbrock": 1e-3},
        schedule={"name": "cosine"},
        problems=ALL,
    ),
    Case(
        file="mars",
        name="authors",
        table={"name": "mars", "preset": "authors", "eps": 1e-4},
        call=Ref(
            "pytorch_optimizer.MARS(params, lr=lr, lr_1d=lr, weight_decay_1d=0.0)",
            setup=NO_FLOOR + EPS,
            before="t += 1; beta2 = 0.99 if params[0].ndim > 1 else 0.95; group['eps'] = 1e-4 * (1 - beta2**t)**0.5",
        ),
        lr=LR | {"rosenbrock": 1e-3},
        problems=ALL,
    ),
]
