"""Adagrad's line."""

import numpy as np

from .harness import SMOOTH, Case, Ref

LR = {"rosenbrock": 0.1, "quadratic": 0.2, "recorded": 0.2, "spike": 0.2, "matrices": 0.2}
ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]



def each(f, *blocks):
    return [f(*parts) for parts in zip(*blocks)]


class RmsPropTf1:
    """tf.train.RMSPropOptimizer, after the kernels ApplyRMSProp and ApplyCenteredRMSProp of TensorFlow 1.15."""

    def __init__(self, shapes, decay=0.9, momentum=0.0, epsilon=1e-10, centered=False):
        self.decay, self.momentum, self.epsilon, self.centered = decay, momentum, epsilon, centered
        self.ms, self.mg, self.mom = [np.ones(s) for s in shapes], [np.zeros(s) for s in shapes], [np.zeros(s) for s in shapes]

    def step(self, x, g, lr, value, ask):
        self.ms = each(lambda ms, g: ms + (g * g - ms) * (1.0 - self.decay), self.ms, g)
        denom = [ms + self.epsilon for ms in self.ms]
        if self.centered:
            self.mg = each(lambda mg, g: mg + (g - mg) * (1.0 - self.decay), self.mg, g)
            denom = each(lambda ms, mg: ms - mg * mg + self.epsilon, self.ms, self.mg)
        self.mom = each(lambda mom, g, d: mom * self.momentum + lr * g / np.sqrt(d), self.mom, g, denom)
        return each(np.subtract, x, self.mom)


class AdagradNorm:
    """Ward, Wu & Bottou 2019, Algorithm 1."""

    def __init__(self, shapes, b0, decay=0.0):
        self.b, self.decay = b0, decay

    def step(self, x, g, lr, value, ask):
        self.b = np.sqrt(self.b**2 + sum((g**2).sum() for g in g))
        return [x - lr * self.decay * x - lr / self.b * g for x, g in zip(x, g)]


class FtrlProximal:
    """McMahan et al. 2013, Algorithm 1, coordinate by coordinate. The regulariser of weight beta / alpha is centred at
    the start, where the paper's is at 0, its start."""

    def __init__(self, shapes, beta, l1, l2):
        self.beta, self.l1, self.l2, self.z = beta, l1, l2, None

    def step(self, x, g, lr, value, ask):
        flat_x, flat_g = (np.concatenate([v.reshape(-1) for v in v]).tolist() for v in (x, g))
        if self.z is None:
            self.z, self.n = [-w * self.beta / lr for w in flat_x], [0.0] * len(flat_x)
        for i, (w, g) in enumerate(zip(flat_x, flat_g)):
            sigma = ((self.n[i] + g * g) ** 0.5 - self.n[i] ** 0.5) / lr
            self.z[i] += g - sigma * w
            self.n[i] += g * g
            z = self.z[i]
            if abs(z) <= self.l1:
                flat_x[i] = 0.0
            else:
                flat_x[i] = -(z - (self.l1 if z > 0 else -self.l1)) / ((self.beta + self.n[i] ** 0.5) / lr + self.l2)
        shapes, at, out = [v.shape for v in x], 0, []
        for shape in shapes:
            size = int(np.prod(shape))
            out.append(np.array(flat_x[at : at + size]).reshape(shape))
            at += size
        return out


