"""The problems: value and gradient at a point x (a flat list) in step t = 1, 2, ...

Plain float arithmetic, one IEEE operation at a time in the order shown, so that
`crates/downhill/tests/golden/problems.rs` repeats every gradient bit for bit.
"""

from dataclasses import dataclass

STEPS = 200


@dataclass(frozen=True)
class Problem:
    name: str
    start: list[float]
    oracle: object  # (x, t) -> (value, gradient)
    along: object  # (x, v) -> the Hessian at x times v
    record: list[int]  # the steps after which the point is written
    lower_bound: float
    shapes: list[tuple[int, ...]]


def rosenbrock(x, t):
    """f = 100 (b - a^2)^2 + (1 - a)^2 from (-1.2, 1)."""
    a, b = x
    r = b - a * a
    value = 100.0 * r * r + (1.0 - a) * (1.0 - a)
    return value, [-400.0 * a * r - 2.0 * (1.0 - a), 200.0 * r]


def rosenbrock_along(x, v):
    a, b = x
    return [(1200.0 * a * a - 400.0 * b + 2.0) * v[0] - 400.0 * a * v[1], 200.0 * v[1] - 400.0 * a * v[0]]


PAIRS = [(i, i + 1) for i in range(19)] + [(i, i + 10) for i in range(10)]


def quadratic(x, t):
    """f = z' D z / 2, where z is x - m in rotated axes and D falls from 1 to 1/512."""
    z = [x[i] - ((3 * i) % 7 - 3) / 4 for i in range(20)]
    for i, j in PAIRS:
        z[i], z[j] = 0.6 * z[i] - 0.8 * z[j], 0.8 * z[i] + 0.6 * z[j]
    value, g = 0.0, []
    for i in range(20):
        d = 1.0 / 2 ** (i // 2)
        value += 0.5 * (d * z[i] * z[i])
        g.append(d * z[i])
    for i, j in reversed(PAIRS):
        g[i], g[j] = 0.6 * g[i] + 0.8 * g[j], 0.6 * g[j] - 0.8 * g[i]
    return value, g


def quadratic_along(x, v):
    z = list(v)
    for i, j in PAIRS:
        z[i], z[j] = 0.6 * z[i] - 0.8 * z[j], 0.8 * z[i] + 0.6 * z[j]
    g = [z[i] / 2 ** (i // 2) for i in range(20)]
    for i, j in reversed(PAIRS):
        g[i], g[j] = 0.6 * g[i] + 0.8 * g[j], 0.6 * g[j] - 0.8 * g[i]
    return g


def recording(spike):
    """Noise in (-1, 1) that does not look at x: steps of zeros, repeated steps, coordinates that are 0 or 1e-30
    for long; with `spike`, +-1e10 in two coordinates of step 100."""
    s, last, out = 1, [0.0] * 8, [None]
    for t in range(1, STEPS + 1):
        draws = []
        for _ in range(9):
            s = (s * 6364136223846793005 + 1442695040888963407) % 2**64
            draws.append((s >> 33) / 2.0**30 - 1.0)
        g = draws[:8]
        if t <= 10:
            g[4] = 1e-30
        if t % 7 == 0:
            g[5] = -1e-30
        if t <= 40:
            g[6] = 0.0
        if 60 < t <= 140:
            g[7] = 0.0
        if t % 13 == 0:
            g = last
        if t % 17 == 0:
            g = [0.0] * 8
        if spike and t == 100:
            g[0], g[3] = 1e10, -1e10
        last = g
        out.append((2.0 + abs(draws[8]), g))
    return out


def recorded(spike):
    steps = recording(spike)
    return lambda x, t: (steps[t][0], list(steps[t][1]))


def flat(x, v):
    return [0.0] * 8


SHAPES = [(3, 2), (2, 3), (8, 8)]


def matrices(x, t):
    """f = sum of (W - T)' S (W - T) / 2 + p(t)' (W - T) over the blocks, S_ik = 1 / (1 + |i - k|) over rows."""
    value, g, at = 0.0, [], 0
    for rows, cols in SHAPES:
        d = [x[at + i] - ((5 * i) % 9 - 4) / 4 for i in range(rows * cols)]
        for r in range(rows):
            for c in range(cols):
                i = r * cols + c
                s = 0.0
                for k in range(rows):
                    s += d[k * cols + c] / (1 + abs(r - k))
                p = 0.05 * ((7 * t + 3 * (at + i)) % 11 - 5) / 5
                value += 0.5 * (d[i] * s) + p * d[i]
                g.append(s + p)
        at += rows * cols
    return value, g


def matrices_along(x, v):
    g, at = [], 0
    for rows, cols in SHAPES:
        for r in range(rows):
            for c in range(cols):
                s = 0.0
                for k in range(rows):
                    s += v[at + k * cols + c] / (1 + abs(r - k))
                g.append(s)
        at += rows * cols
    return g


# Streams of noise.
PROBE, LABELS = 0, 1


def noise(t, stream, n):
    """n numbers in (-2, 2), the same for the same step and stream."""
    s, out = 4 * t + stream, []
    for _ in range(n + 2):
        s = (s * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append((s >> 33) / 2.0**29 - 2.0)
    return out[2:]


# A gradient for drawn labels is the gradient and LABELS, of this many examples.
EXAMPLES = 3

PROBLEMS = {
    p.name: p
    for p in [
        Problem("rosenbrock", [-1.2, 1.0], rosenbrock, rosenbrock_along, [1, 2, 3, 4, 5, 10, 20, 50, 100, 200], 0.0, [(2,)]),
        Problem("quadratic", [1.0 - i / 8 for i in range(20)], quadratic, quadratic_along, [1, 2, 3, 20, 200], 0.0, [(20,)]),
        Problem("recorded", [(i - 3) / 2 for i in range(8)], recorded(False), flat, [1, 2, 3, 5, 10, 20, 50, 100, 200], 2.0, [(8,)]),
        # Up to step 99 it is `recorded`.
        Problem("spike", [(i - 3) / 2 for i in range(8)], recorded(True), flat, [100, 101, 120, 150, 200], 2.0, [(8,)]),
        Problem("matrices", [((11 * i) % 17 - 8) / 8 for i in range(76)], matrices, matrices_along, [1, 2, 3, 20, 200], -1.0, SHAPES),
    ]
}
