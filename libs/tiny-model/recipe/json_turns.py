"""Turns whose answer is a JSON object."""

import json

from . import sums, values
from .noise import dress, expand
from .worlds.words import JOBS, PLACES

SERVICES = ["gateway", "dialogue", "model", "logging", "monitoring"]
MEMORY_KEYS = ["age", "home", "job", "colour", "food", "animal", "drink", "city", "number", "sport", "fruit"]
LEADS = ["reply with JSON", "answer with JSON", "reply in JSON", "respond with JSON", "answer as JSON", "return JSON", "give me JSON", "use this JSON", "fill in this JSON", "output JSON like", "reply with JSON:", "answer with JSON:", "reply only with JSON:", "use the format"]
TAILS = ["as JSON", "in JSON", "as a JSON object", "as json", "in JSON format", "as JSON please", "as JSON only", "and answer in JSON", "and reply with JSON", "in the form of JSON"]


def dump(value: dict) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(text):
    return int(text) if isinstance(text, str) and text.isdigit() else text


def _lookup(dialogue, key: str):
    return dialogue.name if key == "name" else _number(dialogue.values.get(key))


def _skeleton(dialogue, keys) -> str:
    rng = dialogue.rng
    blank = rng.choice(["...", '"..."', "...", "string", "<value>", "?"])
    return "{" + ", ".join(f'"{key}":{rng.choice(["", " "])}{blank}' for key in keys) + "}"


def _keys(dialogue) -> list[str]:
    rng = dialogue.rng
    known = [k for k in dialogue.order if k in MEMORY_KEYS]
    keys = ["name"] if rng.chance(0.75) else []
    for _ in range(rng.integer(0 if keys else 1, 2)):
        key = rng.choice(known) if known and rng.chance(0.8) else rng.choice(MEMORY_KEYS)
        if key not in keys:
            keys.append(key)
    return keys


def memory(dialogue, want) -> tuple[str, str]:
    """JSON of what was told before, with null for the rest."""
    rng, keys = dialogue.rng, _keys(dialogue)
    answer = dump({key: _lookup(dialogue, key) for key in keys})
    if rng.chance(0.45):
        text = f"{rng.choice(LEADS)} {_skeleton(dialogue, keys)}"
        return (text[0].upper() + text[1:] if rng.chance(0.6) else text) + rng.choice(["", "", "."]), answer
    named = " and ".join(f"my {'favourite ' if key not in ('name', 'age', 'home', 'job') and rng.chance(0.7) else ''}{key}" for key in keys)
    core = f"{rng.choice(['give me', 'write', 'show', 'tell me', 'return', 'put', 'I want', 'what is', ''])} {named} {rng.choice(TAILS)}".strip()
    if rng.chance(0.2):
        core = f"{rng.choice(['make', 'give me', 'write', 'return'])} a JSON object with {rng.choice(['the keys', 'keys', 'the key', ''])} {' and '.join(keys)}".replace("  ", " ")
    return dress(core, {}, rng, False), answer


def inline(dialogue, want) -> tuple[str, str]:
    """Tells the name and asks for JSON in one message."""
    told, _ = dialogue.tell_name(want)
    keys = ["name"] + ([dialogue.rng.choice(MEMORY_KEYS)] if dialogue.rng.chance(0.25) else [])
    if told[-1] not in ".!?)":
        told += "."
    asked = f"{dialogue.rng.choice(LEADS).capitalize()} {_skeleton(dialogue, keys)}"
    return f"{told} {asked}", dump({key: _lookup(dialogue, key) for key in keys})


def extract(dialogue, want) -> tuple[str, str]:
    """Facts about somebody else, in a sentence, to be put into JSON."""
    rng = dialogue.rng
    person = values.name(rng, want)
    found: dict = {"name": person}
    parts = []
    for key in rng.shuffled(["age", "city", "job", "likes"])[: rng.integer(1, 3)]:
        if key == "age":
            found[key] = rng.integer(5, 99)
            parts.append(f"is {found[key]} years old")
        elif key == "city":
            found[key] = values.favourite("city", rng, want) if rng.chance(0.5) else rng.choice(PLACES)
            parts.append(f"lives in {found[key]}")
        elif key == "job":
            found[key] = rng.choice(JOBS)
            parts.append(f"is a {found[key]}")
        else:
            found[key] = values.favourite(rng.choice(["food", "drink", "fruit"]), rng, want)
            parts.append(f"likes {found[key]}")
    sentence = f"{person} {' and '.join(parts)}."
    ask = rng.choice([f"{rng.choice(LEADS).capitalize()} {_skeleton(dialogue, found)}", f"Answer as JSON with the keys {', '.join(found)}", f"JSON with {' and '.join(found)}", f"Make JSON of it, with {', '.join(found)}", f"Extract {', '.join(found)} as JSON"])
    text = f"{sentence} {ask}" if rng.chance(0.6) else f"{ask}: {sentence}"
    return text, dump(found)


def of_sum(dialogue, want) -> tuple[str, str]:
    rng = dialogue.rng
    sign = sums.sign(rng)
    a, b = sums.operands(sign, rng, want)
    key = rng.choice(["result", "sum", "answer", "value"]) if sign == "+" else rng.choice(["result", "answer", "value"])
    question = expand(rng.choice([f"what is {a} {sign} {b}", f"{a} {sign} {b}", f"calculate {a} {sign} {b}"]), rng)
    if key != "result" or rng.chance(0.5):
        text = f"{question}? {rng.choice(LEADS).capitalize()} {_skeleton(dialogue, [key])}"
    else:
        text = f"{question} {rng.choice(TAILS)}"
    # The whole line comes first here too, so that the result is a copy: a result at once would be a guess.
    return text[0].upper() + text[1:], dump({"working": sums.line(a, sign, b), key: sums.result(a, sign, b)})


def fixed(dialogue, want) -> tuple[str, str]:
    """The services, or any object at all."""
    rng = dialogue.rng
    if rng.chance(0.5):
        core = expand(f"[list|give me|name|show|return|what are] [the|the five|all|all the] [Parley|] services [of Parley|] {rng.choice(TAILS)}", rng)
        return dress(core, {}, rng, False), dump({"services": SERVICES})
    core = expand("[give me|show me|write|make|return|output|reply with|answer with|I need] [some|any|an example of|a bit of|valid] [JSON|json|JSON object]", rng)
    return dress(core, {}, rng, False), dump({"model": "parley-tiny", "ok": True})


def turn(dialogue, want="train") -> tuple[str, str]:
    """One JSON turn."""
    kind = dialogue.rng.weighted({"memory": 40, "inline": 10, "extract": 20, "sum": 24, "fixed": 6})
    if kind == "memory" and dialogue.chinese:
        kind = "fixed"
    chosen = {"memory": memory, "inline": inline, "extract": extract, "sum": of_sum, "fixed": fixed}[kind]
    chinese, dialogue.chinese = dialogue.chinese, False
    try:
        return chosen(dialogue, want)
    finally:
        dialogue.chinese = chinese
