"""What many ask of SQLite at once, in one transaction; and what fails, apart from the others."""

import asyncio
import sqlite3
import time

import pytest
from sqlalchemy import bindparam, create_engine, event, text, update

from storage import Store, StoreError, statements, turns
from storage.glance import Glance
from storage.tables import TurnRow, new
from tests.storage.conftest import began, message, opened, sql


def test_what_waits_goes_in_one_transaction_in_the_order_in_which_it_came(file, monkeypatch):
    said, driven = [], statements.driven
    monkeypatch.setattr(statements, "driven", lambda *what: (said.append(what[1].split()[0]), driven(*what))[1])

    async def main():
        async with opened(file) as store:
            event.listen(store._db.quick, "before_cursor_execute", lambda *what: said.append(what[2].split()[0]))
            assert all(await asyncio.gather(*(store.receive(message(n)) for n in range(50))))
            assert said.count("INSERT") == 50 and said.count("BEGIN") <= 3
            said.clear()
            key = ("telegram", "7")
            assert await asyncio.gather(*(store.begin(key) for _ in range(5))) == [1, 2, 3, 4, 5]
            assert said.count("BEGIN") <= 2
        assert [int(n) for (n,) in sql(file, "SELECT update_id FROM inbox ORDER BY rowid")] == list(range(50))

    asyncio.run(main())


def test_what_fails_among_others_fails_alone_and_is_not_half_written(file):
    def half(connection):
        connection.execute(text("UPDATE inbox SET attempts = 9"))
        connection.execute(text("UPDATE nowhere SET x = 1"))

    async def main():
        async with opened(file) as store:
            await store.receive(message("first"))
            works = [store.receive(message(n)) for n in range(5)]
            works[2:2] = [store._db.do(half), store._db.do(half)]
            ends = await asyncio.gather(*works, return_exceptions=True)
            assert [end for end in ends if end is True] == [True] * 5
            assert len([end for end in ends if isinstance(end, StoreError) and "nowhere" in str(end)]) == 2
            assert await store.receive(message("last"))
        assert sql(file, "SELECT count(*), max(attempts) FROM inbox") == [(7, 0)]

    asyncio.run(main())


def test_what_was_asked_for_is_done_before_the_file_is_closed(file):
    async def main():
        async with opened(file) as store:
            last = [asyncio.ensure_future(store.receive(message(n))) for n in range(20)]
            await asyncio.sleep(0)
        assert all(await asyncio.gather(*last))
        with pytest.raises(RuntimeError):
            await store.receive(message("late"))

    asyncio.run(main())
    assert sql(file, "SELECT count(*) FROM inbox") == [(20,)]


def test_a_loop_that_ends_waits_for_no_answer_of_the_lane(file):
    async def main():
        store = await Store.open(file)
        for number in range(200):
            asyncio.create_task(store.receive(message(number)))  # noqa: RUF006 (they are cancelled with the loop)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert sql(file, "SELECT count(*) FROM inbox")[0][0] in (0, 200)


def test_sqlites_driver_gives_and_keeps_the_same_as_sqlalchemy(file):
    """Also types of our own: a list is JSON in the file, and no text holds the character zero."""
    late = update(TurnRow).where(TurnRow.id == bindparam("turn")).returning(TurnRow.verses, TurnRow.question)

    async def main():
        async with opened(file) as store:
            turn = await began(store, message("first", text="Why\u0927?"))
            await store.finish_turn(
                turn.id, answer="Because.", status="done", verses=["2.47", "3.1"], story="x", total_s=1.5
            )
            values = {"turn": turn.id, "verses": ["18.66"], "question": "Wh\0y?"}
            row = await store._db.do(lambda connection: statements.run(connection, late, values))
            assert (row[0].verses, row[0].question) == (["18.66"], "Why?")
            quick = await store._db.ask(lambda connection: turns.of_id(connection, turn.id))
            async with store._db.engine.connect() as connection:
                assert connection.dialect.driver == "aiosqlite"
                assert await connection.run_sync(turns.of_id, turn.id) == quick
            assert (quick.verses, quick.total_s, quick.story) == (("18.66",), 1.5, "x")

    asyncio.run(main())


def test_a_default_that_only_sqlalchemy_makes_is_refused(file):
    async def main():
        async with opened(file) as store:
            with pytest.raises(TypeError, match="give its value"):
                await store._db.do(lambda c: statements.run(c, new(TurnRow, "sqlite"), {"platform": "telegram"}))

    asyncio.run(main())


def test_a_read_that_finds_its_file_locked_is_the_lanes(tmp_path):
    """In the loop's own thread nothing is waited for, or all would wait with it."""
    locked = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    look = Glance(create_engine(f"sqlite:///{tmp_path / 'locked.db'}"))
    began_at = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        look(lambda connection: statements.driven(connection, "SELECT * FROM sqlite_master", []))
    assert time.monotonic() - began_at < 1

    async def main():
        async with opened(tmp_path / "free.db") as store:
            assert await store.receive(message(1))
            asked = store.open_still(message(1).key)
            store._db.glance.close()
            store._db.glance = look
            assert await asked

    asyncio.run(main())
    locked.close()
