"""Puts dialogues together: a state of what was told, and turns that tell, ask, count and wander off."""

from . import json_turns, sums, values
from .noise import dress, dress_zh, expand
from .rng import Rng, split_of
from .values import draw, plural
from .worlds import phrases, unknown
from .worlds.facts import FACTS, FACTS_SELF, FACTS_ZH, questions
from .worlds.words import ADJECTIVES, FAVOURITES, NOUNS, PEOPLE, PLACES, PRODUCTS, RELATIONS, VERBS, ZH_SLOTS, ZH_TOPICS

NOT_TOLD_NAME = "You have not told me your name yet."
NOT_TOLD = "You have not told me that yet."
NOT_TOLD_NAME_ZH = "你还没有告诉我你的名字。"
NOT_TOLD_ZH = "你还没有告诉我。"
NOTHING_TOLD = "You have not told me anything about you yet."

_FACT_FRAMES = {(f["id"], zh): questions(f, zh) for f in FACTS for zh in (False, True)}


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def frame_split(owner: str, template: str) -> str:
    """Holds out whole question frames too: a few for `dev` and a few for `final`."""
    return split_of(f"frame:{owner}:{template}", one_in=20 if owner == "unknown" else 32)


def held_out(fact: dict, chinese: bool, want: str, new_frame: bool) -> bool:
    """Says whether a fact has held-out questions of a split (a fact with few frames may have none)."""
    owner, frames = f"fact:{fact['id']}", _FACT_FRAMES[fact["id"], chinese]
    if new_frame:
        return any(frame_split(owner, t) == want for t in frames)
    rng = Rng(len(owner))
    usable = [t for t in frames if frame_split(owner, t) == "train"]
    return any(split_of(f"{owner}:{expand(rng.choice(usable), rng)}") == want for _ in range(200))


