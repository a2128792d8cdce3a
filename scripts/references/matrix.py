"""Rows, columns and matrix roots."""

import inspect
import textwrap

from .harness import Case, Ref, kron_torch, optax, pytorch_optimizer, torch
from .problems import PROBE, noise

# `out x in`, as in torch.
OUT_BY_IN = [optax.contrib.MuonDimensionNumbers(reduction_axis=1, output_axis=0)] * 3

# kron_torch compiles its functions, which takes minutes and changes nothing.
torch._dynamo.config.disable = True

ALL = ["rosenbrock", "quadratic", "recorded", "spike", "matrices"]


# The libraries round the inside of these methods to bfloat16 or float32. What follows runs their own source without
# the cast, in a copy of the module's names, so that nothing else sees it.


def rewritten(function, changes):
    """The function, with changes of its source text."""
    source = inspect.getsource(function)
    for old, new in changes.items():
        assert source.count(old) == 1, f"{function.__qualname__} has not one `{old}`"
        source = source.replace(old, new)
    names = dict(inspect.unwrap(function).__globals__)
    exec(textwrap.dedent(source), names)
    return names[function.__name__]


def torch_muon_in_float64(optimizer):
    module = torch.optim._muon
    names = {"_zeropower_via_newtonschulz": rewritten(module._zeropower_via_newtonschulz, {"dtype=torch.bfloat16": "dtype=grad.dtype"})}
    with_names(optimizer, module, names)


def koz_muon_in_float64(optimizer):
    module = pytorch_optimizer.optimizer.muon.base
    names = {"zero_power_via_newton_schulz_5": rewritten(module.zero_power_via_newton_schulz_5, {"dtype: torch.dtype = torch.bfloat16": "dtype: torch.dtype = torch.float64"})}
    with_names(optimizer, module, names)


def soap_in_float64(optimizer):
    qr = rewritten(type(optimizer).get_orthogonal_matrix_qr, {".to(torch.float32)": ""})
    optimizer.get_orthogonal_matrix_qr = qr.__get__(optimizer)


def with_names(optimizer, module, names):
    """Steps see `names` in the module, nobody else does."""
    step = optimizer.step

    def stepping(*arguments):
        old = {name: getattr(module, name) for name in names}
        vars(module).update(names)
        try:
            return step(*arguments)
        finally:
            vars(module).update(old)

    optimizer.step = stepping


def ridge(optimizer, eps):
    """Roots of `statistic + eps I`, where ScalableShampoo lets the eps of its start fade out of an average."""
    module = pytorch_optimizer.optimizer.utils.preconditioner
    root = module.compute_power_svd
    with_names(optimizer, module, {"compute_power_svd": lambda matrix, power: root(matrix + eps * torch.eye(matrix.shape[-1]), power)})


class Over:
    """A module with some names replaced."""

    def __init__(self, module, **names):
        self.module, self.names = module, names

    def __getattr__(self, name):
        return self.names[name] if name in self.names else getattr(self.module, name)


def kron_with_our_noise(optimizer, balance=100):
    """Kron with the noise of problems.py, its triangular solve in float64, and a balance in every so-manieth update."""
    module = kron_torch.kron
    sizes = [p.numel() for p in optimizer.param_groups[0]["params"]]
    counts = {"block": 0, "updates": 0}

    def randn_like(x):
        block = counts["block"] % len(sizes)
        counts["block"] += 1
        at = sum(sizes[:block])
        return torch.tensor(noise(int(optimizer._prob_step), PROBE, sum(sizes))[at : at + sizes[block]]).reshape(x.shape)

    def random():
        counts["updates"] += optimizer._update_counter == 0
        return float(optimizer._update_counter != 0 or counts["updates"] % balance != 0)

    module.print = lambda *_: None
    optimizer.rng = type("Counted", (), {"random": staticmethod(random)})
    solve = rewritten(module._solve_triangular_right, {"A.float()": "A", "X.reshape(-1, X.size(-1)).float()": "X.reshape(-1, X.size(-1))"})
    with_names(optimizer, module, {"torch": Over(torch, randn_like=randn_like), "_solve_triangular_right": solve})


