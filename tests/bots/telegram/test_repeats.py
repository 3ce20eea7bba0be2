"""What a person with a model of few words hears over a long talk: nothing twice where something else fits."""

from __future__ import annotations

import asyncio

from bots import words
from core.text import DEVANAGARI, language
from core.wisdom.corpus import corpus
from core.wisdom.search import finder
from tests.bots.engines import ScriptedEngine
from tests.bots.telegram.talk import GROUP, talking

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


def test_where_only_the_subject_is_sure_each_answer_begins_with_another_sentence_on_it(tmp_path, tokenizer):
    retired = (
        "I retired in March after 38 years driving a bus in Leeds. Everyone said I'd love it. I sit by the window and"
        " watch the number 49 go past and I know who's driving."
    )
    read = finder().look(retired)
    assert read.case is None and read.subject == "growing-old"

    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, retired)
            answers = [await talk.answer(ME)]
            for n in range(2, 6):
                talk.server.press(ME, answers[-1], "Another")
                answers.append(await talk.answer(ME, n))
            openings = corpus().openings("growing-old", "en")
            assert sorted(opening for opening in openings for a in answers if opening in a.text) == sorted(openings)

    asyncio.run(main())


def test_nobody_hears_a_story_twice_in_answers_that_are_made_at_once(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.05)) as talk:
            talk.server.private(ME, "I lost my job today and cannot tell my wife")
            for _ in range(2):
                talk.server.group(GROUP, ME, "I lost my job today and cannot tell my wife")
            await talk.server.wait_for(lambda: talk.engine.busy == 3)
            answers = [await talk.answer(ME), await talk.answer(GROUP), await talk.answer(GROUP, 2)]
            assert len({parts(a)[1] for a in answers}) == 3
            for answer in answers:
                talk.server.press(ME, answer, "Another")
            answers += [await talk.answer(ME, 2), await talk.answer(GROUP, 3), await talk.answer(GROUP, 4)]
            assert len({parts(a)[1] for a in answers}) == 6 and talk.clean()

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
                refs = (await talk.answer(ME, n)).text.split("— Gita ")[-1]
                assert sorted(refs.split(", ")) == ["17.6", "6.17"] and talk.clean()

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


def test_what_is_asked_about_an_answer_is_told_from_what_is_stored(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, "I lost my job today and cannot tell my wife")
            first = await talk.answer(ME)
            await talk.idle()
            turn = await talk.store.turn_of_message("telegram", str(ME), str(first.id))
            story = corpus().story(turn.story)
            for n, (text, within) in enumerate(
                (
                    ("who was that?", story.person),
                    ("source?", story.source),
                    ("why this story?", story.shows),
                    ("in hindi please", story.text_hi),
                ),
                2,
            ):
                talk.server.private(ME, text)
                assert within in (await talk.answer(ME, n)).text
            talk.server.private(ME, "shorter")
            assert story.text not in (await talk.answer(ME, 6)).text
            await talk.idle()
            assert not talk.engine.requests and talk.clean()  # no model, no turn: the talk stands where it stood
            assert await talk.store.head(turn.conversation) == turn.id

    asyncio.run(main())


def test_who_says_that_it_does_not_help_gets_another_answer_to_the_same(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, "I lost my job today and cannot tell my wife")
            first = await talk.answer(ME)
            talk.server.private(ME, "that doesn't help")
            second = await talk.answer(ME, 2)
            await talk.idle()
            turns = [await talk.store.turn_of_message("telegram", str(ME), str(a.id)) for a in (first, second)]
            assert turns[1].alternative_of == turns[0].id and turns[1].question == turns[0].question
            assert all(a != b for a, b in zip(parts(first), parts(second), strict=True))

    asyncio.run(main())


