"""Turns dialogues into fixed-size batches: several dialogues side by side in a row, blind to each other."""

import numpy as np

from .curriculum import LENGTHS, START, START_STEPS, TINY, TURNS, shape_of, training_dialogue
from .rng import Rng
from .tokenizer import BOS, IM_END, IM_START


class Encoder:
    """Writes chat messages as ChatML tokens, exactly as the model file's template renders them."""

    def __init__(self, tokenizer):
        self._tokenizer = tokenizer
        self._newline = tokenizer.encode("\n").ids
        self._roles = {role: tokenizer.encode(f"{role}\n").ids for role in ("system", "user", "assistant")}

    def text(self, text: str) -> list[int]:
        return self._tokenizer.encode(text).ids

    def message(self, role: str, content: str) -> list[int]:
        # The role's newline and the content are one text for a tokenizer, so they are encoded together.
        return [IM_START, *self.text(f"{role}\n{content}"), IM_END, *self._newline]

    def dialogue(self, messages: list[dict], only_last: bool = False) -> tuple[list[int], list[bool]]:
        """Gives the tokens and, for each, whether it is an answer token to be learnt."""
        ids, learn = [BOS], [False]
        for index, message in enumerate(messages):
            part = self.message(message["role"], message["content"])
            head = 1 + len(self._roles[message["role"]])
            teach = message["role"] == "assistant" and (not only_last or index == len(messages) - 1)
            ids += part
            learn += [teach and head <= at < len(part) - len(self._newline) for at in range(len(part))]
        return ids, learn


class Packer:
    """Fills one batch; `add` says whether the dialogue still found room."""

    def __init__(self, shape: tuple[int, int]):
        self.tokens = np.zeros(shape, np.int32)
        self.segments = np.full(shape, -1, np.int32)
        self.used = [0] * shape[0]
        self.room = shape[0] * shape[1] // 2  # places where an answer token is predicted
        self.places: list[tuple[int, int, int]] = []
        self.owners: list[int] = []
        self.count = 0

    def add(self, ids: list[int], learn: list[bool]) -> bool:
        places = sum(learn)
        row = next((r for r, used in enumerate(self.used) if used + len(ids) <= self.tokens.shape[1]), None)
        if row is None or len(self.places) + places > self.room:
            return False
        start = self.used[row]
        self.tokens[row, start : start + len(ids)] = ids
        self.segments[row, start : start + len(ids)] = self.count
        for at in range(1, len(ids)):
            if learn[at]:
                self.places.append((row, start + at - 1, ids[at]))
                self.owners.append(self.count)
        self.used[row] += len(ids)
        self.count += 1
        return True

    def batch(self) -> dict:
        empty = self.room - len(self.places)
        rows, columns, targets = np.array(self.places + [(0, 0, 0)] * empty, np.int32).T
        weights = np.array([1.0] * len(self.places) + [0.0] * empty, np.float32)
        return {"tokens": self.tokens, "segments": self.segments, "rows": rows, "columns": columns, "targets": targets, "weights": weights}


def training_batch(encoder: Encoder, seed: int, step: int) -> dict:
    """Makes the batch of a step, from seed and step alone, so that a stopped run goes on exactly."""
    rng = Rng(seed * 1_000_003 + step)
    shape = shape_of(step)
    turns = START if step < START_STEPS else TURNS
    packer = Packer(shape)
    for lengths in (LENGTHS[shape], LENGTHS[TINY]):  # small dialogues fill what the long ones leave
        misses = 0
        while misses < 8:
            ids, learn = encoder.dialogue(training_dialogue(rng, turns, lengths))
            misses = 0 if packer.add(ids, learn) else misses + 1
    return packer.batch()
