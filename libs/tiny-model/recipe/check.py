"""Self-checks of the recipe, a minute long: `python -m recipe.check --work DIR` (DIR of a training run)."""

import argparse
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from . import model, optimizer, sums, tokenizer
from .batches import Encoder, training_batch
from .curriculum import training_dialogue
from .rng import Rng, split_of
from .testset import items


def check_same_dialogues() -> None:
    """The same seed gives the same dialogue."""
    assert [training_dialogue(Rng(i)) for i in range(50)] == [training_dialogue(Rng(i)) for i in range(50)]


def check_held_out() -> None:
    """No name and no pair of numbers of a test set is ever trained."""
    trained = {m["content"] for i in range(3000) for m in training_dialogue(Rng(i)) if m["role"] == "assistant"}
    told = {t.removeprefix("Nice to meet you, ").rstrip(".") for t in trained if t.startswith("Nice to meet you, ") and t.find(".") == len(t) - 1}
    assert told and all(split_of(f"name:{name}") == "train" for name in told)
    for split in ("dev", "final"):
        cases = items(split, 20)
        sums = [c["expected"] for c in cases if c["skill"] in ("two-digit addition", "two-digit subtraction")]
        assert sums and not trained & set(sums)


def check_sums() -> None:
    """The working of every two-digit sum is right, and its result stands last."""
    for a in range(100):
        for b in range(100):
            for sign in "+-"[: 1 + (a >= b)]:
                *steps, last = sums.line(a, sign, b).split(": ")[-1].split(", ")
                for step in steps + [last]:
                    left, right = step.split("=")
                    assert sum(int(part) for part in left.replace(" ", "").replace("-", "+-").split("+")) == int(right)
                assert last == f"{a} {sign} {b} = {sums.result(a, sign, b)}"


def check_roundtrip(encoder: Encoder, tokens) -> None:
    """Tokens give the text back, and a name has the same tokens in every place."""
    for i in range(200):
        for message in training_dialogue(Rng(i)):
            assert tokens.decode(tokens.encode(message["content"]).ids) == message["content"]
    for name in ("Mara", "Ottoline", "Zeldran"):
        tail = encoder.text(f"my name is {name}")[4:]
        for text in (f'{{"name": "{name}', f"Your name is {name}", f"my name is {name.lower()}", name):
            assert encoder.text(text)[-len(tail) :] == tail, (name, text)


def check_learnt_places(encoder: Encoder, tokens) -> None:
    """Exactly the assistant's words and the end mark are learnt."""
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "I am Mara"}, {"role": "assistant", "content": "Nice to meet you, Mara."}]
    ids, learn = encoder.dialogue(messages)
    learnt = [i for i, teach in zip(ids, learn) if teach]
    assert tokens.decode(learnt[:-1]) == "Nice to meet you, Mara." and learnt[-1] == tokenizer.IM_END
    assert tokens.decode(ids, skip_special_tokens=False) == (
        "<|endoftext|><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nI am Mara<|im_end|>\n<|im_start|>assistant\nNice to meet you, Mara.<|im_end|>\n"
    )


def check_batches(encoder: Encoder) -> None:
    """A batch depends on seed and step alone, and rows are well filled."""
    for step in (100, 1000, 1002, 1020):  # one of each shape
        one, two = training_batch(encoder, 1, step), training_batch(encoder, 1, step)
        assert all(np.array_equal(one[key], two[key]) for key in one)
        assert (one["segments"] >= 0).mean() > 0.75


def check_blindness() -> None:
    """A token sees neither later tokens nor other dialogues of its row."""
    params = model.init(1)
    tokens = np.arange(40, dtype=np.int32)[None] + 300
    segments = np.repeat([[0, 1]], 20, axis=1).astype(np.int32)
    before = np.asarray(model.hidden(params, jnp.asarray(tokens), segments))
    changed = tokens.copy()
    changed[0, 5], changed[0, 39] = 7, 9
    after = np.asarray(model.hidden(params, jnp.asarray(changed), segments))
    same = np.abs(before - after).max(axis=-1) < 1e-6
    assert same[:5].all() and not same[5:20].any() and same[20:39].all() and not same[39]


def check_schedule() -> None:
    """The rate rises, holds and ends at nearly zero."""
    rates = [optimizer.schedule(step) for step in range(optimizer.RATE[-1][0])]
    assert rates[0] < 0.1 and max(rates) == rates[39] == 1.0 and 0 < rates[-1] < 0.01


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True)
    built = tokenizer.build(tokenizer.load(parser.parse_args().work / "tokenizer.json"))
    encoder = Encoder(built)
    check_same_dialogues()
    check_held_out()
    check_sums()
    check_roundtrip(encoder, built)
    check_learnt_places(encoder, built)
    check_batches(encoder)
    check_blindness()
    check_schedule()
    print("8 checks passed")


if __name__ == "__main__":
    main()
