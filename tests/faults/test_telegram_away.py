"""Telegram down for an hour, and a storm of refusals: an hour of fake time, everything else as it is."""

from __future__ import annotations

import asyncio
import re
import time
from itertools import pairwise

import pytest

from bots import words
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import running, talking
from tests.bots.telegram.test_faults import free_port
from tests.faults.warp import run
from tests.platforms.telegram_server import TelegramServer

HOUR, LONGEST = 3600.0, 100.0  # the longest pause is a minute; before it a silent poll is waited for a minute
BEFORE, MEANWHILE = range(1, 3), range(11, 13)  # people who ask just before it is away, and while it is


def pauses(caplog, sign: str) -> list[float]:
    """Seconds between the lines of the log that hold a sign."""
    at = [r.created for r in caplog.records if sign in r.getMessage()]
    return [later - earlier for earlier, later in pairwise(at)]


@pytest.mark.parametrize("how", ["refused", "silent"])
def test_an_hour_without_telegram_delays_answers(tmp_path, tokenizer, monkeypatch, caplog, how):
    """refused: no connection; silent: it takes requests and says nothing."""
    caplog.set_level("INFO", "bots")

    async def main():
        server = TelegramServer(port=free_port())
        engine = ScriptedEngine(tokenizer, pace_s=0.05)
        await server.__aenter__()
        try:
            async with running(server, tmp_path, engine) as talk:
                for person in BEFORE:
                    server.private(person, "What is duty?")
                await server.wait_for(lambda: all(server.draft(person) for person in BEFORE))
                if how == "refused":
                    await server.__aexit__()
                else:
                    fault = server.fault(".*", "hang_before", -1)
                began, calls = time.monotonic(), len(server.calls)
                for person in MEANWHILE:
                    server.private(person, "What is anger?")
                await asyncio.sleep(HOUR)
                made = len(server.calls) - calls
                assert not any(server.messages(person) for person in (*BEFORE, *MEANWHILE))
                if how == "refused":
                    await server.__aenter__()
                else:
                    fault.times = 0
                assert time.monotonic() - began >= HOUR
                await asyncio.sleep(LONGEST)
                for person in (*BEFORE, *MEANWHILE):
                    (answer,) = server.messages(person)
                    if answer.text == words.UNSURE["en"]:  # its send was taken, and nobody said what became of it
                        assert how == "silent"
                        server.press(person, answer, "Show")
                await asyncio.sleep(LONGEST)
                for person in (*BEFORE, *MEANWHILE):
                    assert sum(m.text.startswith(COUNSEL) for m in server.messages(person)) == 1
                assert await talk.store.unfinished("telegram") == []
                assert len(engine.requests) == 4 and made < 4 * 120
        finally:
            await server.__aexit__()

    run(main(), monkeypatch)
    assert "Traceback" not in caplog.text
    listening = pauses(caplog, "Telegram cannot be heard")
    assert 30 < len(listening) < 400 and max(listening) < 100  # it says all the while that it is away
    told = [r.getMessage() for r in caplog.records if "not delivered yet" in r.getMessage()]
    waits = [float(re.search(r"next try in (\d+) s", line)[1]) for line in told]
    assert max(waits) == 60 and len(told) < 4 * 75


def test_a_storm_of_refusals_is_waited_out(tmp_path, tokenizer, monkeypatch, caplog):
    """Every message is refused for five minutes, each time for half a minute: nobody is written to before that is over."""
    caplog.set_level("INFO", "bots")
    people, storm_s, after_s = range(1, 9), 300.0, 30.0

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            fault = server.fault("sendMessage.*", "429", -1, retry_after=int(after_s))
            for person in people:
                server.private(person, "What is duty?")
            await asyncio.sleep(storm_s)
            assert not any(server.messages(person) for person in people)
            fault.times = 0
            await asyncio.sleep(2 * after_s)
            for person in people:
                (answer,) = server.messages(person)
                assert answer.text.startswith(COUNSEL)
                tries = [c.at for c in server.called("sendMessage") if int(c.params["chat_id"]) == person]
                apart = [later - earlier for earlier, later in pairwise(tries)]
                assert min(apart) >= after_s and len(tries) > storm_s / after_s - 2
            assert len(talk.engine.requests) == len(people) and talk.clean()
            assert await talk.store.unfinished("telegram") == []

    run(main(), monkeypatch)
    assert "Traceback" not in caplog.text and "the platform asks to wait for 30 s" in caplog.text
