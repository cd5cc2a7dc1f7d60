"""Draws names and values, known ones and invented ones."""

from .rng import Rng, split_of
from .worlds.words import (ADJECTIVES, FAVOURITES, HOBBIES, JOBS, NAMES, NOUNS, PLACES, SURNAMES, SYLLABLE_ENDS, SYLLABLES,
                           ZH_GIVEN, ZH_SLOTS, ZH_SURNAMES, ZH_TOPICS)


def draw(make, key, want: str, rng: Rng):
    """Calls `make` until the key of what it made belongs to the wanted split."""
    for _ in range(3000):
        item = make()
        if split_of(key(item)) == want:
            return item
    raise RuntimeError(f"nothing of split {want} found: {item!r}")


def plural(noun: str) -> str:
    """Forms the plural of an English noun, well enough."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in "aeo" else noun + "s"


def invented(rng: Rng) -> str:
    word = "".join(rng.choice(SYLLABLES) for _ in range(rng.integer(1, 2)))
    return word + rng.choice(SYLLABLE_ENDS)


def _name(rng: Rng) -> str:
    first = rng.choice(NAMES) if rng.chance(0.4) else invented(rng).capitalize()
    if rng.chance(0.05):
        return f"{first}{rng.choice([' ', '-'])}{rng.choice(NAMES)}"
    if rng.chance(0.07):
        return f"{first} {rng.choice(SURNAMES) if rng.chance(0.6) else invented(rng).capitalize()}"
    return first


def name(rng: Rng, want: str) -> str:
    return draw(lambda: _name(rng), lambda x: f"name:{x}", want, rng)


def zh_name(rng: Rng, want: str) -> str:
    def make():
        return rng.choice(ZH_SURNAMES) + "".join(rng.choice(ZH_GIVEN) for _ in range(rng.integer(1, 2)))

    return draw(make, lambda x: f"name:{x}", want, rng)


def _value(slot: str, rng: Rng) -> str:
    if slot == "number":
        return str(rng.integer(1, 99))
    known = FAVOURITES[slot][1].split()
    if known and rng.chance(0.5):
        word = rng.choice(known)
    elif rng.chance(0.5):
        word = rng.choice(NOUNS)
    else:
        word = invented(rng)
    if slot == "city" or (slot == "book" and rng.chance(0.6)):
        word = word.capitalize()
    if slot != "city" and rng.chance(0.14):
        word = f"{rng.choice(ADJECTIVES)} {word}"
    return word


def favourite(slot: str, rng: Rng, want: str) -> str:
    return draw(lambda: _value(slot, rng), lambda x: f"favourite:{slot}:{x}", want, rng)


def zh_favourite(slot: str, rng: Rng, want: str) -> str:
    def make():
        known = ZH_SLOTS[slot].split()
        if not known:
            return str(rng.integer(1, 99))
        return rng.choice(known) if rng.chance(0.7) else rng.choice(ZH_TOPICS)

    return draw(make, lambda x: f"favourite:{slot}:{x}", want, rng)


def _attribute(kind: str, rng: Rng) -> str:
    if kind == "age":
        return str(rng.integer(5, 99))
    if kind == "home":
        return rng.choice(PLACES) if rng.chance(0.6) else invented(rng).capitalize()
    if kind == "job":
        return rng.choice(JOBS)
    word = rng.choice(HOBBIES) if rng.chance(0.4) else plural(rng.choice(NOUNS))
    return word if rng.chance(0.8) else f"{rng.choice(ADJECTIVES)} {word}"


def attribute(kind: str, rng: Rng, want: str) -> str:
    return draw(lambda: _attribute(kind, rng), lambda x: f"{kind}:{x}", want, rng)


def phrase(rng: Rng, want: str) -> str:
    """A few words to repeat."""
    def word():
        kind = rng.integer(0, 4)
        if kind == 0:
            return rng.choice(NAMES)
        if kind == 1:
            return invented(rng)
        if kind == 2:
            return str(rng.integer(0, 999))
        return rng.choice(NOUNS) if kind == 3 else rng.choice(ADJECTIVES)

    return draw(lambda: " ".join(word() for _ in range(rng.integer(1, 6))), lambda x: f"echo:{x}", want, rng)
