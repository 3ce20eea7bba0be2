"""A chat in the terminal: the same dialogue as everywhere, on a Surface of text."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import shutil
import signal
import sys
import textwrap
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from bots.dialogue import Dialogue
from bots.surface import Buttons
from storage import Inbound, StoreError

PLATFORM = "terminal"
PROMPT = "you  › "


class TerminalSurface:
    """Prints an answer as it grows. Where the output is no terminal, only the end is printed."""

    pace_s = 0.05
    limit, most = 1_000_000, None
    discreet, has_buttons = True, False

    def __init__(self) -> None:
        self.message_id: str | None = None
        self.on_posted: Callable[[str], Awaitable[None]] | None = None
        self._live = sys.stdout.isatty()
        self._lines = 0  # on the screen, of the frame shown last

    def repeatable(self, parts: int) -> bool:
        return True  # after a crash it is printed on another screen, and there is no button to ask for it

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
        await _broken_off(dialogue, message, dialogue.handle(message, TerminalSurface()))


async def _broken_off(dialogue: Dialogue, message: Inbound, answer: Awaitable[None]) -> None:
    """An answer. Who breaks it off by leaving does not wait for it: unlike after a crash, it is not taken up again."""
    try:
        await answer
    except asyncio.CancelledError:
        with contextlib.suppress(StoreError):
            await dialogue.store.done(message.key)
        raise


async def chat(dialogue: Dialogue) -> None:
    """Ask and answer until the end of input. Ctrl-C stops an answer; where there is none to stop, it leaves."""
    loop, user = asyncio.get_running_loop(), getpass.getuser()
    talk = asyncio.create_task(_talk(dialogue, user, _reader()))
    with contextlib.suppress(NotImplementedError):
        loop.add_signal_handler(
            signal.SIGINT, lambda: dialogue.replies.stop_here(PLATFORM, user, user) or talk.cancel()
        )
    try:
        with _as_it_was():
            await asyncio.wait({talk})
    finally:
        talk.cancel()
        await asyncio.wait({talk})
        with contextlib.suppress(NotImplementedError):
            loop.remove_signal_handler(signal.SIGINT)
    if talk.cancelled():
        print()
    else:
        talk.result()
    print("Go well.")


async def _talk(dialogue: Dialogue, user: str, read: Callable[[], str]) -> None:
    """What an earlier run left unanswered, then what is typed."""
    await dialogue.store.prune(time.time())
    left = await dialogue.take_up(PLATFORM, user)
    if left:
        print("You were left without an answer:\n")
    for pending in left:
        message = pending.inbound
        print(f"{PROMPT}{f'/{message.command} ' if message.command else ''}{message.text}\n")
        await _broken_off(dialogue, message, dialogue.resume(pending, TerminalSurface()))
        print()
    print("Ask what weighs on you. /help lists the rest; Ctrl-D leaves.\n")
    while (line := await _typed(read)) is not None and line.strip() not in ("/quit", "/exit"):
        if line.strip():
            print()
            await ask(dialogue, line.strip())
            print()
    if line is None:
        print()


def _reader() -> Callable[[], str]:
    """What reads a line, as input() does: with readline where there is a terminal."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  (line editing and history for input())
        return lambda: input(PROMPT)
    # Not sys.stdin: a thread that still waits in it keeps the program from ending.
    lines = open(sys.stdin.fileno(), encoding=sys.stdin.encoding, errors=sys.stdin.errors, closefd=False)  # noqa: SIM115

    def read() -> str:
        print(PROMPT, end="", flush=True)
        if line := lines.readline():
            return line
        raise EOFError

    return read


async def _typed(read: Callable[[], str]) -> str | None:
    """The next line; None at the end. Reading cannot be broken off, so it is done in a thread that nobody waits for."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def settle(text: str, error: Exception | None) -> None:
        if line.cancelled():
            return
        if error is None:
            line.set_result(text)
        else:
            line.set_exception(error)

    def work() -> None:
        text, failed = "", None
        try:
            text = read()
        except Exception as error:
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, text, failed)

    threading.Thread(target=work, name="typing", daemon=True).start()
    try:
        return await line
    except EOFError:
        return None


@contextlib.contextmanager
def _as_it_was() -> Iterator[None]:
    """Give the terminal back as it was: readline, left amid a line, would leave it without echo."""
    try:
        import termios
    except ImportError:  # Windows
        termios = None  # type: ignore[assignment]
    if termios is None or not sys.stdin.isatty():
        yield
        return
    kept = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, kept)
