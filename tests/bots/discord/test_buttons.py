"""Buttons under an answer: in the run that made it, and in a later one that only knows their custom ids."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from bots import words
from core.wisdom.corpus import corpus
from tests.bots.discord.talk import World, ask, button, labels, running, talking, whole
from tests.bots.engines import COUNSEL, ScriptedEngine

OTHER = COUNSEL.replace("Tomorrow", "Morning")


@contextlib.asynccontextmanager
async def answered(folder, engine, *, restarted, elsewhere=False):
    """(talk, answer) of a question in a channel; restarted: the run that answered is over. elsewhere: no member."""
    async with World() as server, contextlib.AsyncExitStack() as runs:
        place = server.add_channel(server.add_guild(member=False)) if elsewhere else server.room
        async with contextlib.AsyncExitStack() as first:
            talk = await first.enter_async_context(running(server, folder, engine))
            if elsewhere:
                ask(server, server.anna, place, "Should I leave my work?", guild_installed=False)
            else:
                server.say(server.anna, place, "Should I leave my work?")
            answer = await talk.answer(place)
            if not restarted:
                runs.push_async_exit(first.pop_all())
        if restarted:
            talk = await runs.enter_async_context(running(server, folder, engine))
        yield talk, answer


async def word(server, press):
    """What a person is told who pressed, and nobody else."""
    [said] = await server.wait_for(lambda: press.followups)
    assert said.ephemeral and press.ack_type == 6
    return said.content


@pytest.mark.parametrize("restarted", [False, True])
def test_another_answer_has_another_verse(tmp_path, tokenizer, restarted):
    async def main():
        engine = ScriptedEngine(tokenizer, COUNSEL, OTHER)
        async with answered(tmp_path, engine, restarted=restarted) as (talk, first):
            server = talk.server
            engine.pace_s = 0.01
            again = server.press(server.anna, first, button(first, "again"))
            await server.wait_for(lambda: engine.busy)
            assert again.acked_after_s < 1 and again.ack_type == 6
            second = await talk.answer(server.room, 2)
            assert "Morning" in second.content and whole(first) and first.content.startswith(COUNSEL)
            assert second.content.split("— ")[-1] != first.content.split("— ")[-1]
            assert labels(second)[0] == "Another answer" and talk.clean()

    asyncio.run(main())


@pytest.mark.parametrize("restarted", [False, True])
def test_deeper_asks_the_large_model(tmp_path, tokenizer, restarted):
    async def main():
        engine = ScriptedEngine(tokenizer, COUNSEL, OTHER, tiers=("e2b", "e4b"))
        async with answered(tmp_path, engine, restarted=restarted) as (talk, first):
            server = talk.server
            assert labels(first)[:4] == ["Another answer", "👍", "👎", "Deeper"] and len(first.components) == 2
            server.press(server.anna, first, button(first, "deeper"))
            second = await talk.answer(server.room, 2)
            assert [request.tier for request in engine.requests] == ["e2b", "e4b"] and "Morning" in second.content
            assert "Deeper" not in labels(second) and whole(first) and first.content.startswith(COUNSEL)
            await talk.idle()
            turn = await talk.store.turn_of_message("discord", str(server.room.id), str(second.id))
            assert turn.tier == "e4b" and turn.alternative_of is not None and talk.clean()
            refused = server.press(server.add_user("boris"), first, button(first, "deeper"))
            assert await word(server, refused) == words.NOT_YOURS["en"]

    asyncio.run(main())


def test_the_verse_of_an_answer_stands_under_it(tmp_path, tokenizer):
    async def main():
        async with answered(tmp_path, ScriptedEngine(tokenizer), restarted=True) as (talk, answer):
            server, (ref, beside) = talk.server, answer.content.split("— Gita ")[-1].split(", ")
            assert labels(answer)[3:] == [f"Gita {ref}", f"Gita {beside}"] and len(answer.components) == 2
            server.press(server.add_user("boris"), answer, button(answer, "verse"))
            assert (await talk.answer(server.room, 2)).content.startswith(f"Gita {ref}\n\n")

    asyncio.run(main())


def test_everybody_may_vote_and_only_who_asked_may_ask_again(tmp_path, tokenizer):
    async def main():
        async with answered(tmp_path, ScriptedEngine(tokenizer), restarted=True) as (talk, answer):
            server = talk.server
            boris = server.add_user("boris")
            up = server.press(server.anna, answer, button(answer, "up"))
            down = server.press(boris, answer, button(answer, "down"))
            again = server.press(boris, answer, button(answer, "again"))
            assert await word(server, up) == words.VOTE[1]["en"] and await word(server, down) == words.VOTE[-1]["en"]
            assert await word(server, again) == words.NOT_YOURS["en"]
            for user, value in ((server.anna, 1), (boris, -1)):
                votes = (await talk.store.mydata("discord", str(user.id)))["votes"]
                assert [vote["value"] for vote in votes] == [value]
            await talk.idle()
            seen = server.messages(server.room, seen_by=server.add_user("carol"))
            assert [m for m in seen if m.author is server.bot] == [answer] and len(talk.engine.requests) == 1

    asyncio.run(main())


def test_only_who_asked_may_stop_and_the_part_that_is_there_stays(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.1), pace_s=0.3) as talk:
            server = talk.server
            server.say(server.anna, server.room, "What is duty?")
            [message] = await server.wait_for(lambda: server.ours(server.room))
            await server.wait_for(lambda: message.edits)
            refused = server.press(server.add_user("boris"), message, button(message, "stop"))
            assert await word(server, refused) == words.NOT_YOURS["en"] and talk.engine.busy == 1
            stop = server.press(server.anna, message, button(message, "stop"))
            answer = await talk.answer(server.room, within=1.0)
            said = answer.content.removesuffix(f" {words.STOPPED['en']}")
            assert answer is message and said != answer.content and len(said) > 10 and COUNSEL.startswith(said)
            assert talk.engine.busy == 0 and labels(answer)[0] == "Another answer" and not stop.followups
            turn = await talk.store.turn_of_message("discord", str(server.room.id), str(answer.id))
            assert (turn.status, turn.answer) == ("stopped", answer.content)

    asyncio.run(main())


def test_a_stop_that_comes_too_late_is_told_so(tmp_path, tokenizer):
    async def main():
        async with World() as server:
            engine = ScriptedEngine(tokenizer, pace_s=0.1)
            async with running(server, tmp_path, engine, drain_s=0.0):
                server.say(server.anna, server.room, "What is duty?")
                [message] = await server.wait_for(lambda: server.ours(server.room))
                stop = button(message, "stop")
            pressed = server.press(server.anna, message, stop)  # while nobody listens
            await asyncio.sleep(0.05)
            assert pressed.acked_at is None
            engine.pace_s = 0.0
            async with running(server, tmp_path, engine) as talk:
                answer = await talk.answer(server.room)
                answer.components[0]["components"][0]["custom_id"] = stop  # as in an app that is behind
                late = server.press(server.anna, answer, stop)
                assert await word(server, late) == words.NOTHING_TO_STOP["en"]

    asyncio.run(main())


def test_buttons_work_where_it_is_no_member(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer, COUNSEL, OTHER)
        async with answered(tmp_path, engine, restarted=True, elsewhere=True) as (talk, first):
            server = talk.server
            engine.pace_s = 0.01
            again = server.press(server.anna, first, button(first, "again"))
            await server.wait_for(lambda: again.followups and whole(again.followups[0]))
            assert "Morning" in again.followups[0].content and not again.followups[0].ephemeral
            up = server.press(server.anna, first, button(first, "up"))
            assert await word(server, up) == words.VOTE[1]["en"] and talk.clean()

    asyncio.run(main())


def test_a_press_on_a_message_that_is_deleted(tmp_path, tokenizer):
    async def main():
        async with answered(tmp_path, ScriptedEngine(tokenizer), restarted=False) as (talk, answer):
            server = talk.server
            server.press(server.anna, answer, button(answer, "again"))
            server.delete(answer)
            assert (await talk.answer(server.room)).content.startswith(COUNSEL)
            forgotten = server.slash(server.anna, server.room, "forget")
            await server.wait_for(lambda: whole(forgotten.original))
            [left] = [m for m in server.ours(server.room) if not m.ephemeral]
            late = server.press(server.anna, left, button(left, "again"))
            assert await word(server, late) == words.EXPIRED["en"]

    asyncio.run(main())


def test_a_failed_answer_can_be_tried_again(tmp_path, tokenizer):
    class Failing(ScriptedEngine):
        def generate(self, request):
            if not self.requests:
                self.requests.append(request)
                raise RuntimeError("as a programmer's mistake")
            return super().generate(request)

    async def main():
        async with talking(tmp_path, Failing(tokenizer)) as talk:
            server = talk.server
            server.say(server.anna, server.room, "What is duty?")
            sorry = await talk.answer(server.room)
            assert sorry.content == words.TROUBLE["en"]
            server.press(server.anna, sorry, button(sorry, "retry"))
            assert (await talk.answer(server.room, 2)).content.startswith(COUNSEL)

    asyncio.run(main())


@pytest.mark.parametrize("where", ["member", "elsewhere", "private"])
def test_verses_open_and_turn_in_place(tmp_path, tokenizer, where):
    async def main():
        async with World() as server:
            place = {
                "member": server.room,
                "elsewhere": server.add_channel(server.add_guild(member=False)),
                "private": server.dm_channel(server.anna),
            }[where]
            async with running(server, tmp_path, ScriptedEngine(tokenizer)):
                options = {"verse": "anger desire"}
                found = server.slash(server.anna, place, "verse", options, guild_installed=where != "elsewhere")
                await server.wait_for(lambda: whole(found.original))
            async with running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                ref = button(found.original, "verse").partition(":")[2]
                server.press(server.anna, found.original, f"verse:{ref}")
                card = await talk.answer(place, 2)
                assert card.content.startswith(f"Gita {ref}\n\n") and len(server.ours(place)) == 2
                *_, after = labels(card)
                turned = server.press(server.add_user("boris"), card, list(card.buttons)[-1])
                await server.wait_for(lambda: card.edits)
                assert card.content.startswith(f"Gita {after.split()[0]}") and len(labels(card)) == 2
                assert corpus().verse(after.split()[0]).sanskrit in card.content and turned.ack_type == 6
                server.press(server.anna, card, button(card, "page"))
                await server.wait_for(lambda: card.content.startswith(f"Gita {ref}\n\n"))
                gone = server.press(server.anna, card, button(card, "page"))
                server.delete(card)
                await server.wait_for(lambda: gone.acked_at)
                await talk.idle()
                assert server.ours(place) == [found.original] and await talk.store.unfinished("discord") == []

    asyncio.run(main())
