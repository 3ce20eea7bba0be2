"""What a person with a model of few words hears over a long talk: nothing twice where something else fits."""

from __future__ import annotations

import asyncio

from bots import words
from core.text import language
from tests.bots.engines import ScriptedEngine
from tests.bots.telegram.talk import talking

ME = 7


def small(tokenizer):
    """An engine whose words are never fit to be shown, so that each answer is what people wrote for its verse."""
    engine = ScriptedEngine(tokenizer, "no counsel")
    engine.fluent = False
    return engine


def parts(answer):
    counsel, story, *_ = answer.text.split("\n\n")
    return counsel, story


def test_another_answer_is_another_each_time_it_is_asked_for(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, "I lost my job today and cannot tell my wife")
            answers = [await talk.answer(ME)]
            for n in (2, 3):
                talk.server.press(ME, answers[-1], "Another")
                answers.append(await talk.answer(ME, n))
            assert len({parts(a)[0] for a in answers}) == len({parts(a)[1] for a in answers}) == 3 and talk.clean()

    asyncio.run(main())


def test_a_talk_that_goes_on_says_nothing_twice(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            answers = []
            for n, words in enumerate(("I lost my job and cannot tell my wife", "deeper", "more", "tell me more"), 1):
                talk.server.private(ME, words)
                answers.append(await talk.answer(ME, n))
            assert len({parts(a)[0] for a in answers}) == len({parts(a)[1] for a in answers}) == 4 and talk.clean()

    asyncio.run(main())


def test_a_verse_that_is_asked_about_is_the_one_that_is_answered_with(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            for n in (1, 2):  # also when it was told before
                talk.server.private(ME, "What does Gita 2.47 mean?")
                assert (await talk.answer(ME, n)).text.split("— Gita ")[-1].startswith("2.47") and talk.clean()

    asyncio.run(main())


def test_who_goes_on_about_a_medicine_stays_with_the_verses_that_are_fixed_for_it(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            for n, said in enumerate(("stop my insulin?", "so I stop my insulin and pray", "I flushed my insulin"), 1):
                talk.server.private(ME, said)
                assert (await talk.answer(ME, n)).text.endswith("— Gita 6.17, 17.6") and talk.clean()

    asyncio.run(main())


def test_letters_that_a_small_model_cannot_read_are_said_to_be_unread(tmp_path, tokenizer):
    async def main():
        engine = small(tokenizer)
        async with talking(tmp_path, engine) as talk:
            talk.server.private(ME, "எனக்கு வேலை இல்லை")
            assert (await talk.answer(ME)).text == words.UNREAD["en"] and not engine.requests
            engine.fluent = True
            talk.server.private(ME, "எனக்கு வேலை இல்லை")
            await talk.answer(ME, 2)
            assert engine.requests and talk.clean()

    asyncio.run(main())


def test_words_for_more_are_answered_in_the_language_of_the_talk(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, "mera beta mujhse baat nahi karta, kya karun")
            assert language(parts(await talk.answer(ME))[0]) == "hinglish"
            talk.server.private(ME, "deeper")
            assert language(parts(await talk.answer(ME, 2))[0]) == "hinglish" and talk.clean()

    asyncio.run(main())
