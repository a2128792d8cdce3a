"""Writes values.csv: values and slopes of each function from its textbook formula in 60 digits, and minima of `mgh.py`.

Run: python3 values.py > values.csv    (needs mpmath and scipy; written apart from the Rust code, from the sources)
"""

import random

from mgh import COLLECTION
from mpmath import cos, e, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, sin, sqrt
from scipy.optimize import least_squares

mp.dps = 60


def total(terms):
    return sum(terms, mpf(0))


def mean(terms):
    terms = list(terms)
    return total(terms) / len(terms)


def product(terms):
    out = mpf(1)
    for term in terms:
        out *= term
    return out


def numbered(x):
    return list(enumerate(x, 1))


def levy(x):
    w = [1 + (x - 1) / 4 for x in x]
    middle = total((w - 1) ** 2 * (1 + 10 * sin(pi * w + 1) ** 2) for w in w[:-1])
    return sin(pi * w[0]) ** 2 + middle + (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)


def goldstein_price(x, y):
    a = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    b = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return a * b


def wood(a, b, c, d):
    d1, d2, d3, d4 = a - 1, b - 1, c - 1, d - 1
    first = 100 * (a**2 - b) ** 2 + d1**2 + d3**2 + 90 * (c**2 - d) ** 2
    return first + mpf("10.1") * (d2**2 + d4**2) + mpf("19.8") * d2 * d4


def zakharov(x):
    s = total(mpf(i) / 2 * x for i, x in numbered(x))
    return total(x**2 for x in x) + s**2 + s**4


def ravine(x, y, kappa=100):
    a = pi / 6
    return ((x * cos(a) + y * sin(a)) ** 2 + kappa * (y * cos(a) - x * sin(a)) ** 2) / 2


