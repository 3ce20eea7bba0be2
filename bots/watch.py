"""/metrics, /healthz and /readyz: whether a message that came now would be answered. Nothing here tells what anybody wrote."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client.exposition import choose_encoder

from bots import logs, metrics
from bots.dialogue import Dialogue
from storage import Store, StoreError

FRESH_S = 5.0  # for which a check of the database counts: whoever asks often does not write often
PATIENCE_S = 3.0  # with a database that somebody else has locked
NOTE = "readyz"  # the name of the note that is written to prove that one can be


class Watch:
    """What is told of the host. mask: of its secrets, which no word of it holds. dialogue: None while the model loads."""

    def __init__(self, mask: logs.Mask | None = None) -> None:
        self._mask = mask or logs.Mask()
        self.dialogue: Dialogue | None = None
        self.stopping = False
        self._check: asyncio.Task[str] | None = None
        self._checked = 0.0

    @contextlib.asynccontextmanager
    async def telling(self, dialogue: Dialogue) -> AsyncIterator[None]:
        """The host can answer meanwhile, and its engine is among the metrics."""
        collector = metrics.EngineCollector(dialogue.engine)
        metrics.registry.register(collector)
        self.dialogue = dialogue
        try:
            yield
        finally:
            self.stopping = True
            metrics.registry.unregister(collector)
            if self._check is not None:  # before the database is closed
                await asyncio.wait({self._check})

    async def trouble(self) -> str:
        """Why a message that came now would not be answered; empty when it would."""
        return self._mask(await self._trouble())

    async def _trouble(self) -> str:
        if self.stopping:
            return "the host is stopping"
        if self.dialogue is None:
            return "the model is being loaded"
        if failed := self.dialogue.engine.stats().failed:
            return f"the model has failed: {failed}"
        if self._check is None or (self._check.done() and time.monotonic() - self._checked > FRESH_S):
            self._check = asyncio.create_task(self._write(self.dialogue.store))
        await asyncio.wait({self._check}, timeout=PATIENCE_S)  # it ends by itself: a write must not be broken off
        return self._check.result() if self._check.done() else f"the database took no write in {PATIENCE_S:.0f} s"

    async def _write(self, store: Store) -> str:
        try:
            await store.take_note(NOTE, str(time.time()))
            return ""
        except StoreError as error:
            return str(error)
        finally:
            self._checked = time.monotonic()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/metrics", self.metrics), web.get("/healthz", self.healthz), web.get("/readyz", self.readyz)]

    async def metrics(self, request: web.Request) -> web.Response:
        metrics.ready(not await self.trouble())
        encode, kind = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(metrics.registry), headers={"Content-Type": kind})

    async def healthz(self, _: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readyz(self, _: web.Request) -> web.Response:
        trouble = await self.trouble()
        return web.Response(text=f"{trouble or 'ready'}\n", status=503 if trouble else 200)
