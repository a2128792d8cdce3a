"""Rows, columns and matrix roots."""

from .harness import Case, Ref, optax

# `out x in`, as in torch.
OUT_BY_IN = [optax.contrib.MuonDimensionNumbers(reduction_axis=1, output_axis=0)] * 3

CASES = [
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
