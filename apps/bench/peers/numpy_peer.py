"""NumPy, as its users write it: matrix products by BLAS, elementwise operations in place, blocks where pairs do not fit."""

import numpy as np
from common import numbers, set_inputs

VERSION = np.__version__


def network(p):
    d, n, rows = p["d"], p["n"], p["rows"]
    x, y = numbers(rows * d, 1).reshape(rows, d), numbers(rows, 2)
    relu = p["activation"] == "relu"

    def first_variation(u, m):
        a, w, b = u[:, 0], u[:, 1 : d + 1], u[:, d + 1]
        z = x @ w.T
        z += b
        if relu:
            s = np.maximum(z, 0)
            g = (z > 0).astype(float)
        else:
            s = np.tanh(z)
            g = 1 - s * s
        r = (s @ (m * a) - y) / rows
        sr = r @ s
        g *= r[:, None]
        grad = np.empty_like(u)
        grad[:, 0] = sr
        grad[:, 1 : d + 1] = (g.T @ x) * a[:, None]
        grad[:, d + 1] = g.sum(0) * a
        return a * sr, grad

    return first_variation, numbers(n * (d + 2), 3).reshape(n, d + 2), np.full(n, 1 / n)


def network_step(p):
    step, u, m = network(p)
    return lambda: step(u, m)


