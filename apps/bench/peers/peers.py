"""Peers of apps/bench: reads one JSON request per line, answers one JSON line. Arguments: library, threads."""

import json
import os
import sys
import time

library, threads = sys.argv[1], int(sys.argv[2])
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)

import numpy as np  # noqa: E402

if library == "torch":
    import torch

    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)


def numbers(count, seed):
    """The linear congruence of data.ts."""
    out = np.empty(count)
    state = (seed * 2654435 + 12345) % 2147483648
    for k in range(count):
        state = (1103515245 * state + 12345) % 2147483648
        out[k] = state / 1073741824 - 1
    return out


def checksum(values):
    v = np.asarray(values, dtype=float).ravel()
    return [v[0], v[-1], v.mean(), (v * np.cos(np.arange(v.size))).mean()]


def network_numpy(p, positions=None, masses=None):
    d, n, rows = p["d"], p["n"], p["rows"]
    x, y = numbers(rows * d, 1).reshape(rows, d), numbers(rows, 2)
    u = numbers(n * (d + 2), 3).reshape(n, d + 2)
    relu = p["activation"] == "relu"
    state = {"u": u, "m": np.full(n, 1 / n)}

    def first_variation():
        u, m = state["u"], state["m"]
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

    return first_variation, state


def network_torch(p):
    d, n, rows = p["d"], p["n"], p["rows"]
    x, y = torch.from_numpy(numbers(rows * d, 1).reshape(rows, d)), torch.from_numpy(numbers(rows, 2))
    relu = p["activation"] == "relu"
    state = {
        "u": torch.from_numpy(numbers(n * (d + 2), 3).reshape(n, d + 2)),
        "m": torch.full((n,), 1 / n, dtype=torch.float64),
    }

    def first_variation():
        u, m = state["u"], state["m"]
        a, w, b = u[:, 0], u[:, 1 : d + 1], u[:, d + 1]
        z = torch.addmm(b, x, w.T)
        if relu:
            s = torch.relu(z)
            g = (z > 0).to(torch.float64)
        else:
            s = torch.tanh(z)
            g = 1 - s * s
        r = (s @ (m * a) - y) / rows
        sr = r @ s
        g *= r[:, None]
        grad = torch.cat([sr[:, None], (g.T @ x) * a[:, None], (g.sum(0) * a)[:, None]], 1)
        return a * sr, grad

    return first_variation, state


