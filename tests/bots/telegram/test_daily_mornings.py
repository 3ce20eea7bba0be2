"""A morning of many on Telegram: all get their verse once, and nobody who asks waits for that."""

from __future__ import annotations

import asyncio
import time

import pytest

from bots.telegram.limiter import QUIET, Limiter
from storage import Subscription
from tests.bots.engines import ScriptedEngine
from tests.bots.mornings import DAY, EVENING, HOUR, TUESDAY, Clock, mornings, verse
from tests.bots.telegram.talk import Talk, running, talking
from tests.platforms.telegram_server import TelegramServer


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr("bots.daily.TICK_S", 0.02)
    monkeypatch.setattr("bots.daily.REST_S", 0.0)


async def quiet(talk: Talk) -> None:
    """Time for anything that should not come."""
    await talk.idle()
    await asyncio.sleep(0.3)


async def subscribed(talk: Talk, people: range, due_at: float) -> None:
    """Many who get a verse at seven; Telegram knows them."""
    for person in people:
        talk.server.private(person, "/help")
    for person in people:
        await talk.answer(person, within=30)
        await talk.store.daily.put(Subscription("telegram", str(person), str(person), 420, "UTC", due_at))
    await asyncio.sleep(1.3)  # the second of the limits is over


def test_when_telegram_is_away_for_a_while_all_get_theirs_after(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            people, due_at = range(100, 130), EVENING + 13 * HOUR
            await subscribed(talk, people, due_at)
            talk.server.fault("sendMessage", "502", 12)
            async with mornings(talk.dialogue, Clock(due_at)):
                for person in people:
                    assert (await talk.answer(person, 2, within=20)).text == verse(f"telegram:{person}", TUESDAY)
                await quiet(talk)
                assert all(len(talk.server.messages(person)) == 2 for person in people)

    asyncio.run(main())


def test_those_whom_telegram_always_refuses_hold_nobody_up(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            people, due_at = range(100, 130), EVENING + 13 * HOUR
            await subscribed(talk, people, due_at)
            for person in range(100, 105):  # the longest waiting, and refused for an hour
                await talk.store.daily.put(Subscription("telegram", str(person), str(person), 420, "UTC", due_at - 60))
                talk.server.flood._until["message", person] = time.monotonic() + HOUR
            async with mornings(talk.dialogue, Clock(due_at)):
                for person in range(105, 130):
                    assert (await talk.answer(person, 2, within=20)).text == verse(f"telegram:{person}", TUESDAY)
            assert len(talk.server.violations) == 5  # each was tried once, and then left until its time
            assert len(await talk.store.daily.due("telegram", due_at, 10)) == 5

    asyncio.run(main())


def test_a_morning_of_many_delays_nobody_who_asks(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, clock = talk.server, Clock(EVENING)
            people = range(1000, 1120)
            await subscribed(talk, people, EVENING + 13 * HOUR)
            clock.now = EVENING + 13 * HOUR
            async with mornings(talk.dialogue, clock):
                waits = []
                for n in range(12):
                    await asyncio.sleep(0.35)
                    start = time.monotonic()
                    server.private(n + 1, "/help")
                    await talk.answer(n + 1)
                    waits.append(time.monotonic() - start)
                sent = sum(len(server.messages(p)) == 2 for p in people)
                assert 20 < sent < len(people)  # all of that was in the middle of it
                for person in people:
                    assert (await talk.answer(person, 2, within=20)).text == verse(f"telegram:{person}", TUESDAY)
                await quiet(talk)
                assert all(len(server.messages(p)) == 2 for p in people)
                assert sorted(waits)[-2] < 0.6 and talk.clean(), waits

    asyncio.run(main())


def test_a_stop_lets_what_is_under_way_end_and_begins_no_more(tmp_path, tokenizer):
    async def main():
        async with TelegramServer() as server:
            engine, clock = ScriptedEngine(tokenizer), Clock(EVENING)
            people = range(100, 140)
            async with running(server, tmp_path, engine) as talk:
                talk.dialogue.daily.clock = clock
                for person in people:
                    server.private(person, "/daily 7 UTC")
                for person in people:
                    await talk.answer(person)
                clock.now += DAY
                stopping = mornings(talk.dialogue, clock)
                await stopping.__aenter__()
                await server.wait_for(lambda: sum(len(server.messages(p)) == 2 for p in people) >= 5)
                run = asyncio.create_task(stopping.__aexit__(None, None, None))
            await run
            assert sum(len(server.messages(p)) == 2 for p in people) < len(people)
            async with running(server, tmp_path, engine) as talk:
                assert await talk.store.daily.under_way("telegram") == []
                async with mornings(talk.dialogue, clock):
                    for person in people:
                        await talk.answer(person, 2)
                    await quiet(talk)
                assert all(len(server.messages(p)) == 2 for p in people) and talk.clean()

    asyncio.run(main())


def test_what_is_quiet_leaves_room_for_answers():
    async def main():
        limiter, went = Limiter(), []

        async def call(chat: int, kind: str | None) -> None:
            async def done() -> None:
                went.append((kind, time.monotonic()))

            await limiter.process_request(done, (), {}, "sendMessage", {"chat_id": chat}, kind)

        start = time.monotonic()
        letters = [asyncio.create_task(call(n, QUIET)) for n in range(1, 61)]
        await asyncio.sleep(0.2)
        asked = time.monotonic()
        await asyncio.gather(*(call(1000 + n, None) for n in range(10)))  # as many as are kept for them
        assert time.monotonic() - asked < 0.1
        await asyncio.gather(*letters)
        assert sum(kind == QUIET and at - start < 1.0 for kind, at in went) == 20
        times = sorted(at for _, at in went)
        assert all(times[n + 30] - times[n] > 1.0 for n in range(len(times) - 30))

    asyncio.run(main())
