# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""mnist_logreg of DeepOBS (Schneider, Balles & Hennig 2019) once more, from its definition, in numpy: 784 inputs, 10
classes, all from zero, 60,000 training images, batches of 128, the remainder dropped, another order in each epoch. Prints
the lines of `published` in experiments/deepobs/mnist_logreg.toml: mean and standard deviation over seeds from 42 on.

    python scripts/deepobs_logreg.py FOLDER [SEEDS [EPOCHS]]     # with the four files of MNIST, not compressed; 5 and 50
"""

import pathlib
import sys

import numpy as np

AT = (1, 10, 50)


def sgd(momentum=0.0):
    v = 0.0

    def step(g, lr):
        nonlocal v
        v = momentum * v + g
        return lr * v

    return step


def adam():
    m = v = t = 0

    def step(g, lr):
        nonlocal m, v, t
        t += 1
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        return lr * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)

    return step


def adagrad():
    a = 0.0

    def step(g, lr):
        nonlocal a
        a = a + g * g
        return lr * g / (np.sqrt(a) + 1e-10)

    return step


def rmsprop():
    v = 0.0

    def step(g, lr):
        nonlocal v
        v = 0.99 * v + 0.01 * g * g
        return lr * g / (np.sqrt(v) + 1e-8)

    return step


SETTINGS = [
    *[("sgd", sgd, lr) for lr in ("0.01", "0.1", "0.5")],
    *[("heavy-ball", lambda: sgd(0.9), lr) for lr in ("0.01", "0.1")],
    ("heavy-ball momentum=0.99", lambda: sgd(0.99), "0.001"),
    *[("adam", adam, lr) for lr in ("0.0001", "0.0003", "0.001", "0.01")],
    *[("adagrad", adagrad, lr) for lr in ("0.01", "0.1")],
    ("rmsprop", rmsprop, "0.001"),
]


def read(folder, part):
    images = np.fromfile(folder / f"{part}-images-idx3-ubyte", np.uint8)[16:].reshape(-1, 784)
    labels = np.fromfile(folder / f"{part}-labels-idx1-ubyte", np.uint8)[8:]
    # A column of ones for the offsets.
    return np.hstack([images / np.float32(255), np.ones((len(images), 1), np.float32)]), labels


def log_probabilities(x, w):
    f = x @ w
    f = f - f.max(1, keepdims=True)
    return f - np.log(np.exp(f).sum(1, keepdims=True))


def run(train, test, rule, lr, seed, epochs):
    (x, y), (x_test, y_test), rng = train, test, np.random.RandomState(seed)
    w, step = np.zeros((785, 10), np.float32), rule()
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(x))
        for i in range(len(x) // 128):
            rows = order[128 * i : 128 * (i + 1)]
            p = np.exp(log_probabilities(x[rows], w))
            p[np.arange(128), y[rows]] -= 1
            w = w - step(x[rows].T @ p / np.float32(128), lr).astype(np.float32)
        if epoch in AT:
            loss = -log_probabilities(x, w)[np.arange(len(x)), y].mean(dtype=np.float64)
            yield epoch, loss, (log_probabilities(x_test, w).argmax(1) == y_test).mean()


def main():
    folder = pathlib.Path(sys.argv[1])
    seeds, epochs = [int(n) for n in sys.argv[2:] + ["5", "50"][len(sys.argv) - 2 :]]
    train, test = read(folder, "train"), read(folder, "t10k")
    for name, rule, lr in SETTINGS:
        runs = [list(run(train, test, rule, float(lr), seed, epochs)) for seed in range(42, 42 + seeds)]
        for k, epoch in enumerate(at for at in AT if at <= epochs):
            for column, measure in ((1, "train_loss"), (2, "test_metric")):
                values = [run[k][column] for run in runs]
                mean, sd = np.mean(values), np.std(values, ddof=1)
                print(f'  "{measure}: {name} lr={lr} at {epoch} = {mean:.5f} +- {sd:.5f}",', flush=True)


if __name__ == "__main__":
    main()
