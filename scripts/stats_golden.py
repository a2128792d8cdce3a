# /// script
# requires-python = ">=3.11"
# dependencies = ["scipy==1.17.1", "numpy==2.4.6"]
# ///
"""Values of scipy for `crates/stats`: writes crates/stats/tests/golden.json, which the tests read.

    python scripts/stats_golden.py
"""

import json
import pathlib

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.special import comb

rng = np.random.default_rng(5)
cases = []


def case(what, given, **values):
    if not all(np.isfinite(v) for v in values.values()):
        print("not finite, left out:", what, given if what == "power" else "", values)
        return
    cases.append({"what": what, "given": given, "values": {k: float(v) for k, v in values.items()}})


def listed(x):
    return [float(v) for v in x]


def samples(n):
    """Normal, skewed, bounded, and with equals."""
    yield rng.normal(size=n)
    yield rng.lognormal(sigma=0.7, size=n) * 1e-3
    yield 1.0 - rng.beta(40, 2, size=n)
    yield np.round(rng.normal(size=n), 1)


for n in (2, 3, 5, 10, 19):
    for x in samples(n):
        low, high = stats.t.interval(0.95, n - 1, loc=x.mean(), scale=stats.sem(x))
        case("mean", {"x": listed(x)}, value=x.mean(), low=low, high=high)

for k, n in ((0, 5), (1, 5), (10, 10), (37, 40), (1, 1000), (499, 1000)):
    ci = stats.binomtest(k, n).proportion_ci(0.95, "wilson")
    case("wilson", {"k": k, "n": n}, low=ci.low, high=ci.high)

for n, m in ((2, 2), (3, 5), (5, 5), (10, 10), (10, 7), (30, 12)):
    for a, b in zip(samples(n), samples(m)):
        b = b * 1.7 + 0.2 * abs(a.mean())
        welch = stats.ttest_ind(a, b, equal_var=False)
        ci = welch.confidence_interval(0.95)
        case("welch", {"a": listed(a), "b": listed(b)}, value=a.mean() - b.mean(), low=ci.low, high=ci.high, p=welch.pvalue)
        if min(n, m) > 2:
            # scipy gives (p - 1/2) over its standard error; the degrees of freedom, as in Brunner & Munzel (2000), are
            # read off its p-value, which depends on nothing else. Our interval is on the scale of arc sines.
            munzel = stats.brunnermunzel(a, b)
            value = stats.mannwhitneyu(b, a).statistic / (n * m)
            if np.isfinite(munzel.statistic) and 0.02 < abs(value - 0.5) < 0.45:
                t = abs(munzel.statistic)
                df = brentq(lambda df: 2 * stats.t.sf(t, df) - munzel.pvalue, 0.2, 1e4, xtol=1e-13, rtol=1e-14)
                half = stats.t.ppf(0.975, df) * abs(value - 0.5) / t / (2 * np.sqrt(value * (1 - value)))
                case(
                    "improvement",
                    {"a": listed(a), "b": listed(b)},
                    value=value,
                    low=np.sin(max(np.arcsin(np.sqrt(value)) - half, 0)) ** 2,
                    high=np.sin(min(np.arcsin(np.sqrt(value)) + half, np.pi / 2)) ** 2,
                )
        if comb(n + m, n) <= 20000:
            test = stats.permutation_test(
                (a, b), lambda x, y, axis: x.mean(axis) - y.mean(axis), vectorized=True, n_resamples=np.inf
            )
            # Two-sided there is twice the smaller tail; here the size counts, so tails are taken apart.
            null = np.abs(test.null_distribution)
            size = abs(a.mean() - b.mean())
            case("permutation", {"a": listed(a), "b": listed(b)}, p=np.mean(null >= size * (1 - 1e-9)))
    if n == m:
        for a, b in zip(samples(n), samples(m)):
            test = stats.ttest_rel(a, b)
            ci = test.confidence_interval(0.95)
            case("paired", {"a": listed(a), "b": listed(b)}, value=(a - b).mean(), low=ci.low, high=ci.high, p=test.pvalue)

for n in (4, 8, 15, 25, 50, 51, 80):
    for x in samples(n):
        x = x - np.median(x) * 0.8
        if not np.any(x == 0):
            test = stats.wilcoxon(x, method="auto")
            case("wilcoxon", {"x": listed(x)}, statistic=test.statistic, p=test.pvalue)

for k, n in ((3, 4), (5, 10), (10, 30)):
    for rounded in (False, True):
        x = rng.normal(size=(n, k)) + np.arange(k) * 0.2
        x = np.round(x, 0) if rounded else x
        test = stats.friedmanchisquare(*x.T)
        case("friedman", {"x": [listed(row) for row in x]}, statistic=test.statistic, p=test.pvalue)

for k in (2, 3, 5, 10, 20):
    # Infinite degrees of freedom.
    case("range", {"k": k}, value=stats.studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2))


def power(n, effect, alpha, paired):
    df = n - 1 if paired else 2 * (n - 1)
    shift = effect * np.sqrt(n if paired else n / 2)
    critical = stats.t.ppf(1 - alpha / 2, df)
    return stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)


for n in (2, 3, 5, 10, 40, 200):
    for effect in (0.0, 0.3, 1.0, 2.5):
        for alpha in (0.05, 0.01):
            for paired in (False, True):
                case(
                    "power",
                    {"n": n, "effect": effect, "alpha": alpha, "paired": paired},
                    value=power(n, effect, alpha, paired),
                )

for n in (1, 5, 12):
    x = rng.lognormal(size=n)
    s = np.sort(x)
    for k in range(1, n + 1):
        # Tang et al. 2020: the mean over all subsets of size k of their lowest.
        weights = [comb(n - i - 1, k - 1) / comb(n, k) for i in range(n)]
        case("expected_best", {"x": listed(x), "k": k}, value=np.dot(weights, s))

for n in (2, 5, 12, 30):
    for rounded in (False, True):
        a = rng.normal(size=n)
        b = a + rng.normal(size=n)
        a, b = (np.round(a), np.round(b)) if rounded and n > 2 else (a, b)
        case("kendall", {"a": listed(a), "b": listed(b)}, value=stats.kendalltau(a, b).statistic)

out = pathlib.Path(__file__).parent.parent / "crates/stats/tests/golden.json"
out.write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
print(len(cases), "cases,", out.stat().st_size, "bytes")
