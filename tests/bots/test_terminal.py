"""A chat in the terminal: the program in a real pseudo-terminal, and what it says to what was left unanswered.

As a program this is `python -m bots`, all of it real but the engine, which says given words slowly.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import pty
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bots import terminal, words
from bots.dialogue import Dialogue
from bots.settings import Settings
from core.engine import EngineError
from core.wisdom.search import finder
from storage import Inbound, Store
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.process import environment

QUESTION = "I failed my exam and cannot tell my father."
ECHO, LINES = termios.ECHO, termios.ICANON
PROMPT = "you  › "


class Screen:
    """The program below, started from a terminal: what is typed is sent, what is shown is kept."""

    def __init__(self, folder: Path, **settings: object) -> None:
        env = {**environment(folder, **settings), "COLUMNS": "100"}
        self.said, self._decoder = "", codecs.getincrementaldecoder("utf-8")()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(sys.executable, [sys.executable, "-m", __name__], env)

    def _read(self, seconds: float) -> bool:
        """Take in what is shown within so many seconds. False at the end."""
        if select.select([self.fd], [], [], seconds)[0]:
            try:
                more = os.read(self.fd, 65536)
            except OSError:  # Linux's end of a pseudo-terminal whose other side is closed
                return False
            self.said += self._decoder.decode(more)
            return bool(more)
        return True

    def shows(self, text: str, within_s: float = 60.0) -> None:
        """Wait for words, and look for the next ones behind them."""
        end = time.monotonic() + within_s
        while (at := self.said.find(text)) < 0:
            assert self._read(0.1) and time.monotonic() < end, self.said
        self.said = self.said[at + len(text) :]

    def types(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def ended(self, within_s: float) -> int:
        """The exit code."""
        end = time.monotonic() + within_s
        while not (done := os.waitpid(self.pid, os.WNOHANG))[0]:
            self._read(0.05)
            assert time.monotonic() < end, f"still there: {self.said}"
        while self._read(0):
            pass
        self.pid = 0
        return os.waitstatus_to_exitcode(done[1])

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


@contextlib.contextmanager
def screen(folder: Path, **settings: object) -> Iterator[Screen]:
    made = Screen(folder, **settings)
    try:
        yield made
    finally:
        made.close()


def test_ctrl_c_stops_an_answer_and_at_the_prompt_it_leaves(embedded_folder, tmp_path):
    with screen(tmp_path) as chat:
        before = termios.tcgetattr(chat.fd)[3]
        assert before & ECHO and before & LINES
        chat.shows(PROMPT)
        chat.types(f"{QUESTION}\n")
        chat.shows(COUNSEL[:20])
        chat.types("\x03")
        chat.shows(words.STOPPED["en"], 5)
        chat.shows(PROMPT)
        chat.types("/hep\x1b[Dl\n")  # with readline's arrow to the left: /help
        chat.shows("/verse 2.47", 5)
        chat.shows(PROMPT)
        chat.types("half a li")
        chat.shows("half a li")
        chat.types("\x03")
        assert chat.ended(3) == 0
        assert "Go well." in chat.said and "Traceback" not in chat.said
        assert termios.tcgetattr(chat.fd)[3] == before


def test_after_a_kill_the_next_chat_answers_first(embedded_folder, tmp_path):
    with screen(tmp_path) as chat:
        chat.shows(PROMPT)
        chat.types(f"{QUESTION}\n")
        chat.shows(COUNSEL[:20])
    with screen(tmp_path) as chat:
        chat.shows(f"{PROMPT}{QUESTION}")
        chat.shows("— Gita")
        chat.shows("Ask what weighs on you.")
        chat.shows(PROMPT)
        chat.types("\x04")
        assert chat.ended(3) == 0 and "Go well." in chat.said


# -- what was left unanswered -------------------------------------------------------------------------------------


def chatted(
    folder: Path, tokenizer, monkeypatch, *left: Inbound, engine: ScriptedEngine | None = None, **settings
) -> list[str]:
    """A chat without a word typed, after an earlier run died with some messages unanswered."""

    async def main():
        database = folder / "krishna.db"
        dead = await Store.open(database)
        for message in left:
            await dead.receive(message)
        await dead.close()
        store = await Store.open(database, **settings)
        try:
            await terminal.chat(Dialogue(Settings(), store, engine or ScriptedEngine(tokenizer), finder()))
            return [pending.inbound.text for pending in await store.unfinished("terminal")]
        finally:
            await store.close()

    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        return asyncio.run(main())


def test_what_a_crash_left_is_answered_to_its_own_person_alone(tmp_path, tokenizer, monkeypatch, capsys):
    mine = [terminal.inbound(text) for text in ("What is duty?", "/verse 2.47", "How do I rest?")]
    other = replace(terminal.inbound("What is shame?"), user_id="other", chat_id="other")
    assert chatted(tmp_path, tokenizer, monkeypatch, *mine, other) == ["What is shame?"]
    said = capsys.readouterr().out
    parts = [said.index(text) for text in ("› What is duty?", "› /verse 2.47", "› How do I rest?", "Go well.")]
    assert parts == sorted(parts) and said.count("— Gita") == 2 and "कर्मण्य" in said and "shame" not in said
    chatted(tmp_path, tokenizer, monkeypatch)
    assert "duty" not in capsys.readouterr().out


def test_what_is_older_than_retention_is_erased_and_not_answered(tmp_path, tokenizer, monkeypatch, capsys):
    old = replace(terminal.inbound("What is duty?"), received_at=time.time() - 31 * 86_400)
    assert chatted(tmp_path, tokenizer, monkeypatch, old, retention_days=30) == []
    assert "duty" not in capsys.readouterr().out


def test_who_breaks_a_question_off_is_not_answered_later(tmp_path, tokenizer):
    async def main():
        store = await Store.open(tmp_path / "krishna.db")
        engine = ScriptedEngine(tokenizer, pace_s=1.0)
        asking = asyncio.create_task(terminal.ask(Dialogue(Settings(), store, engine, finder()), "What is duty?"))
        await asyncio.wait({asking}, timeout=0.5)
        assert engine.busy
        asking.cancel()
        await asyncio.wait({asking})
        assert asking.cancelled() and await store.unfinished("terminal") == []
        await store.close()

    asyncio.run(main())


class Broken(ScriptedEngine):
    """Fails as an engine does, or as a mistake of ours."""

    def __init__(self, tokenizer, fault: Exception) -> None:
        super().__init__(tokenizer)
        self.fault = fault

    async def generate(self, request):
        raise self.fault
        yield


@pytest.mark.parametrize("fault", [EngineError("a fault"), ZeroDivisionError("a mistake")])
@pytest.mark.parametrize("language, text", [("en", "What is duty?"), ("hi", "कर्तव्य क्या है?")])
def test_an_apology_speaks_of_no_button_where_there_is_none(tmp_path, tokenizer, capsys, fault, language, text):
    async def main():
        store = await Store.open(tmp_path / "krishna.db")
        await terminal.ask(Dialogue(Settings(), store, Broken(tokenizer, fault), finder()), text)
        assert await store.unfinished("terminal") == []
        await store.close()

    asyncio.run(main())
    said = " ".join(capsys.readouterr().out.split())
    assert said == words.MISHAP[language]


if __name__ == "__main__":
    from bots import __main__ as program
    from bots import host
    from core.resident.embedded import prepared
    from core.resident.tokenizer import GemmaTokenizer

    async def open_engine(settings: Settings, **_: object) -> ScriptedEngine:
        return ScriptedEngine(GemmaTokenizer(prepared(settings.cache, print)), pace_s=0.05)

    host.open_engine = open_engine
    sys.exit(program.main([]))
