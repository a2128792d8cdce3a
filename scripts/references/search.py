"""Line searches and further gradients."""

from .harness import Case, Ref

CASES = [
    Case(
        file="lbfgs",
        name="default",
        table={"name": "lbfgs"},
        call=Ref("torch.optim.LBFGS(params, lr=lr, max_iter=1, max_eval=25, line_search_fn='strong_wolfe')", closure=True),
        lr=1.0,
        problems=["rosenbrock"],
        note="one iteration a step",
    ),
]
