"""Small sums, in digits: addition and subtraction up to 99, products up to 10 x 10.

A sum beyond single digits is answered with its working, units first, so that every digit of the answer is one lookup
in a table of at most 200 entries, or a copy from a fixed distance: "47 + 38: 7+8=15, 4+3+1=8, 47 + 38 = 85".
Without the working the last digit stayed a guess (run 1).
"""

from .noise import dress, dress_zh, expand
from .rng import Rng
from .values import draw, invented, plural
from .worlds.unknown import TOO_HARD_SUM, TOO_HARD_SUM_ZH
from .worlds.words import NOUNS

ASK = {
    "+": ["what is <a> [+|plus|and|added to] <b>", "what's <a> [+|plus] <b>", "<a> [+|plus] <b>", "<a>+<b>", "<a>+<b>=", "<a> + <b> =", "add <a> [and|to|plus] <b>", "[calculate|compute|work out|evaluate|solve] <a> [+|plus] <b>", "the sum of <a> and <b>", "what is the sum of <a> and <b>",
          "how much is <a> [+|plus|and] <b>", "how much [does|do] <a> and <b> make", "what [do you get if you add|does one get when adding] <a> [and|to] <b>", "<a> and <b> [makes|make|together|in total|is]", "[sum|add] up <a> and <b>", "do you know <a> [+|plus] <b>", "what [does|do|would] <a> [+|plus] <b> [equal|make|give|be]", "[can|could] you add <a> and <b>", "tell me <a> [+|plus] <b>",
          "I have <a> <n>s and [get|buy|find] <b> more, how many [<n>s|] do I have", "there are <a> <n>s and <b> <m>s, how many are [there|that] [in total|together|altogether]", "a <n> costs <a> and a <m> costs <b>, how much [is that|do I pay|do they cost] [together|in all|]", "if I have <a> <n>s and you give me <b>, how many do I have", "<a> people are here and <b> more come, how many are here",
          "<a> [+|plus] <b> [is|gives|makes] what", "[what|how much] is it if I add <a> [and|to] <b>", "I need [to know|] <a> [+|plus] <b>", "[put|take] <a> and <b> together", "increase <a> by <b>", "[sum|total] of <a> and <b>", "my <n> is <a> years old, how old is it in <b> years", "<a> <n>s and [another|then] <b> <n>s, [how many is that|what is the total]",
          "we had <a> <n>s, [then|today] <b> [more|] came, how many are there now", "a shop has <a> <n>s and orders <b> more, how many [does it have|are there] then", "I paid <a> for the <n> and <b> for the <m>, what did I pay [in total|altogether]"],
    "-": ["what is <a> [-|minus|less] <b>", "what's <a> [-|minus] <b>", "<a> [-|minus] <b>", "<a>-<b>", "<a>-<b>=", "subtract <b> from <a>", "take <b> from <a>", "[calculate|compute|work out|evaluate|solve] <a> [-|minus] <b>", "the difference [of|between] <a> and <b>", "what is the difference [of|between] <a> and <b>", "how much is <a> [-|minus] <b>", "what remains of <a> without <b>",
          "I have <a> <n>s and [lose|sell|eat|give away] <b>, how many [<n>s|] [are left|remain|do I have]", "there are <a> <n>s and <b> [leave|are taken], how many [are left|remain]", "<a> without <b>", "<b> less than <a>",
          "<a> [-|minus] <b> [is|gives|makes] what", "reduce <a> by <b>", "decrease <a> by <b>", "from <a> subtract <b>", "how much [more|bigger] is <a> than <b>", "what is left [if I take|when one takes] <b> from <a>", "I need [to know|] <a> [-|minus] <b>", "we had <a> <n>s, <b> [are gone|were sold|broke], how many are left",
          "a shop has <a> <n>s and sells <b>, how many [remain|does it have then]", "[of|out of] <a> <n>s <b> are <m>s, how many are not"],
    "x": ["what is <a> [x|*|times|multiplied by] <b>", "what's <a> [x|*|times] <b>", "<a> [x|*|times] <b>", "<a>*<b>", "<a>x<b>", "multiply <a> [by|and|with] <b>", "[calculate|compute|work out] <a> [x|*|times] <b>", "the product of <a> and <b>", "how much is <a> [x|*|times] <b>", "<a> <n>s cost <b> each, how much [is that|do I pay]", "there are <a> <n>s with <b> <m>s each, how many <m>s are there"],
}
ASK_ZH = {
    "+": ["<a>[加|加上|+]<b>[等于|是|等于几|等于多少|是多少|]", "<a> + <b> = ", "计算<a>[加|+]<b>", "<a>和<b>的和是多少", "<a>[和|与|跟]<b>[加起来|相加|合起来][是|等于|有]多少", "[帮我|请|]算[一下|一算|]<a>[加|+]<b>", "有<a>个人，又来了<b>个，[一共|现在][有|]多少人", "<a>再加<b>[呢|是多少|]", "我有<a>个苹果，又买了<b>个，一共有几个"],
    "-": ["<a>[减|减去|-]<b>[等于|是|等于几|等于多少|是多少|]", "计算<a>[减|-]<b>", "<a>和<b>的差是多少", "<a>比<b>[多|大]多少", "[帮我|请|]算[一下|一算|]<a>[减|-]<b>", "从<a>里减去<b>[是多少|还剩多少|]", "有<a>个人，走了<b>个，还[有|剩]多少人", "我有<a>个苹果，吃了<b>个，还有几个"],
    "x": ["<a>[乘|乘以|x|*]<b>[等于|是|等于几|等于多少|是多少|]", "计算<a>[乘以|x]<b>", "<a>和<b>的积是多少"],
}
TOO_HARD = ["what is <a> [+|-|plus|minus|x|*|times] <b>", "<a> [+|-|*|x] <b>", "<a>[+|-|*]<b>", "[calculate|compute] <a> [+|-|*|x|times] <b>", "how much is <a> [plus|minus|times] <b>", "add <a> and <b>", "multiply <a> by <b>"]
DIVIDE = ["what is <a> [/|divided by|over|:] <b>", "<a> [/|divided by] <b>", "<a>/<b>", "divide <a> by <b>", "[calculate|compute] <a> / <b>", "what is the square root of <a>", "how many percent is <a> of <b>", "what is <a> percent of <b>", "what is <a> to the power of <b>", "is <a> [a prime|a prime number|even|odd]", "[cube|square|double|halve] <a>"]


