"""DNS fails: the platforms' names do not resolve, at the start and in the middle; then they do, and all goes on.

While they do not, the system's own resolver says so: nothing under .invalid resolves (RFC 6761).
"""

from __future__ import annotations

import asyncio
import socket

import pytest

import tests.bots.discord.talk as discord
import tests.bots.telegram.talk as telegram
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.test_faults import free_port
from tests.platforms.telegram_server import TelegramServer

NAME = "platform.invalid"


@pytest.fixture
def known(monkeypatch):
    """The names that resolve, all to this machine."""
    names, real = set(), socket.getaddrinfo

    def resolve(host, *more, **options):
        name = host.decode() if isinstance(host, bytes) else host
        return real("127.0.0.1" if name in names else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr("aiohttp.connector._DNSCacheTable.expired", lambda table, key: True)  # not after ten seconds
    return names


def told(caplog, who: str) -> bool:
    """Whether the log says it in a line that ends with the mend."""
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith(who)]
    assert lines and all(line.endswith("if it lasts, look at this host's network and its DNS") for line in lines)
    assert "Traceback" not in caplog.text
    return True


def test_telegram_is_found_as_soon_as_its_name_resolves(tmp_path, tokenizer, known, caplog):
    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.03)
        server = TelegramServer(port=free_port())
        await server.__aenter__()
        base = server.base.replace("127.0.0.1", NAME)
        async with telegram.running(server, tmp_path, engine, telegram_api_base=base) as talk:
            await server.wait_for(lambda: "Telegram cannot be reached" in caplog.text)
            server.private(1, "What is duty?")
            known.add(NAME)
            await server.wait_for(lambda: server.draft(1))
            known.clear()
            await server.__aexit__()  # so that connections that are open are no help
            await server.__aenter__()
            server.private(2, "What is anger?")
            await server.wait_for(lambda: "not delivered yet" in caplog.text and "cannot be heard" in caplog.text)
            known.add(NAME)
            for person in (1, 2):
                assert (await talk.answer(person)).text.startswith(COUNSEL)
            await talk.idle()
            assert [len(server.messages(person)) for person in (1, 2)] == [1, 1] and len(engine.requests) == 2
        await server.__aexit__()

    asyncio.run(main())
    assert told(caplog, "Telegram cannot be reached") and told(caplog, "Telegram cannot be heard")


def test_discord_is_found_as_soon_as_its_name_resolves(tmp_path, tokenizer, known, caplog, monkeypatch):
    monkeypatch.setattr("discord.client.ExponentialBackoff.delay", lambda backoff: 0.2)

    async def main():
        engine = ScriptedEngine(tokenizer)
        async with discord.World() as server:
            base, gateway = (url.replace("127.0.0.1", NAME) for url in (server.api_base, server.gateway_url))
            server.gateway.url = gateway  # also where sessions are resumed
            place = server.dm_channel(server.anna)

            async def resolves():
                await server.wait_for(lambda: "Discord cannot be reached" in caplog.text)
                known.add(NAME)

            resolving = asyncio.create_task(resolves())
            async with discord.running(
                server, tmp_path, engine, discord_api_base=base, discord_gateway=gateway
            ) as talk:
                await resolving
                server.dm(server.anna, "What is duty?")
                await talk.answer(place)
                known.clear()
                server.fault("GET /socket", "drop_before", 2)  # on connections of REST's that are open
                server.drop_sockets()
                server.dm(server.anna, "What is anger?")
                await server.wait_for(lambda: "Discord's gateway cannot be reached" in caplog.text)
                known.add(NAME)
                assert (await talk.answer(place, 2)).content.startswith(COUNSEL)
                await talk.idle()
                assert len(server.ours(place)) == 2 == len(engine.requests)

    asyncio.run(main())
    assert told(caplog, "Discord cannot be reached") and told(caplog, "Discord's gateway cannot be reached")
