"""What the tests of the storage room share: messages, answered questions, and a look at the file from outside."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from storage import Inbound, Store, Turn

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
    turn = await store.start_turn(
        inbound=inbound, conversation=conversation, parent_id=parent, alternative_of=again, question=text
    )
    await store.finish_turn(turn.id, answer=answer, status="failed" if answer is None else "done", **figures)
    await store.posted(turn.id, inbound.chat_id, posts)
    await store.done(inbound.key)
    found = await store.turn(turn.id)
    assert found is not None
    return found


def sql(file: Path, statement: str, *values: Any) -> list[Any]:
    """Ask the file itself, over a connection that is not the store's."""
    with contextlib.closing(sqlite3.connect(file, timeout=10)) as connection, connection:
        return connection.execute(statement, values).fetchall()


def is_sound(file: Path) -> bool:
    return sql(file, "PRAGMA integrity_check") == [("ok",)] and sql(file, "PRAGMA foreign_key_check") == []


def traces(file: Path, words: str) -> int:
    """How often words stand in the bytes of the file and of its log."""
    files = [file, file.with_name(f"{file.name}-wal")]
    return sum(f.read_bytes().count(words.encode()) for f in files if f.exists())


def rows_of(file: Path, user: str) -> dict[str, int]:
    """How many rows of every table that knows persons are about one, also of tables that are not made yet."""
    tables = [name for (name,) in sql(file, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    personal = [t for t in tables if any(c[1] == "user_id" for c in sql(file, f"PRAGMA table_info({t})"))]
    return {t: sql(file, f"SELECT count(*) FROM {t} WHERE user_id = ?", user)[0][0] for t in personal}


class Child:
    """Another process over the same file: a part of tests/storage/child.py."""

    def __init__(self, part: str, file: Path, *values: Any) -> None:
        from tests.storage.child import run

        self._pipe, theirs = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=run, args=(part, theirs, file, *values), daemon=True)
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
