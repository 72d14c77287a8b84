"""OpenSpiel: its solver of zero-sum matrix games by an interior point method, one linear programme for each player."""

from importlib.metadata import version

import pyspiel
import cvxpy  # after it, so that the reason names OpenSpiel where both are missing
from common import normals
from open_spiel.python.algorithms import lp_solver

VERSION = version("open_spiel")
# Without it, the solver says so on standard output, in the midst of our answers.
if "ECOS" not in cvxpy.installed_solvers():
    raise ImportError("its linear programmes need the module ecos")


def matrix_game(p):
    n = p["n"]
    payoff = normals(n * n).reshape(n, n)
    game = pyspiel.create_matrix_game(-payoff, payoff)
    return lambda: (payoff, [lp_solver.solve_zero_sum_matrix_game(game)[3]])


KINDS = {"matrixGame": matrix_game}