def torch_muon(arguments=""):
    return Ref(f"torch.optim.Muon(params, lr=lr{arguments})", setup="torch_muon_in_float64(optimizer)")


def koz_muon(arguments):
    return Ref(
        f"pytorch_optimizer.Muon([dict(params=params, use_muon=True)], lr=lr{arguments})",
        setup="koz_muon_in_float64(optimizer)",
    )


def scalable(arguments, setup="", beta1=0.0):
    """With sums, unless `betas` are among the arguments: its check of beta2 refuses 1, nothing else does."""
    if "betas" not in arguments:
        setup = f"optimizer.param_groups[0]['betas'] = ({beta1}, 1.0); {setup}".rstrip("; ")
    return Ref(
        "pytorch_optimizer.ScalableShampoo(params, lr=lr, shape_interpretation=False, start_preconditioning_step=1, "
        f"nesterov=False, use_svd=True, {arguments})",
        setup=setup,
    )


def soap(arguments=""):
    return Ref(f"pytorch_optimizer.SOAP(params, lr=lr{arguments})", setup="soap_in_float64(optimizer)")


def kron(arguments="", setup="kron_with_our_noise(optimizer)"):
    return Ref(f"kron_torch.Kron(params, lr=lr, precond_dtype=torch.float64{arguments})", setup=setup)


