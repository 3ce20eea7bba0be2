"""The verse of the day on Telegram: asked for, sent once, at the hour of each person's own clock."""

from __future__ import annotations

import asyncio
import json

import pytest

from bots import menu
from core.wisdom.corpus import corpus
from core.wisdom.daily import verse_of
from tests.bots.engines import ScriptedEngine
from tests.bots.mornings import DAY, EVENING, HOUR, TUESDAY, Clock, mornings, verse
from tests.bots.telegram.talk import GROUP, Talk, running, talking
from tests.platforms.telegram_server import TelegramServer

ME, OTHER = 7, 8


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr("bots.daily.TICK_S", 0.02)
    monkeypatch.setattr("bots.daily.REST_S", 0.0)


async def said(talk: Talk, person: int, text: str, **how) -> str:
    """What the bot answers to a command."""
    before = len(talk.server.messages(person))
    talk.server.private(person, text, **how)
    return (await talk.answer(person, before + 1)).text


async def quiet(talk: Talk) -> None:
    """Time for anything that should not come."""
    await talk.idle()
    await asyncio.sleep(0.3)


def test_it_is_asked_for_shown_changed_and_ended(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            clock = Clock(EVENING)
            async with mornings(talk.dialogue, clock):
                first = await said(talk, ME, "/daily", language="en-IN")
                assert "at 7:00, time of Asia/Kolkata, where it is 23:30 now; the next one tomorrow" in first
                assert "from your app's language" in first and "/daily off" in first
                shown = await said(talk, ME, "/daily", language="en-IN")
                assert shown == first.partition(" I took")[0]
                assert "at 19:30, time of Asia/Kolkata" in await said(talk, ME, "/daily 7:30 pm")
                moved = await said(talk, ME, "/daily 19:30 New York")
                assert "time of America/New_York, where it is 14:00 now; the next one today" in moved
                assert "at 19:30, time of UTC-03:00" in await said(talk, ME, "/daily GMT-3")
                for bad, sentence in (
                    ("25:00", menu.DAILY_HOUR["en"].format(said="25:00")),
                    ("7 Atlantis", menu.DAILY_ZONE["en"].format(said="Atlantis")),
                ):
                    assert await said(talk, ME, f"/daily {bad}") == sentence
                kept = await talk.store.daily.get("telegram", str(ME))
                assert (kept.minute, kept.zone) == (19 * 60 + 30, "UTC-03:00")
                assert await said(talk, ME, "/daily off") == menu.DAILY_OFF["en"]
                assert await said(talk, ME, "/daily OFF") == menu.DAILY_NONE["en"]
                assert "do not know your time zone and took UTC" in await said(talk, OTHER, "/daily 6")
                assert "at 6:00, time of UTC" in talk.server.messages(OTHER)[0].text
                clock.now += DAY
                assert (await talk.answer(OTHER, 2)).text == verse(f"telegram:{OTHER}", TUESDAY)
                await quiet(talk)
                assert len(talk.server.messages(OTHER)) == 2 and talk.clean()

    asyncio.run(main())


def test_in_a_group_it_says_where(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            await said(talk, ME, "/daily 7 Kolkata")
            for text in ("/daily", "/daily 9", "/daily off"):
                talk.server.group(GROUP, ME, text)
            await talk.answer(GROUP, 3)
            assert {m.text for m in talk.server.messages(GROUP)} == {menu.DAILY_PRIVATE["en"]}
            assert (await talk.store.daily.get("telegram", str(ME))).minute == 420

    asyncio.run(main())


def test_two_people_get_their_own_verse_once_each_at_their_own_hour(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, clock = talk.server, Clock(EVENING)
            async with mornings(talk.dialogue, clock):
                await said(talk, ME, "/daily 7:30 Kolkata")  # 2:00 UTC
                await said(talk, OTHER, "/daily 7:30 Berlin")  # 5:30 UTC
                clock.now = EVENING + 8 * HOUR - 1
                await quiet(talk)
                assert len(server.messages(ME)) == len(server.messages(OTHER)) == 1
                clock.now += 1
                mine = await talk.answer(ME, 2)
                ref = verse_of(corpus(), f"telegram:{ME}", TUESDAY).ref
                assert mine.text == verse(f"telegram:{ME}", TUESDAY) and mine.text.startswith(f"Gita {ref}\n")
                before, after = corpus().beside(ref)
                assert mine.data == tuple(f"page:{r}" for r in (before, after) if r)
                clock.now += 3 * HOUR + 1800
                assert (await talk.answer(OTHER, 2)).text == verse(f"telegram:{OTHER}", TUESDAY)
                await quiet(talk)
                assert len(server.messages(ME)) == len(server.messages(OTHER)) == 2
                server.press(ME, mine, mine.data[0])
                await server.wait_for(lambda: mine.edits)
                for n in (1, 2, 3):
                    clock.now += DAY
                    assert (await talk.answer(ME, n + 2)).text == verse(f"telegram:{ME}", TUESDAY + n)
                    await talk.answer(OTHER, n + 2)
                await quiet(talk)
                assert len(server.messages(ME)) == len(server.messages(OTHER)) == 5 and talk.clean()

    asyncio.run(main())


def test_another_hour_on_the_same_day_brings_no_second_verse(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            clock = Clock(EVENING)
            async with mornings(talk.dialogue, clock):
                await said(talk, ME, "/daily 7 UTC")
                clock.now = EVENING + 13 * HOUR
                await talk.answer(ME, 2)
                assert "the next one tomorrow" in await said(talk, ME, "/daily 9 UTC")
                clock.now += 3 * HOUR
                await quiet(talk)
                assert len(talk.server.messages(ME)) == 3
                clock.now += DAY
                assert (await talk.answer(ME, 4)).text == verse(f"telegram:{ME}", TUESDAY + 1)

    asyncio.run(main())


def test_after_hours_away_today_comes_late_and_yesterday_not_at_all(tmp_path, tokenizer):
    async def main():
        async with TelegramServer() as server:
            engine = ScriptedEngine(tokenizer)
            async with running(server, tmp_path, engine) as talk:
                talk.dialogue.daily.clock = Clock(EVENING)
                await said(talk, ME, "/daily 7 Kolkata")  # 1:30 UTC
                await said(talk, OTHER, "/daily 23 Kolkata")  # 17:30 UTC
            for n, away in ((1, 12 * HOUR), (2, 3 * DAY + 12 * HOUR)):  # at 11:30 in Kolkata
                async with running(server, tmp_path, engine) as talk, mornings(talk.dialogue, Clock(EVENING + away)):
                    assert (await talk.answer(ME, n + 1)).text == verse(f"telegram:{ME}", TUESDAY + int(away // DAY))
                    await quiet(talk)
                    assert len(server.messages(ME)) == n + 1 and len(server.messages(OTHER)) == 1 and talk.clean()

    asyncio.run(main())


def test_who_blocks_the_bot_is_unsubscribed_and_left_in_peace(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, clock = talk.server, Clock(EVENING)
            async with mornings(talk.dialogue, clock):
                for person in (ME, OTHER):
                    await said(talk, person, "/daily 7 UTC")
                server.block(ME)
                for n in (1, 2):
                    clock.now += DAY
                    await talk.answer(OTHER, n + 1)
                await quiet(talk)
                assert await talk.store.daily.get("telegram", str(ME)) is None
                assert [c.code for c in server.called("sendMessage")].count(403) == 1
                assert len(server.messages(ME)) == 1

    asyncio.run(main())


@pytest.mark.parametrize(
    ("kind", "times", "shown"),
    [("429", 2, 1), ("502", 4, 1), ("500", 1, 1), ("drop_before", 1, 0), ("drop_after", 1, 1)],
)
def test_through_faults_it_comes_once_or_where_nobody_can_know_not_again(tmp_path, tokenizer, kind, times, shown):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, clock = talk.server, Clock(EVENING)
            async with mornings(talk.dialogue, clock):
                await said(talk, ME, "/daily 7 UTC")
                fault = server.fault("sendMessage", kind, times)
                clock.now += DAY
                await server.wait_for(lambda: fault.times == 0)
                if shown:
                    await talk.answer(ME, 2)
                await asyncio.sleep(1.2)
                assert [m.text for m in server.messages(ME)[1:]] == [verse(f"telegram:{ME}", TUESDAY)] * shown
                kept = await talk.store.daily.get("telegram", str(ME))
                assert (kept.day, kept.sending_at) == (TUESDAY, None)
                clock.now += DAY
                assert (await talk.answer(ME, shown + 2)).text == verse(f"telegram:{ME}", TUESDAY + 1)

    asyncio.run(main())


def test_forget_erases_it_and_mydata_shows_it(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            clock = Clock(EVENING)
            async with mornings(talk.dialogue, clock):
                await said(talk, ME, "/daily 7 Kolkata")
                talk.server.private(ME, "/mydata")
                [document] = await talk.server.wait_for(lambda: talk.server.documents(ME))
                [row] = json.loads(document.data)["daily"]
                assert (row["minute"], row["zone"]) == (420, "Asia/Kolkata")
                before = len(talk.server.messages(ME))
                talk.server.private(ME, "/forget")
                assert "It is erased" in (await talk.answer(ME, before + 1)).text
                assert await talk.store.daily.get("telegram", str(ME)) is None
                clock.now += 2 * DAY
                await quiet(talk)
                assert len(talk.server.messages(ME)) == before + 1

    asyncio.run(main())


def test_who_the_operator_blocks_gets_none(tmp_path, tokenizer):
    async def main():
        async with TelegramServer() as server:
            engine = ScriptedEngine(tokenizer)
            async with running(server, tmp_path, engine) as talk:
                talk.dialogue.daily.clock = Clock(EVENING)
                for person in (ME, OTHER):
                    await said(talk, person, "/daily 7 UTC")
            async with (
                running(server, tmp_path, engine, block=f"telegram:{ME}") as talk,
                mornings(talk.dialogue, Clock(EVENING + DAY)),
            ):
                await talk.answer(OTHER, 2)
                await quiet(talk)
                assert len(server.messages(ME)) == 1

    asyncio.run(main())
