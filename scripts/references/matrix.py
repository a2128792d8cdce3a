"""Rows, columns and matrix roots."""

from .harness import Case, Ref, optax

# `out x in`, as in torch.
OUT_BY_IN = [optax.contrib.MuonDimensionNumbers(reduction_axis=1, output_axis=0)] * 3

CASES = [
    Case(
        file="adafactor",
        name="default",
        table={"name": "adafactor"},
        call="torch.optim.Adafactor(params, lr=lr)",
        problems=["matrices"],
    ),
    Case(
        file="sm3",
        name="default",
        table={"name": "sm3"},
        call="optax.chain(optax.scale_by_sm3(b1=0.0, b2=1.0, eps=0.0), optax.scale_by_learning_rate(lr))",
        lr=0.1,
        problems=["matrices"],
    ),
    Case(
        file="muon",
        name="default",
        table={"name": "muon"},
        call=Ref(
            "optax.contrib.muon(lr, nesterov=False, eps=0.0, weight_decay=0.1, muon_weight_dimension_numbers=OUT_BY_IN)",
            jit=True,
        ),
        lr=0.002,
        problems=["matrices"],
        tolerance=1e-10,
        note="OUT_BY_IN = MuonDimensionNumbers(reduction_axis=1, output_axis=0); torch's Muon rounds to bfloat16",
    ),
]
