"""Short work on SQLite's file in one thread, where what many ask for at once goes in one transaction.

A statement takes SQLite some 20 µs. A transaction, the way to a thread and back and the driver's own layers take many
times as long, so under load they are shared: while one transaction is under way the next one gathers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")
Work = Callable[[Connection], T]


class Lane:
    """Work goes in the order in which it came. Use it from one asyncio loop.

    turn: held while a transaction is under way.
    """

    def __init__(self, engine: Engine, turn: contextlib.AbstractAsyncContextManager[Any]) -> None:
        self._engine, self._turn = engine, turn
        self._thread = ThreadPoolExecutor(1, "database")
        self._waiting: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._going: asyncio.Task[None] | None = None

    def __call__(self, work: Work[T]) -> asyncio.Future[T]:
        """What the work returns, when that is committed; or raises, and then nothing of it was written.

        It is done also when nobody waits for it any more, as after a cancellation. The work may be done twice, the first time without any effect, so it must have none elsewhere.
        """
        end: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, end))
        if self._going is None:
            self._going = asyncio.create_task(self._go())
        return end

    async def _go(self) -> None:
        batch: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        try:
            while self._waiting:
                async with self._turn:
                    batch, self._waiting = self._waiting, []
                    works = [work for work, _ in batch]
                    found = await asyncio.get_running_loop().run_in_executor(self._thread, self._together, works)
                for (_, end), (value, error) in zip(batch, found, strict=True):
                    if end.cancelled():
                        continue
                    if error is None:
                        end.set_result(value)
                    else:
                        end.set_exception(error)
        except Exception as error:  # the lane is closed
            for _, end in (*batch, *self._waiting):
                end.set_exception(error)
        finally:
            for _, end in (*batch, *self._waiting):  # some are left only where the loop itself ends
                end.cancel()
            self._going, self._waiting = None, []

    def _together(self, works: Sequence[Work[Any]]) -> list[tuple[Any, Exception | None]]:
        """In the thread: all in one transaction, or, where one of them fails, each in its own."""
        begun = False
        try:
            with self._engine.begin() as connection:
                begun = True
                return [(work(connection), None) for work in works]
        except Exception as error:
            if begun and len(works) > 1:
                return [end for work in works for end in self._together([work])]
            return [(None, error)] * len(works)

    async def close(self) -> None:
        while self._going is not None:
            await asyncio.wait({self._going})
        self._thread.shutdown()
