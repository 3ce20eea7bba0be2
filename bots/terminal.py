"""A chat in the terminal: the same dialogue as everywhere, on a Surface of text."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import shutil
import sys
import textwrap
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from bots.dialogue import Dialogue
from bots.surface import Buttons
from storage import Inbound

PLATFORM = "terminal"


class TerminalSurface:
    """Prints an answer as it grows. Where the output is no terminal, only the end is printed."""

    pace_s = 0.05
    limit = 1_000_000
    discreet = True

    def __init__(self) -> None:
        self.message_id: str | None = None
        self.on_posted: Callable[[str], Awaitable[None]] | None = None
        self._live = sys.stdout.isatty()
        self._lines = 0  # on the screen, of the frame shown last

    def repeatable(self, parts: int) -> bool:
        return False

    def size(self, text: str) -> int:
        return len(text)

    def _wrap(self, text: str) -> str:
        width = min(88, shutil.get_terminal_size().columns - 1)
        return "\n".join(textwrap.fill(line, width) for line in text.split("\n"))

    def _print(self, text: str) -> None:
        if self._lines:
            sys.stdout.write(f"\x1b[{self._lines}F\x1b[J")
        wrapped = self._wrap(text)
        sys.stdout.write(wrapped + "\n")
        sys.stdout.flush()
        self._lines = wrapped.count("\n") + 1 if self._live else 0

    async def show(self, text: str, buttons: Buttons = ()) -> None:
        if self._live:
            self._print(text)

    async def finish(self, text: str, buttons: Buttons = ()) -> str:
        self._print(text)
        self._lines = 0
        return uuid.uuid4().hex

    async def send(self, text: str, buttons: Buttons = ()) -> str:
        return await self.finish(text, buttons)

    async def file(self, name: str, data: bytes, text: str) -> None:
        self._print(f"{text}\n{data.decode()}")
        self._lines = 0

    async def notice(self, text: str) -> None:
        await self.finish(text)

    async def close(self) -> None:
        return None


def inbound(text: str) -> Inbound:
    """A line typed by the person at the terminal."""
    user = getpass.getuser()
    kind: Any = "text"
    command = None
    if text.startswith("/"):
        name, _, text = text[1:].partition(" ")
        kind, command = "command", name.lower()
    return Inbound(
        platform=PLATFORM,
        update_id=f"{time.time_ns()}",
        kind=kind,
        chat_id=user,
        private=True,
        user_id=user,
        user_name=user,
        text=text,
        command=command,
    )


async def ask(dialogue: Dialogue, text: str) -> None:
    """One question, answered on the screen."""
    message = inbound(text)
    if await dialogue.receive(message):
        await dialogue.handle(message, TerminalSurface())


async def chat(dialogue: Dialogue) -> None:
    """Ask and answer until the end of input. Ctrl-C stops an answer, and at an empty prompt leaves."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (line editing and history for input())
    print("Ask what weighs on you. /help lists the rest; Ctrl-D leaves.\n")
    loop, user = asyncio.get_running_loop(), getpass.getuser()
    while True:
        try:
            line = await loop.run_in_executor(None, input, "you  › ")
        except (EOFError, KeyboardInterrupt):
            print("\nGo well.")
            return
        if not line.strip():
            continue
        if line.strip() in ("/quit", "/exit"):
            print("Go well.")
            return
        print()
        task = asyncio.create_task(ask(dialogue, line.strip()))
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(2, lambda: dialogue.stop_here(PLATFORM, user, user))
        try:
            await task
        finally:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(2)
        print()
