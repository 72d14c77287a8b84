"""Vectors of kernel ridge regression, by NumPy alone: python3 kernelRidge.py > kernelRidge.json"""

import json
import numpy as np

rng = np.random.default_rng(7)
L, d, P = 40, 3, 6
x, z = rng.standard_normal((L, d)), rng.standard_normal((P, d))
y = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * rng.standard_normal(L)


def arc(order):
    def kernel(a, b):
        na, nb = np.sqrt(0.64 * (a * a).sum(1) + 0.25), np.sqrt(0.64 * (b * b).sum(1) + 0.25)
        c = np.clip((0.64 * a @ b.T + 0.25) / np.outer(na, nb), -1, 1)
        t = np.arccos(c)
        j = [np.pi - t, np.sin(t) + (np.pi - t) * c, 3 * np.sin(t) * c + (np.pi - t) * (1 + 2 * c * c)][order]
        return np.outer(na, nb) ** order * j / (2 * np.pi)

    return kernel


def erf(a, b):
    qa, qb = 1 + 2 * (a * a).sum(1), 1 + 2 * (b * b).sum(1)
    return 2 / np.pi * np.arcsin(2 * a @ b.T / np.sqrt(np.outer(qa, qb)))


def gaussian(a, b):
    return np.exp(-((a[:, None] - b[None]) ** 2).sum(2) / 2)


cases = []
kernels = dict(arcCosine0=arc(0), arcCosine1=arc(1), arcCosine2=arc(2), erf=erf, gaussian=gaussian)
for name, kernel in kernels.items():
    for lam in (1e-1, 1e-4):
        K = kernel(x, x)
        if name == "arcCosine0":
            np.fill_diagonal(K, 0.5)  # the angle of equal points is the root of a rounding
        A = K + lam * L * np.eye(L)
        alpha = np.linalg.solve(A, y)
        S = K @ np.linalg.inv(A)
        r = y - S @ y
        loo = []
        for i in range(L):
            keep = np.arange(L) != i
            # Rows left out: the penalty of the others stays lambda L.
            a = np.linalg.solve(K[np.ix_(keep, keep)] + lam * L * np.eye(L - 1), y[keep])
            loo.append(y[i] - K[i, keep] @ a)
        cases.append(
            dict(
                kernel=name,
                **{"lambda": lam},
                predictions=(kernel(z, x) @ alpha).tolist(),
                loo=float(np.mean(np.square(loo))),
                gcv=float((r @ r) / L / (1 - np.trace(S) / L) ** 2),
                degrees=float(np.trace(S)),
                squaredNorm=float(alpha @ K @ alpha),
            )
        )
rows = dict(inputs=x.ravel().tolist(), targets=y.tolist(), points=z.ravel().tolist())
print(json.dumps(dict(numpy=np.__version__, d=d, **rows, cases=cases), indent=1))
