"""All facts, and the general frames that ask for a thing by its name."""

from .facts_parts import FACTS_PARTS
from .facts_self import FACTS_SELF
from .facts_use import FACTS_USE

FACTS = FACTS_PARTS + FACTS_USE + FACTS_SELF

# <x> is one of the fact's names.
ABOUT_FRAMES = [
    "what is <x>", "what's <x>", "what [does <x> do|is <x> for|is <x> good for]", "explain <x> [to me|]", "tell me [about|something about|more about] <x>",
    "describe <x>", "what [is the purpose|is the job|is the role|is the task|is the meaning|is the point] of <x>", "why [do I need|do you have|is there|does Parley have|would I need|does one need] <x>",
    "[can you|could you|please] explain [what <x> is|what <x> does|<x>]", "I [want|would like|need] to [know|learn|understand] [about|more about|what is|] <x>", "<x>", "what about <x>",
    "how does <x> work", "what do you know about <x>", "what [do you mean|is meant] by <x>", "[do you know|tell me|I don't understand|I wonder] what <x> [is|does|means]", "give me [some information|information|details] [on|about] <x>",
    "[who|what] [uses|needs] <x>", "what [use|good] is <x>", "what role does <x> play", "what [happens|is going on] in <x>", "what is <x> [responsible|needed|used|made|there] for", "what is the [function|idea|responsibility] of <x>",
    "what is <x> in Parley", "[purpose|role|meaning|job] of <x>", "help me [understand|with] <x>", "in [short|a few words|one sentence], what is <x>", "define <x>", "what [exactly|actually|precisely] [is <x>|does <x> do]",
    "I [never heard of|do not know|don't get|am not sure about] <x>", "[say|write|tell me] [a word|a few words|one sentence|something] [about|on] <x>", "[a|some|any] [word|words|explanation] [on|about|of] <x>", "where does <x> [come in|fit in|belong]", "[is|are] <x> [important|needed|necessary]", "what would [happen|be missing] without <x>", "<x>[: what is it|: what for|, what is that]", "what can <x> do",
]
ABOUT_FRAMES_ZH = [
    "<x>是什么", "<x>[有什么用|是做什么的|是干什么的|做什么|干什么]", "[介绍一下|解释一下|说说|讲讲|请介绍|请解释]<x>", "什么是<x>", "为什么需要<x>", "<x>的[作用|任务|功能]是什么", "[告诉我|我想知道|我想了解]<x>[是什么|]",
]


def questions(fact: dict, chinese: bool) -> list[str]:
    """Gives every question template of a fact, the general frames included."""
    if chinese:
        frames = [f.replace("<x>", x) for x in fact.get("about_zh", ()) for f in ABOUT_FRAMES_ZH]
        return frames + list(fact.get("ask_zh", ()))
    frames = [f.replace("<x>", x) for x in fact.get("about", ()) for f in ABOUT_FRAMES]
    return frames + list(fact.get("ask", ()))


FACTS_ZH = [fact for fact in FACTS if "answer_zh" in fact]
