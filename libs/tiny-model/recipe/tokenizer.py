"""A byte-level BPE of 2048 tokens, read by llama.cpp as a qwen2 tokenizer.

Copying a name needs its tokens to be the same wherever it stands: after a space, at the start of a line, in JSON,
typed in lower case. So merges are laid down in an order that guarantees it for most words: first a space with
one letter, then pieces that start with a vowel, and last whole words of the templates (never of names and values).
"""

import collections
import json
from pathlib import Path

import regex
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

VOCAB_SIZE = 2048
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
BOS, IM_START, IM_END = 0, 1, 2
PATTERN = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
VOWEL_PIECES = 330
PUNCTUATION = 40


def _byte_names() -> list[str]:
    """The printable character that byte-level BPE writes for each byte (the GPT-2 table)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    names, spare = {}, 256
    for byte in range(256):
        names[byte] = chr(byte) if byte in plain else chr(spare)
        spare += byte not in plain
    return [names[byte] for byte in range(256)]


BYTES = _byte_names()


def _spell(text: str) -> list[str]:
    return [BYTES[byte] for byte in text.encode()]


class _Merges:
    def __init__(self):
        self.order: list[tuple[str, str]] = []
        self.vocab = SPECIALS + BYTES
        self.known = set(self.vocab)

    def add(self, left: str, right: str) -> None:
        if left + right not in self.known and len(self.vocab) < VOCAB_SIZE:
            self.order.append((left, right))
            self.vocab.append(left + right)
            self.known.add(left + right)

    def apply(self, symbols: list[str]) -> list[str]:
        rank = {pair: i for i, pair in enumerate(self.order)}
        while len(symbols) > 1:
            best = min(range(len(symbols) - 1), key=lambda i: rank.get((symbols[i], symbols[i + 1]), 1 << 30))
            if (symbols[best], symbols[best + 1]) not in rank:
                break
            symbols = symbols[:best] + [symbols[best] + symbols[best + 1]] + symbols[best + 2 :]
        return symbols


def _vowel_pieces(merges: _Merges, words: collections.Counter) -> None:
    """Ordinary BPE over word interiors, but a piece must start with a vowel and hold lower-case letters only."""
    spelled = {word[1:]: list(word[1:]) for word in words}
    counts = collections.Counter()
    for word, count in words.items():
        counts[word[1:]] += count
    for _ in range(VOWEL_PIECES):
        pairs = collections.Counter()
        for rest, symbols in spelled.items():
            for pair in zip(symbols, symbols[1:]):
                if pair[0][0] in "aeiouy":
                    pairs[pair] += counts[rest]
        if not pairs:
            return
        left, right = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.add(left, right)
        for rest, symbols in spelled.items():
            i, merged = 0, []
            while i < len(symbols):
                pair = i + 1 < len(symbols) and symbols[i] == left and symbols[i + 1] == right
                merged.append(left + right if pair else symbols[i])
                i += 2 if pair else 1
            spelled[rest] = merged


def _whole(merges: _Merges, text: str) -> None:
    """Adds the merges that make one token of a pretoken: its tail from the right, then its first symbol."""
    symbols = merges.apply(_spell(text))
    while len(symbols) > 1:
        merges.add(symbols[-2], symbols[-1])
        symbols = symbols[:-2] + [symbols[-2] + symbols[-1]]


def train(texts: list[str], values: set[str]) -> dict:
    """Builds vocabulary and merges from texts; `values` are the words that get no token of their own."""
    pretokens = collections.Counter()
    for text in texts:
        pretokens.update(regex.findall(PATTERN, text))
    merges = _Merges()
    for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        merges.add(BYTES[32], letter)
    words, characters, signs = collections.Counter(), collections.Counter(), collections.Counter()
    for pretoken, count in pretokens.items():
        word = pretoken[1:] if not pretoken[0].isalpha() else pretoken
        if word.isascii() and word.isalpha():
            if len(word) > 1 and word[1:].islower():
                words[word] += count
        elif pretoken.isascii():
            signs[pretoken] += count
        for character in pretoken:
            if not character.isascii():
                characters[character] += count
    for character, count in characters.most_common():
        if count >= 12:
            first, *others = _spell(character)
            for symbol in others:
                merges.add(first, symbol)
                first += symbol
    # Interiors are weighted by word type, not by use, so that rare names get pieces too.
    _vowel_pieces(merges, collections.Counter({word: min(count, 30) for word, count in words.items()}))
    for sign, _ in signs.most_common(PUNCTUATION):
        _whole(merges, sign)
    worth = {}
    for pretoken, count in pretokens.items():
        word = pretoken.strip()
        if word.isascii() and word.isalpha() and (word.lower() not in values or word in ("I", "a")) and count > 20:
            worth[pretoken] = count
    for pretoken in sorted(worth, key=lambda p: (-worth[p], p)):
        _whole(merges, pretoken)
    return {"vocab": merges.vocab, "merges": merges.order}


def build(model: dict) -> Tokenizer:
    """Makes the Hugging Face tokenizer of a trained model."""
    merges = [tuple(pair) for pair in model["merges"]]
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(model["vocab"])}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIALS])
    return tokenizer


def save(model: dict, path: Path) -> None:
    path.write_text(json.dumps(model, ensure_ascii=False))


def load(path: Path) -> dict:
    return json.loads(path.read_text())
