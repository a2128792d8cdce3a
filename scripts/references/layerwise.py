"""One scale a block."""

from .harness import Case, Ref

ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]
LR = {"rosenbrock": 0.05, "quadratic": 0.02, "recorded": 0.02, "spike": 0.02, "matrices": 0.02}
CALM = {"rosenbrock": 0.01, "quadratic": 0.01, "recorded": 0.01, "spike": 0.01, "matrices": 0.01}
LARS = {"rosenbrock": 0.2, "quadratic": 2.0, "recorded": 5.0, "spike": 5.0, "matrices": 5.0}
WARMUP = {"name": "warmup", "steps": 10, "then": {"name": "cosine"}}
# Rows of a matrix, a whole vector.
NAMED = "[(f'{\"mlp\" if p.ndim > 1 else \"x\"}{i}', p) for i, p in enumerate(params)]"

CASES = [
    Case(
        file="lars",
        name="default",
        table={"name": "lars"},
        call="pytorch_optimizer.LARS(params, lr=lr, weight_decay=1e-4)",
        lr=5.0,
        problems=["matrices"],
        note="vectors are left out there",
    ),
    Case(
        file="lars",
        name="momentum, decay, coefficient",
        table={"name": "lars", "momentum": 0.5, "decay": 0.05, "coefficient": 0.01},
        call="pytorch_optimizer.LARS(params, lr=lr, momentum=0.5, weight_decay=0.05, trust_coefficient=0.01)",
        lr=1.0,
        problems=["matrices"],
    ),
    Case(
        file="lars",
        name="no decay, warm-up, cosine",
        table={"name": "lars", "decay": 0.0},
        call="optax.lars(lr)",
        lr=LARS,
        schedule=WARMUP,
        problems=ALL,
        note="the rate stands inside the buffer",
    ),
    Case(
        file="lars",
        name="optax",
        table={"name": "lars", "preset": "optax"},
        call="optax.lars(lr)",
        lr=LARS,
        problems=ALL,
    ),
    Case(
        file="lars",
        name="optax, decay",
        table={"name": "lars", "preset": "optax", "decay": 0.1, "momentum": 0.8},
        call="optax.lars(lr, weight_decay=0.1, momentum=0.8)",
        lr=LARS,
        problems=ALL,
    ),
    Case(
        file="lamb",
        name="default",
        table={"name": "lamb"},
        call="optax.lamb(lr, weight_decay=0.01)",
        lr=CALM,
        problems=ALL,
    ),
    Case(
        file="lamb",
        name="optax",
        table={"name": "lamb", "preset": "optax"},
        call="optax.lamb(lr)",
        lr=CALM,
        problems=ALL,
    ),
    Case(
        file="lamb",
        name="betas, eps, decay, cosine",
        table={"name": "lamb", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "decay": 0.1},
        call="optax.lamb(lr, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1)",
        lr=CALM,
        schedule={"name": "cosine", "end": 0.1},
        problems=ALL,
    ),
    Case(
        file="lamb",
        name="authors",
        table={"name": "lamb", "preset": "authors", "eps": 0.0},
        call=Ref(
            "pytorch_optimizer.Lamb(params, lr=lr, weight_decay=0.01, weight_decouple=False, eps=0.0, adam_debias=True)",
            setup="optimizer.clamp = math.inf",
        ),
        lr=CALM,
        problems=["rosenbrock", "quadratic", "matrices"],
        note="eps 0: the reference adds it to the ratio, too; adam_debias: else it divides by 1 - beta1^t behind the ratio",
    ),
    Case(
        file="lamb",
        name="no bias correction, clip",
        table={"name": "lamb", "bias_correction": False, "clip": 2.0, "decay": 0.1, "eps": 0.0},
        call=Ref(
            "pytorch_optimizer.Lamb(params, lr=lr, weight_decay=0.1, weight_decouple=False, eps=0.0, adam_debias=True)",
            setup="optimizer.clamp = 2.0",
        ),
        lr=CALM,
        problems=["rosenbrock", "quadratic", "matrices"],
    ),
    Case(
        file="novograd",
        name="default",
        table={"name": "novograd"},
        call="pytorch_optimizer.NovoGrad(params, lr=lr, weight_decay=1e-3)",
        also=["optax.novograd(lr, b1=0.95, b2=0.98, eps=1e-8, weight_decay=1e-3)"],
        problems=ALL,
    ),
    Case(
        file="novograd",
        name="optax",
        table={"name": "novograd", "preset": "optax"},
        call="optax.novograd(lr)",
        also=["pytorch_optimizer.NovoGrad(params, lr=lr, betas=(0.9, 0.25), eps=1e-6)"],
        problems=ALL,
    ),
    Case(
        file="novograd",
        name="betas, eps, decay, cosine",
        table={"name": "novograd", "beta1": 0.8, "beta2": 0.9, "eps": 1e-2, "decay": 0.1},
        call="pytorch_optimizer.NovoGrad(params, lr=lr, betas=(0.8, 0.9), eps=1e-2, weight_decay=0.1)",
        also=["optax.novograd(lr, b1=0.8, b2=0.9, eps=1e-2, weight_decay=0.1)"],
        schedule={"name": "cosine", "end": 0.1},
        problems=ALL,
    ),
    Case(
        file="stable-adamw",
        name="default",
        table={"name": "stable-adamw"},
        call="pytorch_optimizer.StableAdamW(params, lr=lr)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="stable-adamw",
        name="betas, eps, decay, cosine",
        table={"name": "stable-adamw", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "decay": 0.1},
        call="pytorch_optimizer.StableAdamW(params, lr=lr, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)",
        lr=LR,
        schedule={"name": "cosine", "end": 0.1},
        problems=ALL,
    ),
    Case(
        file="stable-adamw",
        name="authors",
        table={"name": "stable-adamw", "decay": 0.0, "wrap": [{"name": "decay", "lambda": 0.1}]},
        call=Ref(
            "pytorch_optimizer.StableAdamW(params, lr=lr, weight_decay=0.0)",
            before="[p.data.mul_(1 - lr * 0.1) for p in params]",
        ),
        lr=LR,
        problems=ALL,
        note="decayed by the whole rate",
    ),
    Case(
        file="adam-mini",
        name="default",
        table={"name": "adam-mini"},
        call=f"adam_mini.Adam_mini({NAMED}, lr=lr, verbose=False)",
        lr=LR,
        problems=ALL,
    ),
    Case(
        file="adam-mini",
        name="betas, eps, cosine",
        table={"name": "adam-mini", "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
        call=f"adam_mini.Adam_mini({NAMED}, lr=lr, betas=(0.8, 0.95), eps=1e-3, verbose=False)",
        lr=LR,
        schedule={"name": "cosine", "end": 0.1},
        problems=ALL,
    ),
    Case(
        file="adam-mini",
        name="decay",
        table={"name": "adam-mini", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call=f"adam_mini.Adam_mini({NAMED}, lr=lr, weight_decay=0.1, verbose=False)",
        lr=LR,
        problems=ALL,
    ),
]