def branin(x, y):
    return (y - mpf("5.1") / (4 * pi**2) * x**2 + 5 / pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10


def ackley(x):
    return -20 * exp(-sqrt(mean(x**2 for x in x)) / 5) - exp(mean(cos(2 * pi * x) for x in x)) + 20 + e


def powell(a, b, c, d):
    return (a + 10 * b) ** 2 + 5 * (c - d) ** 2 + (b - 2 * c) ** 4 + 10 * (a - d) ** 4


def pairs(x):
    return zip(x, x[1:])


def logarithm(x, y):
    # Picheny, Wagner & Ginsbourger 2013: the unit square, then mean 0 and variance 1.
    return (log(goldstein_price(4 * x - 2, 4 * y - 2)) - mpf("8.693")) / mpf("2.427")


def norm(x):
    return sqrt(total(x**2 for x in x))


def schaffer(wave, x, y):
    return mpf("0.5") + (wave(x**2 - y**2) - mpf("0.5")) / (1 + mpf("0.001") * (x**2 + y**2)) ** 2


def eggholder(x, y):
    return -(y + 47) * sin(sqrt(abs(x / 2 + y + 47))) - x * sin(sqrt(abs(x - (y + 47))))


def cross_in_tray(x, y):
    return -mpf("0.0001") * (abs(sin(x) * sin(y) * exp(abs(100 - norm([x, y]) / pi))) + 1) ** mpf("0.1")


def holder_table(x, y):
    return -abs(sin(x) * cos(y) * exp(abs(1 - norm([x, y]) / pi)))


def levy_13(x, y):
    middle = (x - 1) ** 2 * (1 + sin(3 * pi * y) ** 2)
    return sin(3 * pi * x) ** 2 + middle + (y - 1) ** 2 * (1 + sin(2 * pi * y) ** 2)


def rows(text):
    return [[mpf(word) for word in line.split()] for line in text.split(",")]


def hartmann(x, a, p):
    heights = rows("1 1.2 3 3.2")[0]
    depth = lambda a, p: exp(-total(a * (x - p) ** 2 for a, p, x in zip(a, p, x)))
    return -total(h * depth(a, p) for h, a, p in zip(heights, rows(a), rows(p)))


HARTMANN_3 = (
    "3 10 30, .1 10 35, 3 10 30, .1 10 35",
    ".3689 .1170 .2673, .4699 .4387 .7470, .1091 .8732 .5547, .03815 .5743 .8828",
)
HARTMANN_6 = (
    "10 3 17 3.5 1.7 8, .05 10 17 .1 8 14, 3 3.5 1.7 10 17 8, 17 8 .05 10 .1 14",
    ".1312 .1696 .5569 .0124 .8283 .5886, .2329 .4135 .8307 .3736 .1004 .9991,"
    ".2348 .1451 .3522 .2883 .3047 .6650, .4047 .8828 .8732 .5743 .1091 .0381",
)


def shekel(x, m):
    holes = rows("4 4 4 4, 1 1 1 1, 8 8 8 8, 6 6 6 6, 3 7 3 7, 2 9 2 9, 5 5 3 3, 8 1 8 1, 6 2 6 2, 7 3.6 7 3.6")
    widths = rows(".1 .2 .2 .4 .4 .6 .3 .7 .5 .5")[0]
    return -total(1 / (total((x - c) ** 2 for x, c in zip(x, c)) + b) for c, b in zip(holes[:m], widths))


# The largest value of x sin(sqrt |x|) in the box.
SCHWEFEL = mpf("418.98288727243370627")

POINT = {1: ["1.3"], 2: ["1.3", "-0.7"], 4: ["1.3", "-0.7", "0.4", "2.1"]}

# Name, knobs, dimension or point, formula.
FUNCTIONS = [
    ("hiker", "", 1, lambda x: x[0] ** 4 - 3 * x[0] ** 3 + 2),
    ("hills", "", 1, lambda x: x[0] ** 2 / 40 + 1 - cos(x[0])),
    ("plateau", "", 1, lambda x: -exp(-(x[0] ** 2) / 2)),
    ("sphere", '"dim":4', 4, lambda x: total(x**2 for x in x)),
    ("sum-squares", '"dim":4', 4, lambda x: total(i * x**2 for i, x in numbered(x))),
    ("ellipsoid", '"dim":4,"kappa":8e6', 4, lambda x: total(mpf(200) ** (i - 1) * x**2 for i, x in numbered(x)) / 2),
    ("ravine", "", 2, lambda x: ravine(*x)),
    ("booth", "", 2, lambda x: (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2),
    ("matyas", "", 2, lambda x: mpf("0.26") * (x[0] ** 2 + x[1] ** 2) - mpf("0.48") * x[0] * x[1]),
    ("trid", '"dim":4', 4, lambda x: total((x - 1) ** 2 for x in x) - total(a * b for a, b in pairs(x))),
    ("noisy-quadratic", '"dim":4', 4, lambda x: total(x**2 / i for i, x in numbered(x)) / 2),
    ("rosenbrock", "", 2, lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2),
    ("chained-rosenbrock", '"dim":4', 4, lambda x: total(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairs(x))),
    ("beale", "", 2, lambda x: total((c - x[0] + x[0] * x[1] ** k) ** 2 for k, c in numbered(map(mpf, ("1.5", "2.25", "2.625"))))),
    ("wood", "", 4, lambda x: wood(*x)),
    ("powell-singular", "", 4, lambda x: powell(*x)),
    ("dixon-price", '"dim":4', 4, lambda x: (x[0] - 1) ** 2 + total(i * (2 * b**2 - a) ** 2 for i, (a, b) in enumerate(pairs(x), 2))),
    ("zakharov", '"dim":4', 4, zakharov),
    ("hager", '"dim":4', 4, lambda x: total(exp(x) - sqrt(i) * x for i, x in numbered(x))),
    ("freudenstein-roth", "", 2, lambda x: (-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1]) ** 2 + (-29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]) ** 2),
    ("himmelblau", "", 2, lambda x: (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2),
    ("branin", "", 2, lambda x: branin(*x)),
    ("three-hump-camel", "", 2, lambda x: 2 * x[0] ** 2 - mpf("1.05") * x[0] ** 4 + x[0] ** 6 / 6 + x[0] * x[1] + x[1] ** 2),
    ("six-hump-camel", "", 2, lambda x: (4 - mpf("2.1") * x[0] ** 2 + x[0] ** 4 / 3) * x[0] ** 2 + x[0] * x[1] + (4 * x[1] ** 2 - 4) * x[1] ** 2),
    ("goldstein-price", "", 2, lambda x: goldstein_price(*x)),
    ("mccormick", "", 2, lambda x: sin(x[0] + x[1]) + (x[0] - x[1]) ** 2 - mpf("1.5") * x[0] + mpf("2.5") * x[1] + 1),
    ("bohachevsky", "", 2, lambda x: x[0] ** 2 + 2 * x[1] ** 2 - mpf("0.3") * cos(3 * pi * x[0]) - mpf("0.4") * cos(4 * pi * x[1]) + mpf("0.7")),
    ("easom", "", 2, lambda x: -cos(x[0]) * cos(x[1]) * exp(-((x[0] - pi) ** 2) - (x[1] - pi) ** 2)),
    ("rastrigin", '"dim":4', 4, lambda x: 40 + total(x**2 - 10 * cos(2 * pi * x) for x in x)),
    ("ackley", '"dim":4', 4, ackley),
    ("griewank", '"dim":4', 4, lambda x: 1 + total(x**2 for x in x) / 4000 - product(cos(x / sqrt(i)) for i, x in numbered(x))),
    ("levy", '"dim":4', 4, levy),
    ("styblinski-tang", '"dim":4', 4, lambda x: total(x**4 - 16 * x**2 + 5 * x for x in x) / 2),
    ("strict-saddle", "", 2, lambda x: x[0] ** 2 - x[1] ** 2 + x[1] ** 4 / 4),
    ("monkey-saddle", "", 2, lambda x: x[0] ** 3 - 3 * x[0] * x[1] ** 2 + (x[0] ** 2 + x[1] ** 2) ** 2),
    ("drift", "", 1, lambda x: (x[0] - 10) ** 2 / 2),
    # The mean of 101 slopes: one of 1010, a hundred of -10.
    ("reddi", "", ["0.3"], lambda x: (x[0] + 1) * (1010 - 100 * 10) / mpf(101)),
    ("cube", "", 2, lambda x: 100 * (x[1] - x[0] ** 3) ** 2 + (1 - x[0]) ** 2),
    ("levy-13", "", 2, lambda x: levy_13(*x)),
    ("schwefel", '"dim":4', ["130.7", "-70.1", "412.3", "-2.9"], lambda x: 4 * SCHWEFEL - total(x * sin(sqrt(abs(x))) for x in x)),
    ("schwefel-1-2", '"dim":4', 4, lambda x: total(total(x[: i + 1]) ** 2 for i in range(4))),
    ("schwefel-2-22", '"dim":4', 4, lambda x: total(map(abs, x)) + product(map(abs, x))),
    ("different-powers", '"dim":4', 4, lambda x: total(abs(x) ** (i + 1) for i, x in numbered(x))),
    ("bukin-6", "", ["-7.3", "0.9"], lambda x: 100 * sqrt(abs(x[1] - x[0] ** 2 / 100)) + abs(x[0] + 10) / 100),
    ("drop-wave", "", 2, lambda x: -(1 + cos(12 * norm(x))) / (norm(x) ** 2 / 2 + 2)),
    ("schaffer-2", "", 2, lambda x: schaffer(lambda u: sin(u) ** 2, *x)),
    ("schaffer-4", "", 2, lambda x: schaffer(lambda u: cos(sin(abs(u))) ** 2, *x)),
    ("eggholder", "", ["130.7", "-70.1"], lambda x: eggholder(*x)),
    ("cross-in-tray", "", 2, lambda x: cross_in_tray(*x)),
    ("holder-table", "", 2, lambda x: holder_table(*x)),
    ("hartmann-3", "", ["0.3", "0.7", "0.4"], lambda x: hartmann(x, *HARTMANN_3)),
    ("hartmann-6", "", ["0.3", "0.7", "0.4", "0.1", "0.2", "0.6"], lambda x: hartmann(x, *HARTMANN_6)),
    ("shekel", "", 4, lambda x: shekel(x, 10)),
    ("shekel", '"holes":7', 4, lambda x: shekel(x, 7)),
    ("michalewicz", '"dim":4', ["1.3", "0.7", "2.4", "2.1"], lambda x: -total(sin(x) * sin(i * x**2 / pi) ** 20 for i, x in numbered(x))),
    ("salomon", '"dim":4', 4, lambda x: 1 - cos(2 * pi * norm(x)) + norm(x) / 10),
    ("alpine-1", '"dim":4', 4, lambda x: total(abs(x * sin(x) + x / 10) for x in x)),
    ("qing", '"dim":4', 4, lambda x: total((x**2 - i) ** 2 for i, x in numbered(x))),
    ("log-goldstein-price", "", ["0.3", "0.7"], lambda x: logarithm(*x)),
]


def slopes(f, x):
    """The gradient: central differences in 60 digits, good to 35."""
    h = mpf(10) ** -20
    moved = lambda i, by: [x + by if i == j else x for j, x in enumerate(x)]
    return [(f(moved(i, h)) - f(moved(i, -h))) / (2 * h) for i in range(len(x))]


def minimum(residuals, near):
    """Least squares in double precision, then Newton's method on the gradient where the Hessian allows."""
    double = lambda x: [float(r) for r in residuals([mpf(float(a)) for a in x])]
    settings = {"method": "lm", "x_scale": "jac", "xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 20000}
    x = [mpf(float(a)) for a in least_squares(double, [float(a) for a in near], **settings).x]
    f = lambda x: total(r**2 for r in residuals(x))
    for _ in range(5):
        g, n, h = slopes(f, x), len(x), mpf(10) ** -15
        moved = [slopes(f, [x + h if i == j else x for j, x in enumerate(x)]) for i in range(n)]
        hessian = matrix([[(moved[i][j] - g[j]) / h for i in range(n)] for j in range(n)])
        try:
            step = lu_solve(hessian, matrix(g))
        except ZeroDivisionError:
            break
        newton = [x - s for x, s in zip(x, step)]
        if f(newton) >= f(x):
            break
        x = newton
    return x, f(x)


def row(table, at, x, value, gradient=()):
    digits = lambda x: " ".join(nstr(x, 17) for x in x)
    print(f"{table};{at};{digits(x)};{nstr(value, 17)};{digits(gradient)}")


def table(name, knobs):
    return "{" + f'"name":"{name}"' + ("," + knobs if knobs else "") + "}"


print("table;at;x;value;gradient")
for name, knobs, point, formula in FUNCTIONS:
    # The double nearest to the decimal, as Rust reads it.
    x = [mpf(float(x)) for x in (POINT[point] if isinstance(point, int) else point)]
    row(table(name, knobs), "point", x, formula(x), slopes(formula, x))

rng = random.Random(1981)
for name, instances in COLLECTION.items():
    for knobs, residuals, start, near in instances:
        f = lambda x: total(r**2 for r in residuals(x))
        start = [mpf(float(a)) for a in start]
        row(table(name, knobs), "start", start, f(start))
        for _ in range(2):
            x = [mpf(round(float(a) + (0.1 * float(abs(a)) + 0.02) * rng.uniform(-1, 1), 6)) for a in start]
            row(table(name, knobs), "point", x, f(x), slopes(f, x))
        row(table(name, knobs), "minimum", *minimum(residuals, near or start))
