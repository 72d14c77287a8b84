"""POT: its log-domain Sinkhorn. A call does a fixed number of iterations, which are two of our halves each."""

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


KINDS = {"sinkhorn": sinkhorn}
