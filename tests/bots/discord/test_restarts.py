"""Stops and starts, sessions that end, what was written meanwhile, and what only the operator can mend."""

from __future__ import annotations

import asyncio
import gc
import socket
import time

import aiohttp
import pytest

from bots import menu
from bots.dialogue import Dialogue
from bots.discord import translate
from bots.discord.client import who
from bots.settings import ConfigurationError
from core.wisdom.search import finder
from storage import Store
from tests.bots.discord.talk import Brisk, World, ask, locked, running, settings_for, talking, whole
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.platforms import discord_messages
from tests.platforms.discord_server import connected
from tests.platforms.discord_state import File


def test_a_stop_in_the_middle_is_taken_up_in_the_same_message(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.05)
        async with World() as server:
            elsewhere = server.add_channel(server.add_guild(member=False))
            async with running(server, tmp_path, engine, drain_s=0.0):
                server.say(server.anna, server.room, "What is duty?")
                asked = ask(server, server.anna, elsewhere, guild_installed=False)
                [message] = await server.wait_for(lambda: server.ours(server.room))
                await server.wait_for(lambda: asked.original and asked.original.edits)
            assert engine.busy == 0 and not whole(message) and not whole(asked.original)
            engine.pace_s = 0.0
            async with running(server, tmp_path, engine) as talk:
                await server.wait_for(lambda: whole(message) and whole(asked.original))
                await talk.idle()
                for answer in (message, asked.original):
                    assert answer.content.startswith(COUNSEL) and "— Gita" in answer.content
                assert server.ours(server.room) == [message] and server.ours(elsewhere) == [asked.original]
                assert len(engine.requests) == 4 and talk.clean()

    asyncio.run(main())


def test_on_a_shared_database_an_answer_whose_send_broke_off_is_made_whole_in_its_message(
    tmp_path, tokenizer, postgres
):
    async def main():
        engine, database = ScriptedEngine(tokenizer, pace_s=0.02), postgres.new()
        async with World() as server:
            async with running(server, tmp_path, engine, database_url=database, drain_s=0.0) as talk:
                server.say(server.anna, server.room, "What is duty?")
                [half] = await server.wait_for(lambda: server.ours(server.room))
                edit = server.fault(f"PATCH /channels/{server.room.id}/messages", "slow", 99, retry_after=60)
                await server.wait_for(lambda: engine.answered and edit.hits)
                assert [p.state for p in await talk.store.unfinished("discord")] == ["sending"]
            server.faults.clear()
            assert not whole(half)
            async with running(server, tmp_path, engine, database_url=database) as talk:
                await server.wait_for(lambda: whole(half))
                await talk.idle()
                assert server.ours(server.room) == [half] and len(engine.requests) == 1
                assert half.content.startswith(COUNSEL) and "— Gita" in half.content

    asyncio.run(main())


def test_a_stop_lets_answers_end_and_keeps_what_comes_for_the_next_start(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.01)
        async with World() as server:
            async with running(server, tmp_path, engine) as talk:
                server.say(server.anna, server.room, "What is duty?")
                [message] = await server.wait_for(lambda: server.ours(server.room))
                talk.stop.set()
                await asyncio.sleep(0.05)
                helped = server.slash(server.anna, server.room, "help")
                began = time.monotonic()
                await talk.run
                assert whole(message) and message.content.startswith(COUNSEL) and time.monotonic() - began < 2
                assert helped.original.loading and not server.gateway.ready
            async with running(server, tmp_path, engine):
                await server.wait_for(lambda: whole(helped.original))
                assert helped.original.content == menu.HELP["en"] and len(engine.requests) == 1

    asyncio.run(main())


