"""What every adapter does with a message: store it patiently, answer it in a task, and let the tasks end at a stop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any

from bots import metrics, traces
from bots.dialogue import Dialogue
from bots.logs import about
from bots.patience import patiently
from bots.surface import Surface
from storage import Inbound, Pending, StoreError

log = logging.getLogger(__name__)

SWEEP_S = 2.0


class Answering:
    """The answers under way on one platform. surface_of makes the place of an answer from a stored message."""

    def __init__(self, dialogue: Dialogue, surface_of: Callable[[Inbound], Surface], drain_s: float) -> None:
        self._dialogue, self._surface_of, self._drain_s = dialogue, surface_of, drain_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self._sweeping: asyncio.Task[None] | None = None

    @about
    async def stored(self, inbound: Inbound) -> bool:
        """Commit a message, trying until there is room for it. False when it came before."""
        with traces.span("store"):
            new = await patiently("a message that came", lambda: self._dialogue.receive(inbound))
        log.info("a %s came%s", inbound.kind, "" if new else " again")
        if new:
            metrics.came(inbound.platform, inbound.kind)
        return new

    def answer(self, inbound: Inbound) -> None:
        """Begin the answer of a stored message. While stopping it is left for the next start."""
        if not self._draining:
            self._spawn(self._timed(inbound, partial(self._dialogue.handle, inbound, self._surface_of(inbound))))

    async def take_up(self, platform: str) -> None:
        """Take up what an earlier run left unfinished; where hosts share a database, for ever what dead ones leave."""
        if self._draining:
            return
        self.resume(await self._dialogue.take_up(platform))
        if self._dialogue.store.shared and self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep(platform))

    async def _sweep(self, platform: str) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                self.resume(await self._dialogue.take_up(platform))
            except StoreError as error:
                log.error("what dead hosts left cannot be taken up: %s", error)

    def resume(self, left: list[Pending]) -> None:
        """Take up what was left unfinished."""
        for pending in left:
            act = partial(self._dialogue.resume, pending, self._surface_of(pending.inbound))
            self._spawn(self._timed(pending.inbound, act))

    @about
    async def _timed(self, inbound: Inbound, act: Callable[[], Awaitable[None]]) -> None:
        start = time.monotonic()
        with traces.message(inbound, "answer"):
            await act()
        log.info("a %s took %.1f s", inbound.kind, time.monotonic() - start)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Let answers under way end; those that do not are taken up at the next start."""
        self._draining = True
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait({self._sweeping})
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=self._drain_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
