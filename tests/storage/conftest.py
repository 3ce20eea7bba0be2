"""What the tests of the storage room share: messages, answered questions, and a look at the database from outside.

`where` is a new database, and a test that takes it runs once for SQLite and once for PostgreSQL; `file` is SQLite's.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from storage import Inbound, Store, Turn
from tests.postgres import Postgres, ask

# Children are forked off a process that has imported all they need: real processes that begin in milliseconds.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.storage.child"])


def message(number: int | str, user: str = "ann", text: str = "What is duty?", **changes: Any) -> Inbound:
    given = {"platform": "telegram", "kind": "text", "chat_id": "room", "private": False, "user_name": user.title()}
    return Inbound(**{**given, **changes}, update_id=str(number), user_id=user, text=text)


@contextlib.asynccontextmanager
async def opened(file: Path | str, **options: Any) -> AsyncIterator[Store]:
    store = await Store.open(file, **options)
    try:
        yield store
    finally:
        await store.close()


async def began(store: Store, inbound: Inbound, parent: int | None = None, **how: Any) -> Turn:
    """A question that came, and whose answer is begun."""
    await store.receive(inbound)
    turn = await store.start_turn(inbound=inbound, parent_id=parent, **{"conversation": "room", **how})
    assert turn is not None
    return turn


async def asked(
    store: Store,
    number: int | str,
    user: str = "ann",
    text: str = "What is duty?",
    answer: str | None = "Do your work.",
    *,
    parent: int | None = None,
    again: int | None = None,
    conversation: str = "room",
    posts: Sequence[str] = (),
    platform: str = "telegram",
    **figures: Any,
) -> Turn:
    """A question on its whole way, from its receipt to its answer (None: it failed)."""
    inbound = message(number, user, text, platform=platform)
    assert await store.receive(inbound)
    await store.begin(inbound.key)
    turn = await began(store, inbound, parent, conversation=conversation, alternative_of=again, question=text)
    await store.finish_turn(turn.id, answer=answer, status="failed" if answer is None else "done", **figures)
    await store.posted(turn.id, inbound.chat_id, posts)
    await store.done(inbound.key)
    found = await store.turn(turn.id)
    assert found is not None
    return found


Where = Path | str  # a file of SQLite's, or the URL of a database on a server


def sql(where: Where, statement: str, *values: Any) -> list[Any]:
    """Ask the database itself, over a connection that is not the store's. A value stands where a ? is."""
    if isinstance(where, str):
        numbers = count(1)
        return ask(where, re.sub(r"\?", lambda _: f"${next(numbers)}", statement), *values)
    with contextlib.closing(sqlite3.connect(where, timeout=10)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def columns_of(where: Where) -> dict[str, list[str]]:
    """The tables with their columns, also those that were not made yet when this was written."""
    found: dict[str, list[str]] = {}
    for table, column in sql(
        where,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        if isinstance(where, str)
        else "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'",
    ):
        found.setdefault(table, []).append(column)
    return found


def is_sound(where: Where) -> bool:
    if isinstance(where, str):
        return True  # a server takes no row that points at nothing; how it keeps its pages is its own affair
    return sql(where, "PRAGMA integrity_check") == [("ok",)] and sql(where, "PRAGMA foreign_key_check") == []


def traces(where: Where, words: str) -> int:
    """How often words stand in the bytes of the file and of its log; in how many rows of a server's tables."""
    if isinstance(where, str):
        return sum(
            sql(where, f"SELECT count(*) FROM {table} t WHERE strpos(t::text, ?) > 0", words)[0][0]
            for table in columns_of(where)
        )
    files = [where, where.with_name(f"{where.name}-wal")]
    return sum(f.read_bytes().count(words.encode()) for f in files if f.exists())


def rows_of(where: Where, user: str) -> dict[str, int]:
    """How many rows of every table that knows persons are about one."""
    personal = [table for table, columns in columns_of(where).items() if "user_id" in columns]
    return {t: sql(where, f"SELECT count(*) FROM {t} WHERE user_id = ?", user)[0][0] for t in personal}


def many_turns(number: int, user: str) -> str:
    """A statement that makes turns, each the answer to the one before. user: of the i-th, in SQL."""
    return (
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) INSERT INTO turns (id, "
        "platform, update_id, chat_id, conversation, user_id, parent_id, question, status, verses, created_at) "
        f"SELECT i, 'telegram', CAST(i AS TEXT), 'room', 'room', {user}, nullif(i - 1, 0), 'q', 'done', '[]', 1 FROM n"
    )


class Child:
    """Another process over the same database: a part of tests/storage/child.py."""

    def __init__(self, part: str, where: Where, *values: Any) -> None:
        from tests.storage.child import run

        self._pipe, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=run, args=(part, theirs, where, *values), daemon=True)
        self._process.start()
        theirs.close()

    def says(self) -> Any:
        """The next thing it says; None when it is no more."""
        try:
            return self._pipe.recv()
        except EOFError:
            return None

    def go(self) -> None:
        """What it waits for."""
        self._pipe.send("go")

    def kill(self) -> None:
        """With SIGKILL: it cannot do anything any more."""
        self._process.kill()
        self._process.join()

    def lives(self) -> bool:
        return self._process.is_alive()


@pytest.fixture
def child() -> Iterator[Any]:
    """Starts children, and ends those that are left."""
    with contextlib.ExitStack() as children:

        def start(part: str, *values: Any) -> Child:
            started = Child(part, *values)
            children.callback(started.kill)
            return started

        yield start


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "krishna.db"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a database with nothing in it, for tests that need many."""
    file = tmp_path_factory.mktemp("empty") / "krishna.db"

    async def make() -> None:
        async with opened(file):
            pass

    asyncio.run(make())
    return file.read_bytes()


@pytest.fixture(scope="session")
def on_server(postgres: Postgres) -> Callable[[], str]:
    """Makes databases with nothing in them, on a real PostgreSQL."""
    template = postgres.new()

    async def make() -> None:
        async with opened(template):
            pass

    asyncio.run(make())
    return lambda: postgres.new(template)


@pytest.fixture(params=["sqlite", "postgres"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Where]:
    """Makes databases without any table, all of one kind."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres").new
    numbers = count(1)
    return lambda: tmp_path / f"krishna-{next(numbers)}.db"


@pytest.fixture(params=["sqlite", "postgres"])
def another(request: pytest.FixtureRequest, tmp_path: Path, empty: bytes) -> Callable[[], Where]:
    """Makes databases with nothing in them, all of one kind."""
    if request.param == "postgres":
        return request.getfixturevalue("on_server")
    numbers = count(1)

    def make() -> Path:
        file = tmp_path / f"krishna-{next(numbers)}.db"
        file.write_bytes(empty)
        return file

    return make


@pytest.fixture
def where(another: Callable[[], Where]) -> Where:
    return another()
