"""What a dead process's session tells of is looked up until Discord gives it: it is told nowhere else."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict

import aiohttp
import pytest

from bots.discord.adapter import SESSION
from bots.discord.missed import Session
from storage import Store
from tests.bots.discord.talk import World, running
from tests.bots.engines import COUNSEL, ScriptedEngine


@pytest.mark.parametrize(("fault", "times"), [("429", 8), ("drop_before", 2)])
def test_a_strangers_first_words_are_looked_up_until_they_are_found(tmp_path, tokenizer, fault, times):
    """More often in a row than discord.py tries by itself: five times, and once."""

    async def main():
        async with World() as server:
            identify = {"token": server.token, "intents": 1 << 9 | 1 << 12 | 1, "properties": {}}
            address = f"{server.gateway_url}/?v=10&encoding=json"
            async with aiohttp.ClientSession() as http, http.ws_connect(address) as socket:
                await socket.send_json({"op": 2, "d": identify})
                await server.wait_for(lambda: server.gateway.ready)
                [known] = server.gateway.sessions.values()
                session = Session(f"{server.gateway_url}/resume", known.id, len(known.events))
                server.drop_sockets()
            store = await Store.open(tmp_path / "krishna.db")
            await store.take_note(SESSION, json.dumps(asdict(session)))
            await store.close()
            stranger = server.add_user("stranger")
            server.dm(stranger, "What is hope?")
            server.fault(r"GET /channels/\d+(/messages/\d+)?$", fault, times, retry_after=0.02)
            async with running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
                assert (await talk.answer(server.dm_channel(stranger))).content.startswith(COUNSEL)
                await talk.idle()
                assert len(server.ours(server.dm_channel(stranger))) == 1

    asyncio.run(main())
