"""Discord's servers divided among hosts on one PostgreSQL: each is answered by the host that has its shard."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from bots.settings import Settings
from tests.bots.discord.talk import World, running
from tests.bots.engines import COUNSEL, ScriptedEngine


def test_each_of_two_hosts_answers_its_servers_and_the_first_private_chats(postgres, tmp_path, tokenizer):
    async def main():
        url = postgres.new()
        async with World() as server:
            halls = [server.hall]
            while len({hall.id >> 22 & 1 for hall in halls}) < 2:  # Discord's own rule, of two shards
                await asyncio.sleep(0.001)
                halls.append(server.add_guild())
            rooms = {hall.id >> 22 & 1: server.add_channel(hall) for hall in (halls[0], halls[-1])}
            engines = [ScriptedEngine(tokenizer) for _ in range(2)]
            async with (
                running(server, tmp_path, engines[0], database_url=url, discord_shard="0/2") as first,
                running(server, tmp_path, engines[1], database_url=url, discord_shard="1/2"),
            ):
                await server.wait_for(lambda: len(server.gateway.ready) == 2)
                assert [identify["shard"] for identify in server.gateway.identifies] == [[0, 2], [1, 2]]
                for number, room in sorted(rooms.items()):
                    server.say(server.anna, room, "What is duty?")
                    assert (await first.answer(room)).content.startswith(COUNSEL)
                    assert [len(engine.requests) for engine in engines] == [1, number]
                server.dm(server.anna, "What is duty?")
                await first.answer(server.dm_channel(server.anna))
                assert [len(engine.requests) for engine in engines] == [2, 1]
                # each notes its own session, so that the next process with this shard resumes that
                async with asyncio.timeout(10):
                    while None in (notes := {await first.store.note(f"discord session {n}/2") for n in range(2)}):  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                assert len(notes) == 2

    asyncio.run(main())


@pytest.mark.parametrize("wrong", ["3", "3/3", "a/b", "-1/2", "1/2/3"])
def test_a_shard_that_is_none_is_refused(wrong):
    with pytest.raises(ValidationError, match="write it as 0/3"):
        Settings(_env_file=None, discord_shard=wrong)
