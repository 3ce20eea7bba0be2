import asyncio
import time

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError

from storage import StoreError, Subscription
from storage.database import Database
from storage.migrations import config
from storage.tables import Base
from tests.storage.conftest import asked, columns_of, is_sound, message, opened, sql

HEAD = ScriptDirectory.from_config(config()).get_current_head()
TABLES = [table.name for table in Base.metadata.sorted_tables]


def version(where):
    return [row[0] for row in sql(where, "SELECT version_num FROM alembic_version")]


def rows(where):
    return {name: sql(where, f"SELECT * FROM {name}") for name in TABLES}


async def fill(store):
    first = await asked(store, 1, posts=("p1",))
    await asked(store, 2, "bob", parent=first.id, again=first.id, posts=("p2",))
    await store.vote(first.id, "bob", 1)
    await store.optout("telegram", "ann")
    await store.daily.put(Subscription("telegram", "ann", "room", 450, "Asia/Kolkata", 1.5, 739_000, 1.25))
    await store.receive(message(3))


def test_on_a_busy_machine_a_server_waits_for_the_rest_of_a_change(postgres, monkeypatch):
    """A host that stood still for a moment between two statements of it ended at its start."""
    monkeypatch.setattr("storage.database.FROZEN_S", 0.2)
    upgrade = command.upgrade

    def slowly(*args):
        time.sleep(0.6)
        upgrade(*args)

    monkeypatch.setattr(command, "upgrade", slowly)
    database = postgres.new()

    async def main():
        async with opened(database):
            assert version(database) == [HEAD]

    asyncio.run(main())


@pytest.mark.parametrize("there", [False, True])
def test_no_file_and_an_empty_one_come_to_the_newest_schema(file, there):
    async def main():
        if there:
            file.touch()
        async with opened(file):
            assert version(file) == [HEAD]
            assert set(columns_of(file)) >= set(TABLES)

    asyncio.run(main())


def test_models_and_migrations_agree(bare):
    options = {"compare_type": True, "compare_server_default": True}

    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)

    async def main():
        async with opened(bare()) as store, store._db.engine.connect() as connection:
            assert await connection.run_sync(differences) == []

    asyncio.run(main())


@pytest.mark.parametrize("revision", [s.revision for s in ScriptDirectory.from_config(config()).walk_revisions()])
def test_a_database_of_every_version_comes_to_the_newest_and_keeps_its_rows(bare, revision):
    """Made by that version's own migrations, with all that its columns can hold."""
    full, old = bare(), bare()

    async def main():
        async with opened(full) as store:
            await fill(store)
        database = Database(str(old))
        async with database.engine.begin() as connection:
            await connection.run_sync(lambda c: command.upgrade(config(c), revision))
        await database.close()
        assert version(old) == [revision]
        kept = {}
        for table in TABLES:  # in the order of their foreign keys
            if columns := columns_of(old).get(table):
                kept[table] = ", ".join(f'"{column}"' for column in columns)
                for row in sql(full, f"SELECT {kept[table]} FROM {table}"):
                    sql(old, f"INSERT INTO {table} ({kept[table]}) VALUES ({', '.join('?' * len(row))})", *row)
        before = {table: sql(old, f"SELECT {columns} FROM {table}") for table, columns in kept.items()}
        assert before["turns"] and before["votes"] and before["people"]
        for _ in range(2):
            async with opened(old) as store:
                assert (await store.turn(1)).question and len(await store.unfinished("telegram")) == 1
            assert {t: sql(old, f"SELECT {columns} FROM {t}") for t, columns in kept.items()} == before
            assert version(old) == [HEAD] and is_sound(old)

    asyncio.run(main())


def test_a_table_can_be_rebuilt_and_keeps_what_hangs_on_it(file):
    """SQLite changes a column by making the table anew; dropping the old one would empty posts, votes and heads."""

    def rebuild(connection):
        operations = Operations(MigrationContext.configure(connection, opts={"render_as_batch": True}))
        with operations.batch_alter_table("turns", recreate="always") as table:
            table.alter_column("question", nullable=True)
        return True

    async def main():
        async with opened(file) as store:
            await fill(store)
            before = rows(file)
            await store._db.migrate(rebuild)
            assert rows(file) == before and is_sound(file)
            # foreign keys are on again
            with pytest.raises(StoreError, match="FOREIGN KEY"):
                async with store._db.write() as session:
                    await (await session.connection()).exec_driver_sql("DELETE FROM turns WHERE id = 1")

    asyncio.run(main())


@pytest.mark.parametrize("fault", ["an error", "a reference to nothing"])
def test_a_migration_that_fails_changes_nothing(where, fault):
    def fail(connection):
        connection.exec_driver_sql("CREATE TABLE more (id INTEGER)")
        connection.exec_driver_sql("ALTER TABLE people ADD COLUMN more INTEGER")
        if fault == "an error":
            raise RuntimeError(fault)
        connection.exec_driver_sql("DELETE FROM turns WHERE id = 1")  # others hang on it
        return True

    async def main():
        async with opened(where) as store:
            await fill(store)
            before = columns_of(where), rows(where)
            with pytest.raises((RuntimeError, StoreError, IntegrityError), match=r"an error|is damaged|foreign key"):
                await store._db.migrate(fail)
            assert (columns_of(where), rows(where)) == before
            assert await store.receive(message(4))

    asyncio.run(main())


def test_processes_that_start_on_a_new_database_at_once_all_open_it(bare, child):
    where = bare()
    starting = [child("opening", where) for _ in range(6)]
    assert [process.says() for process in starting] == ["ready"] * 6
    for process in starting:
        process.go()
    assert ["writable" in process.says() for process in starting] == [True] * 6
    assert version(where) == [HEAD] and is_sound(where)
