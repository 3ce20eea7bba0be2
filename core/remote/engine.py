"""The engine over OpenAI-compatible servers: requests wait here, fairly, and are answered there.

A request goes to the server that has the fewest under way. One that fails before its first token is tried elsewhere;
after the first token it never is, for then words would come twice. Nothing here needs PyTorch.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from time import monotonic as now

import aiohttp

from core.engine import (
    DeadlineExceeded,
    Delta,
    EngineError,
    EngineFull,
    EngineStats,
    Event,
    LoadError,
    ModelFailed,
    Request,
    Waiting,
)
from core.pace import UNKNOWN_S, Pace
from core.remote.adapters import Served, loaded, unloaded
from core.remote.endpoint import Busy, Unanswered
from core.remote.fleet import Fleet
from core.remote.job import Job
from core.resident.queue import FairQueue
from core.resident.tokenizer import GemmaTokenizer

log = logging.getLogger(__name__)

TRIES = 3  # of one request, each at another server where there is one
CLOSED = "the engine is closed"
PAUSE_S = 0.2  # before the second try, twice that before the third


class RemoteEngine:
    """An Engine (core/engine.py). slots: requests under way at each server. Made by core/remote/open.py."""

    tiers: tuple[str, ...] = ()

    def __init__(
        self,
        fleet: Fleet,
        session: aiohttp.ClientSession,
        tokenizer: GemmaTokenizer,
        *,
        context: int,
        fluent: bool,
        slots: int,
        queue_size: int,
        on_failure: Callable[[str], None] = log.error,
    ) -> None:
        self.tokenizer, self.context, self.fluent = tokenizer, context, fluent
        self._fleet, self._session = fleet, session
        self._slots, self._on_failure = slots, on_failure
        self._waiting: FairQueue[Job] = FairQueue(queue_size, max(1, slots * len(fleet.endpoints) // 2))
        self._jobs: set[Job] = set()
        self._adapters: dict[str, Served] = {}
        self._leaving: list[Served] = []  # adapters to be unloaded when their last request ends
        self._pace = Pace()
        self._made = 0
        self._closed = False
        fleet.changed = self._changed

    # -- a request --------------------------------------------------------------------------------------------

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        job = self._submit(request)
        try:
            async with aclosing(self._wait(job)) as places:
                async for place in places:
                    yield place
            async with aclosing(self._answer(job)) as events:
                async for event in events:
                    yield event
        except TimeoutError:  # the deadline, or close(); those of the network never get here
            if self._closed:
                raise ModelFailed(CLOSED) from None
            if not job.first:
                raise DeadlineExceeded("the deadline passed before the first token") from None
            yield job.done("deadline")
        finally:
            self._end(job)

    def _submit(self, request: Request) -> Job:
        request.check(self.context)
        self.tuned(request.adapter)
        if failed := self._failed():
            raise ModelFailed(failed)
        job = Job(request, self._adapters.get(request.adapter))
        free = sum(max(0, self._slots - e.under_way) for e in self._fleet.up())
        self._waiting.add(job, free=free, wait_s=self._wait_s, patience_s=request.deadline_s)
        self._jobs.add(job)
        self._admit()
        return job

    async def _wait(self, job: Job) -> AsyncGenerator[Waiting, None]:
        """Tell its place until it has a server."""
        told = 0
        while job.endpoint is None:
            job.news.clear()
            if failed := self._failed():
                raise ModelFailed(failed)
            if job.place != told:
                told = job.place
                yield Waiting(told, self._wait_s(told))
            else:
                await job.in_time(job.news.wait())

    async def _answer(self, job: Job) -> AsyncGenerator[Event, None]:
        """Stream it from its server, or from another one as long as there is no token."""
        for left in reversed(range(TRIES)):
            try:
                async with aclosing(self._stream(job)) as events:
                    async for event in events:
                        yield event
                return
            except Unanswered as error:
                assert job.endpoint is not None
                job.tried.append(job.endpoint)
                await job.in_time(self._fleet.count(job.endpoint, error))
                if job.first:
                    raise EngineError(f"the answer broke off: {error}") from error
                if not left:
                    if isinstance(error, Busy):
                        raise EngineFull(error.retry_after_s or self._wait_s(1) or UNKNOWN_S) from error
                    raise EngineError(f"no server answered: {error}") from error
            except (GeneratorExit, asyncio.CancelledError, TimeoutError):
                if job.first and job.endpoint is not None:  # enough was heard, or the time is over: the server is well
                    job.endpoint.answered()
                raise
            self._move(job)
            await job.in_time(asyncio.sleep(PAUSE_S * (TRIES - left)))

    async def _stream(self, job: Job) -> AsyncGenerator[Event, None]:
        """One try. Raises Unanswered, Refused, PromptTooLong, or TimeoutError at the deadline."""
        assert job.endpoint is not None
        reason = None
        async with aclosing(job.endpoint.complete(job.body(self._fleet.model, self.tokenizer.stops))) as chunks:
            while True:
                try:
                    chunk = await job.in_time(anext(chunks, None))
                except Unanswered:
                    if reason is None:
                        raise
                    break  # what is missing is figures
                if chunk is None:
                    break
                choice = (chunk.get("choices") or [{}])[0]
                text = choice.get("text") or ""
                self._note(job.count(chunk, text))
                if text:
                    yield Delta(text)
                reason = choice.get("finish_reason") or reason
        if reason not in ("stop", "length"):
            raise Unanswered(f"{job.endpoint.name} ended the answer for the reason {reason}")
        job.endpoint.answered()
        yield job.done(reason)

    def _note(self, new: int) -> None:
        """So many tokens came."""
        if new > 0:
            self._made += new
            self._pace.made(new)

    # -- places ------------------------------------------------------------------------------------------------

    def _admit(self) -> None:
        """Send those who are next where there is room, and tell the others their places."""
        while (
            not self._closed
            and (endpoint := self._fleet.least()) is not None
            and endpoint.under_way < self._slots
            and (job := self._waiting.pop()) is not None
        ):
            job.endpoint, job.started = endpoint, now()
            endpoint.under_way += 1
            job.news.set()
        for place, job in enumerate(self._waiting, start=1):
            if job.place != place:
                job.place = place
                job.news.set()

    def _move(self, job: Job) -> None:
        """To the server with the least to do that it was not at yet, if there is one. Raises ModelFailed."""
        if failed := self._failed():
            raise ModelFailed(failed)
        best = self._fleet.least(job.tried)
        assert best is not None and job.endpoint is not None
        job.endpoint.under_way -= 1
        best.under_way += 1
        job.endpoint = best
        self._admit()  # where it was is room

    def _end(self, job: Job) -> None:
        self._jobs.remove(job)
        if job.first:  # also where whoever asked has heard enough: so most answers end
            self._pace.ended(now() - job.started)
        if job.endpoint is None:
            self._waiting.remove(job)
        else:
            job.endpoint.under_way -= 1
            self._waiting.done(job)
        self._admit()
        self._unload()

    def _changed(self) -> None:
        """A server came up or went down."""
        if failed := self._failed():
            self._on_failure(failed)
            for job in self._waiting:
                job.news.set()
        else:
            self._admit()

    def _failed(self) -> str | None:
        return CLOSED if self._closed else self._fleet.failed()

    def _wait_s(self, place: int) -> float | None:
        return self._pace.wait_s(place, self._slots * max(1, len(self._fleet.up())))

    # -- adapters ---------------------------------------------------------------------------------------------

    @property
    def adapters(self) -> tuple[str, ...]:
        return tuple(self._adapters)

    def tuned(self, adapter: str) -> bool:
        if not adapter:
            return False
        if adapter not in self._adapters:
            raise EngineError(f"no adapter is called {adapter!r}")
        return self._adapters[adapter].tuned

    async def load_adapter(self, name: str, folder: Path) -> None:
        if failed := self._failed():
            raise LoadError(f"{failed}; start the servers and try again")
        loading = self._fleet.spawn(loaded(name, folder, self._fleet.up()))
        try:
            adapter = self._adapters[name] = await asyncio.shield(loading)
        except asyncio.CancelledError:
            if loading.cancelled():
                raise LoadError(f"{CLOSED}; start the program again") from None
            loading.add_done_callback(self._unwanted)  # the servers load it all the same, and nobody knows its name
            raise
        self._fleet.adapters.append(adapter)

    def _unwanted(self, loading: asyncio.Task[Served]) -> None:
        if not loading.cancelled() and loading.exception() is None and loading.result() not in self._fleet.adapters:
            self._fleet.spawn(unloaded(loading.result(), self._fleet.up()))

    async def unload_adapter(self, name: str) -> None:
        if name not in self._adapters:
            raise EngineError(f"no adapter is called {name!r}")
        self._leaving.append(self._adapters.pop(name))
        self._unload()

    def _unload(self) -> None:
        """Have the servers forget the adapters that are to go and that no request needs any more."""
        needed = [*self._adapters.values(), *(job.adapter for job in self._jobs)]
        for adapter in [a for a in self._leaving if a not in needed]:
            self._leaving.remove(adapter)
            self._fleet.adapters.remove(adapter)
            self._fleet.spawn(unloaded(adapter, self._fleet.up()))

    # -- the whole --------------------------------------------------------------------------------------------

    def stats(self) -> EngineStats:
        queued, slots = len(self._waiting), self._slots * len(self._fleet.up())
        busy = len(self._jobs) - queued
        return EngineStats(
            model=self._fleet.model,
            slots=slots,
            busy=busy,
            queued=queued,
            tokens_per_s=self._pace.tokens_per_s,
            answered=self._pace.answered,
            failed=self._failed(),
            queue=self._waiting.capacity,
            wait_s=(self._wait_s(queued + 1) or 0.0) if busy >= slots else 0.0,
            tokens={"": self._made},
        )

    async def close(self) -> None:
        """What still runs ends with an error."""
        self._closed = True
        for job in self._jobs:  # aiohttp would leave those who read from it waiting for ever
            job.break_off()
        await self._fleet.close()
        await self._session.close()
