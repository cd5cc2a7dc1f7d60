"""Held-out test sets: `dev` may be watched during training, `final` is for the end.

`python -m recipe.testset --split final --count 100` prints one JSON object per line: {skill, messages, expected}.
"""

import argparse
import json
import zlib

from . import json_turns, sums, systems
from .dialogue import Dialogue
from .rng import Rng

DISTRACTORS = {"small_talk": 10, "fact": 30, "sum": 25, "unknown": 20, "tell_thing": 10, "echo": 5}


class Case:
    """A conversation that ends in the judged question."""

    def __init__(self, rng: Rng, split: str, chinese: bool = False):
        self.dialogue = Dialogue(rng, chinese)
        self.split = split
        self.messages: list[dict] = []
        system = systems.system_prompt(rng, chinese)
        if system is not None:
            self.messages.append({"role": "system", "content": system})

    def add(self, turn: tuple[str, str]) -> None:
        self.messages += [{"role": "user", "content": turn[0]}, {"role": "assistant", "content": turn[1]}]

    def wander(self, turns: int) -> None:
        """Adds turns that neither tell nor change what the case asks for."""
        kinds = {k: w for k, w in DISTRACTORS.items() if not (self.dialogue.chinese and k == "echo")}
        for _ in range(turns):
            self.add(getattr(self.dialogue, self.dialogue.rng.weighted(kinds))())


def _recall(distance: int, chinese: bool = False, rename: bool = False):
    def make(case: Case) -> None:
        case.wander(case.dialogue.rng.integer(0, 1))
        if rename:
            case.add(case.dialogue.tell_name())
        case.add(case.dialogue.tell_name(case.split))
        case.wander(distance - 1)
        case.add(case.dialogue.ask_name())

    return make, chinese


def _thing(distance: int, chinese: bool = False):
    def make(case: Case) -> None:
        d = case.dialogue
        case.add(d.tell_thing(case.split))
        about = d.order[-1]
        case.wander(distance - 1)
        case.add(d.ask_thing(about=about))

    return make, chinese


def _never_told(case: Case) -> None:
    case.wander(case.dialogue.rng.integer(0, 3))
    case.add(case.dialogue.ask_name())


def _turn(kind: str, chinese: bool = False, **options):
    def make(case: Case) -> None:
        case.wander(case.dialogue.rng.integer(0, 2))
        case.add(getattr(case.dialogue, kind)(case.split, **options))

    return make, chinese


def _about_itself(case: Case) -> None:
    system = systems.remembering(case.dialogue.rng) if case.dialogue.rng.chance(0.5) else systems.system_prompt(case.dialogue.rng, False, sure=True)
    case.messages = [{"role": "system", "content": system}]
    case.wander(case.dialogue.rng.integer(0, 1))
    case.add(case.dialogue.fact(case.split, about_itself=True))


def _sum(signs: str, chinese: bool = False, size: str = "two"):
    def make(case: Case) -> None:
        case.wander(case.dialogue.rng.integer(0, 1))
        sign = case.dialogue.rng.choice(signs)
        case.add(sums.one(case.dialogue.rng, "train" if sign == "x" else case.split, chinese, sign, size))

    return make, chinese


def _too_hard(case: Case) -> None:
    case.add(sums.too_hard(case.dialogue.rng, False))


def _json(kind):
    def make(case: Case) -> None:
        d = case.dialogue
        if kind is json_turns.memory:
            case.add(d.tell_name(case.split))
            if d.rng.chance(0.5):
                case.add(d.tell_thing())
        case.add(kind(d, case.split))

    return make, False


def _system_memory(case: Case) -> None:
    d = case.dialogue
    system, d.name, _ = systems.memory_prompt(d.rng, case.split)
    case.messages = [{"role": "system", "content": system}]
    case.add(d.ask_name())


SKILLS = {
    "name recall, next turn": _recall(1),
    "name recall, 3 turns later": _recall(3),
    "name recall, 6 turns later": _recall(6),
    "name recall after a change of name": _recall(2, rename=True),
    "name recall, Chinese": _recall(2, chinese=True),
    "name told by the system prompt": (_system_memory, False),
    "name never told": (_never_told, False),
    "favourites and more, next turn": _thing(1),
    "favourites and more, 3 turns later": _thing(3),
    "favourites, Chinese": _thing(2, chinese=True),
    "facts about Parley": _turn("fact"),
    "facts about Parley, Chinese": _turn("fact", chinese=True),
    "facts, question frames never trained": _turn("fact", new_frame=True),
    "facts about the model itself, with a system text": (_about_itself, False),
    "two-digit addition": _sum("+"),
    "two-digit addition, Chinese": _sum("+", chinese=True),
    "two-digit subtraction": _sum("-"),
    "sums of two single digits": _sum("+-", size="one"),
    "sums of a two-digit and a one-digit number": _sum("+-", size="mixed"),
    "products up to 10 x 10": _sum("x"),
    "sums out of reach are declined": (_too_hard, False),
    "unknown is refused": _turn("unknown"),
    "unknown is refused, Chinese": _turn("unknown", chinese=True),
    "unknown, question frames never trained": _turn("unknown", new_frame=True),
    "JSON of what was told": _json(json_turns.memory),
    "JSON from a sentence": _json(json_turns.extract),
    "JSON of a sum": _json(json_turns.of_sum),
    "greetings and small talk": _turn("small_talk"),
    "repeating words": _turn("echo"),
}


def items(split: str, count: int) -> list[dict]:
    """Makes `count` cases of every skill; the same ones every time."""
    result = []
    for skill, (make, chinese) in SKILLS.items():
        for index in range(count):
            rng = Rng(zlib.crc32(f"{split}:{skill}:{index}".encode()) + (1 << 33))
            case = Case(rng, split, chinese)
            make(case)
            result.append({"skill": skill, "messages": case.messages[:-1], "expected": case.messages[-1]["content"]})
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--split", choices=["dev", "final"], required=True)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    for item in items(options.split, options.count):
        print(json.dumps(item, ensure_ascii=False))


if __name__ == "__main__":
    main()
