"""What goes wrong on the way out: refusals, broken connections, tokens that die, places that close."""

from __future__ import annotations

import asyncio

import pytest

from bots import menu, words
from bots.discord import translate
from tests.bots.discord.talk import World, ask, running, talking, whole
from tests.bots.discord.test_messages import sentences
from tests.bots.engines import COUNSEL, ScriptedEngine


def quiet(caplog):
    """Whether nothing was logged that an operator must read."""
    bad = [r.getMessage() for r in caplog.records if r.levelname in ("ERROR", "CRITICAL")]
    assert not bad, bad
    return True


def test_the_last_edit_is_tried_until_it_is_taken(tmp_path, tokenizer, caplog):
    """Six refusals are more than the library waits out by itself."""
    cases = [("429", 6), ("502", 1), ("drop_before", 1), ("drop_after", 1)]

    async def one(talk, kind, times, slash):
        server = talk.server
        place = server.add_channel(server.hall)
        if slash:
            asked = ask(server, server.anna, place)
            await server.wait_for(lambda: asked.original and asked.original.edits)
            route = f"PATCH /webhooks/.*{asked.token}"
        else:
            server.say(server.anna, place, "What is duty?")
            await server.wait_for(lambda: server.ours(place))
            route = f"PATCH /channels/{place.id}/"
        fault = server.fault(route, kind, times, retry_after=0.1)
        answer = await talk.answer(place)
        await talk.idle()
        assert answer.content.startswith(COUNSEL) and server.ours(place) == [answer], (kind, slash)
        assert len(fault.hits) == times, (kind, slash)

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.01)) as talk:
            await asyncio.gather(*(one(talk, *case, slash) for case in cases for slash in (False, True)))
            assert talk.clean()

    asyncio.run(main())
    assert quiet(caplog)


@pytest.mark.parametrize("pace_s", [0.0, 0.02])
def test_a_first_message_is_shown_once_and_ends_with_the_last_words(tmp_path, tokenizer, pace_s):
    """The nonce makes Discord give back the message of an earlier try, with the words of its time."""

    async def one(talk, kind):
        server = talk.server
        place = server.add_channel(server.hall)
        fault = server.fault(f"POST /channels/{place.id}/messages$", kind, retry_after=0.2)
        server.say(server.anna, place, "What is duty?")
        answer = await server.wait_for(lambda: (m := server.ours(place)) and "— Gita" in m[0].content and m[0])
        await talk.idle()
        assert answer.content.startswith(COUNSEL) and whole(answer), kind
        assert server.ours(place) == [answer] and len(fault.hits) == 1, kind

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=pace_s), pace_s=0.3) as talk:
            await asyncio.gather(*(one(talk, kind) for kind in ("drop_before", "drop_after", "500_after", "429")))
            assert talk.clean()

    asyncio.run(main())


def test_what_is_no_answer_arrives_once_too(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            faults = [server.fault("POST .*/messages$", "drop_after"), server.fault("PATCH /webhooks/", "drop_before")]
            said = server.dm(server.anna, "I want to kill myself tonight")
            kept = server.slash(server.anna, server.room, "mydata")
            answer = await talk.answer(said.channel)
            await server.wait_for(lambda: whole(kept.original))
            await talk.idle()
            assert server.ours(said.channel) == [answer] and "•" in answer.content
            assert kept.original.content == menu.MYDATA["en"] and len(kept.original.files) == 1
            assert [len(fault.hits) for fault in faults] == [1, 1]

    asyncio.run(main())


def test_a_follow_up_of_unknown_fate_is_not_sent_again_but_offered(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, sentences(110))) as talk:
            server = talk.server
            place = server.add_channel(server.add_guild(member=False))
            server.fault("POST /webhooks/", "drop_after")
            asked = ask(server, server.anna, place, guild_installed=False)
            await server.wait_for(lambda: words.UNSURE["en"] in [m.content for m in server.ours(place)])
            *_, offer = asked.followups
            server.press(server.anna, offer, *offer.buttons)
            await server.wait_for(lambda: "— Gita" in server.ours(place)[-1].content)
            assert len(server.ours(place)) == 6  # a part, the unknown part, the offer, and all three parts

    asyncio.run(main())