# Digits of the operands of a sum: a table of 100 entries has to be met often to be learnt (run 2 met it too seldom).
SIZES = {"two": 62, "mixed": 20, "one": 18}


def operands(sign: str, rng: Rng, want: str, size: str | None = None) -> tuple[int, int]:
    """Draws a pair; a pair with a two-digit number is held out by split, single digits and products are not."""
    if sign == "x":
        return rng.integer(0, 10), rng.integer(0, 10)
    size = size or rng.weighted(SIZES)

    def make():
        a = rng.integer(0, 9) if size == "one" else rng.integer(10, 99)
        b = rng.integer(10, 99) if size == "two" else rng.integer(0, 9)
        if sign == "-":
            return max(a, b), min(a, b)
        return (b, a) if size == "mixed" and rng.chance(0.5) else (a, b)

    if size == "one":
        return make()

    return draw(make, lambda p: f"{sign}:{p[0]}:{p[1]}", want, rng)


def result(a: int, sign: str, b: int) -> int:
    return {"+": a + b, "-": a - b, "x": a * b}[sign]


def working(a: int, sign: str, b: int) -> str:
    """Writes the units' step and the tens' step with its carry or borrow; nothing where the answer is one lookup."""
    if sign == "x" or (a < 10 and b < 10):
        return ""
    (tens_a, units_a), (tens_b, units_b) = divmod(a, 10), divmod(b, 10)
    if sign == "+":
        carry, units = (units_a + units_b) // 10, f"{units_a}+{units_b}={units_a + units_b}"
        tens = f"{tens_a}+{tens_b}+{carry}={tens_a + tens_b + carry}"
    else:
        borrow = int(units_a < units_b)
        units = f"{units_a + 10 * borrow}-{units_b}={units_a + 10 * borrow - units_b}"
        tens = f"{tens_a}-{tens_b}-{borrow}={tens_a - tens_b - borrow}"
    return f"{a} {sign} {b}: {units}, {tens}"