def test_a_run_that_is_cancelled_ends_in_good_order(tmp_path, tokenizer):
    """As when another platform's token is wrong. What waits for the database is stored first."""

    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.01)
        async with World() as server:
            settings = settings_for(server, tmp_path)
            store = await Store.open(settings.database_url)
            run = asyncio.create_task(Brisk(settings, Dialogue(settings, store, engine, finder())).run(asyncio.Event()))
            await server.wait_for(lambda: server.commands)
            server.say(server.anna, server.room, "What is duty?")
            [message] = await server.wait_for(lambda: server.ours(server.room))
            async with locked(tmp_path):
                server.dm(server.anna, "What is anger?")
                await asyncio.sleep(0.1)
                run.cancel()
                await asyncio.sleep(0.3)
            with pytest.raises(asyncio.CancelledError):
                await run
            assert whole(message) and message.content.startswith(COUNSEL) and not server.gateway.ready
            [left] = await store.unfinished("discord")
            assert left.inbound.text == "What is anger?"
            await store.close()

    asyncio.run(main())


def test_what_was_written_while_nobody_listened_is_answered_once(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer)
        async with World() as server:
            thread, boris = server.add_thread(server.room), server.add_user("boris")
            direct = server.dm_channel(server.anna)
            places = [server.room, thread, direct]
            async with running(server, tmp_path, engine) as talk:
                for place in places:
                    server.say(server.anna, place, "What is duty?")
                    await talk.answer(place)
                discord_messages.write(server, direct, server.anna, {"content": ""}, {0: File("a.png", b"x")})
                await talk.answer(direct, 2)
            for n in range(120):  # more than one page of talk among people
                discord_messages.write(server, server.room, boris, {"content": f"{n}"}, {})
            for place in places:
                server.say(boris if place.guild else server.anna, place, "What is anger?")
            server.add_channel(server.hall)
            forgotten = server.add_user("forgotten")
            async with running(server, tmp_path, engine) as talk:
                for n, place in enumerate(places):
                    assert (await talk.answer(place, 3 if place is direct else 2)).content.startswith(COUNSEL), n
                await talk.idle()
                assert [len(server.ours(place)) for place in places] == [2, 2, 3] and len(engine.requests) == 6
                server.dm(forgotten, "What is hope?")
                await talk.answer(server.dm_channel(forgotten))
                gone = server.slash(forgotten, server.dm_channel(forgotten), "forget")
                await server.wait_for(lambda: whole(gone.original))
            async with running(server, tmp_path, engine) as talk:
                await asyncio.sleep(0.2)
                await talk.idle()
                assert [len(server.ours(place)) for place in places] == [2, 2, 3] and len(engine.requests) == 7

    asyncio.run(main())


def test_one_chat_that_cannot_be_looked_up_hides_no_other(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer)
        async with World() as server:
            thread, gone = server.add_thread(server.room), server.add_channel(server.hall)
            async with running(server, tmp_path, engine) as talk:
                for place in (gone, thread, server.room):
                    server.say(server.anna, place, "What is duty?")
                    await talk.answer(place)
            server.say(server.anna, server.room, "What is anger?")
            server.delete_channel(gone)
            server.fault(f"GET /channels/{thread.id}/messages", "drop_before")
            async with running(server, tmp_path, engine) as talk:
                assert (await talk.answer(server.room, 2)).content.startswith(COUNSEL)

    asyncio.run(main())


def test_sessions_that_break_lose_nothing_and_repeat_nothing(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer)
        async with World() as server, running(server, tmp_path, engine) as talk:
            direct = server.dm_channel(server.anna)
            server.limits.rates = dict.fromkeys(server.limits.rates, (100, 1.0))
            for n, disturb in enumerate((server.drop_sockets, server.ask_reconnect, server.invalidate_sessions)):
                server.dm(server.anna, "Before.")
                asked = ask(server, server.anna, direct)
                await server.wait_for(lambda asked=asked: whole(asked.original))
                disturb()
                server.dm(server.anna, "Meanwhile.")
                await talk.answer(direct, 3 * (n + 1))
                seen = len(server.gateway.resumes) + len(server.gateway.identifies) - 1
                await server.wait_for(lambda n=n, seen=seen: seen > n and server.gateway.ready)
            await asyncio.sleep(0.3)
            await talk.idle()
            assert len(server.ours(direct)) == 9 and len(engine.requests) == 9
            assert all(whole(m) and m.content.startswith(COUNSEL) for m in server.ours(direct))
            assert (len(server.gateway.resumes), len(server.gateway.identifies)) == (2, 2)

    asyncio.run(main())


