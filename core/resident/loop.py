"""The step loop: one thread owns the model and steps all chats together.

It takes commands, admits waiting requests into free slots, prefills one piece of one prompt, decodes one token for every
chat that is past its prompt, and hands the text on. A long prompt delays the others by one piece.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import torch

from core.engine import Delta, EngineError, Request
from core.resident.chats import CLOSED, Chats
from core.resident.job import Job
from core.resident.prefixes import PIECE, Maker
from core.resident.sampling import Sampler
from core.resident.tokenizer import StreamDecoder
from core.text import first_line

log = logging.getLogger(__name__)

FAILURES_BEFORE_GIVING_UP = 3
RESTART = "start the program again"
MEMORY = (torch.OutOfMemoryError, MemoryError)  # of the card, of this machine
NOT_FINITE = "the model's logits are not finite"
LESS = "lower KRISHNA_SLOTS or KRISHNA_CONTEXT, or end what else uses it"


class Loop(Chats):
    """run() is the thread. From others only put(), stats() and what they read: all else is done there."""

    def __init__(self, *args: Any) -> None:
        """As Chats."""
        super().__init__(*args)
        self._at_once = self.model.slots  # chats in one step; fewer once the memory did not hold so many
        self._commands: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._failures = Counter[str]()  # in a row, of prompts and of steps

    def put(self, command: Callable[[], None] | None) -> None:
        """Have something done between two steps; None ends the thread after its current step."""
        self._commands.put(command)

    def run(self) -> None:
        while True:
            idle = not self.running and not len(self.waiting)
            act: Callable[[], None] | None = self._step
            with contextlib.suppress(queue.Empty):
                act = self._commands.get() if idle else self._commands.get_nowait()
            if act is None:
                break
            try:
                act()
            except Exception as error:  # a bug of ours must not leave people waiting
                log.exception("the step loop failed")
                self._fail_all(f"the step loop failed: {error!r}; {RESTART}")
            self._flush()
        self._fail_all(CLOSED)
        self._flush()
        while not self._commands.empty():  # whoever asked while it closed gets an answer too
            if command := self._commands.get():
                command()

    def _step(self) -> None:
        self._expire()
        self._admit()
        prompting = next((j for j in self.running if j.written < len(j.request.prompt)), None)
        if prompting is not None:
            self._prefill(prompting)
        decoding = [j for j in self.running if j.answer]
        while decoding and self.failed is None:
            some = decoding[: self._at_once]
            if self._decode(some):
                decoding = decoding[len(some) :]

    def _admit(self) -> None:
        while self._free and (job := self.waiting.pop()) is not None:
            self._moved = True
            job.started = time.monotonic()
            prompt, maker = job.request.prompt, self._maker(job.request)
            source, length = self.prefixes.longest(prompt, maker, self._free, self.model.holds)
            job.slot = source if source in self._free else self._free[0]
            self._free.remove(job.slot)
            self.running.append(job)
            try:
                job.sampler = Sampler(job.request.sampling)
                job.text = StreamDecoder(self.tokenizer, job.request.stop)
                if length and source != job.slot:
                    self.prefixes.begin(job.slot, (), maker)  # what it held is gone, also where this breaks off
                    self.model.copy(source, job.slot, length)
                job.tier, job.reused, job.written = maker[0], length, length
                self.prefixes.begin(job.slot, prompt[:length], maker)
                self.model.begin(job.slot, *maker)
            except Exception as error:
                self._spoiled(job, error)
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
            logits = self.model.prefill(job.slot, start, piece, last=last)
            if logits is not None and not torch.isfinite(logits.amax()):
                raise ArithmeticError(NOT_FINITE)
        except Exception as error:
            self._spoiled(job, error)
            return
        del self._failures["prompt"]  # and no more: where steps alone fail, prompts that go well prove nothing
        job.written += len(piece)
        if len(piece) == PIECE:
            self.prefixes.extend(job.slot, piece)
        if logits is not None:
            self._take(job, logits)

    def _spoiled(self, job: Job, error: Exception) -> None:
        """A prompt that could not be begun or read ends alone."""
        if isinstance(error, MEMORY):
            log.error("the memory does not hold a piece of a prompt (%s); %s", first_line(error), LESS)
            self._drop(job, EngineError(f"the memory does not hold a piece of a prompt; {LESS}"))
        else:
            log.error("a prompt failed", exc_info=error)
            self._drop(job, EngineError(f"the model failed on the prompt: {error!r}"))
            self._count_failure("prompt", error)

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
        self.pace.made(len(jobs))
        return True

    def _again(self, jobs: list[Job], error: Exception) -> None:
        """After a step that failed: one bad request must not end the others, so each is tried alone."""
        log.error("a decode step of %d chats failed", len(jobs), exc_info=error)
        self._count_failure("step", error)
        if self.failed is None and len(jobs) > 1:
            for job in jobs:
                self._decode([job])
        elif self.failed is None and jobs:
            self._drop(jobs[0], EngineError(f"the model failed: {error!r}"))

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
        logits = self.model.decode([j.slot for j in jobs], [j.written for j in jobs], [j.answer[-1] for j in jobs])
        if not torch.isfinite(logits.amax(-1)).all():
            raise ArithmeticError(NOT_FINITE)
        return logits

    def _take(self, job: Job, drawn: torch.Tensor | int) -> None:
        """A chat's next token, sampled from its logits if the model did not draw it: pass its text on.

        A failure here is that chat's alone.
        """
        assert job.sampler is not None and job.text is not None
        try:
            token = drawn if isinstance(drawn, int) else job.sampler.pick(drawn, job.answer)
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

    def _count_failure(self, of: str, error: Exception) -> None:
        self._failures[of] += 1
        if self._failures[of] >= FAILURES_BEFORE_GIVING_UP:
            self._fail_all(f"the model failed {self._failures[of]} times in a row, last with {error!r}; {RESTART}")