@pytest.mark.parametrize("stopped", ["amid words", "between parts"])
def test_a_long_answer_that_a_stop_broke_off_arrives_whole(tmp_path, tokenizer, stopped):
    async def main():
        async with World() as server:
            engine = ScriptedEngine(tokenizer, sentences(110), pace_s=0.001)
            async with running(server, tmp_path, engine, drain_s=0.0):
                server.say(server.anna, server.room, "What is duty?")
                [first] = await server.wait_for(lambda: server.ours(server.room))
                if stopped == "between parts":
                    fault = server.fault("POST .*/messages$", "drop_before", 99)
                    await server.wait_for(lambda: fault.hits)
            server.faults.clear()
            assert server.ours(server.room) == [first] and whole(first) == (stopped == "between parts")
            async with running(server, tmp_path, engine) as talk:
                await server.wait_for(lambda: len(server.ours(server.room)) == 3)
                await talk.idle()
                turn = await talk.store.turn_of_message("discord", str(server.room.id), str(first.id))
                said = " ".join(m.content for m in server.ours(server.room))
                assert said.split() == turn.answer.split()
                assert len(engine.requests) == (1 if stopped == "between parts" else 2)

    asyncio.run(main())


@pytest.mark.parametrize(("known", "first"), [(False, "before words"), (False, "amid words"), (True, "amid words")])
def test_a_member_goes_on_in_the_channel_when_the_token_dies(tmp_path, tokenizer, monkeypatch, known, first):
    """known: it dies when we expect it; else Discord says so."""

    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.015 if first == "amid words" else 0.3)
        async with talking(tmp_path, engine) as talk:
            server = talk.server
            if known:
                monkeypatch.setattr(translate, "TOKEN_S", 0.25)
            else:
                server.token_lifetime_s = 0.25
            asked = ask(server, server.anna, server.room)
            await asyncio.sleep(0.28)
            engine.pace_s = 0.005
            await server.wait_for(lambda: any("— Gita" in m.content for m in server.ours(server.room)))
            await talk.idle()
            *thinking, answer = server.ours(server.room)
            assert answer.content.startswith(COUNSEL) and whole(answer)
            if first == "amid words":
                assert answer is asked.original and not thinking
            else:
                assert thinking == [asked.original] and asked.original.loading
            turn = await talk.store.turn_of_message("discord", str(server.room.id), str(answer.id))
            assert turn.answer == answer.content

    asyncio.run(main())


@pytest.mark.parametrize("command", ["ask", "mydata"])
def test_where_it_is_no_member_a_dead_token_is_given_up_quietly(tmp_path, tokenizer, caplog, command):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.01)) as talk:
            server = talk.server
            server.token_lifetime_s = 0.0
            place = server.add_channel(server.add_guild(member=False)) if command == "ask" else server.room
            options = {"question": "What is duty?"} if command == "ask" else {}
            asked = server.slash(server.anna, place, command, options, guild_installed=command != "ask")
            await server.wait_for(lambda: asked.acked_at)
            await talk.idle()
            assert asked.original.loading and await talk.store.unfinished("discord") == []
            assert server.ours(place) == [asked.original] and not talk.engine.busy

    asyncio.run(main())
    assert quiet(caplog)


def test_a_place_that_closes_is_given_up_quietly(tmp_path, tokenizer, caplog):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.01)) as talk:
            server = talk.server
            kicked = server.add_guild()
            lost, deleted = server.add_channel(kicked), server.add_channel(server.hall)
            locked = server.add_thread(server.room, locked=True)
            private = server.dm_channel(server.add_user("boris", accepts_dms=False))
            places = [lost, deleted, locked, private]
            for place in places:
                server.say(server.add_user("carol") if place.guild else place.people[0], place, "What is duty?")
            await server.wait_for(lambda: len(talk.engine.requests) == 4)
            server.kick(kicked)
            server.delete_channel(deleted)
            await talk.idle()
            assert not talk.engine.busy and await talk.store.unfinished("discord") == []
            assert not any("— Gita" in m.content for place in places for m in server.ours(place))
            said = server.dm(server.anna, "What is anger?")
            assert (await talk.answer(said.channel)).content.startswith(COUNSEL)

    asyncio.run(main())
    assert quiet(caplog)


def test_a_command_that_is_not_ours_is_left_out_without_its_words(tmp_path, tokenizer, caplog):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            (session,) = await server.wait_for(lambda: list(server.gateway.sessions.values()))
            await server.wait_for(lambda: server.world.commands)
            data = server._payload(server.slash(server.anna, server.room, "ask", {"question": "What is duty?"}))
            talk_of = "my husband walnut"
            session.dispatch("INTERACTION_CREATE", data | {"data": data["data"] | {"name": talk_of}})
            session.dispatch("INTERACTION_CREATE", data | {"data": data["data"] | {"name": talk_of, "type": 3}})
            await server.wait_for(lambda: caplog.text.count("a command failed: CommandNotFound") == 2)

    asyncio.run(main())
    assert "walnut" not in caplog.text
