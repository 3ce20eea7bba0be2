"""Backups of a file that others write to, and what is refused before anything is touched."""

import asyncio
import os
import shutil
import sqlite3
import time

import pytest

from storage import StoreError, backup, restore
from storage.copies import look
from tests.storage.conftest import asked, is_sound, message, opened, sql, traces

COUNT = "SELECT count(*) FROM turns"


def run(work):
    return asyncio.run(work)


def refused(work):
    """The sentence with which something is not done."""
    with pytest.raises(StoreError) as refusal:
        asyncio.run(work)
    return str(refusal.value)


async def fill(file, n=3, **options):
    async with opened(file) as store:
        for i in range(n):
            await asked(store, i, **options)
        await store.receive(message("waiting"))


def test_copies_made_while_another_process_writes_are_each_one_moment_of_it(file, tmp_path, child):
    busy = [child("work", file, name) for name in ("a", "b")]
    for one in busy:
        assert one.says()
    copies, moments = [], []
    for i in range(4):
        copies.append(run(backup(str(file), tmp_path / f"{i}.bak")))
        moments.append(sql(file, COUNT)[0][0])
        time.sleep(0.3)
    for one in busy:
        assert one.lives()  # nobody was kept waiting so long that it gave up
        one.kill()
    turns = [copy.rows["turns"] for copy in copies]
    assert turns == sorted(turns) and turns[0] < turns[-1]
    assert all(turns[i] <= moments[i] for i in range(4))
    for i in range(4):
        copy = tmp_path / f"{i}.bak"
        assert is_sound(copy) and not list(tmp_path.glob(f"{i}.bak-*"))
        # at one moment no message is further than its turn
        assert sql(copy, "SELECT count(*) FROM posts p LEFT JOIN turns t ON t.id = p.turn_id WHERE t.id IS NULL") == [
            (0,)
        ]
        assert oct(copy.stat().st_mode & 0o777) == "0o600"

    async def goes_on():
        _, kept = await restore(str(file), tmp_path / "3.bak", replace=True)
        assert kept is not None and is_sound(kept) and sql(kept, COUNT)[0][0] >= turns[3]
        async with opened(file) as store:
            assert sql(file, COUNT) == [(turns[3],)]
            assert len(await store.unfinished("telegram")) == copies[3].waiting
            await asked(store, "new")
        assert is_sound(file) and sql(file, COUNT) == [(turns[3] + 1,)]

    run(goes_on())


def test_what_was_forgotten_is_not_in_the_next_backup(file, tmp_path):
    async def main():
        async with opened(file) as store:
            await asked(store, 1, text="the secret of ann")
            await asked(store, 2, "bob", text="what bob said")
            # as after a crash between the two: erased, and not yet overwritten everywhere
            async with store._db.write() as session:
                from storage import privacy

                await privacy.forget(session, "telegram", "ann")
                await store._db.erased(session)
            await backup(str(file), tmp_path / "copy")

    run(main())
    assert traces(tmp_path / "copy", "what bob said") and not traces(tmp_path / "copy", "the secret of ann")
    assert sql(tmp_path / "copy", "PRAGMA user_version") == [(0,)]


def test_nothing_is_overwritten_without_being_told(file, tmp_path):
    run(fill(file))
    there = tmp_path / "there"
    there.write_text("a letter")
    assert refused(backup(str(file), there)) == f"{there} exists already; add --force to replace it"
    assert there.read_text() == "a letter"
    run(backup(str(file), there, replace=True))
    before = file.read_bytes()
    assert "add --force" in refused(restore(str(file), there))
    assert file.read_bytes() == before
    assert "is a folder" in refused(backup(str(file), tmp_path))
    assert "is the database itself" in refused(backup(str(file), file, replace=True))
    assert "is the database itself" in refused(restore(str(file), file, replace=True))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["krishna.db", "there"]


def test_a_database_that_a_host_holds_open_is_not_replaced(file, tmp_path):
    async def main():
        await fill(file)
        await backup(str(file), tmp_path / "copy")
        async with opened(file) as store:
            with pytest.raises(StoreError, match=r"has .* open; stop it"):
                await restore(str(file), tmp_path / "copy", replace=True)
            await asked(store, "more")
        assert sql(file, COUNT) == [(4,)] and is_sound(file)
        await restore(str(file), tmp_path / "copy", replace=True)
        assert sql(file, COUNT) == [(3,)]

    run(main())


def test_what_is_no_whole_backup_is_refused(file, tmp_path):
    run(fill(file, 40, answer="a long answer " * 60))
    good, bad = tmp_path / "good", tmp_path / "bad"
    run(backup(str(file), good))
    assert "no backup at" in refused(restore(str(file), bad, replace=True))
    bad.write_text("Dear diary, " * 500)
    assert "cannot be read as a backup" in refused(restore(str(file), bad, replace=True))
    bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    assert "bad" in refused(restore(str(file), bad, replace=True))
    page = bytearray(good.read_bytes())
    page[8 * 4096 : 9 * 4096] = os.urandom(4096)
    bad.write_bytes(page)
    assert "bad" in refused(restore(str(file), bad, replace=True))
    bad.unlink()
    with sqlite3.connect(bad) as other:
        other.execute("CREATE TABLE songs (name)")
    assert "none of Krishna's" in refused(restore(str(file), bad, replace=True))
    shutil.copy(good, bad)
    sql(bad, "UPDATE alembic_version SET version_num = '9999'")
    assert "made by a newer Krishna (schema 9999)" in refused(restore(str(file), bad, replace=True))
    assert sql(file, COUNT) == [(40,)] and is_sound(file)
    assert look(good).rows["turns"] == 40


def test_a_damaged_database_is_replaced_and_kept(file, tmp_path):
    run(fill(file))
    run(backup(str(file), tmp_path / "copy"))
    file.write_bytes(b"rubbish " * 2000)
    log = tmp_path / "krishna.db-wal"
    log.write_bytes(b"what a crash left")
    _, kept = run(restore(str(file), tmp_path / "copy", replace=True))
    assert kept.read_bytes().startswith(b"rubbish") and not log.exists()
    assert sql(file, COUNT) == [(3,)] and is_sound(file)
    damaged = refused(backup(str(kept), tmp_path / "more"))
    assert "is not a database" in damaged and not (tmp_path / "more").exists()


def test_a_backup_without_room_leaves_nothing(file, tmp_path):
    """A file system of its own is more than a test may ask for: the file may not grow instead."""
    import resource

    run(fill(file, 40, answer="a long answer " * 60))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    try:
        sentence = refused(backup(str(file), tmp_path / "copy"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be written" in sentence and "room" in sentence
    assert not [p for p in tmp_path.iterdir() if "copy" in p.name]


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("postgresql+asyncpg://me:secret@host/krishna", "pg_dump"),
        ("sqlite+aiosqlite://", "in memory"),
        ("nowhere/krishna.db", "there is no database at nowhere/krishna.db"),
        ("this://is no url://", "neither a file nor a URL"),
    ],
)
def test_what_has_no_file_is_said_plainly(tmp_path, where, says):
    sentence = refused(backup(where, tmp_path / "copy"))
    assert says in sentence and "secret" not in sentence
    assert not list(tmp_path.iterdir())


def test_an_older_schema_is_copied_as_it_is(file, tmp_path):
    from alembic import command
    from sqlalchemy import create_engine

    from storage.migrations import config

    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(config(connection), "0001")
    engine.dispose()
    assert run(backup(f"sqlite+aiosqlite:///{file}", tmp_path / "copy")).schema == "0001"
    assert sql(file, "SELECT version_num FROM alembic_version") == [("0001",)]