def test_another_story_comes_alone_and_a_verse_in_words_is_shown(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, "I lost my job today and cannot tell my wife")
            first = parts(await talk.answer(ME))
            talk.server.private(ME, "tell me another story please")
            second = (await talk.answer(ME, 2)).text.split("\n\n")
            assert len(second) == 2 and second[0] in {story.text for story in corpus().stories} - {first[1]}
            assert second[1] in (await talk.answer(ME)).text  # of the same verses
            talk.server.private(ME, "क्रोध पर कोई श्लोक")
            assert (await talk.answer(ME, 3)).text.startswith("2.63  ")
            talk.server.private(ME, "give me a verse")
            assert (await talk.answer(ME, 4)).text.startswith("Gita ") and talk.clean()

    asyncio.run(main())


def test_fixed_verses_take_turns(tmp_path, tokenizer):
    """Who goes on to speak of danger is met with its verses, but not with the same sentence each time."""

    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            said = []
            for n, text in enumerate(
                ("my husband beats me every night", "should I stop my insulin?", "why not stop insulin now?"), 1
            ):
                talk.server.private(ME, text)
                said.append((await talk.answer(ME, n)).text)
            refs = [text.split("— Gita ")[-1] for text in said[1:]]
            assert refs == ["6.17, 17.6", "17.6, 6.17"] and talk.clean()

    asyncio.run(main())


def test_the_story_to_a_verse_that_is_asked_about_fits_what_it_says(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, "explain gita 6.5")
            _, stories = finder().find(corpus().verse("6.5").text)
            assert parts(await talk.answer(ME))[1] == stories[0].text

    asyncio.run(main())


def test_a_verse_for_which_nobody_wrote_in_the_language_does_not_say_the_next_ones_words(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            said = []
            for n, text in enumerate(("pyaaz ki fasal sad gayi, mandi me bhaav nahi", "kya kare"), 1):
                talk.server.private(ME, text)
                said.append(await talk.answer(ME, n))
            (first, _), (second, _) = map(parts, said)
            assert first != second and {language(first), language(second)} == {"hinglish"}

    asyncio.run(main())


def test_what_is_asked_of_the_form_is_kept(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            said = iter(range(1, 20))
            talk.server.private(ME, "answer in Hindi please")
            assert (await talk.answer(ME, next(said))).text == words.GLADLY["hi"]
            talk.server.private(ME, "answer in Hindi please. my novel got its 57th rejection today")
            first = (await talk.answer(ME, next(said))).text
            novel = next(case for case in corpus().cases if case.id == "rejected-manuscript")
            assert first.startswith(novel.counsel["hi"])
            talk.server.private(ME, "and how do i tell my friends")  # the language stays
            assert DEVANAGARI.search((await talk.answer(ME, next(said))).text)
            talk.server.private(ME, "in english please, no story: why do we suffer")
            last = (await talk.answer(ME, next(said))).text
            assert not DEVANAGARI.search(last) and len(last.split("\n\n")) == 2  # the counsel and its verses
            talk.server.private(ME, "please answer in Spanish. I am alone in a new city")
            assert words.ONLY_THESE["en"] in (await talk.answer(ME, next(said))).text
            assert talk.clean()

    asyncio.run(main())


def test_a_story_of_a_death_is_told_only_to_who_speaks_of_one(tmp_path, tokenizer):
    """A mother whose daughter had failed was told of a poet whose little daughter died."""
    of_loss = {story.told(tongue) for story in corpus().stories if story.of_loss for tongue in ("en", "hi", "hinglish")}

    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, "मेरी बेटी बोर्ड में फेल हो गई, बहुत रो रही है")
            assert parts(await talk.answer(ME))[1] not in of_loss
            talk.server.private(ME, "we buried our little girl on Sunday")
            assert parts(await talk.answer(ME, 2))[1] in of_loss

    asyncio.run(main())


def test_a_trouble_of_its_own_is_answered_by_itself(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, small(tokenizer)) as talk:
            talk.server.private(ME, "my father shouts at me about the shop every single evening")
            await talk.answer(ME)
            talk.server.private(ME, "i failed my exam")
            failed = next(case for case in corpus().cases if case.id == "failed-exam")
            assert parts(await talk.answer(ME, 2))[0] == failed.counsel["en"]

    asyncio.run(main())
