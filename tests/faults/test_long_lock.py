"""The database held by another program for longer than the half minute that the program waits for it by itself.

The real half minute, once: the short locks of test_database.py and test_postgres.py show the same with less of it. The
machine is idle meanwhile, so this is a file of its own, beside which another process of pytest goes on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

import tests.bots.discord.talk as discord
from storage import Store
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import talking
from tests.faults.test_postgres import locked
from tests.postgres import Postgres, programs

HELD_S = 32.0


async def telegram(folder: Path, engine: ScriptedEngine, lock: AbstractAsyncContextManager[None], where: str) -> None:
    """One person is being answered when the lock comes, another one writes meanwhile."""
    async with talking(folder, engine, database_url=where) as talk:
        talk.server.private(7, "What is duty?")
        await talk.server.wait_for(lambda: talk.server.draft(7))
        async with lock:
            talk.server.private(8, "What is anger?")
            await asyncio.sleep(HELD_S)
            assert not talk.server.messages(7) and not talk.server.messages(8)
        for person in (7, 8):
            assert (await talk.answer(person)).text.startswith(COUNSEL)
        await talk.idle()
        assert [len(talk.server.messages(person)) for person in (7, 8)] == [1, 1]
        assert len(engine.requests) == 2 and talk.clean()


async def read(folder: Path, engine: ScriptedEngine) -> None:
    """Who only reads, for as long, delays nobody: nor does it what comes at the end."""
    async with discord.talking(folder, engine) as talk:
        reader = sqlite3.connect(folder / "krishna.db", isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM turns").fetchone() == (0,)
        for n in (1, 2):
            talk.server.dm(talk.server.anna, "What is duty?")
            answer = await talk.answer(talk.server.dm_channel(talk.server.anna), n, within=5)
            assert answer.content.startswith(COUNSEL)
            await asyncio.sleep((2 - n) * HELD_S)
        assert reader.execute("SELECT count(*) FROM turns").fetchone() == (0,)
        reader.close()
        await talk.idle()
        assert len(engine.requests) == 2


@pytest.mark.slow
def test_a_lock_of_more_than_half_a_minute_delays_answers_and_a_reader_nobody(tmp_path, tokenizer, caplog, request):
    server: Postgres | None = request.getfixturevalue("postgres") if programs() else None
    folders = {name: tmp_path / name for name in ("sqlite", "postgres", "read")}
    for folder in folders.values():
        folder.mkdir()

    async def main():
        places = {name: str(folder / "krishna.db") for name, folder in folders.items()}
        if server is not None:
            places["postgres"] = server.new()
        for place in places.values():  # one after the other: Alembic is not made for several at once in a process
            await (await Store.open(place)).close()
        locks = {"sqlite": discord.locked(folders["sqlite"]), "postgres": locked(places["postgres"], "inbox")}
        engines = {name: ScriptedEngine(tokenizer, pace_s=0.02) for name in folders}
        async with asyncio.TaskGroup() as group:
            group.create_task(read(folders["read"], engines["read"]))
            for name in ("sqlite", "postgres") if server else ("sqlite",):
                group.create_task(telegram(folders[name], engines[name], locks[name], places[name]))

    asyncio.run(main())
    said = [r.getMessage() for r in caplog.records if r.name.startswith("bots") and r.levelname != "INFO"]
    assert all("is locked by another program for more than 30 s; stop that program" in line for line in said), said
    waits = [line for line in said if "a message that came waits for the database, next try in 1 s: " in line]
    assert len(waits) == 1 + (server is not None), said
