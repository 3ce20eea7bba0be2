"""PostgreSQL stopped, and a table of it locked, in the middle of an answer: nothing is lost, nothing comes twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from bots import words
from storage import Store
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import talking
from tests.hosts import LEASE_S, Hosts
from tests.platforms.telegram_server import TelegramServer
from tests.postgres import ask

ANSWER = "— Gita"
WAITS = "a message that came waits for the database, next try in"
LET_GO = "this host was silent for too long; its answers under way are left to whoever lives"


@pytest.mark.slow  # the host's imports are half of it
def test_a_server_that_is_stopped_amid_an_answer_delays_it(postgres, tmp_path, embedded_folder):
    """For a moment, then for so long that others would think this host dead: it lets the answer go, and makes it anew."""

    async def main():
        database = postgres.new()
        async with TelegramServer() as telegram, Hosts(tmp_path) as hosts:
            host = await hosts.start(
                telegram_token=telegram.token, telegram_api_base=telegram.base, database_url=database
            )

            def begun(person: int) -> bool:
                draft = telegram.draft(person)
                return draft is not None and words.THINKING not in draft.text

            for person, other, away_s in ((7, 8, 0.2), (9, 10, LEASE_S + 2)):
                waits = host.log.count(WAITS)
                telegram.private(person, "What is duty?")
                await telegram.wait_for(lambda person=person: begun(person), 60)
                await asyncio.to_thread(postgres.stop)
                try:
                    telegram.private(other, "What is anger?")  # cannot even be stored
                    await telegram.wait_for(lambda waits=waits: host.log.count(WAITS) > waits)
                    await asyncio.sleep(away_s)
                    assert not telegram.messages(person) and not telegram.messages(other)
                finally:
                    await asyncio.to_thread(postgres.start)
                await telegram.wait_for(lambda p=person, o=other: telegram.messages(p) and telegram.messages(o), 30)
            assert LET_GO in host.log
            await asyncio.sleep(1)  # time for anything that would come twice
            for person in (7, 8, 9, 10):
                [answer] = telegram.messages(person)
                assert ANSWER in answer.text
            assert len(host.made()) <= 4 + host.log.count(LET_GO) and "Traceback" not in host.log, host.log
            assert "cannot be reached" in host.log and "check KRISHNA_DATABASE_URL" in host.log
            assert ask(database, "SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]
            assert host.alive()

    asyncio.run(main())


@contextlib.asynccontextmanager
async def locked(database: str, table: str) -> AsyncIterator[None]:
    """Another program holds a table, as a long ALTER TABLE or a VACUUM FULL does."""
    other = await asyncpg.connect(database)
    try:
        async with other.transaction():
            await other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await other.close()


@pytest.mark.parametrize("table", ["inbox", "turns"])
def test_a_table_that_is_locked_amid_an_answer_delays_it(postgres, tmp_path, tokenizer, caplog, monkeypatch, table):
    monkeypatch.setattr("bots.patience.PAUSE_S", 0.1)
    monkeypatch.setattr("bots.patience.LONGEST_PAUSE_S", 0.3)

    async def main():
        database, engine = postgres.new(), ScriptedEngine(tokenizer, pace_s=0.01)
        await (await Store.open(database)).close()  # its tables: to make them takes longer than busy_s
        async with talking(tmp_path, engine, database_url=database, busy_s=0.4) as talk:
            talk.server.private(7, "What is duty?")
            await talk.server.wait_for(lambda: talk.server.draft(7))
            async with locked(database, table):
                talk.server.private(8, "What is anger?")
                await asyncio.sleep(1.6)
                assert not talk.server.messages(7) and not talk.server.messages(8) and not engine.busy
            for person in (7, 8):
                assert (await talk.answer(person)).text.startswith(COUNSEL)
            await talk.idle()
            assert [len(talk.server.messages(person)) for person in (7, 8)] == [1, 1]
            assert len(engine.requests) == 2 and await talk.store.unfinished("telegram") == []

    asyncio.run(main())
    said = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert said and all("waits for the database, next try in" in line for line in said), said
    assert "is locked by another program for more than 0.4 s; stop that program" in caplog.text
