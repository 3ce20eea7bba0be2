"""The machine's clock jumps, by an hour or a day, ahead and back: nobody is lost, answered twice or kept waiting."""

from __future__ import annotations

import asyncio
import time

import pytest

import tests.bots.discord.talk as discord
import tests.bots.telegram.talk as telegram
from bots import daily, words
from bots.daily import Daily, Door
from bots.settings import Settings
from bots.surface import Unreachable
from core.wisdom.corpus import corpus
from storage import Store, Subscription
from tests.bots.discord.talk import ask, whole
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.platforms import discord_state

HOUR, DAY = 3600.0, 86_400.0
JUMPS = [HOUR, -HOUR, DAY, -DAY]


class Clock:
    """time.time(), and how far off it is. What measures durations (time.monotonic) does not jump.

    The loopback platforms date messages by it too.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off, real = 0.0, time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.off)
        monkeypatch.setattr(discord_state, "_last_snowflake", 0)  # later tests shall not go on from a jump's ids


def test_jumps_in_the_middle_of_answers_change_nothing(tmp_path, tokenizer, monkeypatch, caplog):
    clock = Clock(monkeypatch)

    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.005)
        async with telegram.talking(tmp_path, engine) as talk:
            for n, jump in enumerate(JUMPS, start=1):
                talk.server.private(1, "What is duty?")
                await talk.server.wait_for(lambda n=n: engine.busy and len(engine.requests) == n)
                start = time.monotonic()
                clock.off += jump
                assert (await talk.answer(1, n)).text.startswith(COUNSEL)
                assert time.monotonic() - start < 5
            await talk.idle()
            assert len(talk.server.messages(1)) == len(engine.requests) == len(JUMPS)
            turn = await talk.store.turn(len(JUMPS))
            assert len(await talk.store.history(turn.id)) == len(JUMPS)  # in their order
            assert await talk.store.unfinished("telegram") == []

    asyncio.run(main())
    assert not [r for r in caplog.records if r.levelname in ("WARNING", "ERROR")]


def test_a_clock_that_was_put_back_keeps_nobody_from_asking(tmp_path, tokenizer, monkeypatch):
    clock = Clock(monkeypatch)

    async def main():
        async with telegram.talking(tmp_path, ScriptedEngine(tokenizer), per_minute=2, per_day=4) as talk:
            said = []

            async def asks() -> str:
                talk.server.private(1, "What is duty?")
                said.append((await talk.answer(1, len(said) + 1)).text)
                return said[-1]

            clock.off = DAY / 2
            assert (await asks()).startswith(COUNSEL) and (await asks()).startswith(COUNSEL)
            assert await asks() == words.too_fast(60)["en"]
            clock.off = 0.0  # it is put right
            assert (await asks()).startswith(COUNSEL) and (await asks()).startswith(COUNSEL)
            assert await asks() == words.too_fast(60)["en"]  # and the limit holds as before

    asyncio.run(main())


def test_a_command_is_answered_though_the_clock_says_that_its_time_is_over(tmp_path, tokenizer, monkeypatch):
    """Where the bot is no member, Discord's token of 15 minutes is the only way."""
    clock = Clock(monkeypatch)

    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.01)
        async with discord.talking(tmp_path, engine) as talk:
            server = talk.server
            for jump in JUMPS:
                place = server.add_channel(server.add_guild(member=False))
                asked = ask(server, server.anna, place, guild_installed=False)
                await server.wait_for(lambda: engine.busy)
                clock.off += jump
                await server.wait_for(lambda asked=asked: whole(asked.original))
                await talk.idle()
                assert server.ours(place) == [asked.original] and asked.original.content.startswith(COUNSEL)

    asyncio.run(main())


def test_what_was_written_while_it_was_away_is_found_though_the_clock_was_ahead(tmp_path, tokenizer, monkeypatch):
    clock = Clock(monkeypatch)

    async def main():
        async with discord.World() as server:
            place = server.dm_channel(server.anna)
            async with discord.running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                clock.off = DAY
                server.dm(server.anna, "What is duty?")
                await talk.answer(place)
                await talk.idle()
                clock.off = 0.0
            server.gateway.sessions.clear()  # Discord has forgotten the session too
            server.dm(server.anna, "What is anger?")
            async with discord.running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                assert (await talk.answer(place, 2)).content.startswith(COUNSEL)

    asyncio.run(main())


class Away:
    """A place that nothing reaches while `away`."""

    away, sent = True, 0

    async def finish(self, text, buttons=()):
        if self.away:
            raise Unreachable("no network")
        self.sent += 1
        return "1"


@pytest.mark.parametrize("jump", [-HOUR, -DAY])
def test_verses_of_the_day_do_not_rest_for_as_long_as_the_clock_was_put_back(tmp_path, monkeypatch, caplog, jump):
    monkeypatch.setattr(daily, "TICK_S", 0.01)

    async def main():
        now = [time.time() + 30 * DAY]
        store = await Store.open(tmp_path / "krishna.db")
        mornings = Daily(Settings(_env_file=None), store, corpus(), clock=lambda: now[0])
        place = Away()
        door = Door("telegram", lambda chat, key: place)
        for person in range(daily.FAILURES):
            await store.daily.put(Subscription("telegram", str(person), str(person), 0, "UTC", now[0] + jump - 60))
        mornings.open(door)
        stop = asyncio.Event()
        run = asyncio.create_task(mornings.run(stop))
        async with asyncio.timeout(10):
            while not door.rests_until:  # noqa: ASYNC110 (a place on the test's side)
                await asyncio.sleep(0.01)
            now[0] += jump
            place.away = False
            while place.sent < daily.FAILURES:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        stop.set()
        await run
        assert place.sent == daily.FAILURES  # each once
        await store.close()

    asyncio.run(main())
    [line] = [r.getMessage() for r in caplog.records if "clock" in r.getMessage()]
    assert line == f"the clock was put back by {-jump:.0f} s, or this machine slept"
