"""The scheduler of the daily verses beside a running adapter, at a time of the test's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from bots import verses
from bots.dialogue import Dialogue
from core.wisdom.corpus import corpus
from core.wisdom.daily import verse_of

HOUR, DAY = 3600.0, 86_400.0
EVENING = datetime(2026, 5, 4, 18, tzinfo=UTC).timestamp()  # a Monday; 23:30 in Kolkata
TUESDAY = datetime(2026, 5, 5).toordinal()


class Clock:
    """The time of day, as a test wants it."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@contextlib.asynccontextmanager
async def mornings(dialogue: Dialogue, clock: Clock) -> AsyncIterator[None]:
    """The scheduler, as the host runs it."""
    stop = asyncio.Event()
    dialogue.daily.clock = clock
    run = asyncio.create_task(dialogue.daily.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(run, 10)


def verse(person: str, day: int) -> str:
    """The message that a person ("telegram:7") gets on a day."""
    return verses.show(verse_of(corpus(), person, day))
