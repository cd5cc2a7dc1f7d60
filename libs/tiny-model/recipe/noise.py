"""Surface variation: the same intent in many wordings, spellings and wrappings."""

import re

from .rng import Rng
from .worlds.words import ADJECTIVES, NOUNS, VERBS

_INNERMOST = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"(<[a-z]>)")


def expand(template: str, rng: Rng) -> str:
    """Resolves every [a|b|] of a template, the innermost first."""
    while found := _INNERMOST.search(template):
        chosen = rng.choice(found.group(1).split("|"))
        template = template[: found.start()] + chosen + template[found.end() :]
    return re.sub(r" +", " ", template).strip()


_KEYBOARD = {"a": "s", "e": "r", "i": "o", "o": "p", "s": "d", "t": "r", "n": "m", "r": "e", "l": "k", "m": "n"}


def typo(word: str, rng: Rng) -> str:
    """Misspells one word the way hurried fingers do."""
    at = rng.integer(1, len(word) - 2)
    kind = rng.integer(0, 3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + _KEYBOARD.get(word[at], word[at]) + word[at + 1 :]


_DROPPABLE = {"the", "a", "is", "do", "please", "can", "to", "of", "it", "are"}
_INSERTED = "actually really just exactly again now then please maybe still again also simply even".split()


def disturb(text: str, rng: Rng) -> str:
    """Misspells, drops or inserts a word now and then; leaves <slots> alone."""
    words = text.split(" ")
    if rng.chance(0.13):
        long = [i for i, w in enumerate(words) if len(w) >= 4 and w.isalpha() and w.isascii()]
        for _ in range(rng.integer(1, 2)):
            if long:
                i = rng.choice(long)
                if len(words[i]) >= 4:
                    words[i] = typo(words[i], rng)
    if rng.chance(0.06) and len(words) > 3:
        droppable = [i for i, w in enumerate(words) if w in _DROPPABLE]
        if droppable:
            del words[rng.choice(droppable)]
    if rng.chance(0.07) and len(words) > 2:
        words.insert(rng.integer(1, len(words)), rng.choice(_INSERTED))
    return " ".join(words)


def fill(text: str, values: dict) -> str:
    """Puts the values into the <slots>."""
    return "".join(str(values[part[1]]) if _SLOT.fullmatch(part) else part for part in _SLOT.split(text))


PREFIXES = """hi, |hello, |hey, |hi! |hello! |hey! |please |ok, |okay, |so |so, |well, |and |but |now |sorry, |excuse me, |by the way, |btw |oh, |ah, |hm, |hmm, |one more thing: |
quick question: |question: |another question: |next: |thanks! |thank you. |great. |I see. |all right, |good morning, |good evening, |dear parley, |parley, |hey parley, |listen, |just wondering, |
can you tell me: |I have a question: |I have a question. |let me ask: |I want to ask: |tell me, |tell me: |first of all, |then |also, |wait, |a question: |fine. |cool, |yo, |say, |um, |no, |yes, |ok |well |
do you know |I wonder |I wonder: |I would like to know |could you tell me |please tell me |any idea |maybe you know |help me: |explain this: |my question is |here is my question: |new topic: |a different thing: |back to work: |right, |see, |look, |good, |hello again, |hi there, |evening, |guys, |dear assistant, |assistant, |bot, """.replace("\n", "").split("|")
SUFFIXES = """, please|, thanks|, thank you| please| thanks| :)| ;)|, ok|, my friend|, parley|, bot|, if I may ask|, by the way| today| now|, do you know|, can you tell me|, I wonder| in short|, quickly| again| exactly|, then|, you know|
 for me|, just asking|, really|, right|, actually|, mate""".replace("\n", "").split("|")
SENTENCES = """I am new here.|I just installed this.|I only want to try something.|My boss wants to know.|I have to give a talk tomorrow.|I am curious.|This is my first time.|I read the README.|It is late.|
I am in a hurry.|Let us go on.|Thanks for the last answer.|I hope you are well.|Be brief.|Answer briefly, please.|One sentence is enough.|I did not find it in the docs.|A colleague asked me that.|Just checking.|I am writing some notes.|
Sorry to bother you.|I keep forgetting.|I was wondering.|Do not be too long.|I really want to know.|Nice weather today.|Give a short answer.|Keep it simple.|It is for school.|I am testing you.|Take your time.|You are doing well.""".replace("\n", "").split("|")
ZH_PREFIXES = "请问，|请问|你好，|那么，|嗯，|好的，|对了，|我想知道，|谢谢，|还有，|请告诉我，|问一下，|那".split("|")
ZH_SUFFIXES = "，谢谢|，好吗|呢|啊|呀|，请简单说|，可以告诉我吗".split("|")


def random_sentence(rng: Rng) -> str:
    """Makes a small sentence that means nothing here, so that stray words do not confuse the model."""
    noun, other = rng.choice(NOUNS), rng.choice(NOUNS)
    return rng.choice([
        f"My {noun} is {rng.choice(ADJECTIVES)}.", f"I was at the {noun} with a {other}.", f"The {noun} is {rng.choice(ADJECTIVES)} today.",
        f"I have to {rng.choice(VERBS)} a {noun} later.", f"We {rng.choice(VERBS)} the {noun} near the {other}.", f"There is a {rng.choice(ADJECTIVES)} {noun} here.",
        f"After the {noun} I will {rng.choice(VERBS)}.", f"People say the {noun} is {rng.choice(ADJECTIVES)}.",
    ])


def _ending(question: bool, rng: Rng) -> str:
    if question:
        return rng.weighted({"?": 64, "": 20, "??": 3, ".": 5, " ?": 3, "!": 2, "...": 1, "?!": 1})
    return rng.weighted({".": 44, "": 30, "!": 20, "!!": 2, " :)": 2, "...": 1})


def dress(core: str, values: dict, rng: Rng, question: bool, plain: bool = False) -> str:
    """Makes an English message of a core text: noise, wrapping, case, punctuation, values."""
    text = core if plain else disturb(core, rng)
    if rng.chance(0.15) and "'" in text:
        text = text.replace("'", rng.choice(["", "’"]))
    if not plain and rng.chance(0.24):
        text = rng.choice(PREFIXES) + text
    if not plain and rng.chance(0.12):
        text = text + rng.choice(SUFFIXES)
    style = rng.weighted({"sentence": 52, "as is": 22, "lower": 23, "upper": 1.5, "title": 1.5})
    if style == "sentence" and not text.startswith("<"):
        text = text[0].upper() + text[1:]
    elif style in ("lower", "upper", "title"):
        change = {"lower": str.lower, "upper": str.upper, "title": str.title}[style]
        text = "".join(part if _SLOT.fullmatch(part) else change(part) for part in _SLOT.split(text))
    text = fill(text, values) + _ending(question, rng)
    if not plain and rng.chance(0.09):
        before = random_sentence(rng) if rng.chance(0.4) else rng.choice(SENTENCES)
        text = (before.lower() if style == "lower" else before) + " " + text
    if not plain and rng.chance(0.05):
        after = random_sentence(rng) if rng.chance(0.3) else rng.choice(SENTENCES)
        text = text + ("" if text[-1] in ".?!)" else ".") + " " + after
    return text


def dress_zh(core: str, values: dict, rng: Rng, question: bool) -> str:
    """The same for Chinese."""
    text = core
    if rng.chance(0.2):
        text = rng.choice(ZH_PREFIXES) + text
    if rng.chance(0.1) and question:
        text = text + rng.choice(ZH_SUFFIXES)
    end = rng.weighted({"？": 55, "?": 12, "": 25, "。": 8}) if question else rng.weighted({"。": 45, "": 35, "！": 15, ".": 5})
    return fill(text, values) + end
