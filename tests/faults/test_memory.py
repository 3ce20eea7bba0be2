"""A card without memory for a step: fewer chats go at a time, nobody loses a word, and the engine lives on.

A model over the real tiny one counts what a step asks of it, and raises PyTorch's own error, as a card of that size.
"""

from __future__ import annotations

import asyncio

import pytest
import torch

from core.engine import EngineError, ModelFailed, Request
from tests.core.test_engine import GREEDY, loaded_one, prompt, run, text_of, until  # noqa: F401

SLOTS = 4  # of loaded_one


class Card:
    """A model on a card that holds a step of so many chats, and a piece of a prompt or not."""

    def __init__(self, model):
        self._model, self.holds, self.prompts = model, SLOTS, True
        self.steps = []  # how many chats were asked for

    def __getattr__(self, name):
        return getattr(self._model, name)

    def _full(self):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has a total capacity ...")

    def decode(self, slots, starts, tokens):
        self.steps.append(len(slots))
        return self._model.decode(slots, starts, tokens) if len(slots) <= self.holds else self._full()

    def prefill(self, *args, **kwargs):
        return self._model.prefill(*args, **kwargs) if self.prompts else self._full()


def asked(engine, n, tokens=16):
    return Request(prompt(engine, 5, n), max_tokens=tokens, sampling=GREEDY, user=str(n))


@pytest.mark.parametrize("holds", [1, 3])
def test_a_step_that_is_too_large_is_made_in_parts(loaded_one, caplog, holds):  # noqa: F811
    card = Card(loaded_one[0])

    async def act(engine):
        alone = [(await text_of(engine, asked(engine, n)))[0] for n in range(6)]
        engine.loop.prefixes.forget()
        talking = [asyncio.create_task(text_of(engine, asked(engine, n))) for n in range(6)]
        await until(lambda: SLOTS in card.steps)  # in the middle of a batch
        card.holds = holds
        assert [text for text, _ in await asyncio.gather(*talking)] == alone  # each word once
        assert engine.stats().failed is None and engine.stats().busy == 0
        card.steps.clear()
        await asyncio.gather(*(text_of(engine, asked(engine, n)) for n in range(6)))
        assert max(card.steps) <= holds  # it is not tried again and again

    told = []
    run((card, loaded_one[1]), act, on_failure=told.append)
    lines = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert not told and "Traceback" not in caplog.text
    assert lines[0] == (
        "the memory does not hold a step of 4 chats (CUDA out of memory. Tried to allocate 2.00 GiB.); "
        "until the next start 2 go at a time; set KRISHNA_SLOTS=2"
    )
    assert len(lines) == (2 if holds == 1 else 1)


@pytest.mark.parametrize("what", ["step", "prompt"])
def test_who_finds_no_memory_at_all_fails_alone_and_the_engine_lives(loaded_one, caplog, what):  # noqa: F811
    """Also more often than the failures after which a model is given up, and until the memory is there again."""
    card = Card(loaded_one[0])
    told = []

    async def act(engine):
        whole = (await text_of(engine, asked(engine, 1)))[0]
        card.holds, card.prompts = (0, True) if what == "step" else (SLOTS, False)
        for n in range(5):
            with pytest.raises(EngineError, match="lower KRISHNA_SLOTS") as failed:
                await text_of(engine, asked(engine, n))
            assert not isinstance(failed.value, ModelFailed)
        card.holds, card.prompts = SLOTS, True
        assert (await text_of(engine, asked(engine, 1)))[0] == whole
        assert engine.stats().failed is None and engine.stats().busy == 0

    run((card, loaded_one[1]), act, on_failure=told.append)
    assert not told and caplog.text.count("lower KRISHNA_SLOTS or KRISHNA_CONTEXT, or end what else uses it") == 5
