"""No learning rate, or no schedule, to choose."""

from .harness import Case, Ref

# On rosenbrock they are chaotic.
CALM = ["quadratic", "recorded", "spike"]

CASES = [
    Case(
        file="prodigy",
        name="default",
        table={"name": "prodigy"},
        call="prodigyopt.Prodigy(params, lr=lr)",
        lr=1.0,
        problems=CALM,
        note="no bias correction",
    ),
    Case(
        file="prodigy-optax",
        name="default",
        table={"name": "prodigy-optax"},
        call="optax.contrib.prodigy(lr)",
        lr=1.0,
        problems=CALM,
        note="bias correction",
    ),
    Case(
        file="dog",
        name="default",
        table={"name": "dog"},
        call="optax.contrib.dog(lr, init_step=('heuristic', 1e-6))",
        lr=1.0,
    ),
    Case(file="dowg", name="default", table={"name": "dowg"}, call="optax.contrib.dowg(lr)", lr=1.0, problems=CALM),
    Case(
        file="polyak",
        name="default",
        table={"name": "polyak"},
        call="optax.polyak_sgd(max_learning_rate=lr, f_min=lower_bound)",
        lr=0.2,
        problems=["quadratic", "recorded", "matrices"],
    ),
    Case(
        file="schedule-free-sgd",
        name="default",
        table={"name": "schedule-free-sgd"},
        call="schedulefree.SGDScheduleFree(params, lr=lr)",
        lr={"rosenbrock": 1e-4, "quadratic": 0.1, "recorded": 0.1, "spike": 0.1},
        note="the training point y",
    ),
    Case(
        file="schedule-free-adamw",
        name="readout",
        table={"name": "schedule-free-adamw"},
        call=Ref("schedulefree.AdamWScheduleFree(params, lr=lr)", readout="eval"),
        note="the evaluation point x",
    ),
]
