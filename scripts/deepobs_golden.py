# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Values of numpy for `crates/problems/src/deepobs`: its random stream, and DeepOBS's problems written once more, from
their definitions (Schneider, Balles & Hennig 2019), on matrices. Writes crates/problems/tests/deepobs/numpy.json.

    python scripts/deepobs_golden.py
"""

import json
import pathlib

import numpy as np


def streams():
    for seed in (0, 42, 43, 2**32 - 1):
        rng = np.random.RandomState(seed)
        # An odd number of normal numbers leaves one in the cache.
        yield {"seed": seed, "uniform": list(rng.uniform(30, 60, 700)), "normal": list(rng.normal(0, 0.6, 701))}


def rotation(rng, n):
    angle = 2 * np.pi * rng.uniform()
    r = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    for d in range(2, n):
        v = rng.normal(size=d + 1)
        x = np.eye(d + 1)[0] - v / np.linalg.norm(v)
        larger = np.eye(d + 1)
        larger[1:, 1:] = r
        r = (np.eye(d + 1) - 2 * np.outer(x, x) / (x @ x)) @ larger
    return -r


def points():
    """Five points, without a random generator."""
    for k in range(5):
        yield np.cos(np.arange(100) * (k + 1)) * (k + 1) / 3


def rows():
    return [(37 * i * i + 11 * i) % 1000 for i in range(128)]


def quadratic_deep():
    rng = np.random.RandomState(42)
    h = np.concatenate([rng.uniform(0, 1, 90), rng.uniform(30, 60, 10)])
    r = rotation(rng, 100)
    assert np.allclose(r @ r.T, np.eye(100), atol=1e-13) and np.linalg.det(r) > 0
    q = r.T @ np.diag(h) @ r

    def examples(seed):
        return np.random.RandomState(seed).normal(0, 0.6, (1000, 100)).astype(np.float32).astype(np.float64)

    def loss(x, a):
        return float(np.mean([0.5 * (x - a) @ q @ (x - a) for a in a]))

    train, validation, test = examples(42), examples(44)[:896], examples(43)[:896]
    yield {"what": "eigenvalues", "min": h.min(), "max": h.max(), "sum": h.sum()}
    for x in [np.ones(100), np.zeros(100), train.mean(0), test.mean(0), *points()]:
        batch = train[rows()]
        yield {
            "what": "point",
            "x": list(x),
            "train": loss(x, train),
            "validation": loss(x, validation),
            "test": loss(x, test),
            "batch": loss(x, batch),
            "gradient": list(q @ (x - batch.mean(0))),
        }


FUNCTIONS = {
    "two-d-rosenbrock": lambda u, v: (1 - u) ** 2 + 100 * (v - u**2) ** 2,
    "two-d-beale": lambda u, v: (1.5 - u + u * v) ** 2 + (2.25 - u + u * v**2) ** 2 + (2.625 - u + u * v**3) ** 2,
    "two-d-branin": lambda u, v: (v - 5.1 / (4 * np.pi**2) * u**2 + 5 / np.pi * u - 6) ** 2
    + 10 * (1 - 1 / (8 * np.pi)) * np.cos(u)
    + 10,
}


def two_d():
    def tilts(seed):
        rng = np.random.RandomState(seed)
        return np.array([rng.normal(0, 1, 10_000).astype(np.float32) for _ in "xy"], dtype=np.float64)

    train, validation = tilts(42), tilts(44)[:, :9984]
    for name, f in FUNCTIONS.items():
        for u, v in [(-0.5, 1.5), (-4.5, 4.5), (2.5, 12.5), (0.3, -0.7)]:

            def loss(tilts):
                return float(np.mean(f(u, v) + u * tilts[0] + v * tilts[1]))

            yield {
                "problem": name,
                "x": [u, v],
                "train": loss(train),
                "validation": loss(validation),
                "test": float(f(u, v)),
                "batch": loss(train[:, rows()]),
            }


golden = {"rows": rows(), "streams": list(streams()), "quadratic-deep": list(quadratic_deep()), "two-d": list(two_d())}
path = pathlib.Path(__file__).parent.parent / "crates/problems/tests/deepobs/numpy.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")).replace("},{", "},\n{") + "\n")
print(path, path.stat().st_size, "bytes")
