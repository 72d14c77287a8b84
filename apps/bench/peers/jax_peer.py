"""JAX on the processor: every workload is one jitted function in float64, compiled before it is timed."""

import jax
import jax.numpy as jnp
from common import numbers, set_inputs

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
VERSION = jax.__version__


def compiled(step, *inputs):
    """The compiled program on its inputs; a call ends when the numbers are there."""
    inputs = [jnp.asarray(v) for v in inputs]
    program = jax.jit(step).lower(*inputs).compile()
    return lambda: jax.block_until_ready(program(*inputs))


def first_variation(p):
    d, rows, relu = p["d"], p["rows"], p["activation"] == "relu"

    def step(x, y, u, m):
        a, w, b = u[:, 0], u[:, 1 : d + 1], u[:, d + 1]
        z = x @ w.T + b
        s = jax.nn.relu(z) if relu else jnp.tanh(z)
        g = (z > 0) if relu else 1 - s * s
        r = (s @ (m * a) - y) / rows
        sr = r @ s
        g = g * r[:, None]
        grad = jnp.concatenate([sr[:, None], (g.T @ x) * a[:, None], (g.sum(0) * a)[:, None]], 1)
        return a * sr, grad

    return step


def network_inputs(p):
    d, n, rows = p["d"], p["n"], p["rows"]
    x, y = numbers(rows * d, 1).reshape(rows, d), numbers(rows, 2)
    return x, y, numbers(n * (d + 2), 3).reshape(n, d + 2), jnp.full(n, 1 / n)


def network(p):
    return compiled(first_variation(p), *network_inputs(p))


def in_blocks(part, x):
    """part(xi, x) for blocks of rows of x, one after the other, so that all pairs never stand in memory at once."""
    n = x.shape[0]
    block = next(b for b in range(min(n, max(1, 2_000_000 // n)), 0, -1) if n % b == 0)
    values, grads = jax.lax.map(lambda xi: part(xi, x), x.reshape(n // block, block, -1))
    return values.reshape(n), grads.reshape(n, -1)


def gaussian(p):
    d, n = p["d"], p["n"]

    def part(xi, x):
        k = jnp.exp(-sum((xi[:, None, c] - x[None, :, c]) ** 2 for c in range(d)))
        mean = k.mean(1)
        return mean, -2 * (xi * mean[:, None] - k @ x / n)

    return compiled(lambda x: in_blocks(part, x), numbers(n * d, 4).reshape(n, d))


def cosine(p):
    d, n = p["d"], p["n"]

    def features(x):
        t = 2 * jnp.pi * x
        c, s = jnp.cos(t), jnp.sin(t)
        mc, ms = c.mean(0), s.mean(0)
        return (c * mc + s * ms).sum(1), 2 * jnp.pi * (c * ms - s * mc)

    def part(xi, x):
        t = [2 * jnp.pi * (xi[:, None, c] - x[None, :, c]) for c in range(d)]
        return sum(jnp.cos(v).mean(1) for v in t), jnp.stack([-2 * jnp.pi * jnp.sin(v).mean(1) for v in t], 1)

    x = numbers(n * d, 4).reshape(n, d)
    return compiled(features if p.get("by") == "features" else lambda x: in_blocks(part, x), x)


def sinkhorn(p):
    n, eps = p["n"], 1 / p["inverse"]
    x, y, g = numbers(2 * n, 5).reshape(n, 2), numbers(2 * n, 6).reshape(n, 2), numbers(n, 7)
    cost = ((x[:, None] - y[None]) ** 2).sum(2) / eps
    return compiled(lambda g, c: (-eps * (jax.nn.logsumexp(g / eps - c, 1) - jnp.log(n)),), g, cost)


def game(p):
    """Mirror-prox as in extragradient(): half step by the field at the start, full step by the field half way."""
    n = p["n"]

    def field(x, y, a, b):
        diff = x[:, None] - y[None]
        k = jnp.exp(-diff * diff)
        dk = -2 * diff * k
        my, mx = b @ y, a @ x
        return k @ b + x * my, dk @ b + my, -(a @ k + y * mx), -(-(a @ dk) + mx)

    def push(x, a, v, g):
        w = a * jnp.exp(-0.1 * (v - a @ v))
        return x - 0.1 * g, w / w.sum()

    def step(x0, y0):
        a = b = jnp.full(n, 1 / n)
        vx, gx, vy, gy = field(x0, y0, a, b)
        x1, a1 = push(x0, a, vx, gx)
        y1, b1 = push(y0, b, vy, gy)
        vx, gx, vy, gy = field(x1, y1, a1, b1)
        x2, a2 = push(x0, a, vx, gx)
        return x2, push(y0, b, vy, gy)[0], a2

    return compiled(step, numbers(n, 8), numbers(n, 9))


def run(p):
    steps, dt, step = p["steps"], 0.01, first_variation(p)

    def whole(x, y, u0, m0):
        def body(_, state):
            u, m = state
            v, g = step(x, y, u, m)
            r = -(v - m @ v)
            w = m * jnp.exp(dt * r)
            half = w / w.sum()
            v2, g2 = step(x, y, u - dt * g, half)
            w = m * jnp.exp(dt / 2 * (r - (v2 - half @ v2)))
            return u - dt / 2 * (g + g2), w / w.sum()

        return jax.lax.fori_loop(0, steps, body, (u0, m0))

    return compiled(whole, *network_inputs(p))


def training(p):
    p = {**p, "activation": "relu"}
    steps, dt, d, step = p["steps"], 0.1, p["d"], first_variation(p)

    def whole(x, y, u0, m0):
        def body(_, state):
            u, m = state
            v, g = step(x, y, u, m)
            w = m * jnp.exp(-dt * (v - m @ v)) if p["metric"] == "wfr" else m
            return u - dt * g, w / w.sum()

        u, m = jax.lax.fori_loop(0, steps, body, (u0, m0))
        r = jnp.maximum(x @ u[:, 1 : d + 1].T + u[:, d + 1], 0) @ (m * u[:, 0]) - y
        return (0.5 * (r * r).mean()).reshape(1), u, m

    return compiled(whole, *network_inputs(p))


def sets(p):
    """One training step of a network on padded sets by automatic derivatives, compiled whole."""
    if p["by"] != "autograd":
        return "goes by automatic derivatives"
    rate = 1e-5

    def step(x, m, y, *weights):
        def loss(weights):
            w, v, a = weights
            phi = jnp.einsum("sn,snm->sm", m, jax.nn.relu(x @ w.T))
            f = jax.nn.relu(phi @ v.T) @ a
            return ((f - y) ** 2).sum() / (2 * y.size), f

        (_, f), slopes = jax.value_and_grad(loss, has_aux=True)(weights)
        return f, jnp.concatenate([(old - rate * new).ravel() for old, new in zip(weights, slopes)])

    return compiled(step, *set_inputs(p))


KINDS = {"network": network, "gaussian": gaussian, "cosine": cosine, "sinkhorn": sinkhorn, "game": game, "run": run, "training": training, "sets": sets}
