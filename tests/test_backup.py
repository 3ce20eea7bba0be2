"""An operator's night: a backup while people are answered, a kill -9, a lost disk, the backup put back, and on it goes."""

from __future__ import annotations

import asyncio

import pytest

from storage import StoreError, restore
from tests.platforms.telegram_server import TelegramServer
from tests.process import Bots

ANSWER = "— Gita"  # the last line of every whole answer


async def operator(folder, *words, **settings):
    """(exit code, lines) of one command."""
    async with Bots(folder, *map(str, words), **settings) as bots:
        return await bots.ended(60), bots.output


def test_a_host_that_was_killed_goes_on_from_its_backup(gemma3_folder, tmp_path):
    database, copy = tmp_path / "krishna.db", tmp_path / "copy.db"

    async def main():
        async with TelegramServer() as server:
            settings = {"TELEGRAM_TOKEN": server.token, "TELEGRAM_API_BASE": server.base, "MODEL": gemma3_folder}
            answered = lambda people: [p for p in people if any(ANSWER in m.text for m in server.messages(p))]  # noqa: E731
            before, during, after = range(1, 4), range(11, 17), range(21, 23)
            async with Bots(tmp_path, SLOTS=4, REPLY_TOKENS=24, **settings) as host:
                await host.says("ready")
                for person in before:
                    server.private(person, f"I am person {person}, and I am afraid of what comes.")
                await server.wait_for(lambda: answered(before) == [*before], 60)
                for person in during:
                    server.private(person, f"I am person {person}. How do I begin again?")
                await server.wait_for(lambda: answered(during), 30)
                code, lines = await operator(tmp_path, "backup", copy)
                assert code == 0 and "it was opened and is whole" in lines[-1] and len(lines) == 1, lines
                with pytest.raises(StoreError, match="stop it, then restore"):
                    await restore(str(database), copy, replace=True)
                await host.kill()
            for left in tmp_path.glob("krishna.db*"):  # the disk is lost
                left.unlink()
            code, lines = await operator(tmp_path, "restore", copy)
            assert code == 0 and "Start the host." in lines[0], lines
            async with Bots(tmp_path, SLOTS=4, REPLY_TOKENS=24, **settings) as host:
                await host.says("ready")
                for person in after:
                    server.private(person, f"I am person {person}. What is mine to do?")
                people = [*before, *during, *after]
                await server.wait_for(lambda: answered(people) == people, 60)
                assert await host.stop() == 0
                assert not [line for line in host.output if "Traceback" in line or "ERROR" in line], host.output
            assert all(sum(ANSWER in m.text for m in server.messages(p)) == 1 for p in before)
        assert database.exists()

    asyncio.run(main())


def test_postgres_is_told_what_to_use(tmp_path):
    url = "postgresql+asyncpg://krishna:a-password@db/krishna"
    code, lines = asyncio.run(operator(tmp_path, "backup", tmp_path / "copy.db", DATABASE_URL=url))
    assert code == 2 and lines[0].startswith("krishna: ") and "pg_dump" in lines[0] and len(lines) == 1
    assert "a-password" not in lines[0]
