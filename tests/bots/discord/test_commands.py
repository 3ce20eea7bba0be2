"""Slash commands: acknowledged in time, answered in place, to the asker alone where it is nobody else's business."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import pytest

from bots import menu, words
from core.wisdom.corpus import corpus
from tests.bots.discord.talk import QueuedEngine, World, ask, button, labels, locked, running, talking, whole
from tests.bots.engines import COUNSEL, ScriptedEngine

NAMES = {"ask", "verse", "daily", "new", "forget", "mydata", "optout", "help", "stop", "stats"}


def test_commands_are_there_for_guilds_and_people_everywhere(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            commands = talk.server.commands
            assert set(commands) == NAMES
            assert all(c["contexts"] == [0, 1, 2] and c["integration_types"] == [0, 1] for c in commands.values())
            assert [o["name"] for o in commands["ask"]["options"] if o["required"]] == ["question"]
            for command in (*commands.values(), *(o for c in commands.values() for o in c["options"])):
                hindi = command["description_localizations"]["hi"]
                assert set(command["description_localizations"]) == {"hi"} and hindi != command["description"]
            assert commands["new"]["description_localizations"]["hi"] == menu.COMMANDS["new"]["hi"]

    asyncio.run(main())


def test_who_has_discord_in_hindi_is_told_in_hindi(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer), question_chars=400) as talk:
            server = talk.server
            server.anna.locale = "hi"
            helped = server.slash(server.anna, server.room, "help")
            await server.wait_for(lambda: whole(helped.original))
            assert helped.original.content == menu.HELP["hi"]
            asked = ask(server, server.anna, server.room, "mujhe neend nahi aati " * 30)  # her own words come first
            await server.wait_for(lambda: whole(asked.original))
            assert asked.original.content == words.too_long(400)["hinglish"]
            place = server.dm(server.anna, "मुझे रात को नींद नहीं आती, क्या करूँ?").channel
            assert labels(await talk.answer(place))[0] == words.AGAIN["hi"]
            server.dm(server.anna, "/help")  # a typed message tells no locale
            assert (await talk.answer(place, 2)).content == menu.HELP["hi"] and talk.clean()

    asyncio.run(main())


def test_a_question_streams_in_place_and_ends_whole(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.02), pace_s=0.2) as talk:
            server = talk.server
            asked = ask(server, server.anna, server.room, "I failed my exam and everybody knows.")
            answer = await talk.answer(server.room)
            assert asked.acked_after_s < 1 and asked.original is answer and server.ours(server.room) == [answer]
            assert answer.content.startswith(COUNSEL) and answer.content.split("— ")[-1].startswith("Gita ")
            assert any(story.text in answer.content for story in corpus().stories)
            assert labels(answer)[:3] == ["Another answer", "👍", "👎"]
            thinking, *frames, _ = answer.history
            assert thinking.content == "" and len(frames) >= 2
            assert all(COUNSEL.startswith(a.content) and a.content != b.content for a, b in pairwise(frames))
            assert talk.clean()

    asyncio.run(main())


def test_who_waits_in_a_long_queue_is_told(tmp_path, tokenizer):
    async def main():
        engine = QueuedEngine(tokenizer)
        async with talking(tmp_path, engine) as talk:
            server = talk.server
            asked = ask(server, server.anna, server.room)
            await server.wait_for(lambda: asked.original and asked.original.content == words.waiting(3, 40.0)["en"])
            assert asked.acked_after_s < 1 and not whole(asked.original)
            engine.turn.set()
            assert (await talk.answer(server.room)).content.startswith(COUNSEL)

    asyncio.run(main())


def test_a_locked_database_delays_the_answer_and_not_the_acknowledgement(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            async with locked(tmp_path):
                asked = ask(server, server.anna, server.room)
                helped = server.slash(server.anna, server.room, "help")
                said = server.dm(server.anna, "What is anger?")
                await asyncio.sleep(3.1)  # past the three seconds
                assert asked.acked_after_s < 3 and helped.acked_after_s < 3
                assert asked.original.loading and server.ours(said.channel) == []
            assert (await talk.answer(said.channel)).content.startswith(COUNSEL)
            await server.wait_for(lambda: whole(asked.original) and whole(helped.original))
            assert asked.original.content.startswith(COUNSEL) and helped.original.content == menu.HELP["en"]

    asyncio.run(main())


def test_an_acknowledgement_that_breaks_off_is_tried_again(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            for kind in ("drop_before", "drop_after"):
                server.fault("POST .*/callback", kind)
                asked = ask(server, server.anna, server.dm_channel(server.anna))
                await server.wait_for(lambda asked=asked: whole(asked.original))
                assert asked.acked_after_s < 1 and asked.original.content.startswith(COUNSEL)

    asyncio.run(main())


@pytest.mark.parametrize("where", ["guild", "group", "private"])
def test_what_concerns_one_person_only_they_see(tmp_path, tokenizer, where):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, anna = talk.server, talk.server.anna
            place = {
                "guild": server.room,
                "group": server.add_private_channel(anna, server.add_user("boris")),
                "private": server.dm_channel(anna),
            }[where]
            asked = ask(server, anna, place, "I am lonely in a new city.")
            await server.wait_for(lambda: whole(asked.original))
            kept = server.slash(anna, place, "mydata")
            said = {
                "help": menu.HELP["en"],
                "new": menu.NEW["en"],
                "stop": words.NOTHING_TO_STOP["en"],
                "optout": menu.OPTED_OUT["en"],
                "stats": words.ADMINS_ONLY["en"],
                "forget": "It is erased",
            }
            for name, text in said.items():
                done = server.slash(anna, place, name)
                await server.wait_for(lambda done=done: whole(done.original))
                assert done.original.content.startswith(text), name
                assert done.original.ephemeral == (where != "private") and not done.followups
                if name == "help":  # before it is forgotten
                    await server.wait_for(lambda: whole(kept.original))
            [file] = kept.original.files
            assert json.loads(file.data)["turns"][0]["question"] == "I am lonely in a new city."
            assert kept.original.content == menu.MYDATA["en"] and kept.original.ephemeral == (where != "private")
            back = server.slash(anna, place, "optout", {"undo": True})
            await server.wait_for(lambda: whole(back.original))
            assert back.original.content == menu.OPTED_IN["en"] and not asked.original.ephemeral
            assert "lonely" not in json.dumps(await talk.store.mydata("discord", str(anna.id)))

    asyncio.run(main())


def test_operators_see_figures(tmp_path, tokenizer):
    async def main():
        async with World() as server:
            admins = f"discord:{server.anna.id}"
            async with running(server, tmp_path, ScriptedEngine(tokenizer), admins=admins):
                stats = server.slash(server.anna, server.room, "stats")
                await server.wait_for(lambda: whole(stats.original))
                assert stats.original.content.startswith("model scripted") and stats.original.ephemeral

    asyncio.run(main())


def test_stop_ends_the_answer_and_leaves_no_thinking_behind(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.1), pace_s=0.3) as talk:
            server = talk.server
            asked = ask(server, server.anna, server.room)
            await server.wait_for(lambda: asked.original and asked.original.edits >= 2)
            stop = server.slash(server.anna, server.room, "stop")
            answer = await talk.answer(server.room, within=1.0)
            said = answer.content.removesuffix(f" {words.STOPPED['en']}")
            assert said != answer.content and COUNSEL.startswith(said) and talk.engine.busy == 0
            await server.wait_for(lambda: stop.original and stop.original.deleted)
            assert server.ours(server.room) == [answer]

    asyncio.run(main())


def test_verses_are_found_by_number_and_by_words(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            card = server.slash(server.anna, server.room, "verse", {"verse": "2.47"})
            found = server.slash(server.anna, server.room, "verse", {"verse": "anger desire"})
            none = server.slash(server.anna, server.room, "verse", {"verse": "19.1"})
            await server.wait_for(lambda: all(whole(i.original) for i in (card, found, none)))
            assert corpus().verse("2.47").sanskrit in card.original.content and not card.original.ephemeral
            assert labels(card.original) == ["‹ 2.46", "2.48 ›"] and len(labels(found.original)) == 5
            assert none.original.content == menu.NO_VERSE["en"].format(ref="19.1")
            assert all(f"{ref}  " in found.original.content for ref in labels(found.original))
            assert button(found.original, "verse") == f"verse:{labels(found.original)[0]}"

    asyncio.run(main())


def test_odd_questions(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            odd = ["\u200b \u202e\x07", "x" * 6000, "x" * 4000, "What\x00 is\u202e duty?\u200f", "यह क्यों? 😀" * 20]
            asked = [ask(server, server.add_user("u"), server.add_channel(server.hall), text) for text in odd]
            await server.wait_for(lambda: all(whole(i.original) for i in asked))
            said = [i.original.content for i in asked]
            assert said[0] == words.EMPTY["en"] and said[1].startswith("That is more than I can hold")
            assert all(text.startswith(COUNSEL) for text in said[2:]) and len(talk.engine.requests) == 3
            assert any("What is duty?" in prompt for prompt in talk.engine.prompts)

    asyncio.run(main())


def test_a_typed_word_that_is_no_command_is_no_question_unless_it_is_one_of_danger(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            place = talk.server.dm(talk.server.anna, "/dance").channel
            assert (await talk.answer(place)).content == words.UNKNOWN_COMMAND["en"]
            talk.server.dm(talk.server.anna, "/kms")
            assert "•" in (await talk.answer(place, 2)).content and not talk.engine.requests

    asyncio.run(main())


def test_words_of_danger_are_answered_without_the_model(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            server.anna.locale = "hi"
            asked = ask(server, server.anna, server.room, "I want to kill myself tonight")
            private = server.dm(server.anna, "I want to kill myself tonight")
            answer = await talk.answer(private.channel)
            await server.wait_for(lambda: whole(asked.original))
            assert "•" in asked.original.content and "•" in answer.content
            assert not answer.buttons and not talk.engine.requests

    asyncio.run(main())


def test_who_is_refused_is_still_given_helplines(tmp_path, tokenizer):
    async def main():
        async with World() as server:
            ben, eve = server.add_user("ben"), server.add_user("eve")
            limits = {
                "allow": f"discord:{server.anna.id},discord:{ben.id}",
                "block": f"discord:{ben.id}",
                "per_minute": 1,
            }
            async with running(server, tmp_path, ScriptedEngine(tokenizer), **limits) as talk:
                ask(server, server.anna, server.room)
                answers = 1
                await talk.answer(server.room)
                for person, refusal in ((server.anna, words.too_fast(60)), (ben, words.BLOCKED), (eve, words.BLOCKED)):
                    ask(server, person, server.room, "And why?")
                    assert (await talk.answer(server.room, answers + 1)).content == refusal["en"]
                    ask(server, person, server.room, "I want to kill myself tonight")
                    assert "findahelpline.com" in (await talk.answer(server.room, answers + 2)).content
                    answers += 2
                assert len(talk.engine.requests) == 1 and talk.clean()

    asyncio.run(main())
