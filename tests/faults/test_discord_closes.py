"""Discord's gateway closes with each of its codes: the session goes on, a new one begins, or the program ends in one
sentence (docs: "Opcodes and Status Codes", section Gateway Close Event Codes)."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

import pytest

from bots.settings import ConfigurationError
from tests.bots.discord.talk import World, running, talking, whole
from tests.bots.engines import COUNSEL, ScriptedEngine

RESUMED = (1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4005, 4008)  # 1006: cut without a close frame
ANEW = (4007, 4009)  # Discord forgets the session
CLOSES = "Discord's gateway closed (code {}); connecting again, "
NEW = "Discord: listening as krishna, in a new session"
FATAL = {
    4004: "DISCORD_TOKEN is refused by Discord; copy it again",
    4010: "does not know this DISCORD_SHARD; write it as",
    4011: "more servers than Discord lets one connection serve; give several hosts a DISCORD_SHARD",
    4012: r"refuses this program \(code 4012\); update it",
    4013: r"refuses this program \(code 4013\); update it",
    4014: "refuses the message content intent; switch it on",
}


def test_after_each_close_that_is_not_for_good_all_are_answered_once(tmp_path, tokenizer, caplog):
    """One person's answer is under way at the close, another one asks before anybody listens again."""
    caplog.set_level("INFO", "bots")

    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.002)
        async with talking(tmp_path, engine) as talk:
            server, asked = talk.server, Counter()

            def asks(person):
                server.dm(person, "What is duty?")
                asked[server.dm_channel(person)] += 1
                return server.dm_channel(person)

            for code in (*RESUMED, *ANEW):
                resumes, identifies = len(server.gateway.resumes), len(server.gateway.identifies)
                caplog.clear()
                person, stranger = server.add_user("person"), server.add_user("stranger")
                first = asks(person)
                await server.wait_for(lambda place=first: server.ours(place))
                if code in ANEW:
                    # what a stranger said first of all, in a session that Discord forgot, no bot can see
                    await talk.answer(asks(stranger))
                    server.gateway.sessions.clear()
                server.drop_sockets() if code == 1006 else server.close(code)
                second = asks(stranger)
                for place in (first, second):
                    await talk.answer(place, asked[place])
                assert len(server.gateway.resumes) == resumes + 1, code
                assert len(server.gateway.identifies) == identifies + (code in ANEW), code
                told = [line for line in map(logging.LogRecord.getMessage, caplog.records) if "ession" in line]
                assert told[0] == CLOSES.format(code) + "its session is resumed"
                if code in ANEW:
                    assert told[1:] == [CLOSES.format(1000) + "a new session begins", NEW]
                else:
                    assert told[1:] == ["Discord: the session goes on, with what was said meanwhile"]
                assert "Traceback" not in caplog.text
            await talk.idle()
            for place, questions in asked.items():
                answers = server.ours(place)
                assert len(answers) == questions and all(whole(m) and m.content.startswith(COUNSEL) for m in answers)
            assert len(engine.requests) == asked.total()

    asyncio.run(main())


@pytest.mark.parametrize("code", FATAL)
def test_a_close_for_good_ends_the_program_in_one_sentence_and_the_answer_comes_after(
    tmp_path, tokenizer, code, caplog
):
    caplog.set_level("INFO", "bots")

    async def main():
        async with World() as server:
            with pytest.raises(ConfigurationError, match=FATAL[code]):
                async with running(server, tmp_path, ScriptedEngine(tokenizer, pace_s=0.01)) as talk:
                    server.say(server.anna, server.room, "What is duty?")
                    await server.wait_for(lambda: server.ours(server.room))
                    server.close(code)
                    await asyncio.wait({talk.run})
            assert "connecting again" not in caplog.text
            [message] = server.ours(server.room)
            assert whole(message) == (code == 4014)  # after all others the library took the way out with it
            async with running(server, tmp_path, ScriptedEngine(tokenizer)):
                await server.wait_for(lambda: whole(message) and message.content.startswith(COUNSEL))
                assert server.ours(server.room) == [message]

    asyncio.run(main())
