"""Scores a held-out set without generating: an answer is right when every one of its tokens is the likeliest."""

import collections

import jax
import numpy as np

from .batches import Encoder, Packer
from .curriculum import LONG, SHORT
from .model import logits_at

_choose = jax.jit(lambda params, b: logits_at(params, b["tokens"], b["segments"], b["rows"], b["columns"]).argmax(-1))


def score(params: dict, encoder: Encoder, items: list[dict], failures: list | None = None) -> dict[str, float]:
    """Gives the share of exact answers of each skill."""
    right = collections.Counter()
    total = collections.Counter(item["skill"] for item in items)
    for shape in (SHORT, LONG):
        packer, packed = Packer(shape), []

        def flush():
            chosen = np.asarray(_choose(params, packer.batch()))
            wrong = {owner for owner, token, place in zip(packer.owners, chosen, packer.places) if token != place[2]}
            for index, item in enumerate(packed):
                right[item["skill"]] += index not in wrong
                if index in wrong and failures is not None:
                    failures.append(item)

        for item in items:
            messages = [*item["messages"], {"role": "assistant", "content": item["expected"]}]
            ids, learn = encoder.dialogue(messages, only_last=True)
            if (len(ids) > SHORT[1]) != (shape is LONG) or len(ids) > LONG[1]:
                continue
            if not packer.add(ids, learn):
                flush()
                packer, packed = Packer(shape), []
                packer.add(ids, learn)
            packed.append(item)
        if packed:
            flush()
    return {skill: right[skill] / total[skill] for skill in total}
