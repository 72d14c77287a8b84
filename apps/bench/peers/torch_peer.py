"""PyTorch on the processor, eager, no gradients recorded; distances by cdist, in place where its users would."""

import math
import os

import torch
from common import numbers as plain_numbers
from common import set_inputs

VERSION = torch.__version__
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_grad_enabled(False)


def numbers(count, seed):
    return torch.from_numpy(plain_numbers(count, seed))


def full(n):
    return torch.full((n,), 1 / n, dtype=torch.float64)


def network(p):
    d, n, rows = p["d"], p["n"], p["rows"]
    x, y = numbers(rows * d, 1).reshape(rows, d), numbers(rows, 2)
    relu = p["activation"] == "relu"

    def first_variation(u, m):
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

    return first_variation, numbers(n * (d + 2), 3).reshape(n, d + 2), full(n)


def network_step(p):
    step, u, m = network(p)
    return lambda: step(u, m)


def gaussian(p):
    d, n = p["d"], p["n"]
    block = max(1, 2_000_000 // n)
    x = numbers(n * d, 4).reshape(n, d)

    def part(xi):
        sq = torch.cdist(xi, x, compute_mode="donot_use_mm_for_euclid_dist")
        k = sq.mul_(sq).neg_().exp_()
        mean = k.mean(1)
        return mean, -2 * (xi * mean[:, None] - k @ x / n)

    def step():
        parts = [part(x[i : i + block]) for i in range(0, n, block)]
        return torch.cat([v for v, _ in parts]), torch.cat([g for _, g in parts])

    return step


def cosine(p):
    d, n = p["d"], p["n"]
    block = max(1, 2_000_000 // n)
    x = numbers(n * d, 4).reshape(n, d)

    def features():
        """The best that a user would write: the addition theorem by hand."""
        t = 2 * math.pi * x
        c, s = torch.cos(t), torch.sin(t)
        mc, ms = c.mean(0), s.mean(0)
        return (c * mc + s * ms).sum(1), 2 * math.pi * (c * ms - s * mc)

    def brute():
        values, grads = torch.zeros(n, dtype=torch.float64), torch.empty((n, d), dtype=torch.float64)
        for i in range(0, n, block):
            for c in range(d):
                t = 2 * math.pi * (x[i : i + block, None, c] - x[None, :, c])
                values[i : i + block] += torch.cos(t).mean(1)
                grads[i : i + block, c] = -2 * math.pi * torch.sin(t).mean(1)
        return values, grads

    return features if p.get("by") == "features" else brute


def sinkhorn(p):
    n, eps = p["n"], 1 / p["inverse"]
    x, y, g = numbers(2 * n, 5).reshape(n, 2), numbers(2 * n, 6).reshape(n, 2), numbers(n, 7)
    cost = ((x[:, None] - y[None]) ** 2).sum(2) / eps

    def step():
        return (-eps * (torch.logsumexp(g / eps - cost, 1) - math.log(n)),)

    return step


def game(p):
    """Mirror-prox as in extragradient(): half step by the field at the start, full step by the field half way."""
    n = p["n"]
    x0, y0 = numbers(n, 8), numbers(n, 9)

    def field(x, y, a, b):
        diff = x[:, None] - y[None]
        k = torch.exp(-diff * diff)
        dk = -2 * diff * k
        my, mx = b @ y, a @ x
        return k @ b + x * my, dk @ b + my, -(a @ k + y * mx), -(-(a @ dk) + mx)

    def push(x, a, v, g):
        w = a * torch.exp(-0.1 * (v - a @ v))
        return x - 0.1 * g, w / w.sum()

    def step():
        a = b = full(n)
        vx, gx, vy, gy = field(x0, y0, a, b)
        x1, a1 = push(x0, a, vx, gx)
        y1, b1 = push(y0, b, vy, gy)
        vx, gx, vy, gy = field(x1, y1, a1, b1)
        x2, a2 = push(x0, a, vx, gx)
        y2, _ = push(y0, b, vy, gy)
        return x2, y2, a2

    return step


def run(p):
    steps, dt = p["steps"], 0.01
    step, u0, m0 = network(p)

    def whole():
        u, m = u0, m0
        for _ in range(steps):
            v, g = step(u, m)
            r = -(v - m @ v)
            w = m * torch.exp(dt * r)
            half = w / w.sum()
            v2, g2 = step(u - dt * g, half)
            u = u - dt / 2 * (g + g2)
            w = m * torch.exp(dt / 2 * (r - (v2 - half @ v2)))
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
        r = torch.relu(torch.addmm(b, x, w.T)) @ (m * a) - y
        return (0.5 * (r * r).mean()).reshape(1)

    def whole():
        u, m = u0, m0
        for _ in range(steps):
            v, g = step(u, m)
            u = u - dt * g
            if p["metric"] == "wfr":
                w = m * torch.exp(-dt * (v - m @ v))
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
                z.relu_()
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
        return a[-1], torch.cat(grads[::-1])

    return step


def sets(p):
    """One training step of a network on padded sets: outputs, and all weights after it."""
    x, m, y, *start = (torch.from_numpy(v) for v in set_inputs(p))
    count, size, length = x.shape
    m1, rate = start[0].shape[0], 1e-5

    def automatic():
        """As a training loop is written: a mask of masses, automatic derivatives, an optimizer."""
        weights = [v.clone().requires_grad_() for v in start]
        rule = torch.optim.SGD(weights, lr=rate)

        @torch.enable_grad()
        def step():
            w, v, a = weights
            phi = torch.bmm(m[:, None, :], torch.relu(x @ w.T))[:, 0]
            f = torch.relu(phi @ v.T) @ a
            rule.zero_grad()
            (((f - y) ** 2).sum() / (2 * count)).backward()
            rule.step()
            return f

        def result():
            for v, first in zip(weights, start):
                v.copy_(first)
            f = step().detach()
            return f, torch.cat([v.detach().ravel() for v in weights])

        step.result = result
        return step

    # By hand, the mask is in the data: m relu(z) = relu(m z).
    flat = (x * m[:, :, None]).reshape(count * size, length)
    w, v, a = start

    def by_hand():
        h = (flat @ w.T).relu_().view(count, size, m1)
        phi = h.sum(1)
        g = (phi @ v.T).relu_()
        f = g @ a
        c = (f - y) / count
        da = g.T @ c
        g.sign_().mul_(c[:, None]).mul_(a)
        dv = g.T @ phi
        h.sign_().mul_((g @ v)[:, None, :])
        dw = h.view(count * size, m1).T @ flat
        return f, torch.cat([(old - rate * new).ravel() for old, new in ((w, dw), (v, dv), (a, da))])

    return by_hand if p["by"] == "hand" else automatic()


def gram(p):
    """Matrix of a kernel among the same rows, elementwise operations in place."""
    d, rows, by = p["d"], p["rows"], p["by"]
    x = numbers(rows * d, 60).reshape(rows, d)

    def arc():
        n = x.norm(dim=1)
        c = x @ x.T
        s = torch.outer(n, n)
        c.div_(s).clamp_(-1, 1)
        t = torch.acos(c).neg_().add_(math.pi).mul_(c)
        t.add_(c.mul_(c).neg_().add_(1).sqrt_())
        return (t.mul_(s.div_(2 * math.pi)),)

    def erf():
        q = torch.sqrt(1 + 2 * (x * x).sum(1))
        c = x @ x.T
        return (c.div_(q[:, None] / 2).div_(q).asin_().mul_(2 / math.pi),)

    def radial():
        c = torch.cdist(x, x)
        return (c.mul_(c).mul_(-0.5 / d).exp_(),)

    return {"arc": arc, "erf": erf, "radial": radial}[by]


KINDS = {"network": network_step, "gaussian": gaussian, "cosine": cosine, "sinkhorn": sinkhorn, "game": game, "run": run, "training": training, "gram": gram, "deep": deep, "sets": sets}