def line(a: int, sign: str, b: int) -> str:
    """Writes the answer: the working, if it needs one, and the result last."""
    shown = f"{a} {sign} {b} = {result(a, sign, b)}"
    steps = working(a, sign, b)
    return f"{steps}, {shown}" if steps else shown


def sign(rng: Rng) -> str:
    return rng.weighted({"+": 40, "-": 30, "x": 30})


def one(rng: Rng, want: str, chinese: bool, of: str, size: str | None = None) -> tuple[str, str]:
    """One question and its answer."""
    a, b = operands(of, rng, want, size)
    core = expand(rng.choice((ASK_ZH if chinese else ASK)[of]), rng)
    noun, other = rng.choice(NOUNS) if rng.chance(0.9) else invented(rng), rng.choice(NOUNS)
    core = core.replace("<n>s", plural(noun)).replace("<m>s", plural(other))
    values = {"a": a, "b": b, "n": noun, "m": other}
    text = dress_zh(core, values, rng, True) if chinese else dress(core, values, rng, True)
    return text, line(a, of, b)


def several(rng: Rng) -> tuple[str, str]:
    """Several sums in one message."""
    pairs = [(s, operands(s, rng, "train")) for s in (sign(rng) for _ in range(rng.integer(2, 3)))]
    sep = rng.choice([", ", "; ", "\n", " and "])
    asked = sep.join(f"{a} {s} {b}" if rng.chance(0.7) else f"{a}{s}{b}" for s, (a, b) in pairs)
    lead = rng.choice(["what is ", "calculate ", "compute: ", "", "please calculate ", "solve: ", "How much is ", "Calculate:\n"])
    return lead + asked + rng.choice(["", "?", "."]), "; ".join(line(a, s, b) for s, (a, b) in pairs)


def too_hard(rng: Rng, chinese: bool) -> tuple[str, str]:
    """What is out of reach: long numbers, division."""
    if chinese:
        a, b = rng.integer(100, 99999), rng.integer(2, 9999)
        return dress_zh(expand("[计算|]<a>[加|减|乘以|除以|+|-|*]<b>[等于多少|是多少|]", rng), {"a": a, "b": b}, rng, True), TOO_HARD_SUM_ZH
    if rng.chance(0.5):
        return dress(expand(rng.choice(DIVIDE), rng), {"a": rng.integer(2, 999), "b": rng.integer(2, 99)}, rng, True), TOO_HARD_SUM
    if rng.chance(0.4):
        a, b = rng.integer(11, 99), rng.integer(11, 99) if rng.chance(0.7) else rng.integer(3, 9)
        a, b = (b, a) if rng.chance(0.3) else (a, b)
        return dress(expand(rng.choice(ASK["x"][:9]), rng), {"a": a, "b": b}, rng, True), TOO_HARD_SUM
    digits = rng.integer(3, 7)
    a, b = rng.integer(10 ** (digits - 1), 10**digits - 1), rng.integer(2, 10 ** rng.integer(2, 6))
    if rng.chance(0.3):
        a, b = b, a
    return dress(expand(rng.choice(TOO_HARD), rng), {"a": a, "b": b}, rng, True), TOO_HARD_SUM