def gaussian(p):
    d, n = p["d"], p["n"]
    block = max(1, 2_000_000 // n)
    x = numbers(n * d, 4).reshape(n, d)

    def part(xi):
        sq = (xi[:, None, 0] - x[None, :, 0]) ** 2
        for c in range(1, d):
            sq += (xi[:, None, c] - x[None, :, c]) ** 2
        np.negative(sq, out=sq)
        k = np.exp(sq, out=sq)
        mean = k.mean(1)
        return mean, -2 * (xi * mean[:, None] - k @ x / n)

    def step():
        parts = [part(x[i : i + block]) for i in range(0, n, block)]
        return np.concatenate([v for v, _ in parts]), np.concatenate([g for _, g in parts])

    return step


def cosine(p):
    d, n = p["d"], p["n"]
    block = max(1, 2_000_000 // n)
    x = numbers(n * d, 4).reshape(n, d)

    def features():
        """The best that a user would write: the addition theorem by hand."""
        t = 2 * np.pi * x
        c, s = np.cos(t), np.sin(t)
        mc, ms = c.mean(0), s.mean(0)
        return (c * mc + s * ms).sum(1), 2 * np.pi * (c * ms - s * mc)

    def brute():
        values, grads = np.zeros(n), np.empty((n, d))
        for i in range(0, n, block):
            for c in range(d):
                t = 2 * np.pi * (x[i : i + block, None, c] - x[None, :, c])
                values[i : i + block] += np.cos(t).mean(1)
                grads[i : i + block, c] = -2 * np.pi * np.sin(t).mean(1)
        return values, grads

    return features if p.get("by") == "features" else brute


def sinkhorn(p):
    n, eps = p["n"], 1 / p["inverse"]
    x, y, g = numbers(2 * n, 5).reshape(n, 2), numbers(2 * n, 6).reshape(n, 2), numbers(n, 7)
    cost = ((x[:, None] - y[None]) ** 2).sum(2) / eps

    def step():
        z = g / eps - cost
        top = z.max(1)
        z -= top[:, None]
        np.exp(z, out=z)
        return (-eps * (top + np.log(z.sum(1)) - np.log(n)),)

    return step


def game(p):
    """Mirror-prox as in extragradient(): half step by the field at the start, full step by the field half way."""
    n = p["n"]
    x0, y0 = numbers(n, 8), numbers(n, 9)

    def field(x, y, a, b):
        diff = x[:, None] - y[None]
        k = np.exp(-diff * diff)
        dk = -2 * diff * k
        my, mx = b @ y, a @ x
        return k @ b + x * my, dk @ b + my, -(a @ k + y * mx), -(-(a @ dk) + mx)

    def push(x, a, v, g):
        w = a * np.exp(-0.1 * (v - a @ v))
        return x - 0.1 * g, w / w.sum()

    def step():
        a = b = np.full(n, 1 / n)
        vx, gx, vy, gy = field(x0, y0, a, b)
        x1, a1 = push(x0, a, vx, gx)
        y1, b1 = push(y0, b, vy, gy)
        vx, gx, vy, gy = field(x1, y1, a1, b1)
        x2, a2 = push(x0, a, vx, gx)
        y2, _ = push(y0, b, vy, gy)
        return x2, y2, a2

    return step


def game_run(p):
    """Conic particle mirror-prox on the portable random trigonometric game of degree 3."""
    n, steps, state, degree = p["n"], p["steps"], p["seed"], 3
    size = 2 * degree + 1
    draws = []
    for _ in range(2 * size * size):
        state = (16807 * state) % 2147483647
        draws.append(state / 2147483647 - 0.5)
    c = np.array(draws[0::2]).reshape(size, size) + 1j * np.array(draws[1::2]).reshape(size, size)
    slope = 2j * np.pi * np.arange(-degree, degree + 1)

    def by_matrix(x, y, a, b):
        wx, wy = np.exp(np.outer(x, slope)), np.exp(np.outer(y, slope))
        cy, cx = c @ wy.T, wx @ c
        payoff = (wx @ cy).real
        return payoff @ b, ((wx * slope) @ cy).real @ b, -(a @ payoff), -(a @ (cx @ (wy * slope).T).real)

    def by_waves(x, y, a, b):
        wx, wy = np.exp(np.outer(x, slope)), np.exp(np.outer(y, slope))
        my, mx = c @ (b @ wy), (a @ wx) @ c
        return (wx @ my).real, (wx @ (slope * my)).real, -(wy @ mx).real, -(wy @ (slope * mx)).real

    field = by_matrix if p["by"] == "matrix" else by_waves

    def tilt(a, v):
        w = a * np.exp(-0.02 * (v - v.min()))
        return w / w.sum()

    def whole():
        x = y = (np.arange(n) + 0.5) / n
        a = b = np.full(n, 1 / n)
        for _ in range(steps):
            vx, gx, vy, gy = field(x, y, a, b)
            ha, hb = tilt(a, vx), tilt(b, vy)
            vx, hx, vy, hy = field((x - 0.0005 * gx) % 1, (y - 0.0005 * gy) % 1, ha, hb)
            x, y = (x - 0.0005 * ha / a * hx) % 1, (y - 0.0005 * hb / b * hy) % 1
            a, b = tilt(a, vx), tilt(b, vy)
        return a, b

    return whole


def run(p):
    steps, dt = p["steps"], 0.01
    step, u0, m0 = network(p)

    def whole():
        u, m = u0, m0
        for _ in range(steps):
            v, g = step(u, m)
            r = -(v - m @ v)
            w = m * np.exp(dt * r)
            half = w / w.sum()
            v2, g2 = step(u - dt * g, half)
            u = u - dt / 2 * (g + g2)
            w = m * np.exp(dt / 2 * (r - (v2 - half @ v2)))
            m = w / w.sum()
        return u, m

    return whole


def training(p):
    """Euler steps of 0.1 on all rows: neurons alone, or neurons and masses."""
    steps, dt, d, rows = p["steps"], 0.1, p["d"], p["rows"]
    p = {**p, "activation": "relu"}
    step, u0, m0 = network(p)
    x, y = numbers(rows * d, 1).reshape(rows, d), numbers(rows, 2)

    def loss(u, m):
        a, w, b = u[:, 0], u[:, 1 : d + 1], u[:, d + 1]
        r = np.maximum(x @ w.T + b, 0) @ (m * a) - y
        return np.array([0.5 * np.mean(r * r)])

    def whole():
        u, m = u0, m0
        for _ in range(steps):
            v, g = step(u, m)
            u = u - dt * g
            if p["metric"] == "wfr":
                w = m * np.exp(-dt * (v - m @ v))
                m = w / w.sum()
        return loss(u, m), u, m

    return whole


def deep(p):
    """Forward and backward pass of a fully connected relu network: outputs, and gradient of half the mean square error."""
    width, depth, rows, d = p["width"], p["depth"], p["rows"], p["d"]
    sizes = [d] + [width] * depth + [1]
    shapes = list(zip(sizes[1:], sizes[:-1]))
    scales = [(6 / k) ** 0.5 for _, k in shapes]
    flat, at, weights = numbers(sum(n * k for n, k in shapes), 50), 0, []
    for n, k in shapes:
        weights.append(flat[at : at + n * k].reshape(n, k))
        at += n * k
    x, y = numbers(rows * d, 51).reshape(rows, d), numbers(rows, 52).reshape(rows, 1)

    def step():
        a = [x]
        for w, s in zip(weights, scales):
            z = a[-1] @ w.T
            z *= s
            if len(a) <= depth:
                np.maximum(z, 0, out=z)
            a.append(z)
        c = (a[-1] - y) / rows
        grads = []
        for l in range(depth, -1, -1):
            g = c.T @ a[l]
            g *= scales[l]
            grads.append(g.ravel())
            if l > 0:
                c = c @ weights[l]
                c *= scales[l]
                c *= a[l] > 0
        return a[-1], np.concatenate(grads[::-1])

    return step


def sets(p):
    """One training step of a network on padded sets, the mask in the data: m relu(z) = relu(m z)."""
    if p["by"] != "hand":
        return "has no automatic derivatives"
    x, m, y, w, v, a = set_inputs(p)
    count, size, length = x.shape
    flat, m1, rate = (x * m[:, :, None]).reshape(count * size, length), w.shape[0], 1e-5

    def step():
        h = flat @ w.T
        h = np.maximum(h, 0, out=h).reshape(count, size, m1)
        phi = h.sum(1)
        g = phi @ v.T
        np.maximum(g, 0, out=g)
        f = g @ a
        c = (f - y) / count
        da = g.T @ c
        g = (g > 0) * c[:, None]
        g *= a
        dv = g.T @ phi
        h = (h > 0) * (g @ v)[:, None, :]
        dw = h.reshape(count * size, m1).T @ flat
        return f, np.concatenate([(old - rate * new).ravel() for old, new in ((w, dw), (v, dv), (a, da))])

    return step


def gram(p):
    """Matrix of a kernel among the same rows, elementwise operations in place."""
    d, rows, by = p["d"], p["rows"], p["by"]
    x = numbers(rows * d, 60).reshape(rows, d)

    def arc():
        n = np.sqrt((x * x).sum(1))
        c = x @ x.T
        s = np.outer(n, n)
        c /= s
        np.clip(c, -1, 1, out=c)
        t = np.arccos(c)
        np.subtract(np.pi, t, out=t)
        t *= c
        c *= c
        np.subtract(1, c, out=c)
        np.sqrt(c, out=c)
        t += c
        s /= 2 * np.pi
        t *= s
        return (t,)

    def erf():
        q = np.sqrt(1 + 2 * (x * x).sum(1))
        c = x @ x.T
        c /= q[:, None] / 2
        c /= q
        np.arcsin(c, out=c)
        c *= 2 / np.pi
        return (c,)

    def radial():
        q = (x * x).sum(1) / (2 * d)
        c = x @ x.T
        c /= d
        c -= q[:, None]
        c -= q
        np.minimum(c, 0, out=c)
        return (np.exp(c, out=c),)

    return {"arc": arc, "erf": erf, "radial": radial}[by]


KINDS = {"network": network_step, "gaussian": gaussian, "cosine": cosine, "sinkhorn": sinkhorn, "game": game, "gameRun": game_run, "run": run, "training": training, "gram": gram, "deep": deep, "sets": sets}