def test_a_token_that_died_while_it_was_away_is_no_trouble(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(translate, "TOKEN_S", 0.4)

    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.1)
        async with World() as server:
            server.token_lifetime_s = 0.4
            elsewhere = server.add_channel(server.add_guild(member=False))
            async with running(server, tmp_path, engine, drain_s=0.0):
                here = ask(server, server.anna, server.room)
                there = ask(server, server.anna, elsewhere, guild_installed=False)
                await server.wait_for(lambda: all(i.original and i.original.edits for i in (here, there)))
            await asyncio.sleep(0.3)
            engine.pace_s = 0.0
            async with running(server, tmp_path, engine) as talk:
                await server.wait_for(lambda: whole(here.original))
                await talk.idle()
                assert here.original.content.startswith(COUNSEL) and not whole(there.original)
                assert await talk.store.unfinished("discord") == []

    asyncio.run(main())


def test_check_says_who_it_is(tmp_path):
    async def main():
        async with World() as server:
            with connected(server):
                assert await who(settings_for(server, tmp_path)) == "krishna, without message content"
                with pytest.raises(ConfigurationError, match="DISCORD_TOKEN"):
                    await who(settings_for(server, tmp_path, discord_token="wrong"))

    asyncio.run(main())


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"discord_token": "wrong"}, r"DISCORD_TOKEN is refused"),
        ({"discord_message_content": True}, r"message content intent.*DISCORD_MESSAGE_CONTENT"),
    ],
)
def test_what_discord_refuses_at_the_start_is_the_operators_to_mend(tmp_path, tokenizer, settings, match):
    async def main():
        async with World() as server:
            with pytest.raises(ConfigurationError, match=match):
                async with running(server, tmp_path, ScriptedEngine(tokenizer), **settings):
                    pass

    asyncio.run(main())


def test_without_a_network_the_start_is_tried_again(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr("discord.client.ExponentialBackoff.delay", lambda backoff: 0.05)

    async def main():
        async with World() as server:
            for route in ("GET /users/@me", "GET /socket", "PUT /applications"):
                server.fault(route, "drop_before", 2)  # the transport tries some a second time by itself
            said = server.dm(server.anna, "Is anybody there?")

            async def session_ends():
                await server.wait_for(lambda: server.gateway.ready)
                server.dm(server.anna, "Is anybody there?")
                await server.wait_for(lambda: server.ours(said.channel))
                assert sum(type(o) is aiohttp.ClientSession and not o.closed for o in gc.get_objects()) == 1
                assert not server.commands  # they wait for the next session; nothing else does
                server.invalidate_sessions()

            ending = asyncio.create_task(session_ends())
            async with running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                await ending
                assert server.commands
                answer = await talk.answer(said.channel, 2)  # of what was said before anybody knew of that chat
                assert answer.content.startswith(COUNSEL)

    asyncio.run(main())


def test_a_stop_does_not_wait_for_the_network(tmp_path, tokenizer):
    async def main():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            nowhere = f"http://127.0.0.1:{probe.getsockname()[1]}"
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            adapter = Brisk(settings_for(talk.server, tmp_path, discord_api_base=nowhere), talk.dialogue)
            stop = asyncio.Event()
            run = asyncio.create_task(adapter.run(stop))
            await asyncio.sleep(0.2)
            stop.set()
            await asyncio.wait_for(run, 1)

    asyncio.run(main())