class Dialogue:
    """One conversation in the making; `want` of a turn names the split that its content comes from."""

    def __init__(self, rng: Rng, chinese: bool = False):
        self.rng = rng
        self.chinese = chinese
        self.name: str | None = None
        self.known: dict[str, str] = {}  # what a question is about -> "your favourite colour is green"
        self.values: dict[str, str] = {}  # the same, bare, for JSON
        self.order: list[str] = []

    def _core(self, owner: str, templates, want: str, new_frame: bool = False) -> str:
        rng = self.rng
        if new_frame:
            return expand(self._held_frame(owner, templates, want), rng)
        usable = [t for t in templates if frame_split(owner, t) == "train"]
        return draw(lambda: expand(rng.choice(usable), rng), lambda text: f"{owner}:{text}", want, rng)

    def _held_frame(self, owner: str, templates, want: str) -> str:
        held = [t for t in templates if frame_split(owner, t) == want]
        return self.rng.choice(held)

    def _say(self, core: str, given: dict, question: bool, chinese: bool) -> str:
        return dress_zh(core, given, self.rng, question) if chinese else dress(core, given, self.rng, question)

    def remember(self, about: str, sentence: str, value: str) -> None:
        self.known[about] = sentence
        self.values[about] = value
        if about in self.order:
            self.order.remove(about)
        self.order.append(about)

    # The user's name
    def tell_name(self, want="train"):
        rng, zh = self.rng, self.chinese
        old = self.name
        if old and not zh and rng.chance(0.12):
            self.name = values.similar_name(old, rng, want)
        else:
            self.name = values.zh_name(rng, want) if zh and rng.chance(0.8) else values.name(rng, want)
        if old and rng.chance(0.8):
            templates = phrases.ZH_RENAME if zh else phrases.RENAME
        else:
            templates = phrases.ZH_TELL_NAME if zh else phrases.TELL_NAME
        typed = self.name
        if not zh and rng.chance(0.16):
            typed = typed.lower()
        text = self._say(expand(rng.choice(templates), rng), {"x": typed, "o": old}, False, zh)
        if not zh and "name" in text and text.isupper():
            text = text.replace(self.name.upper(), self.name)
        return text, f"很高兴认识你，{self.name}。" if zh else f"Nice to meet you, {self.name}."

    def ask_name(self, want="train"):
        zh = self.chinese
        templates = phrases.ZH_ASK_NAME if zh else phrases.ASK_NAME
        text = self._say(expand(self.rng.choice(templates), self.rng), {}, True, zh)
        if self.name is None:
            return text, NOT_TOLD_NAME_ZH if zh else NOT_TOLD_NAME
        return text, f"你的名字是{self.name}。" if zh else f"Your name is {self.name}."

    # Favourites, home, job, age, likes, relations
    def tell_thing(self, want="train"):
        rng = self.rng
        if self.chinese:
            slot = rng.choice(list(ZH_SLOTS))
            value = values.zh_favourite(slot, rng, want)
            self.remember(slot, f"你最喜欢的{slot}是{value}", value)
            text = self._say(expand(rng.choice(phrases.ZH_TELL_FAVOURITE), rng), {"x": value, "s": slot}, False, True)
            return text, f"我会记住，你最喜欢的{slot}是{value}。"
        kind = rng.weighted({"favourite": 58, "attribute": 30, "relation": 12})
        if kind == "favourite":
            slot = rng.choice(list(FAVOURITES))
            word = rng.choice(FAVOURITES[slot][0].split())
            about = word if slot in ("book", "food", "drink") else slot
            value, sentence, templates = values.favourite(slot, rng, want), f"your favourite {about} is <x>", phrases.TELL_FAVOURITE
        elif kind == "attribute":
            about = word = rng.choice(list(phrases.ATTRIBUTES))
            templates, _, sentence = phrases.ATTRIBUTES[about]
            value = values.attribute(about, rng, want)
        else:
            about = word = rng.choice(RELATIONS)
            value, sentence, templates = values.name(rng, want), f"your {about} is called <x>", phrases.TELL_RELATION
        sentence = sentence.replace("<x>", value)
        self.remember(about, sentence, value)
        text = self._say(expand(rng.choice(templates), rng), {"x": value, "s": word}, False, False)
        return text, f"I will remember that {sentence}."

    def ask_thing(self, want="train", about: str | None = None):
        rng = self.rng
        if about is None:
            about = rng.choice(self.order) if self.order and rng.chance(0.86) else None
        if self.chinese:
            about = about if about in ZH_SLOTS else rng.choice(list(ZH_SLOTS))
            text = self._say(expand(rng.choice(phrases.ZH_ASK_FAVOURITE), rng), {"s": about}, True, True)
            return text, self.known[about] + "。" if about in self.known else NOT_TOLD_ZH
        if about is None or about in ZH_SLOTS:
            about = rng.choice([*"colour food animal drink city number sport season fruit book film song".split(), *phrases.ATTRIBUTES, *RELATIONS])
        word = about
        if about in phrases.ATTRIBUTES:
            templates = phrases.ATTRIBUTES[about][1]
        elif about in RELATIONS:
            templates = phrases.ASK_RELATION
        else:
            templates = phrases.ASK_FAVOURITE
            word = rng.choice(FAVOURITES[about][0].split()) if about in ("colour", "city") else about
        text = self._say(expand(rng.choice(templates), rng), {"s": word}, True, False)
        return text, capital(self.known[about]) + "." if about in self.known else NOT_TOLD

    def about_me(self, want="train"):
        text = self._say(expand(self.rng.choice(phrases.ABOUT_ME), self.rng), {}, True, False)
        sentences = ([f"Your name is {self.name}."] if self.name else []) + [capital(self.known[k]) + "." for k in self.order]
        if len(sentences) > 3 or any(k in ZH_SLOTS for k in self.order):
            return self.ask_name(want)
        return text, " ".join(sentences) or NOTHING_TOLD

    # Parley
    def fact(self, want="train", new_frame=False, about_itself=False):
        zh = self.chinese
        pool = FACTS_SELF if about_itself else FACTS_ZH if zh else FACTS
        if want != "train":
            fact = self.rng.choice([f for f in pool if held_out(f, zh, want, new_frame)])
        else:
            fact = pool[int(self.rng.weighted({str(i): f.get("weight", 1) for i, f in enumerate(pool)}))]
        core = self._core(f"fact:{fact['id']}", _FACT_FRAMES[fact["id"], zh], want, new_frame)
        return self._say(core, {}, True, zh), fact["answer_zh" if zh else "answer"]

    # Everything else
    def unknown(self, want="train", new_frame=False):
        rng, zh = self.rng, self.chinese
        templates = unknown.UNKNOWN_ZH if zh else unknown.UNKNOWN

        def text() -> str:
            if new_frame:
                template = expand(self._held_frame("unknown", templates, want), rng)
            else:
                template = expand(rng.choice([t for t in templates if frame_split("unknown", t) == "train"]), rng)
            for slot, pool in self._pools().items():
                while f"<{slot}>" in template:
                    word = rng.choice(pool)
                    if slot == "n" and rng.chance(0.1):
                        word = values.zh_character(rng) + values.zh_character(rng) if zh else values.invented(rng)
                    template = template.replace(f"<{slot}>s", plural(word), 1) if f"<{slot}>s" in template and not zh else template.replace(f"<{slot}>", word, 1)
            return template

        core = draw(text, lambda t: f"unknown:{t}", want, rng)
        return self._say(core, {}, rng.chance(0.85), zh), unknown.REFUSAL_ZH if zh else unknown.REFUSAL

    def _pools(self) -> dict:
        if self.chinese:
            return {"n": ZH_TOPICS}
        any_word = NOUNS if self.rng.chance(0.6) else VERBS + ADJECTIVES + PLACES + PEOPLE
        return {"n": NOUNS, "a": ADJECTIVES, "v": VERBS, "l": PLACES, "p": PEOPLE, "d": PRODUCTS, "w": any_word}

    def small_talk(self, want="train", greeting=False):
        pool = phrases.ZH_SMALL_TALK if self.chinese else phrases.SMALL_TALK
        answer = next(iter(pool)) if greeting or self.rng.chance(0.3) else self.rng.choice(list(pool))
        text = expand(self.rng.choice(pool[answer]), self.rng)
        if self.chinese:
            return dress_zh(text, {}, self.rng, False), answer
        asks = "you" in text and text.split()[0] in ("how", "are", "what's")
        return dress(text, {}, self.rng, asks, plain=not asks or self.rng.chance(0.5)), answer

    def echo(self, want="train"):
        phrase = values.phrase(self.rng, want)
        lead = expand(self.rng.choice(["repeat [after me|this|]: <x>", "say: <x>", "say <x>", "[please|] repeat <x>", 'say "<x>"', "echo <x>", "[can you|please] say <x>", "print <x>"]), self.rng)
        return dress(lead, {"x": phrase}, self.rng, False, plain=True).rstrip(".!?:)( ") + self.rng.choice(["", "", "."]), phrase

    def sum(self, want="train"):
        if want == "train" and self.rng.chance(0.14):
            return sums.too_hard(self.rng, self.chinese)
        if want == "train" and not self.chinese and self.rng.chance(0.12):
            return sums.several(self.rng)
        return sums.one(self.rng, want, self.chinese, sums.sign(self.rng))

    def sums(self, want="train"):
        return sums.several(self.rng)

    def json(self, want="train"):
        return json_turns.turn(self, want)

    def both(self, want="train"):
        """Two intents in one message, answered in order."""
        first = self.rng.choice([self.tell_name, self.tell_thing, self.tell_name, self.fact])
        second = self.rng.choice([self.tell_thing, self.fact, self.ask_thing, self.ask_name, lambda: sums.one(self.rng, want, self.chinese, "+")])
        one, answer = first()
        two, other = second()
        if answer == other:
            return one, answer
        glue = "" if self.chinese else " "
        if one[-1] not in ".!?。！？)":
            one += "，" if self.chinese else self.rng.choice([".", ",", " and", "!"])
        return one + glue + two, answer + glue + other
