import asyncio
import os
import random
import re
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import event, text

from storage import Store, StoreError
from tests.storage.conftest import asked, began, is_sound, message, opened, sql, traces

# -- files that are none, or not ours -----------------------------------------------------------------------------


def refused(where, **options):
    """The sentence with which a database is not opened."""

    async def main():
        with pytest.raises(StoreError) as refusal:
            async with opened(where, **options):
                pass
        await asyncio.sleep(0.02)  # a driver that could not connect ends its thread, and the thread tells the loop
        return str(refusal.value)

    return asyncio.run(main())


def test_a_missing_folder_is_made_and_the_file_in_it(tmp_path):
    async def main():
        async with opened(tmp_path / "a" / "b" / "krishna.db") as store:
            assert await store.receive(message(1))

    asyncio.run(main())


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path):
    (tmp_path / "a").write_text("a file where a folder should be")
    sentence = refused(tmp_path / "a" / "krishna.db")
    assert re.fullmatch(r"the database \S+ cannot be reached \(.*\); check KRISHNA_DATABASE_URL", sentence)


def test_a_folder_in_the_place_of_the_file_is_said_in_a_sentence(tmp_path):
    assert refused(tmp_path) == (
        f"the database {tmp_path} cannot be opened; check that its folder exists and that this user may write there"
    )


@pytest.mark.parametrize("content", [b"Dear diary, " * 9, random.Random(1).randbytes(9000)])
def test_a_file_that_is_no_database_is_refused_and_left_alone(file, content):
    file.write_bytes(content)
    assert refused(file) == (
        f"the database {file} is not a database; move the file away or point KRISHNA_DATABASE_URL elsewhere"
    )
    assert file.read_bytes() == content


def test_a_database_with_a_page_of_rubbish_is_called_damaged(file, empty):
    page = 4096
    file.write_bytes(empty[:page] + random.Random(1).randbytes(len(empty) - page))
    assert refused(file) == f"the database {file} is damaged; restore a backup"


@pytest.mark.parametrize(
    "url",
    [
        "no scheme://x",
        "sqlite+aiosqlite://me:secret@x/y",
        "postgresql://me:secret@db:54x/krishna",
    ],
)
def test_an_address_that_cannot_be_used_is_said_in_a_sentence_without_its_password(url):
    sentence = refused(url)
    assert sentence.endswith("check KRISHNA_DATABASE_URL and that its driver is installed") and "\n" not in sentence
    assert "secret" not in sentence


def test_other_databases_and_a_file_in_a_url_are_told_what_to_write():
    assert refused("sqlite://me:secret@x/sync.db") == (
        "sqlite://me:***@x/sync.db: a file is written as its path alone; set KRISHNA_DATABASE_URL=krishna.db"
    )
    for url in ("mysql://me:secret@x/y", "mssql+pyodbc://x/y", "oracle+nothing://x"):
        sentence = refused(url)
        assert "is neither SQLite nor PostgreSQL; set KRISHNA_DATABASE_URL to" in sentence and "secret" not in sentence


def test_a_newer_schema_is_refused_and_left_alone(file, empty):
    file.write_bytes(empty)
    sql(file, "UPDATE alembic_version SET version_num = '9999'")
    before = file.read_bytes()
    assert refused(file) == (f"the database {file} was made by a newer Krishna (schema 9999); update this program")
    assert file.read_bytes() == before


# -- no right to write --------------------------------------------------------------------------------------------

UNWRITABLE = "cannot be written; give this user write permission on it and on its folder"


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "sentence"),
    [
        (0o444, 0o777, UNWRITABLE),
        (0o444, 0o555, UNWRITABLE),
        (0o000, 0o777, "cannot be opened; check that its folder exists and that this user may write there"),
    ],
)
def test_a_file_that_the_user_may_not_write_is_said_in_a_sentence(empty, child, file_mode, folder_mode, sentence):
    # not under tmp_path: the other user may not even go there
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "krishna.db"
        file.write_bytes(empty)
        os.chmod(file, file_mode)
        os.chmod(folder, folder_mode)
        assert child("unprivileged", file).says() == f"the database {file} {sentence}"
        os.chmod(folder, 0o700)
        os.chmod(file, 0o600)
        assert is_sound(file)


def test_a_connection_that_only_reads_is_said_in_a_sentence(file, empty):
    file.write_bytes(empty)
    url = f"sqlite+aiosqlite:///file:{file}?mode=ro&uri=true"
    assert refused(url).endswith(f"mode=ro&uri=true {UNWRITABLE}")


