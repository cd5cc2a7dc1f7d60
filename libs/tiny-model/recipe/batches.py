"""Turns dialogues into fixed-size batches: several dialogues side by side in a row, blind to each other."""

import numpy as np

from .dialogue import LENGTHS, TURNS, training_dialogue
from .rng import Rng
from .tokenizer import BOS, IM_END, IM_START

SHORT, LONG = (12, 256), (3, 1024)  # rows x tokens: 3072 tokens each
PLACES = 1536  # room for this many places where an answer token is predicted


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
        self.places: list[tuple[int, int, int]] = []
        self.owners: list[int] = []
        self.count = 0

    def add(self, ids: list[int], learn: list[bool]) -> bool:
        places = sum(learn)
        row = next((r for r, used in enumerate(self.used) if used + len(ids) <= self.tokens.shape[1]), None)
        if row is None or len(self.places) + places > PLACES:
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
        empty = PLACES - len(self.places)
        rows, columns, targets = np.array(self.places + [(0, 0, 0)] * empty, np.int32).T
        weights = np.array([1.0] * len(self.places) + [0.0] * empty, np.float32)
        return {"tokens": self.tokens, "segments": self.segments, "rows": rows, "columns": columns, "targets": targets, "weights": weights}


# What is taught when: (from step, turn weights, dialogue lengths, every which batch is long). Short dialogues first,
# because copying is learnt sooner where there is less to confuse; at the end recall and sums, which come last.
EARLY = TURNS | {"tell_name": 14, "ask_name": 16, "tell_thing": 10, "ask_thing": 13, "echo": 9, "fact": 14, "unknown": 7}
LATE = TURNS | {"tell_name": 11, "ask_name": 13, "ask_thing": 12, "sum": 24, "unknown": 12, "json": 6, "echo": 3, "both": 3, "about_me": 1}
LAST = LATE | {"tell_name": 10, "ask_name": 12, "sum": 22, "sums": 9, "fact": 21, "unknown": 10, "json": 6, "echo": 2, "small_talk": 4}
RECALL = LAST | {"tell_name": 10, "ask_name": 15, "tell_thing": 11, "ask_thing": 17, "sum": 12, "sums": 4, "fact": 20, "unknown": 9}
PHASES = [
    (0, EARLY, {1: 2, 2: 4, 3: 3, 4: 1}, None),
    (300, TURNS, LENGTHS, 8),
    (800, LATE, {1: 3, 2: 4, 3: 3, 4: 2, 5: 1, 6: 1, 7: 1}, None),
    (1250, LAST, {1: 3, 2: 4, 3: 3, 4: 2, 5: 1, 6: 1, 7: 1}, None),
    (2050, RECALL, {1: 2, 2: 3, 3: 3, 4: 3, 5: 2, 6: 1, 7: 1}, 3),
]
LONG_LENGTHS = {6: 2, 8: 3, 10: 2, 14: 1, 20: 1}


def training_batch(encoder: Encoder, seed: int, step: int) -> dict:
    """Makes the batch of a step, from seed and step alone, so that a stopped run goes on exactly."""
    rng = Rng(seed * 1_000_003 + step)
    _, turns, lengths, long_every = next(phase for phase in reversed(PHASES) if step >= phase[0])
    long = long_every is not None and step % long_every == 0
    packer = Packer(LONG if long else SHORT)
    misses = 0
    while misses < 12:
        ids, learn = encoder.dialogue(training_dialogue(rng, turns, LONG_LENGTHS if long else lengths))
        misses = 0 if packer.add(ids, learn) else misses + 1
    return packer.batch()
