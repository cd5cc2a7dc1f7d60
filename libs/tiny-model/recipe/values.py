"""Draws names and values, known ones and invented ones."""

from .rng import Rng, split_of
from .worlds.words import (ADJECTIVES, CODAS, FAVOURITES, HOBBIES, JOBS, NAMES, NOUNS, NUCLEI, ONSETS, PLACES, SURNAMES,
                           SYLLABLE_ENDS, SYLLABLES, ZH_GIVEN, ZH_SLOTS, ZH_SURNAMES, ZH_TOPICS)


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


def _sounded(rng: Rng) -> str:
    """Puts a word together from onsets, vowels and codas: clusters, doubled letters and rare letters included."""
    word = "".join(
        (rng.choice(ONSETS) if at or rng.chance(0.85) else "") + rng.choice(NUCLEI) + (rng.choice(CODAS) if rng.chance(0.5) else "")
        for at in range(rng.weighted({1: 32, 2: 65, 3: 3}))
    )
    return word[:9] if len(word) > 2 else word + rng.choice(CODAS)


def invented(rng: Rng) -> str:
    """Makes a word up, so that copying it letter by letter is the only way to know it."""
    if rng.chance(0.5):
        return _sounded(rng)
    word = "".join(rng.choice(SYLLABLES) for _ in range(rng.integer(1, 2)))
    return word + rng.choice(SYLLABLE_ENDS)


def _name(rng: Rng, two_words: float) -> str:
    first = rng.choice(NAMES) if rng.chance(0.4) else invented(rng).capitalize()
    if rng.chance(two_words * 0.4):
        return f"{first}{rng.choice([' ', '-'])}{rng.choice(NAMES)}"
    if rng.chance(two_words * 0.6):
        return f"{first} {rng.choice(SURNAMES) if rng.chance(0.6) else invented(rng).capitalize()}"
    return first


def name(rng: Rng, want: str) -> str:
    """Draws a name; two-word ones are trained more often than they are tested."""
    two_words = 0.22 if want == "train" else 0.12
    return draw(lambda: _name(rng, two_words), lambda x: f"name:{x}", want, rng)


def similar_name(old: str, rng: Rng, want: str) -> str:
    """Changes one letter of a name, as a slip of the keys is put right (or draws another name where that is held out)."""
    at = rng.integer(1, len(old) - 1) if len(old) > 2 else 0
    changed = old[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + old[at + rng.integer(0, 1) :]
    fits = at > 0 and old.isascii() and old.isalpha() and changed != old and split_of(f"name:{changed}") == want
    return changed if fits else name(rng, want)


def zh_character(rng: Rng) -> str:
    """Draws one of the 3,755 common characters (level 1 of GB 2312): most have no token of their own."""
    while True:
        try:
            return bytes([rng.integer(0xB0, 0xD7), rng.integer(0xA1, 0xFE)]).decode("gb2312")
        except UnicodeDecodeError:  # the level ends five characters before its last row does
            continue


def zh_name(rng: Rng, want: str) -> str:
    def make():
        given = "".join(zh_character(rng) if rng.chance(0.12) else rng.choice(ZH_GIVEN) for _ in range(rng.integer(1, 2)))
        return rng.choice(ZH_SURNAMES) + given

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
        if rng.chance(0.3):  # any characters: only copying helps
            return "".join(rng.choice(ZH_GIVEN) for _ in range(rng.integer(1, 3)))
        return rng.choice(known) if rng.chance(0.6) else rng.choice(ZH_TOPICS)

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
