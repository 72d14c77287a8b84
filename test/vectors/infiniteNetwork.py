"""Writes infiniteNetwork.json: NNGP and NTK of fully connected networks, independent of the program.

Every expectation is an integral from the definition alone,
    E[g(u) g(v)],  u = a z1,  v = b (c z1 + sqrt(1 - c^2) z2),  z standard normal.
relu, leaky relu, erf: the integral over z2 by hand (below), over z1 by 400 Gauss-Legendre nodes on each side of 0.
tanh: trapezoidal sums in both, exponentially accurate for analytic functions.
Run: python3 test/vectors/infiniteNetwork.py > test/vectors/infiniteNetwork.json
"""
import json
import numpy as np
from scipy.special import erf, ndtr

x, w = np.polynomial.legendre.leggauss(400)
nodes = np.concatenate([6 * (x - 1), 6 * (x + 1)])
normal = lambda z: np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
weights = np.concatenate([6 * w, 6 * w]) * normal(nodes)
grid = np.arange(-10, 10.01, 0.02)

# conditional means m = E[g(v) | z1] for v normal of mean mu and deviation s; None: by the trapezoidal sum
def relu_mean(mu, s): return mu * ndtr(mu / s) + s * normal(mu / s)
def relu_slope_mean(mu, s): return ndtr(mu / s)
def erf_mean(mu, s): return erf(mu / np.sqrt(1 + 2 * s * s))
def erf_slope_mean(mu, s): return 2 / np.sqrt(np.pi * (1 + 2 * s * s)) * np.exp(-mu * mu / (1 + 2 * s * s))

step = lambda u: (u > 0) * 1.0
slope = 0.01
units = {
    'relu': (lambda u: np.maximum(u, 0), step, relu_mean, relu_slope_mean),
    'leaky-relu': (lambda u: np.maximum(u, slope * u), lambda u: slope + (1 - slope) * step(u),
                   lambda mu, s: slope * mu + (1 - slope) * relu_mean(mu, s),
                   lambda mu, s: slope + (1 - slope) * relu_slope_mean(mu, s)),
    'erf': (erf, lambda u: 2 / np.sqrt(np.pi) * np.exp(-u * u), erf_mean, erf_slope_mean),
    'tanh': (np.tanh, lambda u: 1 / np.cosh(u) ** 2, None, None),
}

def pair(g, closed, q11, q22, q12):
    a, b = np.sqrt(q11), np.sqrt(q22)
    c = q12 / (a * b)
    s = b * np.sqrt(max(1 - c * c, 0))
    if closed is None:
        z1, z2 = grid[:, None], grid[None, :]
        return float(np.sum(g(a * z1) * g(b * c * z1 + s * z2) * normal(z1) * normal(z2)) * 0.02 ** 2)
    m = closed(b * c * nodes, s) if s > 1e-7 else g(b * c * nodes)
    return float(np.sum(weights * g(a * nodes) * m))

def kernels(unit, depth, tw, tb, x, y):
    g, dg, gm, dgm = units[unit]
    dot = lambda p, q: tw * float(np.dot(p, q)) / len(p) + tb
    q11, q22, q12 = dot(x, x), dot(y, y), dot(x, y)
    theta = q12
    for _ in range(depth):
        new = tw * pair(g, gm, q11, q22, q12) + tb
        theta = new + tw * pair(dg, dgm, q11, q22, q12) * theta
        q11, q22, q12 = tw * pair(g, gm, q11, q11, q11) + tb, tw * pair(g, gm, q22, q22, q22) + tb, new
    return q12, theta

points = [([1, -0.5, 2], [0.3, 1.2, -0.4]), ([1, 0.2, 0.1], [0.9, 0.3, 0.1]), ([0.5, 0.5, -1], [-0.5, -0.4, 1]),
          ([1, 2, 3], [1, 2, 3])]
cases = []
for unit, depths in (('relu', (1, 2, 5)), ('leaky-relu', (1, 3)), ('erf', (1, 2, 4)), ('tanh', (1, 2))):
    for depth in depths:
        for tw, tb in ((2, 0), (1.3, 0.2)):
            for x, y in points:
                nngp, ntk = kernels(unit, depth, tw, tb, x, y)
                cases.append(dict(activation=unit, depth=depth, weightVariance=tw, biasVariance=tb,
                                  x=x, y=y, nngp=nngp, ntk=ntk))
print('{"source": "infiniteNetwork.py: NumPy and SciPy, integrals from the definition", "cases": [')
print(',\n'.join(json.dumps(case) for case in cases))
print(']}')
