"""The engine's queue as people see it: a real engine of one slot, whose tiny model speaks given words."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from bots import words
from core.engine import Delta, Request
from core.resident.engine import ResidentEngine
from core.resident.loader import load
from core.settings import EngineSettings
from tests.bots.engines import COUNSEL
from tests.bots.telegram.talk import GROUP, talking
from tests.tiny import Speaking

FIRST, SECOND, THIRD, FOURTH = 1, 2, 3, 4


@pytest.fixture(scope="module")
def loaded(gemma3_folder):
    return load(EngineSettings(model=str(gemma3_folder), device="cpu", slots=1), lambda _: None)


@contextlib.asynccontextmanager
async def engine_of(loaded, pace_s):
    model, tokenizer = loaded
    ends = tokenizer.special("<end_of_turn>")
    engine = ResidentEngine(Speaking(model, [*tokenizer.encode(COUNSEL), ends], pace_s), tokenizer)
    try:
        yield engine
    finally:
        await engine.close()


def test_who_waits_is_told_their_place_and_how_long_until_it_is_their_turn(tmp_path, loaded):
    async def main():
        async with engine_of(loaded, 0.02) as engine, talking(tmp_path, engine) as talk:
            server, loop = talk.server, engine.loop

            def told(place):
                return words.waiting(place, loop.pace.wait_s(place, 1))["en"]

            server.private(FIRST, "What is duty?")
            assert (await talk.answer(FIRST)).text.startswith(COUNSEL)  # now it is known how long one takes
            loop.model.pace_s = 0.1
            server.private(SECOND, "What is duty?")
            await server.wait_for(lambda: engine.stats().busy)
            asked = server.group(GROUP, THIRD, "What is anger?")
            await server.wait_for(lambda: engine.stats().queued == 1)
            server.private(FOURTH, "What is envy?")
            await server.wait_for(lambda: server.draft(FOURTH))
            [frame] = await server.wait_for(lambda: server.messages(GROUP))
            assert (frame.text, frame.reply_to, frame.buttons) == (told(1), asked.id, (words.STOP["en"],))
            assert (server.draft(FOURTH).text, server.draft(FOURTH).can_stop) == (told(2), True)
            await server.wait_for(lambda: server.draft(SECOND))
            server.stop_generation(SECOND)  # so the others move up
            await server.wait_for(lambda: server.draft(FOURTH).text == told(1))
            loop.model.pace_s = 0.0
            assert (await talk.answer(GROUP)).text.startswith(COUNSEL) and server.messages(GROUP) == [frame]
            assert (await talk.answer(FOURTH)).text.startswith(COUNSEL) and talk.clean()

    asyncio.run(main())


def test_who_would_wait_too_long_is_asked_to_come_again(tmp_path, loaded, caplog):
    """At once where that can be told, else when their time is over."""
    caplog.set_level("INFO", "bots")

    async def main():
        async with engine_of(loaded, 0.05) as engine, talking(tmp_path, engine, deadline_s=1.5) as talk:
            request = Request((engine.tokenizer.bos, *engine.tokenizer.encode(COUNSEL)), max_tokens=1000)
            async with contextlib.aclosing(engine.generate(request)) as held:
                engine.loop.model.tokens = [1000]  # one that speaks without an end
                assert isinstance(await anext(held), Delta)
                engine.loop.pace.ended(1.0)  # most others took a second
                talk.server.private(FIRST, "What is duty?")
                waits = await talk.server.wait_for(lambda: talk.server.draft(FIRST))
                assert waits.text == words.waiting(1, 1.0)["en"]
                talk.server.private(SECOND, "What is anger?")
                refused = await talk.answer(SECOND, within=1.0)
                assert not talk.server.messages(FIRST)
                late = await talk.answer(FIRST)
            assert {refused.text, late.text} == {words.full(2.0)["en"]}
            assert refused.buttons == late.buttons == (words.RETRY["en"],) and talk.clean()

    asyncio.run(main())
    assert sum(record.getMessage().startswith("no answer: ") for record in caplog.records) == 2
