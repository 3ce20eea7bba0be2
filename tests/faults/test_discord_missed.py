"""What a dead process's session tells of is looked up until Discord gives it: it is told nowhere else."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from dataclasses import asdict
from pathlib import Path

import aiohttp
import pytest

from bots import patience
from bots.discord import adapter
from bots.discord.adapter import SESSION
from bots.discord.missed import Session
from storage import Store, StoreError
from tests.bots.discord.talk import World, running
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.platforms.discord_state import User


@pytest.mark.parametrize(("fault", "times"), [("429", 8), ("drop_before", 2)])
def test_a_strangers_first_words_are_looked_up_until_they_are_found(tmp_path, tokenizer, fault, times):
    """More often in a row than discord.py tries by itself: five times, and once."""

    async def main():
        async with World() as server:
            stranger = await spoken_to_the_dead(server, tmp_path)
            server.fault(r"GET /channels/\d+(/messages/\d+)?$", fault, times, retry_after=0.02)
            async with running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                assert (await talk.answer(server.dm_channel(stranger))).content.startswith(COUNSEL)
                await talk.idle()
                assert len(server.ours(server.dm_channel(stranger))) == 1

    asyncio.run(main())


def test_a_stop_before_they_are_found_leaves_them_to_the_next_start(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(adapter, "NOTE_EVERY_S", 0.05)

    async def main():
        async with World() as server:
            stranger = await spoken_to_the_dead(server, tmp_path)
            away = server.fault(r"GET /channels/\d+(/messages/\d+)?$", "drop_before", 9999)
            async with running(server, tmp_path, ScriptedEngine(tokenizer)):
                await server.wait_for(lambda: away.hits)
                await asyncio.sleep(0.3)  # time for the new session to be noted
            server.faults.clear()
            async with running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                assert (await talk.answer(server.dm_channel(stranger))).content.startswith(COUNSEL)
                new = server.gateway.ready[0].id
                await server.wait_for(lambda: new in note(tmp_path))  # and from there on the next one goes on

    asyncio.run(main())


def test_a_stranger_who_writes_between_a_stop_and_the_next_start_is_answered(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(adapter, "NOTE_EVERY_S", 0.05)

    async def main():
        async with World() as server:
            async with running(server, tmp_path, ScriptedEngine(tokenizer)):
                await server.wait_for(lambda: server.gateway.ready[0].id in note(tmp_path))
            server.dm(stranger := server.add_user("stranger"), "What is hope?")
            async with running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                assert (await talk.answer(server.dm_channel(stranger))).content.startswith(COUNSEL)

    asyncio.run(main())


def test_a_database_that_fails_meanwhile_loses_none_of_them(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(patience, "PAUSE_S", 0.05)
    chats, failures = Store.chats, iter([StoreError("the database is locked by another program; stop that program")])

    async def failing(*what):
        for failure in failures:
            raise failure
        return await chats(*what)

    monkeypatch.setattr(Store, "chats", failing)

    async def main():
        async with World() as server:
            stranger = await spoken_to_the_dead(server, tmp_path)
            async with running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                assert (await talk.answer(server.dm_channel(stranger))).content.startswith(COUNSEL)

    asyncio.run(main())


def note(folder: Path) -> str:
    with sqlite3.connect(folder / "krishna.db") as connection:
        return str(connection.execute("SELECT value FROM notes").fetchall())


async def spoken_to_the_dead(server: World, folder: Path) -> User:
    """A stranger, who wrote when a process had died and left the note of its session."""
    identify = {"token": server.token, "intents": 1 << 9 | 1 << 12 | 1, "properties": {}}
    address = f"{server.gateway_url}/?v=10&encoding=json"
    async with aiohttp.ClientSession() as http, http.ws_connect(address) as socket:
        await socket.send_json({"op": 2, "d": identify})
        await server.wait_for(lambda: server.gateway.ready)
        [known] = server.gateway.sessions.values()
        session = Session(f"{server.gateway_url}/resume", known.id, len(known.events))
        server.drop_sockets()
    store = await Store.open(folder / "krishna.db")
    await store.take_note(SESSION, json.dumps(asdict(session)))
    await store.close()
    stranger = server.add_user("stranger")
    server.dm(stranger, "What is hope?")
    return stranger
