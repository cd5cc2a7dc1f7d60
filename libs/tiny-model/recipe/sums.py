"""Small sums, in digits: two-digit addition and subtraction, products up to 10 x 10."""

from .noise import dress, dress_zh, expand
from .rng import Rng
from .values import draw, invented, plural
from .worlds.unknown import TOO_HARD_SUM, TOO_HARD_SUM_ZH
from .worlds.words import NOUNS

ASK = {
    "+": ["what is <a> [+|plus|and|added to] <b>", "what's <a> [+|plus] <b>", "<a> [+|plus] <b>", "<a>+<b>", "<a>+<b>=", "<a> + <b> =", "add <a> [and|to|plus] <b>", "[calculate|compute|work out|evaluate|solve] <a> [+|plus] <b>", "the sum of <a> and <b>", "what is the sum of <a> and <b>",
          "how much is <a> [+|plus|and] <b>", "how much [does|do] <a> and <b> make", "what [do you get if you add|does one get when adding] <a> [and|to] <b>", "<a> and <b> [makes|make|together|in total|is]", "[sum|add] up <a> and <b>", "do you know <a> [+|plus] <b>", "what [does|do|would] <a> [+|plus] <b> [equal|make|give|be]", "[can|could] you add <a> and <b>", "tell me <a> [+|plus] <b>",
          "I have <a> <n>s and [get|buy|find] <b> more, how many [<n>s|] do I have", "there are <a> <n>s and <b> <m>s, how many are [there|that] [in total|together|altogether]", "a <n> costs <a> and a <m> costs <b>, how much [is that|do I pay|do they cost] [together|in all|]", "if I have <a> <n>s and you give me <b>, how many do I have", "<a> people are here and <b> more come, how many are here"],
    "-": ["what is <a> [-|minus|less] <b>", "what's <a> [-|minus] <b>", "<a> [-|minus] <b>", "<a>-<b>", "<a>-<b>=", "subtract <b> from <a>", "take <b> from <a>", "[calculate|compute|work out|evaluate|solve] <a> [-|minus] <b>", "the difference [of|between] <a> and <b>", "what is the difference [of|between] <a> and <b>", "how much is <a> [-|minus] <b>", "what remains of <a> without <b>",
          "I have <a> <n>s and [lose|sell|eat|give away] <b>, how many [<n>s|] [are left|remain|do I have]", "there are <a> <n>s and <b> [leave|are taken], how many [are left|remain]", "<a> without <b>", "<b> less than <a>"],
    "x": ["what is <a> [x|*|times|multiplied by] <b>", "what's <a> [x|*|times] <b>", "<a> [x|*|times] <b>", "<a>*<b>", "<a>x<b>", "multiply <a> [by|and|with] <b>", "[calculate|compute|work out] <a> [x|*|times] <b>", "the product of <a> and <b>", "how much is <a> [x|*|times] <b>", "<a> <n>s cost <b> each, how much [is that|do I pay]", "there are <a> <n>s with <b> <m>s each, how many <m>s are there"],
}
ASK_ZH = {
    "+": ["<a>[加|加上|+]<b>[等于|是|等于几|等于多少|是多少|]", "<a> + <b> = ", "计算<a>[加|+]<b>", "<a>和<b>的和是多少", "我有<a>个苹果，又买了<b>个，一共有几个"],
    "-": ["<a>[减|减去|-]<b>[等于|是|等于几|等于多少|是多少|]", "计算<a>[减|-]<b>", "<a>和<b>的差是多少", "我有<a>个苹果，吃了<b>个，还有几个"],
    "x": ["<a>[乘|乘以|x|*]<b>[等于|是|等于几|等于多少|是多少|]", "计算<a>[乘以|x]<b>", "<a>和<b>的积是多少"],
}
TOO_HARD = ["what is <a> [+|-|plus|minus|x|*|times] <b>", "<a> [+|-|*|x] <b>", "<a>[+|-|*]<b>", "[calculate|compute] <a> [+|-|*|x|times] <b>", "how much is <a> [plus|minus|times] <b>", "add <a> and <b>", "multiply <a> by <b>"]
DIVIDE = ["what is <a> [/|divided by|over|:] <b>", "<a> [/|divided by] <b>", "<a>/<b>", "divide <a> by <b>", "[calculate|compute] <a> / <b>", "what is the square root of <a>", "how many percent is <a> of <b>", "what is <a> percent of <b>", "what is <a> to the power of <b>", "is <a> [a prime|a prime number|even|odd]", "[cube|square|double|halve] <a>"]