# optax.adafactor computes its decay rate in float32: the same chain with a rate in float64.
ADAFACTOR = (
    "optax.chain(optax.scale_by_factored_rms({}decay_rate_fn=lambda i, e: 1.0 - jnp.float64(i + 1) ** -e), "
    "optax.clip_by_block_rms({}), {}optax.scale_by_param_block_rms(), optax.scale(-1))"
)
RATE = "optax.scale_by_learning_rate(lr, flip_sign=False), "
RELATIVE = "optax.scale_by_schedule(lambda i: jnp.minimum(lr, (i + 1.0) ** -0.5)), "
# optax.contrib.madgrad takes the root of an int32, which is a float32.
COUNT = "state = (state[0], state[1]._replace(count=jnp.int64(0)))"

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
        name="optax",
        table={"name": "adagrad", "preset": "optax"},
        call="optax.adagrad(lr)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adagrad",
        name="burn",
        table={"name": "adagrad", "preset": "burn"},
        call="torch.optim.Adagrad(params, lr=lr, eps=1e-5)",
        lr=LR,
    ),
    Case(
        file="adagrad",
        name="paper",
        table={"name": "adagrad", "preset": "paper"},
        call="optax.adagrad(lr, initial_accumulator_value=0.0, eps=0.0)",
        lr=LR,
        note="0/0 is 0",
    ),
    Case(
        file="adagrad",
        name="tf1",
        table={"name": "adagrad", "preset": "tf1"},
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
        name="paper",
        table={"name": "rmsprop", "preset": "paper"},
        call="torch.optim.RMSprop(params, lr=lr, alpha=0.9)",
        also=["optax.rmsprop(lr, decay=0.9, eps_in_sqrt=False)"],
        lr=1e-3,
    ),
    Case(
        file="rmsprop",
        name="burn",
        table={"name": "rmsprop", "preset": "burn"},
        call="torch.optim.RMSprop(params, lr=lr, momentum=0.9, eps=1e-5)",
        lr=1e-3,
    ),
    Case(
        file="rmsprop",
        name="optax",
        table={"name": "rmsprop", "preset": "optax"},
        call="optax.rmsprop(lr)",
        lr=1e-3,
        problems=ALL,
    ),
    Case(
        file="rmsprop",
        name="optax, centered, momentum, cosine",
        table={"name": "rmsprop", "preset": "optax", "centered": True, "momentum": 0.9, "eps": 1e-4},
        call="optax.rmsprop(lr, eps=1e-4, centered=True, momentum=0.9)",
        lr=1e-3,
        schedule={"name": "cosine"},
        note="optax's learning rate stands inside the momentum",
    ),
    Case(
        file="rmsprop",
        name="tf1",
        table={"name": "rmsprop", "preset": "tf1"},
        call="RmsPropTf1(shapes)",
        also=["optax.rmsprop(lr, eps=1e-10, initial_scale=1.0)"],
        lr=1e-3,
        problems=ALL,
    ),
    Case(
        file="rmsprop",
        name="tf1, momentum, cosine",
        table={"name": "rmsprop", "preset": "tf1", "momentum": 0.9},
        call="RmsPropTf1(shapes, momentum=0.9)",
        also=["optax.rmsprop(lr, eps=1e-10, initial_scale=1.0, momentum=0.9)"],
        lr=1e-3,
        schedule={"name": "cosine"},
    ),
    Case(
        file="rmsprop",
        name="tf1, centered, momentum",
        table={"name": "rmsprop", "preset": "tf1", "momentum": 0.9, "centered": True},
        call="RmsPropTf1(shapes, momentum=0.9, centered=True)",
        lr=1e-3,
        note="optax's mean of squares starts at 1 and its mean of gradients, too",
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
        name="tf1",
        table={"name": "adadelta", "preset": "tf1"},
        call="torch.optim.Adadelta(params, lr=lr, rho=0.95, eps=1e-8)",
        also=["optax.adadelta(lr, rho=0.95, eps=1e-8)"],
        lr=1e-3,
    ),
    Case(
        file="adadelta",
        name="paper, cosine",
        table={"name": "adadelta", "preset": "paper"},
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
    Case(
        file="adagrad-norm",
        name="default",
        table={"name": "adagrad-norm"},
        call="AdagradNorm(shapes, 0.1)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adagrad-norm",
        name="initial, cosine",
        table={"name": "adagrad-norm", "initial": 10.0},
        call="AdagradNorm(shapes, 10.0)",
        lr=1.0,
        schedule={"name": "cosine"},
        problems=["quadratic", "recorded", "spike", "matrices"],
    ),
    Case(
        file="adagrad-norm",
        name="from 0, decay",
        table={"name": "adagrad-norm", "initial": 0.0, "wrap": [{"name": "decay", "lambda": 0.1}]},
        call="AdagradNorm(shapes, 0.0, decay=0.1)",
        lr=LR,
    ),
    Case(
        file="ftrl",
        name="default",
        table={"name": "ftrl"},
        call="FtrlProximal(shapes, 1.0, 1e-4, 1e-4)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="ftrl",
        name="penalties",
        table={"name": "ftrl", "beta": 0.5, "l1": 0.3, "l2": 0.1},
        call="FtrlProximal(shapes, 0.5, 0.3, 0.1)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="ftrl",
        name="beta 0",
        table={"name": "ftrl", "beta": 0.0, "l1": 0.05, "l2": 0.1},
        call="pytorch_optimizer.FTRL(params, lr=lr, lambda_1=0.05, lambda_2=0.1)",
        also=["FtrlProximal(shapes, 0.0, 0.05, 0.1)"],
        lr=LR,
        problems=SMOOTH,
    ),
    Case(
        file="ftrl",
        name="start not kept",
        table={"name": "ftrl", "l1": 0.0, "l2": 0.0, "keep_start": False},
        call="pytorch_optimizer.FTRL(params, lr=lr, beta=1.0)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="ftrl",
        name="start not kept, penalties, decay",
        table={
            "name": "ftrl",
            "beta": 0.5,
            "l1": 0.3,
            "l2": 0.1,
            "keep_start": False,
            "wrap": [{"name": "l2", "lambda": 0.1}],
        },
        call=Ref(
            "pytorch_optimizer.FTRL(params, lr=lr, beta=0.5, lambda_1=0.3, lambda_2=0.1)",
            before="for p in params: p.grad += 0.1 * p.detach()",
        ),
        lr=LR,
    ),
    Case(
        file="madgrad",
        name="default",
        table={"name": "madgrad"},
        call="pytorch_optimizer.MADGRAD(params, lr=lr)",
        also=[Ref("optax.contrib.madgrad(lr)", setup=COUNT)],
        problems=ALL,
    ),
    Case(
        file="madgrad",
        name="momentum 0, decay",
        table={"name": "madgrad", "momentum": 0.0, "eps": 1e-3, "wrap": [{"name": "l2", "lambda": 0.01}]},
        call="pytorch_optimizer.MADGRAD(params, lr=lr, momentum=0.0, eps=1e-3, weight_decay=0.01)",
        also=[Ref("optax.contrib.madgrad(lr, momentum=0.0, eps=1e-3, weight_decay=0.01)", setup=COUNT)],
        problems=["quadratic", "recorded", "spike"],
    ),
    Case(
        file="madgrad",
        name="momentum 0.5, cosine",
        table={"name": "madgrad", "momentum": 0.5},
        call=Ref("optax.contrib.madgrad(lr, momentum=0.5)", setup=COUNT),
        also=["pytorch_optimizer.MADGRAD(params, lr=lr, momentum=0.5)"],
        schedule={"name": "cosine", "end": 0.1},
    ),
    Case(
        file="sm3",
        name="default",
        table={"name": "sm3"},
        call="optax.sm3(lr)",
        also=["pytorch_optimizer.SM3(params, lr=lr, momentum=0.9, eps=1e-8)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="sm3",
        name="authors, decay, cosine",
        table={"name": "sm3", "preset": "authors", "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=Ref(
            "pytorch_optimizer.SM3(params, lr=lr, momentum=0.9, eps=1e-30)",
            before="for p in params: p.grad += 0.1 * p.detach()",
        ),
        also=[
            "optax.chain(optax.add_decayed_weights(0.1), optax.scale_by_sm3(eps=1e-30), optax.scale_by_learning_rate(lr))"
        ],
        lr=LR,
        schedule={"name": "cosine"},
        problems=ALL,
    ),
    Case(
        file="sm3",
        name="momentum 0",
        table={"name": "sm3", "momentum": 0.0},
        call="optax.chain(optax.scale_by_sm3(b1=0.0), optax.scale_by_learning_rate(lr))",
        also=["pytorch_optimizer.SM3(params, lr=lr, eps=1e-8)"],
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adafactor",
        name="default",
        table={"name": "adafactor"},
        call="torch.optim.Adafactor(params, lr=lr, eps=(torch.finfo(torch.float32).eps, 1e-3))",
        problems=ALL,
    ),
    Case(
        file="adafactor",
        name="f64, decay, step",
        table={
            "name": "adafactor",
            "decay_rate": 0.5,
            "eps1": 2.220446049250313e-16,
            "eps2": 1e-2,
            "clip": 2.0,
            "wrap": [{"name": "l2", "lambda": 0.1}],
        },
        call=Ref(
            "torch.optim.Adafactor(params, lr=lr, beta2_decay=-0.5, eps=(None, 1e-2), d=2.0)",
            before="for p in params: p.grad += 0.1 * p.detach()",
        ),
        schedule={"name": "step", "gamma": 0.5, "every": 60},
        problems=["recorded", "spike", "matrices"],
        note="eps None is the precision of float64; torch's own decay comes between RMS(x) and the step",
    ),
    Case(
        file="adafactor",
        name="1 / sqrt(t), decay",
        table={"name": "adafactor", "wrap": [{"name": "l2", "lambda": 0.1}]},
        call=Ref(
            "torch.optim.Adafactor(params, lr=lr, eps=(torch.finfo(torch.float32).eps, 1e-3))",
            before="for p in params: p.grad += 0.1 * p.detach()",
        ),
        lr=0.2,
        problems=["recorded", "spike", "matrices"],
        note="the rate falls from step 25",
    ),
    Case(
        file="adafactor",
        name="paper",
        table={"name": "adafactor", "preset": "paper"},
        call="pytorch_optimizer.AdaFactor(params, lr=lr, betas=(None, 0.999), momentum_dtype=torch.float64)",
        also=[ADAFACTOR.format("min_dim_size_to_factor=1, ", 1.0, RELATIVE)],
        problems=ALL,
    ),
    Case(
        file="adafactor",
        name="burn, warm-up",
        table={"name": "adafactor", "preset": "burn", "relative_step": False},
        call=ADAFACTOR.format("min_dim_size_to_factor=1, ", 1.0, RATE),
        also=["pytorch_optimizer.AdaFactor(params, lr=lr, betas=(None, 0.999), relative_step=False, momentum_dtype=torch.float64)"],
        schedule={"name": "warmup", "steps": 20},
        problems=ALL,
    ),
    Case(
        file="adafactor",
        name="optax",
        table={"name": "adafactor", "preset": "optax"},
        call=ADAFACTOR.format("", 1.0, RATE),
        problems=ALL,
        note="optax.adafactor(lr) but for a decay rate in float64",
    ),
    Case(
        file="adafactor",
        name="optax, factored from 3",
        table={"name": "adafactor", "preset": "optax", "factor_from": 3, "clip": 0.5},
        call=ADAFACTOR.format("min_dim_size_to_factor=3, ", 0.5, RATE),
        schedule={"name": "cosine"},
        problems=["matrices"],
    ),
]
