"""The database locked by another program for longer than it is waited for, read all the while, and a full disk.

Whatever a turn was doing then, it waits and goes on: the answer that was made is kept, and sent once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tests.bots.discord.talk as discord
import tests.bots.telegram.talk as telegram
from tests.bots.discord.talk import locked
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.hosts import Host, Hosts
from tests.platforms.telegram_server import TelegramServer

ANSWER = "— Gita"
BUSY_S = 0.2


@pytest.fixture
def brisk(monkeypatch):
    monkeypatch.setattr("bots.patience.PAUSE_S", 0.1)
    monkeypatch.setattr("bots.patience.LONGEST_PAUSE_S", 0.3)


def waited(caplog) -> bool:
    """Whether the log says what waits, for what, and the mend; and nothing worse."""
    said = [r.getMessage() for r in caplog.records if r.levelname == "ERROR"]
    assert all("waits for the database, next try in" in line for line in said), said
    assert "is locked by another program for more than 0.2 s; stop that program" in caplog.text
    return True


def test_a_lock_in_the_middle_of_an_answer_delays_it(tmp_path, tokenizer, caplog, brisk):
    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.01)
        async with telegram.talking(tmp_path, engine, busy_s=BUSY_S) as talk:
            talk.server.private(7, "What is duty?")
            await talk.server.wait_for(lambda: talk.server.draft(7))
            async with locked(tmp_path):
                talk.server.private(8, "What is anger?")  # cannot even be stored
                await asyncio.sleep(1.2)  # the first answer is made, and cannot be kept
                assert not talk.server.messages(7) and not engine.busy
            for person in (7, 8):
                assert (await talk.answer(person)).text.startswith(COUNSEL)
            await talk.idle()
            assert [len(talk.server.messages(p)) for p in (7, 8)] == [1, 1]
            assert len(engine.requests) == 2  # neither was made a second time

    asyncio.run(main())
    assert waited(caplog)


@pytest.mark.parametrize("step", ["before", "after"])
def test_a_lock_at_the_very_moment_of_the_send_shows_nothing_twice(
    tmp_path, tokenizer, caplog, brisk, step, monkeypatch
):
    """before: the mark that a send begins cannot be written; after: that it ended."""

    async def main():
        async with telegram.talking(tmp_path, ScriptedEngine(tokenizer), busy_s=BUSY_S) as talk:
            holding = asyncio.Event()

            async def hold() -> None:
                async with locked(tmp_path):
                    holding.set()
                    await asyncio.sleep(0.8)

            method = {"before": "sending", "after": "posted"}[step]
            once, original = [], getattr(talk.store, method)

            async def at_the_step(*args):
                if not once:
                    once.append(asyncio.create_task(hold()))
                    await holding.wait()
                return await original(*args)

            monkeypatch.setattr(talk.store, method, at_the_step)
            talk.server.private(7, "What is duty?")
            await talk.server.wait_for(lambda: once and once[0].done())
            assert (await talk.answer(7)).text.startswith(COUNSEL)
            await talk.idle()
            assert len(talk.server.messages(7)) == 1 and len(talk.engine.requests) == 1
            assert await talk.store.unfinished("telegram") == []

    asyncio.run(main())
    assert waited(caplog)


def test_a_lock_delays_discord_too(tmp_path, tokenizer, caplog, brisk):
    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.01)
        async with discord.talking(tmp_path, engine, busy_s=BUSY_S) as talk:
            server, place = talk.server, talk.server.add_channel(talk.server.hall)
            server.say(server.anna, server.room, "What is duty?")
            await server.wait_for(lambda: server.ours(server.room))
            async with locked(tmp_path):
                asked = discord.ask(server, server.anna, place)
                await asyncio.sleep(1.2)
            first, second = await talk.answer(server.room), await talk.answer(place)
            await talk.idle()
            assert first.content.startswith(COUNSEL) and second.content.startswith(COUNSEL)
            assert server.ours(server.room) == [first] and server.ours(place) == [second] == [asked.original]
            assert len(engine.requests) == 2

    asyncio.run(main())
    assert waited(caplog)


def test_a_reader_that_stays_delays_nobody(tmp_path, tokenizer, caplog):
    """As a backup does, or an operator's sqlite3: nothing is emptied out of the log meanwhile, and nobody waits."""

    async def main():
        async with telegram.talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            reader = sqlite3.connect(tmp_path / "krishna.db", isolation_level=None)
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM turns").fetchone() == (0,)
            start = time.monotonic()
            for person in range(1, 6):
                talk.server.private(person, "What is duty?")
            for person in range(1, 6):
                assert (await talk.answer(person)).text.startswith(COUNSEL)
            talk.server.private(1, "/forget")
            await talk.answer(1, 2)
            assert time.monotonic() - start < 10
            assert reader.execute("SELECT count(*) FROM turns").fetchone() == (0,)  # it was there all the time
            reader.close()
            await talk.idle()

    asyncio.run(main())
    assert not [r for r in caplog.records if r.levelname in ("WARNING", "ERROR")]


# -- a full disk ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Make the folder a file system of 2 MB. False where this user may not."""
    made = (
        os.geteuid() == 0 and not subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder]).returncode
    )
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "--lazy", folder], check=True)


def filled(disk: Path) -> Callable[[], object]:
    """Leave no room. Returns what makes it again."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return filler.unlink


def limited(pid: int) -> Callable[[], object]:
    """Let no file of a process grow any more: the database's are larger already. Returns what lets them."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (32_768, hard))
    return lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


async def full(hosts: Hosts, folder: Path, says: str, fill: Callable[[Host], Callable[[], object]]) -> None:
    """One person is being answered when the disk is full, another one writes then. fill: returns what makes room."""
    async with TelegramServer() as server:
        host = await hosts.start(
            database_url=str(folder / "krishna.db"), telegram_token=server.token, telegram_api_base=server.base
        )
        server.private(7, "What is duty?")
        await server.wait_for(lambda: server.draft(7), 30)
        make_room = fill(host)
        server.private(8, "What is anger?")
        await server.wait_for(lambda: host.log.count("waits for the database, next try") >= 2)
        assert not server.messages(7) and not server.messages(8)
        make_room()
        await server.wait_for(lambda: server.messages(7) and server.messages(8))
        await asyncio.sleep(0.5)  # time for anything that would come twice
        for person in (7, 8):
            (answer,) = server.messages(person)
            assert ANSWER in answer.text
        assert len(host.made()) == 2 and says in host.log and "Traceback" not in host.log, host.log


def test_a_full_disk_delays_answers(tmp_path, embedded_folder):
    """In two ways at once: a file system without room, where one may be made, and writes that are refused."""
    (small := tmp_path / "small").mkdir()

    async def main():
        with small_disk(small) as made:
            async with Hosts(tmp_path) as hosts, asyncio.TaskGroup() as both:
                both.create_task(
                    full(hosts, tmp_path, "the disk is full or failing; free some space", lambda h: limited(h.pid))
                )
                if made:
                    both.create_task(full(hosts, small, "cannot grow: the disk is full; free", lambda _: filled(small)))

    asyncio.run(main())
