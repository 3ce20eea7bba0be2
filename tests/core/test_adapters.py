"""Which adapter an answer is made with: talks keep theirs, and what nobody needs is freed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.adapters import MOST, Adapters
from core.engine import LoadError
from tests.bots.engines import ScriptedEngine


def run(act, tokenizer, rest_s=60.0):
    async def main():
        engine = ScriptedEngine(tokenizer)
        adapters = Adapters(engine, rest_s=rest_s)
        await asyncio.wait_for(act(adapters, engine), 20)

    asyncio.run(main())


def answer(adapters, turn, follows=None):
    with adapters.answering(turn, follows) as name:
        return name


async def freed(engine, *left):
    async with asyncio.timeout(5):
        while engine.adapters != left:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def test_a_talk_keeps_what_it_began_with_and_a_new_one_takes_the_current(tokenizer):
    async def act(adapters, engine):
        assert answer(adapters, 1) == ""
        assert await adapters.load(Path("/srv/one")) == "one"
        assert answer(adapters, 2, follows=1) == "" and answer(adapters, 3) == "one"
        await adapters.load(Path("/srv/two"))
        assert [answer(adapters, 4, 2), answer(adapters, 5, 3), answer(adapters, 6)] == ["", "one", "two"]
        assert answer(adapters, 7, follows=999) == "two"  # a turn from before a restart
        assert adapters.unload() == "two" and adapters.unload() == ""
        assert [answer(adapters, 8, 5), answer(adapters, 9, 6), answer(adapters, 10)] == ["one", "two", ""]
        rows = {held.name: (held.current, held.answered, held.turns) for held in adapters.held()}
        assert rows == {"": (True, 4, 4), "one": (False, 3, 3), "two": (False, 3, 3)}

    run(act, tokenizer)


def test_what_nobody_needs_is_freed_at_once(tokenizer):
    async def act(adapters, engine):
        await adapters.load(Path("/srv/one"))
        await adapters.load(Path("/srv/two"))
        await freed(engine, "two")
        adapters.unload()
        await freed(engine)

    run(act, tokenizer)


def test_an_answer_under_way_holds_its_adapter_and_a_talk_until_it_rests(tokenizer):
    async def act(adapters, engine):
        await adapters.load(Path("/srv/one"))
        with adapters.answering(1, None) as name:
            adapters.unload()
            await asyncio.sleep(0.5)  # longer than talks rest
            assert name == "one" and engine.adapters == ("one",) and adapters.held()[1].answering == 1
        assert answer(adapters, 2, follows=1) == "one"
        await freed(engine)  # with no more answers to set it off
        assert answer(adapters, 3, follows=2) == ""

    run(act, tokenizer, rest_s=0.3)


def test_past_the_most_the_oldest_lets_its_talks_go_but_ends_its_answers(tokenizer):
    async def act(adapters, engine):
        await adapters.load(Path("/srv/0"))
        answer(adapters, 1)
        with adapters.answering(2, None) as under_way:
            for i in range(1, MOST + 1):
                await adapters.load(Path(f"/srv/{i}"))
                answer(adapters, 10 + i)
            assert under_way == "0" and "0" in engine.adapters
            assert answer(adapters, 3, follows=1) == str(MOST)
        await freed(engine, *(str(i) for i in range(1, MOST + 1)))
        assert answer(adapters, 4, follows=2) == str(MOST)

    run(act, tokenizer)


def test_names_never_come_twice(tokenizer):
    async def act(adapters, engine):
        assert [await adapters.load(Path("/srv/one")) for _ in range(3)] == ["one", "one#2", "one#3"]
        assert await adapters.load(Path("/other/one")) == "one#4"

    run(act, tokenizer)


def test_a_refused_adapter_changes_nothing(tokenizer):
    async def act(adapters, engine):
        async def refuse(name, folder):
            raise LoadError("no LoRA")

        await adapters.load(Path("/srv/one"))
        engine.load_adapter = refuse
        with pytest.raises(LoadError):
            await adapters.load(Path("/srv/two"))
        assert adapters.current == "one" and answer(adapters, 1) == "one"

    run(act, tokenizer)


def test_what_the_engine_holds_at_the_start_is_current(tokenizer):
    engine = ScriptedEngine(tokenizer)
    engine.adapters = ("mine",)
    assert Adapters(engine).current == "mine"
