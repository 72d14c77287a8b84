"""HiGHS through SciPy: one linear programme of a matrix game, whose duals are the strategy of the columns."""

import numpy as np
import scipy
from common import normals
from scipy.optimize import linprog

VERSION = scipy.__version__


def matrix_game(p):
    """Rows minimize: the least v with `(A' x)_j <= v` for every column j, over probabilities x."""
    n = p["n"]
    payoff = normals(n * n).reshape(n, n)
    cost = np.append(np.zeros(n), 1)
    above = np.hstack([payoff.T, -np.ones((n, 1))])
    total = np.append(np.ones(n), 0)[None]
    bounds = [(0, None)] * n + [(None, None)]

    def step():
        answer = linprog(cost, above, np.zeros(n), total, [1], bounds, method="highs")
        return payoff, [answer.fun]

    return step


KINDS = {"matrixGame": matrix_game}
