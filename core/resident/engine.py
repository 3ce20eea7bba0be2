"""The engine in this process: requests from asyncio to the step loop's thread (loop.py), and its words back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from core.apart import apart
from core.engine import Done, EngineError, EngineFull, EngineStats, Event, LoadError, ModelFailed, Request
from core.prompt import TUNED
from core.resident import lora
from core.resident.chats import Told
from core.resident.job import Job
from core.resident.loop import MEMORY, Loop
from core.resident.model import Model
from core.resident.tokenizer import GemmaTokenizer

log = logging.getLogger(__name__)


class ResidentEngine:
    """An Engine (core/engine.py) over a Model. Open it inside the asyncio loop that will use it."""

    def __init__(
        self,
        model: Model,
        tokenizer: GemmaTokenizer,
        *,
        queue_size: int = 256,
        on_failure: Callable[[str], None] = log.error,
        loop: type[Loop] = Loop,
    ) -> None:
        self.tokenizer, self.context, self.fluent = tokenizer, model.context, model.fluent
        self.loop = loop(model, tokenizer, queue_size, on_failure, self._deliver)
        self._model = model
        self._tuned = {"": False}  # by adapter
        self._pending = 0
        self._asyncio = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self.loop.run, name="model", daemon=True)
        self._thread.start()

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        request.check(self.context)
        self.tuned(request.adapter)
        if self.loop.failed:
            raise ModelFailed(self.loop.failed)
        if self._pending >= self.loop.most:
            raise EngineFull(self.loop.wait_s())
        events: asyncio.Queue[Event | EngineError] = asyncio.Queue()
        job = Job(request, events.put_nowait)
        self._pending += 1
        self.loop.put(lambda: self.loop.submit(job))
        try:
            while True:
                event = await events.get()
                if isinstance(event, EngineError):
                    raise event
                yield event
                if isinstance(event, Done):
                    return
        finally:
            self._pending -= 1
            self.loop.put(lambda: self.loop.cancel(job))

    def stats(self) -> EngineStats:
        return self.loop.stats()

    @property
    def tiers(self) -> tuple[str, ...]:
        return self.loop.tiers

    @property
    def adapters(self) -> tuple[str, ...]:
        return tuple(name for name in self._tuned if name)

    def tuned(self, adapter: str) -> bool:
        if adapter not in self._tuned:
            raise EngineError(f"no adapter is called {adapter!r}")
        return self._tuned[adapter]

    async def load_adapter(self, name: str, folder: Path) -> None:
        loaded = False

        def load() -> None:
            nonlocal loaded
            self._model.load_adapter(name, folder)
            loaded = True

        # Read here once for its faults, and so that the model's thread finds the file in memory.
        await apart(lora.read, folder)
        if self.loop.failed:
            raise LoadError(self.loop.failed)
        try:
            await self._done(load)
        except MEMORY as error:
            raise LoadError(
                f"the adapter {folder} does not fit the memory; unload another or use a smaller one"
            ) from error
        except asyncio.CancelledError:  # the model's thread loads it all the same, and nobody knows its name
            self.loop.put(lambda: self.loop.leave(name) if loaded else None)
            raise
        self._tuned[name] = (folder / TUNED).is_file()

    async def unload_adapter(self, name: str) -> None:
        if not name or self._tuned.pop(name, None) is None:
            raise EngineError(f"no adapter is called {name!r}")
        await self._done(lambda: self.loop.leave(name))

    async def close(self) -> None:
        """Stop the thread after its current step; what still runs ends with an error."""
        self.loop.put(None)
        await asyncio.to_thread(self._thread.join)

    async def _done(self, act: Callable[[], None]) -> None:
        """Have the model's thread do something between two steps; raises what it raised."""
        done: asyncio.Future[None] = self._asyncio.create_future()

        def tell(error: Exception | None) -> None:
            if done.done():  # cancelled: nobody waits any more
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def command() -> None:
            failed: Exception | None = None
            try:
                act()
            except Exception as error:
                failed = error
            self._call(lambda: tell(failed))

        self.loop.put(command)
        await done

    def _deliver(self, told: Told) -> None:
        def deliver() -> None:
            for job, event in told:
                job.emit(event)

        self._call(deliver)

    def _call(self, act: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the asyncio loop is closed: nobody waits any more
            self._asyncio.call_soon_threadsafe(act)
