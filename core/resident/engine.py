"""The engine in this process: one thread owns the model and steps all chats together.

The loop: take commands, admit waiting requests into free slots, prefill one piece of one prompt, decode one token
for every chat that is past its prompt, hand the text to asyncio. A long prompt delays the others by one piece.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import torch

from core.apart import apart
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
    Request,
    Usage,
    Voice,
    Waiting,
)
from core.prompt import TUNED
from core.resident import lora
from core.resident.job import Job
from core.resident.model import Model
from core.resident.prefixes import PIECE, Maker, Prefixes
from core.resident.queue import FairQueue
from core.resident.sampling import Sampler
from core.resident.tokenizer import GemmaTokenizer, StreamDecoder
from core.text import first_line

log = logging.getLogger(__name__)

FAILURES_BEFORE_GIVING_UP = 3
RESTART = "start the program again"
MEMORY = (torch.OutOfMemoryError, MemoryError)  # of the card, of this machine
LESS = "lower KRISHNA_SLOTS or KRISHNA_CONTEXT, or end what else uses it"


class ResidentEngine:
    """An Engine (core/engine.py) over a Model. Open it inside the asyncio loop that will use it."""

    def __init__(
        self,
        model: Model,
        tokenizer: GemmaTokenizer,
        *,
        queue_size: int = 256,
        on_failure: Callable[[str], None] = log.error,
    ) -> None:
        self.tokenizer, self.context = tokenizer, model.context
        self._voices = {"": Voice(tuned=False, fluent=model.fluent)}  # by adapter
        self._model, self._on_failure = model, on_failure
        self._waiting: FairQueue[Job] = FairQueue(queue_size, max(1, model.slots // 2))
        self._running: list[Job] = []
        self._prefixes = Prefixes(model.slots)
        self._leaving: set[str] = set()  # adapters to be freed when their last request ends
        self._free: deque[int] = deque(range(model.slots))  # least recently used first
        self._at_once = model.slots  # chats in one step; fewer once the memory did not hold so many
        self._commands: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._outbox: list[tuple[Job, Event | EngineError]] = []
        self._rate: deque[tuple[float, int]] = deque()
        self._made: Counter[str] = Counter()  # tokens, by tier
        self._service_s = 0.0  # a running mean of how long a request holds a slot
        self._answered = self._pending = 0
        self._failures = Counter[str]()  # in a row, of prompts and of steps
        self._failed: str | None = None
        self._moved = False  # the queue changed since the places were last told
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._thread.start()

    # -- the asyncio side ------------------------------------------------------------------------------------

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        request.check(self.context)
        self.voice(request.adapter)
        if self._failed:
            raise ModelFailed(self._failed)
        if self._pending >= self._waiting.capacity + self._model.slots:
            raise EngineFull(self._wait(len(self._waiting)) or 30.0)
        events: asyncio.Queue[Event | EngineError] = asyncio.Queue()
        job = Job(request, events.put_nowait)
        self._pending += 1
        self._commands.put(lambda: self._submit(job))
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
            self._commands.put(lambda: self._cancel(job))

    def stats(self) -> EngineStats:
        now = time.monotonic()
        tokens = sum(n for at, n in list(self._rate) if at > now - 10)
        return EngineStats(
            model=self._model.name,
            slots=self._model.slots,
            busy=len(self._running),
            queued=len(self._waiting),
            tokens_per_s=tokens / 10,
            answered=self._answered,
            failed=self._failed,
            queue=self._waiting.capacity,
            wait_s=(self._wait(len(self._waiting) + 1) or 0.0) if not self._free else 0.0,
            tokens=dict(self._made),
        )

    @property
    def tiers(self) -> tuple[str, ...]:
        return ()

    @property
    def adapters(self) -> tuple[str, ...]:
        return tuple(name for name in self._voices if name)

    def voice(self, adapter: str) -> Voice:
        if adapter not in self._voices:
            raise EngineError(f"no adapter is called {adapter!r}")
        return self._voices[adapter]

    async def load_adapter(self, name: str, folder: Path) -> None:
        # Read here once for its faults, and so that the model's thread finds the file in memory.
        await apart(lora.read, folder)
        if self._failed:
            raise LoadError(self._failed)
        try:
            await self._done(lambda: self._model.load_adapter(name, folder))
        except MEMORY as error:
            raise LoadError(
                f"the adapter {folder} does not fit the memory; unload another or use a smaller one"
            ) from error
        tuned = (folder / TUNED).is_file()
        self._voices[name] = Voice(tuned, fluent=tuned or self._model.fluent)

    async def unload_adapter(self, name: str) -> None:
        if not name or self._voices.pop(name, None) is None:
            raise EngineError(f"no adapter is called {name!r}")
        await self._done(lambda: self._leave(name))

    async def _done(self, act: Callable[[], None]) -> None:
        """Have the model's thread do something between two steps; raises what it raised."""
        done: asyncio.Future[None] = self._loop.create_future()

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
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(tell, failed)

        self._commands.put(command)
        await done

    async def close(self) -> None:
        """Stop the thread after its current step; what still runs ends with an error."""
        self._commands.put(None)
        await asyncio.to_thread(self._thread.join)

    # -- the model's thread: everything below runs there ------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                idle = not self._running and not len(self._waiting)
                command = self._commands.get() if idle else self._commands.get_nowait()
                if command is None:
                    break
                command()
                continue
            except queue.Empty:
                pass
            try:
                self._step()
            except Exception as error:  # a bug of ours must not leave people waiting
                log.exception("the step loop failed")
                self._fail_all(f"the step loop failed: {error!r}; {RESTART}")
            self._flush()
        self._fail_all("the engine is closed")
        self._flush()
        while not self._commands.empty():  # whoever asked while it closed gets an answer too
            if command := self._commands.get():
                command()

    def _submit(self, job: Job) -> None:
        if self._failed:
            self._tell(job, ModelFailed(self._failed))
        else:
            try:
                wait = self._wait(len(self._waiting)) or 30.0
                self._waiting.add(job, free=len(self._free), expected_wait_s=wait)
            except EngineFull as error:
                self._tell(job, error)
            else:
                self._moved = True
        self._flush()

    def _cancel(self, job: Job) -> None:
        if job in self._running:
            self._release(job)
        elif self._waiting.remove(job):
            self._moved = True
            self._free_adapters()

    def _step(self) -> None:
        self._expire()
        self._admit()
        prompting = next((j for j in self._running if j.written < len(j.request.prompt)), None)
        if prompting is not None:
            self._prefill(prompting)
        decoding = [j for j in self._running if j.answer]
        while decoding and self._failed is None:
            some = decoding[: self._at_once]
            if self._decode(some):
                decoding = decoding[len(some) :]

    def _expire(self) -> None:
        now = time.monotonic()
        for job in [j for j in self._waiting if j.late(now)]:
            self._waiting.remove(job)
            self._drop(job, DeadlineExceeded("the deadline passed while the request was queued"))
        for job in [j for j in self._running if j.late(now)]:
            if job.answer:
                self._finish(job, "deadline")
            else:
                self._drop(job, DeadlineExceeded("the deadline passed before the first token"))

    def _admit(self) -> None:
        while self._free and (job := self._waiting.pop()) is not None:
            self._moved = True
            job.started = time.monotonic()
            job.sampler = Sampler(job.request.sampling)
            job.text = StreamDecoder(self.tokenizer, job.request.stop)
            prompt, maker = job.request.prompt, self._maker(job.request)
            source, length = self._prefixes.longest(prompt, maker, self._free, self._model.holds)
            job.slot = source if source in self._free else self._free[0]
            self._free.remove(job.slot)
            if length and source != job.slot:
                self._model.copy(source, job.slot, length)
            job.tier, job.reused, job.written = maker[0], length, length
            self._prefixes.begin(job.slot, prompt[:length], maker)
            self._model.begin(job.slot, *maker)
            self._running.append(job)
        if self._moved:
            self._announce()

    def _maker(self, request: Request) -> Maker:
        """What answers a request: (a tier, the whole one by its name; an adapter)."""
        return request.tier if request.tier in self.tiers else "".join(self.tiers[-1:]), request.adapter

    def _prefill(self, job: Job) -> None:
        prompt = job.request.prompt
        start = job.written
        piece = list(prompt[start : start + PIECE])
        last = start + len(piece) == len(prompt)
        try:
            logits = self._model.prefill(job.slot, start, piece, last=last)
        except MEMORY as error:
            log.error("the memory does not hold a piece of a prompt (%s); %s", first_line(error), LESS)
            self._drop(job, EngineError(f"the memory does not hold a piece of a prompt; {LESS}"))
            return
        except Exception as error:
            log.exception("prefill failed")
            self._drop(job, EngineError(f"the model failed on the prompt: {error!r}"))
            self._count_failure("prompt", error)
            return
        del self._failures["prompt"]  # and no more: where steps alone fail, prompts that go well prove nothing
        job.written += len(piece)
        if len(piece) == PIECE:
            self._prefixes.extend(job.slot, piece)
        if logits is not None:
            self._take(job, logits)

    def _decode(self, jobs: list[Job]) -> bool:
        """One token for each. False when the memory did not hold that: then it is to be tried with fewer."""
        full = ""
        try:
            logits = self._logits(jobs)
        except MEMORY as error:
            full = first_line(error)
        except Exception as error:
            self._again(jobs, error)
            return True
        if full:  # after the handler: the exception is gone, and with it what the step had made
            self._fewer(jobs, full)
            return len(jobs) == 1
        self._failures.clear()
        for job, row in zip(jobs, logits, strict=True):
            job.written += 1
            self._take(job, row)
        self._count(len(jobs))
        return True

    def _again(self, jobs: list[Job], error: Exception) -> None:
        """After a step that failed: one bad request must not end the others, so each is tried alone."""
        log.error("a decode step of %d chats failed", len(jobs), exc_info=error)
        self._count_failure("step", error)
        if self._failed is None and len(jobs) > 1:
            for job in jobs:
                self._decode([job])
        elif self._failed is None and jobs:
            self._drop(jobs[0], EngineError(f"the model failed: {error!r}"))

    def _count(self, tokens: int) -> None:
        self._rate.append((time.monotonic(), tokens))
        while self._rate[0][0] < time.monotonic() - 10:
            self._rate.popleft()

    def _fewer(self, jobs: list[Job], cause: str) -> None:
        """The memory did not hold a step: from now on half as many chats at a time; one that is alone must end.

        That is no broken model: it goes on, and another program may give memory back.
        """
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if len(jobs) == 1:
            log.error("the memory does not hold a step of one chat (%s); %s", cause, LESS)
            self._drop(jobs[0], EngineError(f"the memory does not hold a step of one chat; {LESS}"))
            return
        half = self._at_once = len(jobs) // 2
        log.error(
            "the memory does not hold a step of %d chats (%s); until the next start %d go at a time; set KRISHNA_SLOTS=%d",
            *(len(jobs), cause, half, half),
        )

    def _logits(self, jobs: list[Job]) -> torch.Tensor:
        logits = self._model.decode([j.slot for j in jobs], [j.written for j in jobs], [j.answer[-1] for j in jobs])
        if not torch.isfinite(logits.amax(-1)).all():
            raise ArithmeticError("the model's logits are not finite")
        return logits

    def _take(self, job: Job, logits: torch.Tensor) -> None:
        """Sample a chat's next token and pass its text on; a failure here is that chat's alone."""
        assert job.sampler is not None and job.text is not None
        try:
            token = job.sampler.pick(logits, job.answer)
            if not job.answer:
                job.first = time.monotonic()
            job.answer.append(token)
            self._made[job.tier] += 1
            text = "" if token in self.tokenizer.stops else job.text.push(token)
        except Exception as error:
            log.exception("a request failed")
            self._drop(job, EngineError(f"the request failed: {error!r}"))
            return
        if text:
            self._tell(job, Delta(text))
        if token in self.tokenizer.stops or job.text.stopped:
            self._finish(job, "stop")
        elif len(job.answer) >= job.request.max_tokens:
            self._finish(job, "length")

    def _finish(self, job: Job, reason: str) -> None:
        assert job.text is not None
        if rest := job.text.flush():
            self._tell(job, Delta(rest))
        now = time.monotonic()
        held = now - job.started
        self._service_s = held if not self._answered else 0.9 * self._service_s + 0.1 * held
        self._answered += 1
        usage = Usage(
            prompt_tokens=len(job.request.prompt),
            reused_tokens=job.reused,
            answer_tokens=len(job.answer),
            wait_s=job.started - job.submitted,
            first_token_s=job.first - job.submitted,
            total_s=now - job.submitted,
        )
        self._release(job)
        self._tell(job, Done(reason, usage))  # type: ignore[arg-type]

    def _drop(self, job: Job, error: EngineError) -> None:
        self._release(job)
        self._tell(job, error)

    def _release(self, job: Job) -> None:
        if job in self._running:
            self._running.remove(job)
            self._waiting.done(job)
            self._free.append(job.slot)
        self._free_adapters()

    def _leave(self, name: str) -> None:
        self._leaving.add(name)
        self._free_adapters()

    def _free_adapters(self) -> None:
        """Free the adapters that are to go and that no request needs any more, and forget what they wrote."""
        if not self._leaving:
            return
        for name in self._leaving - {job.request.adapter for job in [*self._running, *self._waiting]}:
            self._leaving.remove(name)
            self._prefixes.forget(name)
            self._model.unload_adapter(name)

    def _count_failure(self, of: str, error: Exception) -> None:
        self._failures[of] += 1
        if self._failures[of] >= FAILURES_BEFORE_GIVING_UP:
            self._fail_all(f"the model failed {self._failures[of]} times in a row, last with {error!r}; {RESTART}")

    def _fail_all(self, why: str) -> None:
        if self._failed is None:
            self._failed = why
            if why != "the engine is closed":
                self._on_failure(why)
        for job in [*self._running, *self._waiting]:
            self._waiting.remove(job)
            self._drop(job, ModelFailed(why))

    # -- words back to asyncio --------------------------------------------------------------------------------

    def _wait(self, place: int) -> float | None:
        return self._service_s * max(1, place) / self._model.slots if self._answered else None

    def _announce(self) -> None:
        """Tell everybody whose place changed."""
        self._moved = False
        for place, job in enumerate(self._waiting, start=1):
            if job.told != place:
                job.told = place
                self._tell(job, Waiting(place, self._wait(place)))

    def _tell(self, job: Job, event: Event | EngineError) -> None:
        self._outbox.append((job, event))

    def _flush(self) -> None:
        """One wake-up of the asyncio loop per step, however many chats moved."""
        if not self._outbox:
            return
        batch, self._outbox = self._outbox, []

        def deliver() -> None:
            for job, event in batch:
                job.emit(event)

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(deliver)
