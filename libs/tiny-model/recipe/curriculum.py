"""What is taught, in which shares and when: whole training dialogues, and the batch shapes of each phase."""

from . import systems
from .dialogue import Dialogue
from .rng import Rng

# Shares of the turns. Recall, facts, sums and refusals are what the model is measured by; JSON and repeating come after.
START = {"small_talk": 3, "fact": 13, "sum": 10, "tell_name": 12, "ask_name": 14, "tell_thing": 8, "ask_thing": 10, "unknown": 6, "json": 3, "echo": 10, "both": 2}
TURNS = {"small_talk": 5, "fact": 33, "sum": 16, "sums": 1.5, "tell_name": 9, "ask_name": 10, "tell_thing": 8, "ask_thing": 9, "about_me": 1, "unknown": 13, "json": 8, "echo": 4, "both": 4}
CHINESE = 0.2  # share of the dialogues
PLANNED = 0.45  # share of the dialogues (of two turns and more) that end by asking for what was told at their beginning
WANDERING = ("small_talk", "fact", "sum", "unknown", "echo", "json", "both", "tell_thing")

# Batch shapes, rows x tokens. The first steps are short: copying is learnt sooner where there is less to confuse, and
# a step of 2,048 tokens in rows of 128 costs half of one of 3,072 in rows of 256.
TINY, SHORT, MEDIUM, LONG = (16, 128), (12, 256), (6, 512), (3, 1024)
TINY_STEPS = 300  # in rows of 128
START_STEPS = 800  # with the shares of START
# Turns of a dialogue: {turns: weight}.
LENGTHS = {
    TINY: {1: 3, 2: 4, 3: 2},
    SHORT: {1: 3, 2: 4, 3: 4, 4: 3, 5: 2},
    MEDIUM: {5: 1, 6: 2, 7: 3, 8: 3, 9: 2, 10: 1},
    LONG: {6: 1, 10: 2, 14: 2, 20: 1},
}


def shape_of(step: int) -> tuple[int, int]:
    """Gives the batch shape of a step."""
    if step < TINY_STEPS:
        return TINY
    if step % 15 == 0:
        return LONG
    return MEDIUM if step % 3 == 0 else SHORT


def _plan(rng: Rng, count: int, turns: dict) -> list[str]:
    """Lays out a dialogue that ends in recall, with other turns between; "?" asks for the thing told first."""
    goal = rng.weighted({"name": 36, "rename": 28, "thing": 28, "never": 8})
    between = {kind: weight for kind, weight in turns.items() if kind in WANDERING}
    if goal == "never":
        calm = {kind: weight for kind, weight in between.items() if kind != "both"}
        return [rng.weighted(calm) for _ in range(count - 1)] + ["ask_name"]
    told = {"name": "tell_name", "rename": "tell_name", "thing": "tell_thing"}[goal]
    kinds = [told] + [rng.weighted(between) for _ in range(count - 2)] + ["?" if goal == "thing" else "ask_name"]
    if goal == "rename" and count > 2:
        for _ in range(rng.weighted({1: 4, 2: 1})):
            kinds[rng.integer(1, count - 2)] = "tell_name"
    return kinds


def _tell_first(dialogue: Dialogue, kind: str) -> str:
    """Turns most questions about what was never told into telling it."""
    if kind == "ask_name" and dialogue.name is None and dialogue.rng.chance(0.6):
        return "tell_name"
    if kind in ("ask_thing", "about_me") and not dialogue.order and dialogue.rng.chance(0.75):
        return "tell_thing"
    return kind


def training_dialogue(rng: Rng, turns: dict = TURNS, lengths: dict | None = None) -> list[dict]:
    """One training example, as chat messages."""
    dialogue = Dialogue(rng, chinese=rng.chance(CHINESE))
    messages = []
    if rng.chance(0.05):
        system, dialogue.name, known = systems.memory_prompt(rng, "train")
        for slot, value in known.items():
            dialogue.remember(slot, f"your favourite {slot} is {value}", value)
    else:
        system = systems.system_prompt(rng, dialogue.chinese)
    if system is not None:
        messages.append({"role": "system", "content": system})
    chinese = dialogue.chinese
    count = rng.weighted(lengths or LENGTHS[SHORT])
    plan = _plan(rng, count, turns) if count > 1 and rng.chance(PLANNED) else None
    first_told = None
    for at in range(count):
        dialogue.chinese = chinese if plan or rng.chance(0.96) else not chinese and rng.chance(0.3)
        if plan:
            kind = plan[at]
        else:
            kind = _tell_first(dialogue, "small_talk" if at == 0 and rng.chance(0.1) else rng.weighted(turns))
        if dialogue.chinese and kind in ("echo", "about_me", "both"):
            kind = "fact"
        user, answer = dialogue.ask_thing(about=first_told) if kind == "?" else getattr(dialogue, kind)()
        if at == 0 and dialogue.order:
            first_told = dialogue.order[-1]
        messages += [{"role": "user", "content": user}, {"role": "assistant", "content": answer}]
    return messages
