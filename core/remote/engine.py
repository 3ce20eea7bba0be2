"""The engine over OpenAI-compatible servers: requests wait here, fairly, and are answered there.

A request goes to the server that has the fewest under way. One that fails before its first token is tried elsewhere;
after the first token it never is, for then words would come twice. Nothing here needs PyTorch.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiohttp

from core.engine import (
    DeadlineExceeded,
    Delta,
    Done,
    EngineError,
    EngineFull,
    EngineStats,
    Event,
    LoadError,
    ModelFailed,
    PromptTooLong,
    Request,
    Usage,
    Voice,
    Waiting,
)
from core.remote.adapters import Served, loaded, unloaded
from core.remote.endpoint import Busy, Endpoint, NotServed, Unanswered
from core.resident.queue import FairQueue
from core.resident.tokenizer import GemmaTokenizer

log = logging.getLogger(__name__)

TRIES = 3  # of one request, each at another server where there is one
PAUSE_S = 0.2  # before the second try, twice that before the third
REST_S = 1.0, 30.0  # for which a server that is down is left alone: at first, and at most

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Job:
    """A request on its way. Times are of the loop's clock. endpoint: where it is answered; None while it waits."""

    request: Request
    adapter: Served | None
    submitted: float
    endpoint: Endpoint | None = None
    tried: list[Endpoint] = field(default_factory=list)
    place: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    started: float = 0.0
    first: float = 0.0
    made: int = 0  # answer tokens
    reused: int = 0

    @property
    def user(self) -> str:
        return self.request.user

    @property
    def conversation(self) -> str:
        return self.request.conversation


