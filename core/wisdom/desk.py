"""The search beside an asyncio loop: the questions that wait are read together, in one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from core.wisdom.corpus import Story, Verse
from core.wisdom.meaning import TOGETHER
from core.wisdom.search import Finder, Read


class Desk:
    """A finder for many at once. Use it from one asyncio loop."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._thread = ThreadPoolExecutor(1, "search")
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def find(self, question: str, n: int, *, told: Collection[str] = ()) -> tuple[list[Verse], list[Story]]:
        """As Finder.find()."""
        await self._known(question)
        return self._finder.find(question, n, told=told)

    async def look(self, question: str) -> Read:
        """As Finder.look()."""
        await self._known(question)
        return self._finder.look(question)

    async def _known(self, question: str) -> None:
        if not self._finder.knows(question):
            read = self._waiting.setdefault(question, asyncio.get_running_loop().create_future())
            if self._reading is None:
                self._reading = asyncio.create_task(self._read())
            await asyncio.shield(read)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch = list(self._waiting)[:TOGETHER]
                reads = [self._waiting.pop(question) for question in batch]
                reading = loop.run_in_executor(self._thread, self._finder.read, batch)
                await asyncio.wait({reading})
                for read in reads:
                    if (error := reading.exception()) is None:
                        read.set_result(None)
                    else:
                        read.set_exception(error)
        finally:
            self._reading = None
