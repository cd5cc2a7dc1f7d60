"""Muon for the matrices, Adam for embedding and norms; one learning rate scale for both."""

import jax
import jax.numpy as jnp

MUON_RATE, ADAM_RATE = 4e-3, 2e-3
MOMENTUM, DECAY = 0.95, 0.05
BETA1, BETA2, EPSILON = 0.9, 0.95, 1e-8
CLIP = 1.0
# Warm-up, hold, one straight decay to zero: (step, factor).
RATE = [(0, 1 / 40), (39, 1.0), (1500, 1.0), (4000, 0.0)]
STEPS = 5


def init(params: dict) -> dict:
    """Gives the optimizer's state of zeros."""
    zeros = {name: jnp.zeros_like(p) for name, p in params.items()}
    return {"first": zeros, "second": {n: jnp.zeros_like(p) for n, p in params.items() if not n.startswith("w.")}}


def _orthogonal(matrix):
    """Newton-Schulz steps towards the nearest orthogonal matrix (coefficients: Keller Jordan, Muon)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    wide = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if wide else matrix
    x = x / (jnp.linalg.norm(x) + 1e-7)
    for _ in range(STEPS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if wide else x


def update(params: dict, grads: dict, state: dict, scale, step):
    """Applies one step; `scale` is the schedule's factor in 0..1."""
    soft = {n: g for n, g in grads.items() if not n.startswith("w.")}
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in soft.values()))
    clip = jnp.minimum(1.0, CLIP / (norm + 1e-6))
    new, first, second = {}, {}, {}
    for name, p in params.items():
        if name.startswith("w."):
            g = grads[name]
            first[name] = MOMENTUM * state["first"][name] + g
            direction = _orthogonal(g + MOMENTUM * first[name]) * 0.2 * max(p.shape) ** 0.5
            new[name] = p * (1 - scale * MUON_RATE * DECAY) - scale * MUON_RATE * direction
        else:
            g = grads[name] * clip
            first[name] = BETA1 * state["first"][name] + (1 - BETA1) * g
            second[name] = BETA2 * state["second"][name] + (1 - BETA2) * g * g
            mean = first[name] / (1 - BETA1**step)
            spread = jnp.sqrt(second[name] / (1 - BETA2**step)) + EPSILON
            new[name] = p - scale * ADAM_RATE * mean / spread
    return new, {"first": first, "second": second}


def schedule(step: int) -> float:
    """Gives the learning rate's factor: straight lines between the points of RATE."""
    for (left, low), (right, high) in zip(RATE, RATE[1:]):
        if step < right:
            return low + (high - low) * (step - left) / (right - left)
    return 0.0
