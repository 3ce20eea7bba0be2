"""Verses of the day through a kill -9 between the claim and the answer to the send: the real program, both platforms."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest

from tests.platforms.discord_server import DiscordServer
from tests.platforms.telegram_server import TelegramServer
from tests.process import Bots, on

QUIET_S = 12.0  # two rounds of the scheduler and more: time for anything that would come twice


def sql(folder: Path, statement: str, *values: object) -> list[tuple]:
    with sqlite3.connect(folder / "krishna.db", timeout=10) as connection:
        return connection.execute(statement, values).fetchall()


@pytest.mark.slow
def test_after_a_kill_in_the_middle_no_verse_comes_twice(gemma3_folder, tmp_path):
    async def main():
        async with TelegramServer() as telegram, DiscordServer() as discord:
            anna, boris = (discord.add_user(name) for name in ("anna", "boris"))
            rooms = {user: discord.dm_channel(user) for user in (anna, boris)}

            def bots() -> Bots:
                return Bots(
                    tmp_path,
                    **on(telegram, discord),
                    MODEL=gemma3_folder,
                )

            def verses() -> list[int]:
                """How many each of the four has got."""
                told = [[m.text for m in telegram.messages(person)] for person in (7, 8)]
                told += [[m.content for m in discord.messages(room) if m.author.bot] for room in rooms.values()]
                return [sum(text.startswith("Gita ") for text in texts) for texts in told]

            async with bots() as host:
                await discord.wait_ready(90)
                await discord.wait_for(lambda: discord.commands, 30)
                for person in (7, 8):
                    telegram.private(person, "/daily 7 UTC")
                for user, room in rooms.items():
                    discord.slash(user, room, "daily", {"when": "7 UTC"})
                await telegram.wait_for(lambda: telegram.messages(7) and telegram.messages(8), 30)
                await telegram.wait_for(
                    lambda: all(any("every day" in m.content for m in discord.messages(r)) for r in rooms.values()), 30
                )
                assert sql(tmp_path, "SELECT count(*) FROM daily") == [(4,)]
                # one of each platform stands there and nobody was told; of the other nothing does
                telegram.fault("sendMessage", "hang_before", 1)
                telegram.fault("sendMessage", "hang_after", 1)
                discord.fault(rf"POST /channels/{rooms[anna].id}/messages", "slow", 1, retry_after=3600)
                discord.fault(rf"POST /channels/{rooms[boris].id}/messages", "slow", 1, retry_after=1.5)
                before = len(telegram.called("sendMessage"))
                sql(tmp_path, "UPDATE daily SET due_at = ?", time.time())
                await telegram.wait_for(lambda: len(telegram.called("sendMessage")) == before + 2, 30)
                paths = {f"/channels/{room.id}/messages" for room in rooms.values()}
                held = lambda: [r for r in discord.requests if r.path in paths and r.status == 0]  # noqa: E731
                await discord.wait_for(lambda: len(held()) == 2, 30)
                assert sql(tmp_path, "SELECT count(*) FROM daily WHERE sending_at > 0 AND due_at > ?", time.time()) == [
                    (4,)
                ]
                await host.kill()
            assert sorted(verses()[:2]) == [0, 1]
            async with bots() as host:
                await discord.wait_ready(90)
                await discord.wait_for(lambda: verses()[2:] == [1, 1], 30)
                await asyncio.sleep(QUIET_S)
                # to Discord the same nonce is the same message; Telegram cannot say, so that day is over
                assert sorted(verses()[:2]) == [0, 1] and verses()[2:] == [1, 1]
                assert sql(
                    tmp_path, "SELECT count(*) FROM daily WHERE sending_at IS NULL AND due_at > ?", time.time()
                ) == [(4,)]
                # and the next day is like any other
                sql(tmp_path, "UPDATE daily SET day = day - 1, due_at = ?", time.time())
                await telegram.wait_for(lambda: sorted(verses()[:2]) == [1, 2], 30)
                assert await host.stop() == 0, host.output[-5:]
            discord.errors.clear()  # of the request whose bot was killed

    asyncio.run(main())
