"""A growing text becomes frames on a Surface: paced, newest only; and the end arrives whole, once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import unicodedata
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bots import traces, words
from bots.patience import pauses
from bots.surface import Buttons, RetryAfter, Surface, SurfaceError, Uncertain, Unreachable
from core.text import language

log = logging.getLogger(__name__)

T = TypeVar("T")

JOINER = "\u200d"  # makes one picture of two, such as a family
VIRAMA = 9  # Unicode's class of what makes one letter of two in India's scripts
FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def split(text: str, limit: int, size: Callable[[str], int] = len) -> list[str]:
    """Cut a text into parts of at most `limit` (as size counts): at paragraphs, else sentences, words, anywhere.

    Nothing but white space at the cuts is lost. A part is never empty.
    """
    parts: list[str] = []
    rest = text.strip()
    while rest and size(rest) > limit:
        end = _fitting(rest, limit, size)
        cut = _cut(rest, end)
        part = rest[:cut].rstrip()
        if part:
            parts.append(part)
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _fitting(text: str, limit: int, size: Callable[[str], int]) -> int:
    """The longest prefix, in characters, that fits; at least one character."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= limit else (low, middle - 1)
    return low


def _cut(text: str, end: int) -> int:
    """Where to cut text[:end], in the last half of it where something better than `end` is there."""
    for pattern in (r"\n\s*\n", r"\n", r"(?<=[.!?।])[\"'”’)]*\s", r"\s"):
        found = [m.end() for m in re.finditer(pattern, text[: end + 1]) if end // 2 <= m.start() <= end]
        if found:
            return found[-1]
    return next((at for at in range(end, max(1, end // 2), -1) if not _amid(text, at)), end)


def _amid(text: str, at: int) -> bool:
    """Whether a cut here would go through what is one character to a reader."""
    before, after = text[:at], text[at]
    if before[-1] == JOINER or unicodedata.combining(before[-1]) == VIRAMA:
        return True
    if after in FLAGS:  # two letters of these are a flag
        return (len(before) - len(before.rstrip(FLAGS))) % 2 == 1
    return unicodedata.category(after) in ("Mn", "Mc", "Me", "Cf", "Sk")


def messages(surface: Surface, text: str) -> list[str]:
    """A finished text as a surface's messages. Where it takes fewer than that needs, the last says that more was meant."""
    parts = split(text, surface.limit, surface.size)
    if surface.most is None or len(parts) <= surface.most:
        return parts
    note = f"\n\n{words.CUT[language(parts[0])]}"
    last = split(parts[surface.most - 1], surface.limit - surface.size(note), surface.size)[0]
    return [*parts[: surface.most - 1], last + note]


class Live:
    """An answer while it is made. update() never waits; frames go out at the surface's pace, newest only.

    A refused frame is simply dropped: the next is newer. A retry-after is waited for and nothing else is tried.
    """

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._text = ""
        self._buttons: Buttons = ()
        self.due = True  # whether a frame that came now would be shown at once
        self._changed, self._end = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._frames())

    def update(self, text: str, buttons: Buttons = ()) -> None:
        if text and text != self._text:
            self._text, self._buttons, self.due = text, buttons, False
            self._changed.set()

    async def _frames(self) -> None:
        surface = self._surface
        while True:
            self.due = not self._changed.is_set()
            await self._changed.wait()
            if self._end.is_set():
                return
            self._changed.clear()
            pause = surface.pace_s
            try:
                await surface.show(split(self._text, surface.limit, surface.size)[0], self._buttons)
            except RetryAfter as wait:
                pause = wait.after_s
                self._changed.set()
            except SurfaceError as error:
                log.info("a frame was not shown: %s", error)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._end.wait()

    async def stop(self) -> None:
        """No more frames; one that is under way is let go through."""
        self._end.set()
        self._changed.set()
        await self._task


async def insist(act: Callable[[], Awaitable[T]], *, twice: bool = False, done: str = "delivered") -> T:
    """Do what must reach the person: wait as long as the platform asks, try again while it is unreachable.

    twice: it may rather be seen twice than never, so Uncertain is tried again as well. Else that is the caller's to
    answer, as Gone always is. done: the word of the log.
    """
    again = (Unreachable, Uncertain) if twice else Unreachable
    waits = pauses()
    while True:
        try:
            return await act()
        except RetryAfter as wait:
            log.info("not %s yet, the platform asks to wait for %.0f s", done, wait.after_s)
            await asyncio.sleep(wait.after_s)
        except again as error:
            pause = next(waits)
            log.warning("not %s yet, next try in %.0f s: %s", done, pause, error)
            await asyncio.sleep(pause)


async def deliver(surface: Surface, text: str, buttons: Buttons = ()) -> list[str]:
    """The finished text, split as the platform needs. Returns message ids."""
    return await deliver_all(surface, messages(surface, text), buttons)


async def deliver_all(surface: Surface, parts: list[str], buttons: Buttons = ()) -> list[str]:
    """The messages of a finished text, buttons under the last. Returns their ids."""
    with traces.span("delivery", parts=len(parts)):
        ids = [await insist(lambda: surface.finish(parts[0], buttons if len(parts) == 1 else ()))]
        for i, part in enumerate(parts[1:], start=2):
            under = buttons if i == len(parts) else ()
            ids.append(await insist(lambda part=part, under=under: surface.send(part, under)))  # type: ignore[misc]
    return ids
