"""The verse of the day on Discord: the confirmation comes the way the verses will, so that it proves they can."""

from __future__ import annotations

import asyncio

import pytest

from bots import menu
from core.wisdom.corpus import corpus
from tests.bots.discord.talk import Talk, World, labels, running, talking, whole
from tests.bots.engines import ScriptedEngine
from tests.bots.mornings import DAY, EVENING, TUESDAY, Clock, mornings, verse
from tests.platforms.discord_state import User


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr("bots.daily.TICK_S", 0.02)
    monkeypatch.setattr("bots.daily.REST_S", 0.0)


def texts(server: World, person: User) -> list[str]:
    """What stands in the private chat of a person."""
    return [m.content for m in server.ours(server.dm_channel(person))]


async def asked(talk: Talk, person: User, when: str | None = None) -> str:
    """What the bot says to /daily in a private chat, be it in answer or in a message of its own."""
    server = talk.server
    before = len(texts(server, person))
    options = {} if when is None else {"when": when}
    used = server.slash(person, server.dm_channel(person), "daily", options)
    await server.wait_for(lambda: used.original and (used.original.deleted or whole(used.original)))
    await server.wait_for(lambda: len(texts(server, person)) == before + 1)
    return texts(server, person)[-1]


def test_it_is_asked_for_comes_once_a_day_and_ends(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, anna, clock = talk.server, talk.server.anna, Clock(EVENING)
            boris = server.add_user("boris")
            anna.locale = "hi"
            async with mornings(talk.dialogue, clock):
                first = await asked(talk, anna)
                assert "हर दिन 7:00 बजे" in first and "Asia/Kolkata का है, जहाँ अभी 23:30 बजे हैं; अगला श्लोक कल।" in first
                assert "आपके ऐप की भाषा देखकर" in first
                # en-US is what Discord gives to everybody who never chose
                assert "do not know your time zone and took UTC" in await asked(talk, boris, "7")
                assert await asked(talk, anna) == first.partition(" टाइम ज़ोन मैंने")[0]
                assert await asked(talk, anna, "25") == menu.DAILY_HOUR["hi"].format(said="25")
                assert await asked(talk, anna, "7 Nowhere") == menu.DAILY_ZONE["hi"].format(said="Nowhere")
                await asyncio.sleep(0.2)
                before = len(texts(server, anna))
                for n in (1, 2):
                    clock.now += DAY
                    await server.wait_for(lambda n=n: len(texts(server, anna)) == before + n)
                    await server.wait_for(lambda n=n: len(texts(server, boris)) == 1 + n)
                assert texts(server, anna)[before:] == [
                    verse(f"discord:{anna.id}", TUESDAY),
                    verse(f"discord:{anna.id}", TUESDAY + 1),
                ]
                assert texts(server, boris)[1:] == [
                    verse(f"discord:{boris.id}", TUESDAY),
                    verse(f"discord:{boris.id}", TUESDAY + 1),
                ]
                card = server.ours(server.dm_channel(anna))[-1]
                assert all(label.strip("‹› ") in corpus()._order for label in labels(card))
                pressed = server.press(anna, card, next(iter(card.buttons)))
                await server.wait_for(lambda: card.edits and pressed.acked_at)
                assert await asked(talk, anna, "off") == menu.DAILY_OFF["hi"]
                assert await asked(talk, anna, "बंद") == menu.DAILY_NONE["hi"]
                clock.now += DAY
                await server.wait_for(lambda: len(texts(server, boris)) == 4)
                await asyncio.sleep(0.3)
                assert len(texts(server, anna)) == before + 4 and talk.clean()

    asyncio.run(main())


def test_elsewhere_it_says_where_to_the_asker_alone(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, anna = talk.server, talk.server.anna
            outside = server.add_channel(server.add_guild(member=False))
            group = server.add_private_channel(anna, server.add_user("boris"))
            for place in (server.room, outside, group):
                used = server.slash(anna, place, "daily", {"when": "7 Kolkata"}, guild_installed=place is not outside)
                await server.wait_for(lambda used=used: whole(used.original))
                assert used.original.content == menu.DAILY_PRIVATE["en"] and used.original.ephemeral
                assert not used.original.deleted
            assert await talk.store.daily.get("discord", str(anna.id)) is None

    asyncio.run(main())


def test_who_takes_no_direct_messages_is_told(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            closed = server.add_user("closed", accepts_dms=False)
            assert await asked(talk, closed, "7 Kolkata") == menu.DAILY_REFUSED["en"]
            assert await talk.store.daily.get("discord", str(closed.id)) is None
            await talk.idle()
            assert await talk.store.unfinished("discord") == []
            closed.accepts_dms = True
            assert "at 7:00, time of Asia/Kolkata" in await asked(talk, closed, "7 Kolkata")

    asyncio.run(main())


def test_who_closes_the_door_later_is_unsubscribed(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, anna, clock = talk.server, talk.server.anna, Clock(EVENING)
            async with mornings(talk.dialogue, clock):
                await asked(talk, anna, "7 UTC")
                anna.accepts_dms = False
                clock.now += DAY
                path = f"/channels/{server.dm_channel(anna).id}/messages"
                tried = lambda: [r for r in server.requests if r.path == path and r.status == 403]  # noqa: E731
                await server.wait_for(tried)
                await asyncio.sleep(0.3)
                assert await talk.store.daily.get("discord", str(anna.id)) is None and len(tried()) == 1

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["429", "502", "drop_before", "drop_after", "500_after"])
def test_through_faults_it_comes_once(tmp_path, tokenizer, kind):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, anna, clock = talk.server, talk.server.anna, Clock(EVENING)
            async with mornings(talk.dialogue, clock):
                await asked(talk, anna, "7 UTC")
                fault = server.fault(r"POST /channels/\d+/messages", kind, 2)
                clock.now += DAY
                await server.wait_for(lambda: len(fault.hits) == 2, 15)
                for _ in range(150):  # the library tries by itself too, and waits in between
                    kept = await talk.store.daily.get("discord", str(anna.id))
                    if kept.day == TUESDAY and kept.sending_at is None:
                        break
                    await asyncio.sleep(0.1)
                await asyncio.sleep(1.0)
                assert texts(server, anna)[1:] == [verse(f"discord:{anna.id}", TUESDAY)]
                assert await talk.store.daily.under_way("discord") == []

    asyncio.run(main())


@pytest.mark.parametrize(
    ("away_s", "arrived", "shown"), [(60, True, 1), (60, False, 1), (600, True, 1), (600, False, 0)]
)
def test_after_a_kill_in_the_middle_of_a_send_the_nonce_decides_while_it_is_known(
    tmp_path, tokenizer, away_s, arrived, shown
):
    async def main():
        async with World() as server:
            engine, anna, clock = ScriptedEngine(tokenizer), server.anna, Clock(EVENING)
            async with running(server, tmp_path, engine) as talk:
                async with mornings(talk.dialogue, clock):
                    await asked(talk, anna, "7 UTC")
                    if arrived:
                        clock.now += DAY
                        await server.wait_for(lambda: len(texts(server, anna)) == 2)
                row = await talk.store.daily.get("discord", str(anna.id))
                if arrived:  # sent, and killed before that was noted
                    async with talk.store._db.write() as session:
                        await (await session.connection()).exec_driver_sql(f"UPDATE daily SET sending_at = {clock.now}")
                else:  # claimed, and killed before it was sent
                    clock.now += DAY
                    day, due_at = talk.dialogue.daily.plan(row)
                    assert await talk.store.daily.claim(row, due_at, day, clock.now)
            clock.now += away_s
            async with running(server, tmp_path, engine) as talk, mornings(talk.dialogue, clock):
                await server.wait_for(lambda: len(texts(server, anna)) == 1 + shown)
                await asyncio.sleep(0.5)
                assert texts(server, anna)[1:] == [verse(f"discord:{anna.id}", TUESDAY)] * shown
                assert await talk.store.daily.under_way("discord") == []
                clock.now += DAY
                await server.wait_for(lambda: len(texts(server, anna)) == 2 + shown)

    asyncio.run(main())
