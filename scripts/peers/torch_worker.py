"""torch, eager. The one argument chooses the Adam: `default` or `fused`."""

import functools
import sys

import torch
from cases import LR, data, epochs, serve

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
FUSED = {"default": None, "fused": True}[sys.argv[1]]


@functools.cache
def tensors(case):
    x, y, start = data(case)
    return torch.from_numpy(x), torch.from_numpy(y), start


def prepare(case, steps):
    x, y, start = tensors(case)
    layers = []
    for weight, bias in start:
        layer = torch.nn.Linear(*weight.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight.T))
            layer.bias.copy_(torch.from_numpy(bias))
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=FUSED)
    orders = [torch.from_numpy(order) for order in epochs(case, steps)]

    def go():
        for order in orders:
            for rows in order:
                optimizer.zero_grad()
                output = model(x.index_select(0, rows))
                loss = torch.nn.functional.cross_entropy(output, y.index_select(0, rows))
                loss.backward()
                optimizer.step()

    return go


serve(prepare)