def operands(sign: str, rng: Rng, want: str, two_digits: bool = False) -> tuple[int, int]:
    """Draws a pair; pairs of 10..99 are held out by split, smaller ones and products are not."""
    if sign == "x":
        return rng.integer(0, 10), rng.integer(0, 10)
    low = 10 if two_digits or rng.chance(0.8) else 0

    def make():
        a, b = rng.integer(low, 99), rng.integer(low, 99)
        return (a, b) if sign == "+" else (max(a, b), min(a, b))

    return draw(make, lambda p: f"{sign}:{p[0]}:{p[1]}", want, rng)


def result(a: int, sign: str, b: int) -> int:
    return {"+": a + b, "-": a - b, "x": a * b}[sign]


def line(a: int, sign: str, b: int) -> str:
    return f"{a} {sign} {b} = {result(a, sign, b)}"


def sign(rng: Rng) -> str:
    return rng.weighted({"+": 58, "-": 30, "x": 12})


def one(rng: Rng, want: str, chinese: bool, of: str, two_digits: bool = False) -> tuple[str, str]:
    """One question and its answer."""
    a, b = operands(of, rng, want, two_digits)
    core = expand(rng.choice((ASK_ZH if chinese else ASK)[of]), rng)
    noun, other = rng.choice(NOUNS) if rng.chance(0.9) else invented(rng), rng.choice(NOUNS)
    core = core.replace("<n>s", plural(noun)).replace("<m>s", plural(other))
    values = {"a": a, "b": b, "n": noun, "m": other}
    text = dress_zh(core, values, rng, True) if chinese else dress(core, values, rng, True)
    return text, line(a, of, b)


def several(rng: Rng) -> tuple[str, str]:
    """Several sums in one message: the densest teaching there is."""
    pairs = [(s, operands(s, rng, "train")) for s in (sign(rng) for _ in range(rng.integer(2, 8)))]
    sep = rng.choice([", ", "; ", "\n", " and "])
    asked = sep.join(f"{a} {s} {b}" if rng.chance(0.7) else f"{a}{s}{b}" for s, (a, b) in pairs)
    lead = rng.choice(["what is ", "calculate ", "compute: ", "", "please calculate ", "solve: ", "How much is ", "Calculate:\n"])
    return lead + asked + rng.choice(["", "?", "."]), ", ".join(line(a, s, b) for s, (a, b) in pairs)


def too_hard(rng: Rng, chinese: bool) -> tuple[str, str]:
    """What is out of reach: long numbers, division."""
    if chinese:
        a, b = rng.integer(100, 99999), rng.integer(2, 9999)
        return dress_zh(expand("[计算|]<a>[加|减|乘以|除以|+|-|*]<b>[等于多少|是多少|]", rng), {"a": a, "b": b}, rng, True), TOO_HARD_SUM_ZH
    if rng.chance(0.5):
        return dress(expand(rng.choice(DIVIDE), rng), {"a": rng.integer(2, 999), "b": rng.integer(2, 99)}, rng, True), TOO_HARD_SUM
    if rng.chance(0.2):
        return dress(expand(rng.choice(ASK["x"][:6]), rng), {"a": rng.integer(12, 99), "b": rng.integer(11, 99)}, rng, True), TOO_HARD_SUM
    digits = rng.integer(3, 7)
    a, b = rng.integer(10 ** (digits - 1), 10**digits - 1), rng.integer(2, 10 ** rng.integer(2, 6))
    if rng.chance(0.3):
        a, b = b, a
    return dress(expand(rng.choice(TOO_HARD), rng), {"a": a, "b": b}, rng, True), TOO_HARD_SUM
