"""POT: its log-domain Sinkhorn, a fixed number of iterations a call, which are two of our halves each; distances and
entropic transport to a tolerance."""

import os

# POT loads every array library that it finds; it is asked on NumPy's arrays.
for name in ("JAX", "PYTORCH", "TENSORFLOW", "CUPY"):
    os.environ[f"POT_BACKEND_DISABLE_{name}"] = "1"

import numpy as np  # noqa: E402
import ot  # noqa: E402
from common import numbers  # noqa: E402

VERSION = ot.__version__


def sinkhorn(p):
    n, eps = p["n"], 1 / p["inverse"]
    x, y, g = numbers(2 * n, 5).reshape(n, 2), numbers(2 * n, 6).reshape(n, 2), numbers(n, 7)
    a = np.full(n, 1 / n)
    # POT updates the second potential first: it gets the transposed cost.
    cost = ot.dist(y, x)

    def iterate(count, warmstart=None):
        log = ot.bregman.sinkhorn_log(
            a, a, cost, eps, numItermax=count, stopThr=0, log=True, warn=False, warmstart=warmstart
        )[1]
        return log["log_v"]

    def step():
        return (iterate(step.iterations),)

    step.iterations = 10
    step.calls = 2 * step.iterations
    step.result = lambda: (eps * (iterate(1, (g / eps, np.zeros(n))) + 2 * np.log(n)),)
    return step


def distance(p):
    """Squared distances of the clouds of distances.ts. The cost matrix is part of the work, as it is of ours."""
    what, n, d = p["by"], p["n"], p["d"]
    x = numbers(n * d, 40).reshape(n, d)
    y = numbers(n * d, 41).reshape(n, d)
    if what != "near":
        y = 2 * y + 0.5
    a = np.full(n, 1 / n)
    if what in ("exact", "near"):
        return lambda: (np.array([ot.emd2(a, a, ot.dist(x, y), numItermax=10_000_000)]),)
    if what == "line":
        x, y = x.ravel(), y.ravel()
        return lambda: (np.array([ot.emd2_1d(x, y)]),)
    if what == "sliced":
        units = numbers(p["k"] * d, 42).reshape(-1, d)
        units = (units / np.linalg.norm(units, axis=1, keepdims=True)).T
        return lambda: (np.array([ot.sliced_wasserstein_distance(x, y, projections=units) ** 2]),)
    return "does not have it"


def entropic(p):
    """Entropic transport of the clouds of distances.ts: the plan, and its cost. The cost matrix is part of the work."""
    what, n, d, eps = p["by"], p["n"], p["d"], float(p["epsilon"])
    x = numbers(n * d, 40).reshape(n, d)
    y = 2 * numbers(n * d, 41).reshape(n, d) + 0.5
    a = np.full(n, 1 / n)
    rules = {"numItermax": 10_000, "stopThr": 1e-9}

    def plan(cost):
        if what == "plain":
            return ot.sinkhorn(a, a, cost, eps, warn=False, **rules)
        if what == "log":
            return ot.bregman.sinkhorn_log(a, a, cost, eps, warn=False, **rules)
        return ot.unbalanced.sinkhorn_unbalanced(a, a, cost, eps, 1.0, **rules)

    def solve():
        cost = ot.dist(x, y)
        return (np.array([np.sum(plan(cost) * cost)]),)

    return solve


KINDS = {"sinkhorn": sinkhorn, "distance": distance, "entropic": entropic}
