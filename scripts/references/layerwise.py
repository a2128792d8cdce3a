"""One scale a block."""

from .harness import Case

ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]

CASES = [
    Case(file="novograd", name="default", table={"name": "novograd"}, call="optax.novograd(lr)", problems=ALL),
    Case(
        file="lamb",
        name="default",
        table={"name": "lamb"},
        call="optax.lamb(lr, weight_decay=0.01)",
        problems=ALL,
    ),
    Case(
        file="lars",
        name="default",
        table={"name": "lars"},
        call="optax.lars(lr, weight_decay=1e-4)",
        lr=0.1,
        problems=ALL,
    ),
]
