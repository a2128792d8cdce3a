"""What every contestant measures: the cases, their data and the line protocol."""

import sys
import time

import numpy as np

LR = 1e-3

# name -> (layer widths, batch, rows)
CASES = {
    "softmax-64-10-b64": ([64, 10], 64, 1797),
    "mlp-64-32-10-b64": ([64, 32, 10], 64, 1797),
    "mlp-784-100-10-b64": ([784, 100, 10], 64, 6000),
    "mlp-784-100-10-b128": ([784, 100, 10], 128, 6000),
    "mlp-784-1000-500-100-10-b128": ([784, 1000, 500, 100, 10], 128, 6000),
}


def data(case):
    """Rows in [0, 1), labels, and a start: uniform weights with variance 2 / inputs, zero biases."""
    widths, _, rows = CASES[case]
    rng = np.random.default_rng(0)
    x = rng.random((rows, widths[0]), dtype=np.float32)
    y = rng.integers(0, widths[-1], rows)
    start = []
    for inputs, outputs in zip(widths, widths[1:]):
        bound = (6.0 / inputs) ** 0.5
        start.append(
            (rng.uniform(-bound, bound, (inputs, outputs)).astype(np.float32), np.zeros(outputs, np.float32))
        )
    return x, y, start


def epochs(case, steps):
    """The row numbers of each batch, shuffled anew each epoch: arrays of shape (steps, batch)."""
    _, batch, rows = CASES[case]
    rng = np.random.default_rng(1)
    per_epoch = rows // batch
    while steps > 0:
        n = min(steps, per_epoch)
        yield rng.permutation(rows)[: n * batch].reshape(n, batch)
        steps -= n


def serve(prepare):
    """Answer `run CASE STEPS` lines. `prepare(case, steps)` returns a function that does exactly
    those steps from a fresh start; only that function is on the clock."""
    for line in sys.stdin:
        word, case, steps = line.split()
        assert word == "run", line
        go = prepare(case, int(steps))
        begin = time.perf_counter_ns()
        go()
        print(float(time.perf_counter_ns() - begin), flush=True)