def interaction(p):
    d, n, kernel = p["d"], p["n"], p["kernel"]
    block = max(1, 2_000_000 // n)
    x = numbers(n * d, 4).reshape(n, d)
    if library == "torch":
        x = torch.from_numpy(x)

    def gaussian_block(xi):
        if library == "torch":
            sq = torch.cdist(xi, x, compute_mode="donot_use_mm_for_euclid_dist")
            k = sq.mul_(sq).neg_().exp_()
            return k.mean(1), -2 * (xi * k.mean(1)[:, None] - k @ x / n)
        sq = ((xi[:, None, 0] - x[None, :, 0])) ** 2
        for c in range(1, d):
            sq += (xi[:, None, c] - x[None, :, c]) ** 2
        np.negative(sq, out=sq)
        k = np.exp(sq, out=sq)
        mean = k.mean(1)
        return mean, -2 * (xi * mean[:, None] - k @ x / n)

    def gaussian():
        parts = [gaussian_block(x[i : i + block]) for i in range(0, n, block)]
        cat = torch.cat if library == "torch" else np.concatenate
        return cat([v for v, _ in parts]), cat([g for _, g in parts])

    def cosine_features():
        """The best that a user of the library would write: the addition theorem by hand."""
        t = 2 * np.pi * x
        c, s = (torch.cos(t), torch.sin(t)) if library == "torch" else (np.cos(t), np.sin(t))
        mc, ms = c.mean(0), s.mean(0)
        return (c * mc + s * ms).sum(1), 2 * np.pi * (c * ms - s * mc)

    def cosine():
        """Brute force, block by block, as the formula stands."""
        values, grads = [], []
        sin, cos, cat = (torch.sin, torch.cos, torch.cat) if library == "torch" else (np.sin, np.cos, np.concatenate)
        for i in range(0, n, block):
            v, g = 0, []
            for c in range(d):
                t = 2 * np.pi * (x[i : i + block, None, c] - x[None, :, c])
                v = v + cos(t).mean(1)
                g.append(-2 * np.pi * sin(t).mean(1)[:, None])
            values.append(v)
            grads.append(cat(g, 1))
        return cat(values), cat(grads)

    if kernel == "gaussian":
        return gaussian
    return cosine_features if p.get("features") else cosine


def sinkhorn(p):
    n, eps = p["n"], p["eps"]
    x, y, g = numbers(2 * n, 5).reshape(n, 2), numbers(2 * n, 6).reshape(n, 2), numbers(n, 7)
    if library == "torch":
        x, y, g = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(g)
        cost = ((x[:, None] - y[None]) ** 2).sum(2) / eps
        return lambda: (-eps * (torch.logsumexp(g / eps - cost, 1) - np.log(n)),)
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
    if library == "torch":
        x0, y0 = torch.from_numpy(x0), torch.from_numpy(y0)
    exp = torch.exp if library == "torch" else np.exp

    def field(x, y, a, b):
        diff = x[:, None] - y[None]
        k = exp(-diff * diff)
        dk = -2 * diff * k
        my, mx = b @ y, a @ x
        vx, gx = k @ b + x * my, dk @ b + my
        vy, gy = -(a @ k + y * mx), -(-(a @ dk) + mx)
        return vx, gx, vy, gy

    def push(x, a, v, g):
        w = a * exp(-0.1 * (v - a @ v))
        return x - 0.1 * g, w / w.sum()

    def step():
        a = b = (torch.full((n,), 1 / n, dtype=torch.float64) if library == "torch" else np.full(n, 1 / n))
        vx, gx, vy, gy = field(x0, y0, a, b)
        x1, a1 = push(x0, a, vx, gx)
        y1, b1 = push(y0, b, vy, gy)
        vx, gx, vy, gy = field(x1, y1, a1, b1)
        x2, a2 = push(x0, a, vx, gx)
        y2, _ = push(y0, b, vy, gy)
        return x2, y2, a2

    return step


def run(p):
    n, steps, dt = p["n"], p["steps"], 0.01
    make = network_torch if library == "torch" else network_numpy
    step, state = make({"d": 2, "n": n, "rows": 500, "activation": "relu"})
    exp = torch.exp if library == "torch" else np.exp
    u0, m0 = state["u"], state["m"]

    def whole():
        u, m = u0, m0
        for _ in range(steps):
            state["u"], state["m"] = u, m
            v, g = step()
            r = -(v - m @ v)
            state["u"] = u - dt * g
            w = m * exp(dt * r)
            state["m"] = w / w.sum()
            v2, g2 = step()
            r2 = -(v2 - state["m"] @ v2)
            u = u - dt / 2 * (g + g2)
            w = m * exp(dt / 2 * (r + r2))
            m = w / w.sum()
        return u, m

    return whole


def prepare(request):
    kind, p = request["kind"], request["params"]
    if kind == "network":
        return (network_torch if library == "torch" else network_numpy)(p)[0]
    return {"interaction": interaction, "sinkhorn": sinkhorn, "game": game, "run": run}[kind](p)


# Seconds of one turn: a flow takes its steps one after the other, so a program keeps the machine for a while.
TURN = 0.2

prepared = {}
print(json.dumps({"library": library, "version": torch.__version__ if library == "torch" else np.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    key = json.dumps(request)
    if key not in prepared:
        prepared[key] = prepare(request)
    times = []
    while not times or (len(times) < 20 and sum(times) < TURN):
        start = time.perf_counter()
        result = prepared[key]()
        times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": times, "check": [c for part in result for c in checksum(part)]}), flush=True)