CASES = [
    Case(
        file="muon",
        name="default",
        table={"name": "muon"},
        call=torch_muon(),
        also=[koz_muon(", weight_decay=0.1")],
        lr=0.01,
        problems=["matrices"],
        tolerance=1e-10,
        note="torch's own Newton-Schulz iteration, without its cast to bfloat16; pytorch_optimizer's likewise",
    ),
    Case(
        file="muon",
        name="heavy ball, another decay",
        table={"name": "muon", "nesterov": False, "momentum": 0.8, "decay": 0.3},
        call=torch_muon(", nesterov=False, momentum=0.8, weight_decay=0.3"),
        also=[
            koz_muon(", nesterov=False, momentum=0.8, weight_decay=0.3"),
            Ref(
                "optax.contrib.muon(lr, nesterov=False, beta=0.8, eps=0.0, weight_decay=0.3, muon_weight_dimension_numbers=OUT_BY_IN)",
                jit=True,
            ),
        ],
        lr=0.01,
        problems=["matrices"],
        tolerance=1e-10,
        note="OUT_BY_IN = MuonDimensionNumbers(reduction_axis=1, output_axis=0)",
    ),
    Case(
        file="muon",
        name="match-rms-adamw",
        table={"name": "muon", "scale": "match-rms-adamw"},
        call=torch_muon(", adjust_lr_fn='match_rms_adamw'"),
        also=[koz_muon(", weight_decay=0.1, use_adjusted_lr=True")],
        lr=0.01,
        schedule={"name": "cosine", "end": 0.1},
        problems=["matrices"],
        tolerance=1e-10,
    ),
    Case(
        file="muon",
        name="spectral, other coefficients",
        table={"name": "muon", "scale": "spectral", "a": 3.0, "b": -3.2, "c": 1.2, "ns_steps": 4, "eps": 1.0},
        call=torch_muon(", adjust_lr_fn='spectral_unclamped', ns_coefficients=(3.0, -3.2, 1.2), ns_steps=4, eps=1.0"),
        lr=0.01,
        problems=["matrices"],
        tolerance=1e-10,
    ),
    Case(
        file="muon",
        name="Jordan's defaults",
        table={"name": "muon", "preset": "authors"},
        call=koz_muon(""),
        lr=0.02,
        schedule={"name": "linear"},
        problems=["matrices"],
        tolerance=1e-10,
    ),
    Case(
        file="shampoo",
        name="default",
        table={"name": "shampoo"},
        call="pytorch_optimizer.Shampoo(params, lr=lr, matrix_eps=1e-4)",
        also=[scalable("matrix_eps=1e-4, preconditioning_compute_steps=1, graft_type=0")],
        lr=0.1,
        problems=["matrices"],
        tolerance=1e-10,
    ),
    Case(
        file="shampoo",
        name="coupled decay, another eps",
        table={"name": "shampoo", "eps": 1e-2, "wrap": [{"name": "l2", "lambda": 0.1}]},
        call="pytorch_optimizer.Shampoo(params, lr=lr, matrix_eps=1e-2, weight_decay=0.1)",
        lr=0.1,
        schedule={"name": "cosine", "end": 0.1},
        problems=["matrices"],
        tolerance=1e-10,
    ),
    Case(
        file="shampoo",
        name="roots of every tenth step, momentum, as long as Adagrad",
        table={"name": "shampoo", "every": 10, "momentum": 0.9, "graft": "adagrad"},
        call=scalable(
            "matrix_eps=1e-4, preconditioning_compute_steps=10, graft_type=2",
            "optimizer.param_groups[0]['step'] = 9",
            beta1=0.9,
        ),
        lr=0.02,
        problems=["matrices"],
        tolerance=1e-10,
    ),
    Case(
        file="shampoo",
        name="an average, as long as the gradient",
        table={"name": "shampoo", "beta2": 0.95, "graft": "sgd", "wrap": [{"name": "decay", "lambda": 0.1}]},
        call=scalable(
            "betas=(0.0, 0.95), matrix_eps=0.0, preconditioning_compute_steps=1, graft_type=1, weight_decay=0.1, "
            "decoupled_weight_decay=True",
            "ridge(optimizer, 1e-4)",
        ),
        lr=0.05,
        problems=["matrices"],
        tolerance=1e-10,
        note="ridge: eps outside the average",
    ),
    Case(
        file="soap",
        name="default",
        table={"name": "soap"},
        call=soap(),
        problems=ALL,
        tolerance=1e-10,
        note="the QR decomposition without its cast to float32",
    ),
    Case(
        file="soap",
        name="a turn in every step, a schedule",
        table={"name": "soap", "every": 1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-6, "decay": 0.1},
        call=soap(", precondition_frequency=1, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.1"),
        schedule={"name": "cosine", "end": 0.1},
        problems=ALL,
        tolerance=1e-10,
    ),
    Case(
        file="soap",
        name="long sides are not turned",
        table={"name": "soap", "every": 3, "max_dim": 2, "decay": 0.0},
        call=soap(", precondition_frequency=3, max_precondition_dim=2, weight_decay=0.0"),
        problems=["matrices"],
        tolerance=1e-10,
    ),
    Case(
        file="psgd-kron",
        name="default",
        table={"name": "psgd-kron"},
        call=kron(),
        problems=ALL,
        tolerance=1e-10,
        note="the noise of problems.py; the triangular solve without its cast to float32; balanced every 100th update",
    ),
    Case(
        file="psgd-kron",
        name="rare updates, often balanced, decay",
        table={
            "name": "psgd-kron",
            "momentum": 0.8,
            "flat": 20,
            "probability_decay": 0.05,
            "min_probability": 0.11,
            "balance": 7,
            "wrap": [{"name": "decay", "lambda": 0.1}],
        },
        call=kron(
            ", b1=0.8, weight_decay=0.1, preconditioner_update_probability="
            "kron_torch.precond_update_prob_schedule(min_prob=0.11, decay=0.05, flat_start=20)",
            "kron_with_our_noise(optimizer, balance=7)",
        ),
        schedule={"name": "cosine", "end": 0.1},
        problems=["matrices"],
        tolerance=1e-10,
        note="their decay is added to the step of matrices: the same up to the order of two products",
    ),
    Case(
        file="psgd-kron",
        name="diagonal on long sides, another start",
        table={"name": "psgd-kron", "max_dim": 3, "precond_init": 0.5, "precond_lr": 0.2},
        call=kron(
            ", max_size_triangular=3, precond_init_scale=0.5, precond_lr=0.2",
        ),
        problems=["matrices"],
        tolerance=1e-10,
    ),
]
