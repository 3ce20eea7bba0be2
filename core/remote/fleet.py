"""The servers together: which of them are asked, and how those that went down come back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from core.engine import EngineError
from core.remote.adapters import Served
from core.remote.endpoint import Busy, Endpoint, NotServed, Unanswered

log = logging.getLogger(__name__)

T = TypeVar("T")

REST_S = 1.0, 30.0  # for which a server that is down is left alone: at first, and at most


class Fleet:
    """Endpoints that serve one model. adapters: those that a server has to be given when it comes back.

    changed() is called when one goes down or comes back. Use it in one asyncio loop.
    """

    def __init__(self, endpoints: Sequence[Endpoint], model: str) -> None:
        self.endpoints, self.model = endpoints, model
        self.adapters: list[Served] = []
        self.changed: Callable[[], None] = lambda: None
        self._tasks: set[asyncio.Task[Any]] = set()

    def up(self) -> list[Endpoint]:
        return [endpoint for endpoint in self.endpoints if not endpoint.down]

    def least(self, tried: Sequence[Endpoint] = ()) -> Endpoint | None:
        """The one with the fewest requests under way, and rather one that was not tried; None where all are down."""
        return min(self.up(), key=lambda e: (tried.count(e), e.under_way), default=None)

    def failed(self) -> str | None:
        """Why no request can be answered; None while some server is asked."""
        if self.up():
            return None
        return f"no server answers ({'; '.join(e.down for e in self.endpoints)})"

    async def count(self, endpoint: Endpoint, error: Unanswered) -> None:
        """A request got no answer there."""
        log.warning("%s", error)
        if isinstance(error, NotServed):  # it was started anew, perhaps, and has forgotten the adapters
            try:
                await self._prepare(endpoint)
            except (Unanswered, EngineError) as worse:
                self.lost(endpoint, str(worse))
        elif (not isinstance(error, Busy) or error.broken) and endpoint.failed():
            self.lost(endpoint, str(error))

    def lost(self, endpoint: Endpoint, why: str) -> None:
        """Leave a server alone until it answers again."""
        if not endpoint.down:
            log.error("%s is left alone until it answers again: %s", endpoint.name, why)
            endpoint.down = why
            self.spawn(self._mend(endpoint))
            self.changed()

    async def _mend(self, endpoint: Endpoint) -> None:
        pause, most = REST_S
        while True:
            await asyncio.sleep(pause)
            try:
                await self._prepare(endpoint)
                break
            except (Unanswered, EngineError) as error:
                endpoint.down = str(error)
                pause = min(2 * pause, most)
        log.info("%s answers again", endpoint.name)
        endpoint.on_trial()
        self.changed()

    async def _prepare(self, endpoint: Endpoint) -> None:
        """See that it serves the model, and give it the adapters that it lacks. Raises Unanswered or EngineError."""
        async with endpoint.preparing:
            listed = {model["id"] for model in await endpoint.models()}
            if self.model not in listed:
                raise NotServed(f"{endpoint.name} does not serve {self.model}")
            for adapter in [a for a in self.adapters if a.name not in listed]:
                if not adapter.path:
                    raise NotServed(f"{endpoint.name} does not serve the adapter {adapter.name}")
                await endpoint.load_adapter(adapter.name, adapter.path)

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Do something beside, until close()."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
