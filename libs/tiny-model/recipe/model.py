"""The network: a plain Llama decoder (RMSNorm, rotary positions, SwiGLU, tied embedding) in JAX."""

import jax
import jax.numpy as jnp
import numpy as np

WIDTH, LAYERS, HEADS, HIDDEN, VOCAB, CONTEXT = 160, 4, 4, 448, 2048, 2048
HEAD = WIDTH // HEADS
ROPE_BASE = 10000.0
EPSILON = 1e-5


def init(seed: int) -> dict:
    """Draws the start weights; `w.*` are matrices of (input, output)."""
    rng = np.random.default_rng(seed)

    def matrix(rows, columns, scale):
        return jnp.asarray(rng.normal(0, scale, (rows, columns)), jnp.float32)

    params = {"embed": matrix(VOCAB, WIDTH, 0.02), "norm": jnp.ones(WIDTH)}
    for i in range(LAYERS):
        params |= {f"{i}.norm_a": jnp.ones(WIDTH), f"{i}.norm_f": jnp.ones(WIDTH)}
        for name in "qkv":
            params[f"w.{i}.{name}"] = matrix(WIDTH, WIDTH, WIDTH**-0.5)
        params[f"w.{i}.o"] = matrix(WIDTH, WIDTH, 0.2 * WIDTH**-0.5)
        params[f"w.{i}.gate"] = matrix(WIDTH, HIDDEN, WIDTH**-0.5)
        params[f"w.{i}.up"] = matrix(WIDTH, HIDDEN, WIDTH**-0.5)
        params[f"w.{i}.down"] = matrix(HIDDEN, WIDTH, 0.2 * HIDDEN**-0.5)
    return params


def _norm(x, weight):
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + EPSILON) * weight


def _rotate(x, cos, sin):
    # Halves, not neighbours, are paired: faster here. The exporter reorders q and k for llama.cpp.
    a, b = jnp.split(x, 2, axis=-1)
    return jnp.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def hidden(params: dict, tokens, segments):
    """Gives the last hidden states (B * T, WIDTH); a token sees earlier ones of its own segment only."""
    length = tokens.shape[1]
    angles = np.outer(np.arange(length), ROPE_BASE ** (-np.arange(0, HEAD, 2) / HEAD))
    cos, sin = jnp.asarray(np.cos(angles), jnp.float32), jnp.asarray(np.sin(angles), jnp.float32)
    causal = jnp.asarray(np.tril(np.ones((length, length), bool)))
    mask = jnp.where(causal & (segments[:, :, None] == segments[:, None, :]), 0.0, -1e9)[:, None]

    rows = tokens.shape[0]

    def heads(x):
        return x.reshape(rows, length, HEADS, HEAD).transpose(0, 2, 1, 3)

    # Two-dimensional throughout: the matrix products of the backward pass are faster so.
    x = params["embed"][tokens.reshape(-1)]
    for i in range(LAYERS):
        h = _norm(x, params[f"{i}.norm_a"])
        q, k, v = (heads(h @ params[f"w.{i}.{name}"]) for name in "qkv")
        q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
        scores = (q * HEAD**-0.5) @ k.transpose(0, 1, 3, 2) + mask
        shares = jnp.exp(scores - jax.lax.stop_gradient(scores.max(axis=-1, keepdims=True)))
        # A softmax that divides after the product, where there is less to divide.
        mixed = (shares @ v / shares.sum(axis=-1, keepdims=True)).transpose(0, 2, 1, 3).reshape(x.shape)
        x = x + mixed @ params[f"w.{i}.o"]
        h = _norm(x, params[f"{i}.norm_f"])
        x = x + (jax.nn.silu(h @ params[f"w.{i}.gate"]) * (h @ params[f"w.{i}.up"])) @ params[f"w.{i}.down"]
    return _norm(x, params["norm"])


def logits_at(params: dict, tokens, segments, rows, columns):
    """Gives the logits at chosen places (rows[i], columns[i]) only: the rest would cost time and teach nothing."""
    return hidden(params, tokens, segments)[rows * tokens.shape[1] + columns] @ params["embed"].T


def loss(params: dict, batch: dict):
    """Mean cross entropy over the weighted places of a batch."""
    logits = logits_at(params, batch["tokens"], batch["segments"], batch["rows"], batch["columns"])
    chosen = jnp.take_along_axis(logits, batch["targets"][:, None], axis=-1)[:, 0]
    losses = jax.nn.logsumexp(logits, axis=-1) - chosen
    return jnp.sum(losses * batch["weights"]) / jnp.sum(batch["weights"])


def parameter_count(params: dict) -> int:
    return sum(int(np.prod(p.shape)) for p in params.values())
