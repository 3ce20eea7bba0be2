"""Trying again: how long to wait before it, and what a database that is locked or has no room delays and never loses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from storage import StoreError, Taken

log = logging.getLogger(__name__)

T = TypeVar("T")
PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0


def pauses() -> Iterator[float]:
    """Seconds to wait before each next try: twice as many every time, at most a minute."""
    pause = PAUSE_S
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_S)


async def patiently(what: str, act: Callable[[], Awaitable[T]]) -> T:
    """Do it until the database does. what: is logged as what waits.

    Raises Taken, for then another host does it, and StoreError where waiting is no use.
    """
    waits = pauses()
    while True:
        try:
            return await act()
        except StoreError as error:
            if not passes(error):
                raise
            pause = next(waits)
            log.error("%s waits for the database, next try in %.0f s: %s", what, pause, error)
            await asyncio.sleep(pause)


def passes(error: Exception) -> bool:
    """Whether it is only a matter of time until the database does it."""
    return isinstance(error, StoreError) and not isinstance(error, Taken) and not error.lasting
