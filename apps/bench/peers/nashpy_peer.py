"""Nashpy: its linear programme, one for each player; its rows maximize, so they get the payoff with the other sign."""

import nashpy
from common import normals

VERSION = nashpy.__version__


def matrix_game(p):
    n = p["n"]
    payoff = normals(n * n).reshape(n, n)

    def step():
        x, y = nashpy.Game(-payoff).linear_program()
        return payoff, [x @ payoff @ y]

    return step


KINDS = {"matrixGame": matrix_game}