def test_a_new_file_and_its_log_are_for_nobody_else_to_read(file):
    async def main():
        async with opened(file) as store:
            await asked(store, 1)
            return {path.name: oct(path.stat().st_mode & 0o777) for path in file.parent.iterdir()}

    before = os.umask(0o022)
    try:
        modes = asyncio.run(main())
    finally:
        os.umask(before)
    assert set(modes.values()) == {"0o600"} and len(modes) == 3, modes


# -- locked -------------------------------------------------------------------------------------------------------


def test_a_lock_that_stays_is_said_in_a_sentence_and_nothing_is_half_written(file, child):
    sentence = f"the database {file} is locked by another program for more than 0.3 s; stop that program"

    async def main():
        async with opened(file, busy_s=0.3) as store:
            turn = await asked(store, 1)
            begun = await began(store, message(2), turn.id)
            async with store._db.write() as session:  # so that scrub() has something to do
                await store._db.erased(session)
            other = child("lock", file)
            assert other.says() == "locked"
            for attempt in (
                store.receive(message(3)),
                store.finish_turn(begun.id, answer="words", status="done"),
                store.forget("telegram", "ann"),
                store._db.scrub(),
                store.check(),
                Store.open(file, busy_s=0.3),
            ):
                with pytest.raises(StoreError) as locked:
                    await attempt
                assert str(locked.value) == sentence
            other.go()
            assert other.says() == "let go"
            assert await store.turn(begun.id) == begun and await store.turn(turn.id) == turn
            assert await store.receive(message(3))
            assert await store.forget("telegram", "ann") == 5

    asyncio.run(main())


def test_a_lock_that_passes_is_waited_for(file, child):
    async def main():
        async with opened(file, busy_s=20) as store:
            other = child("lock", file)
            assert other.says() == "locked"
            waiting = asyncio.create_task(store.receive(message(1)))
            await asyncio.sleep(0.4)
            assert not waiting.done()
            other.go()
            assert await waiting

    asyncio.run(main())


def test_a_reader_is_blocked_by_no_writer_and_sees_what_is_committed(file, child):
    async def main():
        async with opened(file, busy_s=20) as store:
            turn = await asked(store, 1, answer="committed")
            other = child("lock", file)
            assert other.says() == "locked"
            start = time.monotonic()
            async with asyncio.timeout(5):
                assert await store.turn(turn.id) == turn
                assert await store.history(turn.id) == [turn]
                assert (await store.mydata("telegram", "ann"))["turns"][0]["answer"] == "committed"
            assert time.monotonic() - start < 1
            other.go()
            assert other.says() == "let go"
            async with store._db.write(), asyncio.timeout(5):  # nor by one of its own
                assert await store.turn(turn.id) == turn

    asyncio.run(main())


def test_writes_of_many_tasks_never_find_the_database_locked(where, child):
    async def main():
        other = child("work", where, "other")  # a second process writes as fast as it can
        assert other.says() == ("received", "other-0")
        # the wait of one writer is short; that of the last of many in a queue is not
        async with opened(where, busy_s=5) as store:
            turns = await asyncio.gather(*(asked(store, number, f"user {number % 7}") for number in range(40)))
            assert len({turn.id for turn in turns}) == 40
        assert other.lives()

    asyncio.run(main())


def test_a_write_that_is_cancelled_while_it_waits_for_the_lock_does_not_keep_it_for_ever(file, child):
    async def main():
        async with opened(file, busy_s=2) as store:
            other = child("lock", file)
            assert other.says() == "locked"
            waiting = asyncio.create_task(store.receive(message(1)))
            await asyncio.sleep(0.2)
            waiting.cancel()
            await asyncio.sleep(0.05)
            other.go()
            assert other.says() == "let go"
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await store.receive(message(2))
            assert not await store.receive(message(1))  # it was written whole

    asyncio.run(main())


def test_tasks_that_are_cancelled_leave_no_lock_behind_and_nothing_half_written(where):
    async def main():
        chance = random.Random(1)
        async with opened(where, busy_s=2) as store:
            for burst in range(8):
                tasks = [asyncio.create_task(asked(store, f"{burst}-{number}")) for number in range(10)]
                await asyncio.sleep(chance.random() * 0.15)
                for task in chance.sample(tasks, 7):
                    task.cancel()
                ends = await asyncio.gather(*tasks, return_exceptions=True)
                assert [e for e in ends if isinstance(e, Exception)] == []
            start = time.monotonic()
            assert await store.receive(message("after"))
            assert time.monotonic() - start < 1
        assert is_sound(where)

    asyncio.run(main())


