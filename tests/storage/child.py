"""Other processes that work on the same database. What they have to say goes through a pipe, after it is true."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import tempfile
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from storage import Store, StoreError
from tests.storage.conftest import message, opened

NOBODY = 65534


def run(part: str, pipe: Connection, where: Path | str, *values: Any) -> None:
    asyncio.run(PARTS[part](pipe, where, *values))


async def deliver(pipe: Connection, where: Path | str, updates: int, tasks: int) -> None:
    """Each of many tasks delivers the same updates; says how many were new."""
    async with opened(where) as store:
        pipe.send("ready")
        pipe.recv()

        async def task() -> int:
            return sum([await store.receive(message(n)) for n in range(updates)])

        pipe.send(sum(await asyncio.gather(*(task() for _ in range(tasks)))))


async def work(pipe: Connection, where: Path | str, name: str) -> None:
    """Answer questions until killed; says each step that is committed."""
    async with opened(where) as store:
        for n in count():
            inbound = message(f"{name}-{n}", text=f"question {n} " * 20)
            await store.receive(inbound)
            pipe.send(("received", inbound.update_id))
            await store.begin(inbound.key)
            turn = await store.start_turn(
                inbound=inbound, conversation="room", parent_id=await store.head("room"), question=f"question {n}"
            )
            pipe.send(("started", inbound.update_id))
            await store.finish_turn(turn.id, answer=f"answer {n}", status="done")
            pipe.send(("answered", inbound.update_id))
            await store.sending(inbound.key)
            pipe.send(("sending", inbound.update_id))
            await store.posted(turn.id, "room", [f"post-{inbound.update_id}"])
            pipe.send(("posted", inbound.update_id))
            await store.done(inbound.key)
            pipe.send(("done", inbound.update_id))


async def forget(pipe: Connection, where: Path | str, user: str) -> None:
    async with opened(where) as store:
        pipe.send("ready")
        pipe.recv()
        pipe.send(await store.forget("telegram", user))


async def opening(pipe: Connection, where: Path | str) -> None:
    pipe.send("ready")
    pipe.recv()
    async with opened(where) as store:
        pipe.send(await store.check())


async def lock(pipe: Connection, file: Path) -> None:
    """Hold the lock of the writer, with a change that is not committed, until told to let go."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE turns SET answer = 'not committed'")
    pipe.send("locked")
    pipe.recv()
    other.execute("ROLLBACK")
    pipe.send("let go")


async def read(pipe: Connection, file: Path) -> None:
    """Hold on to a state of the file, as a backup does, until told to let go."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM turns").fetchall()
    pipe.send("reading")
    pipe.recv()
    other.close()
    pipe.send("let go")


async def unprivileged(pipe: Connection, file: Path) -> None:
    """Open the file as a user who may not write it: root may write everything."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder) / "warm.db"):  # imports, while the interpreter's files can be read for sure
            pass
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        store = await Store.open(file)
        pipe.send("opened")
        await store.close()
    except StoreError as error:
        pipe.send(str(error))


async def small_disk(pipe: Connection, file: Path, size: int) -> None:
    """Write until no file may grow; says the error, how many were received, how many are there, and if it goes on."""
    async with opened(file) as store:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        for n in count():
            try:
                await store.receive(message(n, text="x" * 5000))
            except StoreError as error:
                pipe.send(str(error))
                break
        pipe.send(n)
        pipe.send(len(await store.unfinished("telegram")))
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        pipe.send(await store.receive(message(n, text="x" * 5000)))


PARTS = {p.__name__: p for p in (deliver, work, forget, opening, lock, read, unprivileged, small_disk)}
