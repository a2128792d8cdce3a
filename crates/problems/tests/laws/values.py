"""Writes values.csv: each function at an odd point, from its textbook formula in 40 digits.

Run: python3 values.py > values.csv    (needs mpmath; written apart from the Rust code, from the sources)
"""

from mpmath import cos, e, exp, mp, mpf, pi, sin, sqrt

mp.dps = 40


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


POINT = {1: ["1.3"], 2: ["1.3", "-0.7"], 4: ["1.3", "-0.7", "0.4", "2.1"]}

# Name, knobs, dimension, formula.
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
]

print("table;x;value")
for name, knobs, dim, formula in FUNCTIONS:
    table = "{" + f'"name":"{name}"' + ("," + knobs if knobs else "") + "}"
    value = formula([mpf(x) for x in POINT[dim]])
    print(f"{table};{' '.join(POINT[dim])};{mp.nstr(value, 17)}")
