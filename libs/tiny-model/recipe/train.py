"""Trains parley-tiny from scratch: `python -m recipe.train --work DIR`. A stopped run goes on where it was."""

import argparse
import json
import os
import resource
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from . import export, model, optimizer, tokenizer
from .batches import Encoder, training_batch
from .curriculum import training_dialogue
from .rng import Rng
from .score import score
from .testset import items
from .worlds.words import copied_values

STEPS = optimizer.RATE[-1][0]
SEED = 7
TOKENIZER_DIALOGUES = 8000


def make_tokenizer(work: Path, seed: int) -> dict:
    """Trains the tokenizer once and keeps it in the work folder."""
    path = work / "tokenizer.json"
    if not path.exists():
        texts = [m["content"] for i in range(TOKENIZER_DIALOGUES) for m in training_dialogue(Rng(seed + (1 << 34) + i))]
        tokenizer.save(tokenizer.train(texts, copied_values()), path)
    return tokenizer.load(path)


@jax.jit
def _step(params, state, batch, scale, step):
    value, grads = jax.value_and_grad(model.loss)(params, batch)
    params, state = optimizer.update(params, grads, state, scale, step)
    return params, state, value


def save(path: Path, params: dict, state: dict, step: int) -> None:
    """Writes weights, optimizer state and step in one atomic move."""
    part = path.with_suffix(".part.npz")
    arrays = {f"p:{n}": v for n, v in params.items()}
    arrays |= {f"{kind}:{n}": v for kind in ("first", "second") for n, v in state[kind].items()}
    np.savez(part, step=step, **{n: np.asarray(v) for n, v in arrays.items()})
    os.replace(part, path)


def restore(path: Path) -> tuple[dict, dict, int]:
    """Reads what `save` wrote."""
    with np.load(path) as file:
        groups: dict = {"p": {}, "first": {}, "second": {}}
        for key in file.files:
            if key != "step":
                kind, name = key.split(":", 1)
                groups[kind][name] = jnp.asarray(file[key])
        return groups["p"], {"first": groups["first"], "second": groups["second"]}, int(file["step"])


def report(line: dict, work: Path) -> None:
    """Prints one line and appends it to the log."""
    text = json.dumps(line)
    print(text, flush=True)
    with (work / "train.jsonl").open("a") as log:
        log.write(text + "\n")


def run(work: Path, steps: int, seed: int, stop_at: int | None, dev_count: int) -> None:
    """Trains up to `steps` (or stops early at `stop_at`), checkpoints every 50 steps, scores every 500."""
    work.mkdir(parents=True, exist_ok=True)
    tokens = make_tokenizer(work, seed)
    encoder = Encoder(tokenizer.build(tokens))
    checkpoint = work / "checkpoint.npz"
    if checkpoint.exists():
        params, state, first = restore(checkpoint)
    else:
        params = model.init(seed)
        state, first = optimizer.init(params), 0
    dev = items("dev", dev_count)
    started, mean = time.time(), None
    end = stop_at or steps
    batch = training_batch(encoder, seed, first)
    for step in range(first, end):
        params, state, value = _step(params, state, batch, optimizer.schedule(step), step + 1.0)
        batch = training_batch(encoder, seed, step + 1)  # made while the step runs
        mean = float(value) if mean is None else 0.95 * mean + 0.05 * float(value)
        done = step + 1
        if done % 20 == 0:
            cpu = resource.getrusage(resource.RUSAGE_SELF)
            report({"step": done, "loss": round(mean, 4), "wall": round(time.time() - started), "cpu": round(cpu.ru_utime + cpu.ru_stime)}, work)
        if done % 50 == 0 or done == steps:
            save(checkpoint, params, state, done)
        if done % 500 == 0 or done == steps:
            report({"step": done, "dev": score(params, encoder, dev)}, work)
            export.write(params, tokens, work / "parley-tiny.gguf")
    export.write(params, tokens, work / "parley-tiny.gguf")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints, log and the model file")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--stop-at", type=int, help="stop before the end, as an interruption would")
    parser.add_argument("--dev-count", type=int, default=20, help="dev cases of each skill")
    options = parser.parse_args()
    run(options.work, options.steps, options.seed, options.stop_at, options.dev_count)


if __name__ == "__main__":
    main()
