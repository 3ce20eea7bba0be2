"""A deeper answer, asked for by the button or in words, where the engine nests a small model in a large one."""

from __future__ import annotations

import asyncio

from bots import words
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import talking

ME = 7
TIERS = ("e2b", "e4b")
DEEP = COUNSEL.replace("Tomorrow", "Morning")
QUESTION = "How do I forgive?"


def asked(talk):
    return [request.tier for request in talk.engine.requests]


def test_the_button_asks_the_large_model_the_same_again(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, COUNSEL, DEEP, tiers=TIERS)) as talk:
            server = talk.server
            server.private(ME, QUESTION)
            first = await talk.answer(ME)
            assert first.buttons[:4] == ("Another answer", "👍", "👎", "Deeper") and asked(talk) == ["e2b"]
            server.press(ME, first, "Deeper")
            second = await talk.answer(ME, 2)
            assert asked(talk) == ["e2b", "e4b"] and second.text.startswith(DEEP)
            assert QUESTION in talk.engine.prompts[1] and "Deeper" not in second.buttons
            assert second.text.split("— ")[-1] == first.text.split("— ")[-1]  # deeper into the same verse
            await talk.idle()
            turn = await talk.store.turn_of_message("telegram", str(ME), str(second.id))
            before = await talk.store.turn_of_message("telegram", str(ME), str(first.id))
            assert (turn.tier, turn.alternative_of, turn.parent_id) == ("e4b", before.id, None) and before.tier == "e2b"
            server.press(ME, second, "Another")
            await talk.answer(ME, 3)
            assert asked(talk)[2] == "e2b" and talk.clean()
            server.private(ME, "And my brother?")  # the talk goes on from the last answer
            await talk.answer(ME, 4)
            assert talk.engine.prompts[3].count(QUESTION) == 1

    asyncio.run(main())


def test_words_for_deeper_are_about_the_answer_before_them(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, COUNSEL, DEEP, tiers=TIERS)) as talk:
            server = talk.server
            server.private(ME, QUESTION)
            await talk.answer(ME)
            server.private(ME, "Go deeper, please")
            await talk.answer(ME, 2)
            assert asked(talk) == ["e2b", "e4b"]
            assert QUESTION in talk.engine.prompts[1] and "Go deeper" not in talk.engine.prompts[1]
            server.private(ME, "deeper")  # the large one has spoken: now it is a question like others
            await talk.answer(ME, 3)
            assert asked(talk)[2] == "e4b" and "deeper" in talk.engine.prompts[2] and DEEP in talk.engine.prompts[2]
            server.private(8, "deeper")  # about nothing
            await talk.answer(8)
            assert "deeper" in talk.engine.prompts[3]

    asyncio.run(main())


def test_while_many_wait_the_small_one_answers_but_who_asks_gets_the_large(tmp_path, tokenizer):
    deep = "My dad died in March. Why do I feel nothing at all, and when will it end?"

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, tiers=TIERS), admins="telegram:9") as talk:
            server = talk.server
            server.private(1, deep)
            await talk.answer(1)
            talk.engine.queued = 20
            server.private(2, deep)
            second = await talk.answer(2)
            server.press(2, second, "Deeper")
            await talk.answer(2, 2)
            assert asked(talk) == ["e4b", "e2b", "e4b"]
            server.private(9, "/stats")
            assert "answered by: e2b 1, e4b 2" in (await talk.answer(9)).text

    asyncio.run(main())


def test_a_deeper_answer_is_the_askers_to_want_and_old_buttons_still_work(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer, COUNSEL, DEEP, tiers=TIERS)
        async with talking(tmp_path, engine) as talk:
            server = talk.server
            server.private(ME, QUESTION)
            answer = await talk.answer(ME)
            engine.tiers = ()  # another model runs since
            server.press(ME, answer, "Deeper")
            again = await talk.answer(ME, 2)
            assert asked(talk) == ["e2b", ""] and again.buttons[:3] == ("Another answer", "👍", "👎")
            assert "Deeper" not in again.buttons
            stranger = server.press(8, answer, "Deeper")
            await server.wait_for(lambda: stranger.answer is not None)
            assert stranger.answer == words.NOT_YOURS["en"] and len(engine.requests) == 2

    asyncio.run(main())
