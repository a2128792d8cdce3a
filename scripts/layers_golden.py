# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "torch==2.15.0"]
# ///
"""Values of torch for `crates/problems/src/models/layers`: outputs and gradients of its own modules, in double precision,
with TensorFlow's SAME padding put on by hand. Writes crates/problems/tests/layers/torch.json.

    python scripts/layers_golden.py

`scripts/torch_cpu.py` installs torch without its CUDA libraries. All arrays are flat, and examples go last: an image is
[channels, height, width, examples], a sequence [units, moments, examples].
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
N = 3


def wave(seed, *shape):
    """Numbers without a random generator."""
    k = torch.arange(math.prod(shape), dtype=torch.float64)
    return torch.cos(k * k * 0.37 + k * 1.7 + seed).reshape(shape)


def case(name, parameters, x, f, **more):
    """`f` takes the parameters and examples in the last dimension, and gives examples in the last dimension."""
    parameters = [p.clone().requires_grad_() for p in parameters]
    x = x.clone().requires_grad_()
    out = f(*parameters, x)
    weights = wave(9, *out.shape)
    (out * weights).sum().backward()
    flat = lambda t: [float(v) for v in t.detach().flatten()]
    join = lambda ts: [v for t in ts for v in flat(t)]
    by_parameters = join(p.grad for p in parameters)
    return {
        "layer": name, **more, "x": join(parameters), "input": flat(x), "output": flat(out), "weights": flat(weights),
        "by_parameters": by_parameters, "by_input": flat(x.grad),
    }


def same(x, size, stride, value=0.0):
    """TensorFlow's SAME: the odd pixel right and below."""
    missing = [max((-(-side // stride) - 1) * stride + size - side, 0) for side in x.shape[-2:]]
    (top, left) = (m // 2 for m in missing)
    return F.pad(x, (left, missing[1] - left, top, missing[0] - top), value=value)


def convolutions():
    for side, size, stride, padding in [(5, 4, 1, "same"), (6, 5, 2, "same"), (5, 3, 2, "valid")]:
        def f(w, b, x):
            x = x.permute(3, 0, 1, 2)
            x = same(x, size, stride) if padding == "same" else x
            return F.conv2d(x, w, b, stride=stride).permute(1, 2, 3, 0)
        yield case("conv", [wave(1, 2, 2, size, size), wave(2, 2)], wave(3, 2, side, side, N), f,
                   side=side, size=size, stride=stride, padding=padding)
    def f(x):
        return F.max_pool2d(same(x.permute(3, 0, 1, 2), 2, 2, -math.inf), 2).permute(1, 2, 3, 0)
    yield case("pool", [], wave(4, 2, 5, 5, N), f, side=5, size=2, stride=2, padding="same")


def norm():
    def f(gain, shift, x):
        return F.layer_norm(x.permute(1, 2, 0), (6,), gain, shift).permute(2, 0, 1)
    return case("norm", [wave(1, 6), wave(2, 6)], wave(3, 6, 2, N), f)


def recurrent(cell):
    """One matrix for [x; h], and 1 in the offset of the forget gate."""
    gates = {"plain": 1, "lstm": 4}[cell]
    inputs, units, moments = 3, 4, 5
    module = {"plain": torch.nn.RNN, "lstm": torch.nn.LSTM}[cell](inputs, units)
    def f(w, b, x):
        one = torch.zeros(gates * units)
        if cell == "lstm":
            one[units:2 * units] = 1.0
        values = {"weight_ih_l0": w[:, :inputs], "weight_hh_l0": w[:, inputs:], "bias_ih_l0": b + one,
                  "bias_hh_l0": torch.zeros(gates * units)}
        out, _ = torch.func.functional_call(module, values, (x.permute(1, 2, 0),))
        return out.permute(2, 0, 1)
    return case(cell, [wave(1, gates * units, inputs + units), wave(2, gates * units)], wave(3, inputs, moments, N), f)


def attention():
    heads, size, moments = 2, 3, 4
    def f(x):
        q, k, v = x.reshape(3, heads, size, moments, N).permute(0, 4, 1, 3, 2)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return out.permute(1, 3, 2, 0).reshape(heads * size, moments, N)
    return case("attention", [], 2.0 * wave(3, 3 * heads * size, moments, N), f)


cases = [*convolutions(), norm(), recurrent("plain"), recurrent("lstm"), attention()]
out = pathlib.Path(__file__).parent.parent / "crates/problems/tests/layers/torch.json"
out.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
