"""Seeded choices that do not change between Python versions, and the train/dev/final split."""

import random
import zlib

DEV_SALT = "parley-dev-1"
FINAL_SALT = "parley-final-2026-11-run-3"
HELD_OUT_ONE_IN = 12


def split_of(key: str, one_in: int = HELD_OUT_ONE_IN) -> str:
    """Says to which split a key belongs; what is `dev` or `final` is never trained on."""
    if zlib.crc32(f"{DEV_SALT}:{key}".encode()) % one_in == 0:
        return "dev"
    if zlib.crc32(f"{FINAL_SALT}:{key}".encode()) % one_in == 0:
        return "final"
    return "train"


class Rng:
    """A random source whose every draw comes from `random.Random.random()`, which is stable."""

    def __init__(self, seed: int):
        self._random = random.Random(seed).random

    def chance(self, probability: float) -> bool:
        return self._random() < probability

    def integer(self, low: int, high: int) -> int:
        """Draws from low..high, both included."""
        return low + int(self._random() * (high - low + 1))

    def choice(self, items):
        return items[int(self._random() * len(items))]

    def weighted(self, weights: dict):
        """Draws a key with probability proportional to its value."""
        at = self._random() * sum(weights.values())
        for key, weight in weights.items():
            at -= weight
            if at < 0:
                return key
        return key

    def shuffled(self, items) -> list:
        result = list(items)
        for i in range(len(result) - 1, 0, -1):
            j = int(self._random() * (i + 1))
            result[i], result[j] = result[j], result[i]
        return result