class RemoteEngine:
    """An Engine (core/engine.py). slots: requests under way at each server. Made by core/remote/open.py."""

    tiers: tuple[str, ...] = ()

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        session: aiohttp.ClientSession,
        tokenizer: GemmaTokenizer,
        *,
        model: str,
        context: int,
        fluent: bool,
        slots: int,
        queue_size: int,
        on_failure: Callable[[str], None] = log.error,
    ) -> None:
        self.tokenizer, self.context = tokenizer, context
        self._endpoints, self._session, self._model, self._fluent = endpoints, session, model, fluent
        self._slots, self._on_failure = slots, on_failure
        self._waiting: FairQueue[Job] = FairQueue(queue_size, max(1, slots * len(endpoints) // 2))
        self._jobs: set[Job] = set()
        self._adapters: dict[str, Served] = {}
        self._leaving: list[Served] = []  # adapters to be unloaded when their last request ends
        self._tasks: set[asyncio.Task[None]] = set()
        self._rate: deque[tuple[float, int]] = deque()
        self._made = self._answered = 0
        self._service_s = 0.0  # a running mean of how long a request is under way
        self._closed = False

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
        except TimeoutError:  # the deadline; those of the network never get here
            if not job.first:
                raise DeadlineExceeded("the deadline passed before the first token") from None
            yield self._done(job, "deadline")
        finally:
            self._end(job)

    def _submit(self, request: Request) -> Job:
        if not request.prompt or request.max_tokens < 1:
            raise EngineError("the prompt is empty or no answer token is allowed")
        if len(request.prompt) + request.max_tokens > self.context:
            raise PromptTooLong(
                f"prompt {len(request.prompt)} + answer {request.max_tokens} tokens exceed the context of {self.context}"
            )
        self.voice(request.adapter)
        if failed := self._failed():
            raise ModelFailed(failed)
        job = Job(request, self._adapters.get(request.adapter), _now())
        free = sum(max(0, self._slots - e.under_way) for e in self._up())
        self._waiting.add(job, free=free, expected_wait_s=self._wait_s(len(self._waiting)) or 30.0)
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
                await self._in_time(job, job.news.wait())

    async def _answer(self, job: Job) -> AsyncGenerator[Event, None]:
        """Stream it from its server, or from another one as long as there is no token."""
        for left in reversed(range(TRIES)):
            try:
                async with aclosing(self._stream(job)) as events:
                    async for event in events:
                        yield event
                return
            except Unanswered as error:
                await self._in_time(job, self._count_failure(job, error))
                if job.first:
                    raise EngineError(f"the answer broke off: {error}") from error
                if not left:
                    if isinstance(error, Busy):
                        raise EngineFull(error.retry_after_s or self._wait_s(1) or 30.0) from error
                    raise EngineError(f"no server answered: {error}") from error
            self._move(job)
            await self._in_time(job, asyncio.sleep(PAUSE_S * (TRIES - left)))

    async def _stream(self, job: Job) -> AsyncGenerator[Event, None]:
        """One try. Raises Unanswered, Refused, PromptTooLong, or TimeoutError at the deadline."""
        assert job.endpoint is not None
        reason = ""
        async with aclosing(job.endpoint.complete(self._body(job))) as chunks:
            while True:
                try:
                    chunk = await self._in_time(job, anext(chunks, None))
                except Unanswered:
                    if reason:  # what is missing is figures
                        break
                    raise
                if chunk is None:
                    break
                choice = (chunk.get("choices") or [{}])[0]
                self._count(job, chunk.get("usage") or {}, bool(choice.get("text")))
                if choice.get("text"):
                    yield Delta(choice["text"])
                reason = choice.get("finish_reason") or reason
        if reason not in ("stop", "length"):
            raise Unanswered(f"{job.endpoint.base} ended the answer with {reason or 'no reason'}")
        job.endpoint.answered()
        self._answered += 1
        held = _now() - job.started
        self._service_s = held if self._answered == 1 else 0.9 * self._service_s + 0.1 * held
        yield self._done(job, reason)

    def _body(self, job: Job) -> dict[str, Any]:
        """The call. Everything that a server might otherwise fill in from the model's own defaults is said."""
        request, sampling = job.request, job.request.sampling
        return {
            "model": job.adapter.name if job.adapter else self._model,
            "prompt": list(request.prompt),
            "max_tokens": request.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "repetition_penalty": sampling.repetition_penalty,  # vLLM counts the prompt's tokens too
            "stop": list(request.stop),
            "stop_token_ids": sorted(self.tokenizer.stops),
            "stream": True,
            "stream_options": {"include_usage": True, "continuous_usage_stats": True},
            **({} if sampling.seed is None else {"seed": sampling.seed}),
        }

    def _count(self, job: Job, usage: dict[str, Any], text: bool) -> None:
        """Note what a chunk brought: its usage where the server tells it (vLLM), else a token a piece of text."""
        made = int(usage.get("completion_tokens") or job.made + text)
        job.reused = int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or job.reused)
        if (new := made - job.made) > 0:
            now = _now()
            job.first, job.made = job.first or now, made
            self._made += new
            self._rate.append((now, new))
            while self._rate[0][0] < now - 10:
                self._rate.popleft()

    def _done(self, job: Job, reason: str) -> Done:
        at, now = job.submitted, _now()
        first = (job.first or now) - at
        usage = Usage(len(job.request.prompt), job.reused, job.made, job.started - at, first, now - at)
        return Done(_REASONS[reason], usage)

    async def _in_time(self, job: Job, act: Awaitable[T]) -> T:
        """Raises TimeoutError at the request's deadline."""
        limit = job.request.deadline_s
        async with asyncio.timeout_at(None if limit is None else job.submitted + limit):
            return await act

    # -- servers ----------------------------------------------------------------------------------------------

    def _up(self) -> list[Endpoint]:
        return [e for e in self._endpoints if not e.down]

    def _admit(self) -> None:
        """Send those who are next where there is room, and tell the others their places."""
        while (
            (up := self._up())
            and (endpoint := min(up, key=_load)).under_way < self._slots
            and (job := self._waiting.pop()) is not None
        ):
            job.endpoint, job.started = endpoint, _now()
            endpoint.under_way += 1
            job.news.set()
        for place, job in enumerate(self._waiting, start=1):
            if job.place != place:
                job.place = place
                job.news.set()

    def _move(self, job: Job) -> None:
        """To the best server that it was not at yet, if there is one. Raises ModelFailed where all are down."""
        if failed := self._failed():
            raise ModelFailed(failed)
        assert job.endpoint is not None
        job.endpoint.under_way -= 1
        job.tried.append(job.endpoint)
        job.endpoint = min(self._up(), key=lambda e: (job.tried.count(e), e.under_way))
        job.endpoint.under_way += 1

    def _end(self, job: Job) -> None:
        self._jobs.remove(job)
        if job.endpoint is None:
            self._waiting.remove(job)
        else:
            job.endpoint.under_way -= 1
            self._waiting.done(job)
        self._admit()
        self._unload()

    async def _count_failure(self, job: Job, error: Unanswered) -> None:
        endpoint = job.endpoint
        assert endpoint is not None
        log.warning("%s", error)
        if isinstance(error, NotServed):  # it was started anew and has forgotten the adapters
            try:
                return await self.prepare(endpoint)
            except (Unanswered, EngineError) as worse:
                self.lost(endpoint, str(worse), at_once=True)
        elif not isinstance(error, Busy) or error.broken:
            self.lost(endpoint, str(error))

    def lost(self, endpoint: Endpoint, why: str, *, at_once: bool = False) -> None:
        """Count a failure; past a few the server is left alone until it answers again."""
        if not endpoint.failed(why, at_once=at_once):
            return
        log.error("%s is left alone until it answers again: %s", endpoint.base, why)
        self._spawn(self._mend(endpoint))
        if failed := self._failed():
            self._on_failure(failed)
            for job in self._waiting:
                job.news.set()

    async def _mend(self, endpoint: Endpoint) -> None:
        pause, most = REST_S
        while True:
            await asyncio.sleep(pause)
            try:
                await self.prepare(endpoint)
                break
            except (Unanswered, EngineError) as error:
                endpoint.down = str(error)
                pause = min(2 * pause, most)
        log.info("%s answers again", endpoint.base)
        endpoint.on_trial()
        self._admit()

    async def prepare(self, endpoint: Endpoint) -> None:
        """See that it serves our model, and give it the adapters that it lacks. Raises Unanswered or EngineError."""
        async with endpoint.preparing:
            listed = {model["id"] for model in await endpoint.models()}
            if self._model not in listed:
                raise NotServed(f"{endpoint.base} does not serve {self._model}")
            for adapter in [*self._adapters.values(), *self._leaving]:
                if adapter.name not in listed:
                    await endpoint.load_adapter(adapter.name, adapter.path)

    def _failed(self) -> str | None:
        if self._closed:
            return "the engine is closed"
        if self._up():
            return None
        return f"no server answers ({'; '.join(e.down for e in self._endpoints)})"

    def _wait_s(self, place: int) -> float | None:
        slots = self._slots * max(1, len(self._up()))
        return self._service_s * max(1, place) / slots if self._answered else None

    # -- adapters ---------------------------------------------------------------------------------------------

    @property
    def adapters(self) -> tuple[str, ...]:
        return tuple(self._adapters)

    def voice(self, adapter: str) -> Voice:
        if not adapter:
            return Voice(tuned=False, fluent=self._fluent)
        if adapter not in self._adapters:
            raise EngineError(f"no adapter is called {adapter!r}")
        tuned = self._adapters[adapter].tuned
        return Voice(tuned, fluent=tuned or self._fluent)

    async def load_adapter(self, name: str, folder: Path) -> None:
        if failed := self._failed():
            raise LoadError(f"{failed}; start the servers and try again")
        self._adapters[name] = await loaded(name, folder, self._up())

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
            self._spawn(unloaded(adapter, self._up()))

    # -- the whole --------------------------------------------------------------------------------------------

    def stats(self) -> EngineStats:
        since = _now() - 10
        queued, slots = len(self._waiting), self._slots * len(self._up())
        busy = len(self._jobs) - queued
        return EngineStats(
            model=self._model,
            slots=slots,
            busy=busy,
            queued=queued,
            tokens_per_s=sum(n for at, n in self._rate if at > since) / 10,
            answered=self._answered,
            failed=self._failed(),
            queue=self._waiting.capacity,
            wait_s=(self._wait_s(queued + 1) or 0.0) if busy >= slots else 0.0,
            tokens={"": self._made},
        )

    async def close(self) -> None:
        """What still runs ends with an error."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for job in self._waiting:
            job.news.set()
        await self._session.close()

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_REASONS: dict[str, Literal["stop", "length", "deadline"]] = {
    "stop": "stop",
    "length": "length",
    "deadline": "deadline",
}


def _load(endpoint: Endpoint) -> int:
    return endpoint.under_way


def _now() -> float:
    return asyncio.get_running_loop().time()
