"""Every request from its coming to its end: who waits, who has a slot of the model, and what each is told."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable

from core.engine import (
    DeadlineExceeded,
    Delta,
    Done,
    EngineError,
    EngineFull,
    EngineStats,
    Event,
    ModelFailed,
    Usage,
    Waiting,
)
from core.pace import UNKNOWN_S, Pace
from core.resident.job import Job
from core.resident.model import Model
from core.resident.prefixes import Prefixes
from core.resident.queue import FairQueue
from core.resident.tokenizer import GemmaTokenizer

CLOSED = "the engine is closed"

Told = list[tuple[Job, Event | EngineError]]


class Chats:
    """The part of Loop (loop.py) that steps no model: all but stats() and what it reads is for the model's thread.

    deliver: gets what is to be told of each step's jobs, on that thread.
    """

    def __init__(
        self,
        model: Model,
        tokenizer: GemmaTokenizer,
        queue_size: int,
        on_failure: Callable[[str], None],
        deliver: Callable[[Told], None],
    ) -> None:
        self.model, self.tokenizer = model, tokenizer
        self._on_failure, self._deliver = on_failure, deliver
        self.waiting: FairQueue[Job] = FairQueue(queue_size, max(1, model.slots // 2))
        self.running: list[Job] = []
        self.prefixes = Prefixes(model.slots)
        self.failed: str | None = None
        self._leaving: set[str] = set()  # adapters to be freed when their last request ends
        self._free: deque[int] = deque(range(model.slots))  # least recently used first
        self._outbox: Told = []
        self.pace = Pace()
        self._made: Counter[str] = Counter()  # tokens, by tier
        self._moved = False  # the queue changed since the places were last told

    @property
    def tiers(self) -> tuple[str, ...]:
        return ()

    @property
    def most(self) -> int:
        """Requests that wait or run: no more are taken."""
        return self.waiting.capacity + self.model.slots

    def wait_s(self) -> float:
        """Seconds until a new request would have a slot, as far as is known."""
        return self._wait(len(self.waiting)) or UNKNOWN_S

    def stats(self) -> EngineStats:
        return EngineStats(
            model=self.model.name,
            slots=self.model.slots,
            busy=len(self.running),
            queued=len(self.waiting),
            tokens_per_s=self.pace.tokens_per_s,
            answered=self.pace.answered,
            failed=self.failed,
            queue=self.waiting.capacity,
            wait_s=(self._wait(len(self.waiting) + 1) or 0.0) if not self._free else 0.0,
            tokens=dict(self._made),
        )

    def submit(self, job: Job) -> None:
        if self.failed:
            self._tell(job, ModelFailed(self.failed))
        else:
            try:
                self.waiting.add(job, free=len(self._free), wait_s=self._wait, patience_s=job.request.deadline_s)
            except EngineFull as error:
                self._tell(job, error)
            else:
                self._moved = True
        self._flush()

    def cancel(self, job: Job) -> None:
        if job in self.running:
            if job.answer:  # whoever asked has heard enough: so most answers end
                self.pace.ended(time.monotonic() - job.started)
            self._release(job)
        elif self.waiting.remove(job):
            self._moved = True
            self._free_adapters()

    def _expire(self) -> None:
        now = time.monotonic()
        for job in [j for j in self.waiting if j.late(now)]:
            self.waiting.remove(job)
            self._moved = True
            self._drop(job, DeadlineExceeded("the deadline passed while the request was queued"))
        for job in [j for j in self.running if j.late(now)]:
            if job.answer:
                self._finish(job, "deadline")
            else:
                self._drop(job, DeadlineExceeded("the deadline passed before the first token"))

    def _finish(self, job: Job, reason: str) -> None:
        assert job.text is not None
        if rest := job.text.flush():
            self._tell(job, Delta(rest))
        now = time.monotonic()
        self.pace.ended(now - job.started)
        usage = Usage(
            prompt_tokens=len(job.request.prompt),
            reused_tokens=job.reused,
            answer_tokens=len(job.answer),
            wait_s=job.started - job.submitted,
            first_token_s=job.first - job.submitted,
            total_s=now - job.submitted,
        )
        self._tell(job, Done(reason, usage))  # type: ignore[arg-type]
        self._release(job)

    def _drop(self, job: Job, error: EngineError) -> None:
        self._tell(job, error)
        self._release(job)

    def _release(self, job: Job) -> None:
        if job in self.running:
            self.running.remove(job)
            self.waiting.done(job)
            self._free.append(job.slot)
        self._free_adapters()

    def leave(self, name: str) -> None:
        self._leaving.add(name)
        self._free_adapters()

    def _free_adapters(self) -> None:
        """Free the adapters that are to go and that no request needs any more, and forget what they wrote."""
        if not self._leaving:
            return
        for name in self._leaving - {job.request.adapter for job in [*self.running, *self.waiting]}:
            self._leaving.remove(name)
            self.prefixes.forget(name)
            self.model.unload_adapter(name)

    def _fail_all(self, why: str) -> None:
        if self.failed is None:
            self.failed = why
            if why != CLOSED:
                self._on_failure(why)
        for job in [*self.running, *self.waiting]:
            self.waiting.remove(job)
            self._drop(job, ModelFailed(why))

    def _wait(self, place: int) -> float | None:
        return self.pace.wait_s(place, self.model.slots)

    def _announce(self) -> None:
        """Tell everybody whose place changed."""
        self._moved = False
        for place, job in enumerate(self.waiting, start=1):
            if job.told != place:
                job.told = place
                self._tell(job, Waiting(place, self._wait(place)))

    def _tell(self, job: Job, event: Event | EngineError) -> None:
        self._outbox.append((job, event))

    def _flush(self) -> None:
        """One wake-up of the asyncio loop per step, however many chats moved."""
        if self._outbox:
            batch, self._outbox = self._outbox, []
            self._deliver(batch)
