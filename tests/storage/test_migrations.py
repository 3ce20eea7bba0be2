import asyncio

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from storage import StoreError, Subscription
from storage.migrations import config
from storage.tables import Base
from tests.storage.conftest import asked, is_sound, message, opened, sql

HEAD = ScriptDirectory.from_config(config()).get_current_head()
SCHEMA = "SELECT type, name, sql FROM sqlite_master ORDER BY name"


def version(file):
    return [row[0] for row in sql(file, "SELECT version_num FROM alembic_version")]


def rows(file):
    return {name: sql(file, f"SELECT * FROM {name}") for name in Base.metadata.tables}


async def fill(store):
    first = await asked(store, 1, posts=("p1",))
    await asked(store, 2, "bob", parent=first.id, again=first.id, posts=("p2",))
    await store.vote(first.id, "bob", 1)
    await store.optout("telegram", "ann")
    await store.daily.put(Subscription("telegram", "ann", "room", 450, "Asia/Kolkata", 1.5, 739_000, 1.25))
    await store.receive(message(3))


@pytest.mark.parametrize("there", [False, True])
def test_no_file_and_an_empty_one_come_to_the_newest_schema(file, there):
    async def main():
        if there:
            file.touch()
        async with opened(file):
            assert version(file) == [HEAD]
            assert {name for kind, name, _ in sql(file, SCHEMA) if kind == "table"} >= set(Base.metadata.tables)

    asyncio.run(main())


def test_models_and_migrations_agree(file):
    async def main():
        async with opened(file):
            pass

    asyncio.run(main())
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("revision", [s.revision for s in ScriptDirectory.from_config(config()).walk_revisions()])
def test_a_database_of_every_version_comes_to_the_newest_and_keeps_its_rows(file, tmp_path, revision):
    """Made by that version's own migrations, with all that its columns can hold."""
    full = tmp_path / "full.db"

    async def main():
        async with opened(full) as store:
            await fill(store)
        engine = create_engine(f"sqlite:///{file}")
        with engine.begin() as connection:
            command.upgrade(config(connection), revision)
        engine.dispose()
        assert version(file) == [revision]
        there = {name for (name,) in sql(file, "SELECT name FROM sqlite_master WHERE type = 'table'")}
        kept = {}
        for table in there & set(Base.metadata.tables):
            kept[table] = ", ".join(f'"{column[1]}"' for column in sql(file, f"PRAGMA table_info({table})"))
            for row in sql(full, f"SELECT {kept[table]} FROM {table}"):
                sql(file, f"INSERT INTO {table} ({kept[table]}) VALUES ({', '.join('?' * len(row))})", *row)
        before = {table: sql(file, f"SELECT {columns} FROM {table}") for table, columns in kept.items()}
        assert before["turns"] and before["votes"] and before["people"]
        for _ in range(2):
            async with opened(file) as store:
                assert (await store.turn(1)).question and len(await store.unfinished("telegram")) == 1
            assert {t: sql(file, f"SELECT {columns} FROM {t}") for t, columns in kept.items()} == before
            assert version(file) == [HEAD] and is_sound(file)

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
def test_a_migration_that_fails_changes_nothing(file, fault):
    def fail(connection):
        connection.exec_driver_sql("CREATE TABLE more (id INTEGER)")
        connection.exec_driver_sql("ALTER TABLE people ADD COLUMN more INTEGER")
        connection.exec_driver_sql("DELETE FROM turns WHERE id = 1")  # others hang on it
        if fault == "an error":
            raise RuntimeError(fault)
        return True

    async def main():
        async with opened(file) as store:
            await fill(store)
            before = sql(file, SCHEMA), rows(file)
            with pytest.raises((RuntimeError, StoreError), match=r"an error|is damaged"):
                await store._db.migrate(fail)
            assert (sql(file, SCHEMA), rows(file)) == before
            assert await store.receive(message(4))

    asyncio.run(main())


def test_processes_that_start_on_a_new_file_at_once_all_open_it(file, child):
    starting = [child("opening", file) for _ in range(6)]
    assert [process.says() for process in starting] == ["ready"] * 6
    for process in starting:
        process.go()
    assert ["writable" in process.says() for process in starting] == [True] * 6
    assert version(file) == [HEAD] and is_sound(file)
