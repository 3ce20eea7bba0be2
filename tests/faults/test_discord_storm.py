"""A storm of refusals at Discord, in fake time: nobody is written to before it is over, and then everybody once."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from tests.bots.discord.talk import ask, talking, whole
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.faults.warp import run
from tests.platforms.discord_gateway import HEARTBEAT

STORM_S, AFTER_S = 300.0, 30.0


def test_a_storm_of_refusals_is_waited_out(tmp_path, tokenizer, monkeypatch, caplog):
    """Every message and every reply to a command is refused for five minutes, each time for half a minute: more often in
    a row than discord.py tries by itself."""
    caplog.set_level("INFO", "bots")

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server

            async def beats() -> None:  # discord.py's own heart beats in real time
                while True:
                    for socket in server.gateway.sockets:
                        socket.send({"op": HEARTBEAT})
                    await asyncio.sleep(20)

            beating = asyncio.create_task(beats())
            places, routes = [], []
            for person in (server.add_user(f"person-{n}") for n in range(4)):
                server.dm(person, "What is duty?")
                asked = ask(server, person, server.add_channel(server.hall))
                places += [server.dm_channel(person), asked.channel]
                routes += [f"POST /channels/{places[-2].id}/messages", f"PATCH /webhooks/.*{asked.token}"]
            faults = [server.fault(route, "429", 10**6, retry_after=AFTER_S) for route in routes]
            await asyncio.sleep(STORM_S)
            assert not any(m.content for place in places for m in server.ours(place))
            for fault in faults:
                fault.times = 0
                apart = [later - earlier for earlier, later in pairwise(fault.hits)]
                assert min(apart) >= AFTER_S and len(fault.hits) > STORM_S / AFTER_S - 2
            await asyncio.sleep(3 * AFTER_S)
            for place in places:
                [answer] = server.ours(place)
                assert whole(answer) and answer.content.startswith(COUNSEL)
            assert len(talk.engine.requests) == len(places) and talk.clean()
            assert await talk.store.unfinished("discord") == []
            beating.cancel()

    run(main(), monkeypatch)
    assert "Traceback" not in caplog.text and "the platform asks to wait for 30 s" in caplog.text