# -- a server --------------------------------------------------------------------------------------------------------


def test_a_server_that_does_not_let_us_in_is_said_in_a_sentence_without_the_password(postgres):
    assert refused(postgres.url("nowhere").replace("krishna@", "krishna:secret@")) == (
        f"the database {postgres.url('nowhere').replace('://krishna@', '+asyncpg://krishna:***@')} is not there, or its "
        "user is not; make it, or check KRISHNA_DATABASE_URL"
    )
    sentence = refused("postgres://krishna@127.0.0.1:9/krishna")
    assert re.fullmatch(r"the database \S+ cannot be reached \(.*\); check KRISHNA_DATABASE_URL", sentence)


def test_a_server_that_was_started_anew_is_found_again(postgres, on_server):
    async def main():
        async with opened(on_server()) as store:
            assert await store.receive(message(1))
            postgres.stop()
            with pytest.raises(StoreError, match=r"cannot be reached|closed|terminat"):
                await store.receive(message(2))
            postgres.start()
            assert await store.receive(message(2)) and not await store.receive(message(1))

    asyncio.run(main())


def test_a_host_that_froze_while_it_wrote_alone_does_not_stop_the_others_for_ever(on_server):
    async def main():
        where = on_server()
        async with opened(where, busy_s=0.6) as frozen, opened(where, busy_s=3) as store:
            with pytest.raises(StoreError):  # its transaction is gone when it thaws
                async with frozen._db.write() as session:
                    start = time.monotonic()
                    assert await store.receive(message(1))  # beside it
                    await store.start_turn(inbound=message(1), conversation="room", parent_id=None)
                    assert 0.3 < time.monotonic() - start < 2.5
                    await session.execute(text("SELECT 1"))

    asyncio.run(main())


def test_a_lock_on_a_server_that_stays_is_said_in_a_sentence(on_server):
    async def main():
        where = on_server()
        async with opened(where, busy_s=0.3) as store, opened(where) as other, other._db.write():
            with pytest.raises(
                StoreError, match=r"is locked by another program for more than 0.3 s; stop that program"
            ):
                await store.vote(1, "ann", 1)

    asyncio.run(main())


# -- full ---------------------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_in_a_sentence_and_nothing_is_half_written(file):
    """SQLite's own limit of pages stands for the disk: it gives the same SQLITE_FULL."""
    pages = {"most": 100}

    def limit(connection, _):
        connection.execute(f"PRAGMA max_page_count = {pages['most']}")

    async def main():
        async with opened(file) as store:
            engines = store._db.engine.sync_engine, store._db.quick
            for engine in engines:
                engine.dispose()
                event.listen(engine, "connect", limit)
            kept = []
            with pytest.raises(StoreError) as full:
                for number in range(100):
                    await store.receive(message(number, text="many words " * 1000))
                    kept.append(str(number))
            assert str(full.value) == (
                f"the database {file} cannot grow: the disk is full; free some space, nothing stored is lost"
            )
            assert kept and [p.inbound.update_id for p in await store.unfinished("telegram")] == kept
            with pytest.raises(StoreError):
                await began(store, message("0", text="y" * 100_000))
            assert await store.head("room") is None
            # what is there can still be answered, and erased
            await store.done(("telegram", "0"))
            assert await store.forget("telegram", "ann") == len(kept)
            assert traces(file, "many words") == 0
            pages["most"] = 100_000
            for engine in engines:
                engine.dispose()
            assert await store.receive(message(100, text="many words " * 50_000))
        assert is_sound(file)

    asyncio.run(main())


def test_a_disk_that_refuses_a_write_is_said_in_a_sentence_and_nothing_is_half_written(file, child):
    disk = child("small_disk", file, 360_000)
    sentence, number, kept, works_again = (disk.says() for _ in range(4))
    assert sentence == (
        f"the database {file} cannot be written: the disk is full or failing; free some space or look at the disk"
    )
    assert number == kept > 5 and works_again is True
    assert is_sound(file)
    assert sql(file, "SELECT count(*) FROM inbox") == [(number + 1,)]


def test_a_new_file_that_another_program_writes_first_is_waited_for(tmp_path):
    """SQLite itself waits for nobody who holds a file that is not WAL's yet."""
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE theirs (x)")
    ends = threading.Timer(0.5, other.execute, ("ROLLBACK",))
    ends.start()

    async def main():
        store = await Store.open(tmp_path / "new.db", busy_s=5.0)
        assert await store.receive(message(1))
        await store.close()

    asyncio.run(main())
    ends.join()
    other.close()
