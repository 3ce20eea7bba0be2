"""The step loop of core/resident/loop.py, with what only this model can do.

Tokens are drawn on the GPU, and a nested model is chosen per request. A step begins before the host has read what the
last one drew: each chat's next token is known where it is needed, and words are made while the GPU works. A chat that
turns out to be over has then taken part in one step too many, of which nobody hears.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.engine import EngineError
from core.resident.gemma3n.draw import MOST
from core.resident.gemma3n.model import Gemma3n
from core.resident.job import Job
from core.resident.loop import MEMORY, Loop
from core.text import first_line

log = logging.getLogger(__name__)


class GraphLoop(Loop):
    """A Loop over a Gemma3n. Requests name their nested model in `tier`; empty is the whole one."""

    model: Gemma3n
    _flying: tuple[list[Job], Callable[[], list[int]]] | None = None  # the step that was begun, and its tokens

    @property
    def tiers(self) -> tuple[str, ...]:
        sizes = {name: sum(part.ffn) for name, part in self.model.tiers.items()}
        return tuple(sorted(sizes, key=sizes.__getitem__)) if len(sizes) > 1 else ()

    def _decode(self, jobs: list[Job]) -> bool:
        """Begin the next step, then take what the last one drew."""
        jobs = [job for job in jobs if job in self.running]  # taking that has ended some
        if not self.model.picks or not all(self._drawable(job) for job in jobs):
            self._land()
            left = [job for job in jobs if job in self.running]
            return super()._decode(left) if left else True
        flying = set(self._flying[0]) if self._flying else set()
        going = [job for job in jobs if len(job.answer) + (job in flying) < job.request.max_tokens]
        begun, full = None, ""
        if going:
            drawing = [self._draw(job) for job in going]
            try:
                begun = self.model.start(
                    [job.slot for job in going],
                    [job.written + (job in flying) for job in going],
                    [-1 if job in flying else job.answer[-1] for job in going],
                    drawing,
                )
            except MEMORY as error:
                full = first_line(error)
            except Exception as error:
                self._land()
                self._again([job for job in going if job in self.running], error)
                return True
        self._land()
        if full:
            if len(going) > 1 or going[0] in self.running:
                self._fewer(going, full)
            return len(going) == 1
        self._flying = (going, begun) if begun else None
        return True

    def _land(self) -> None:
        """Wait for the step that was begun, and take its tokens. A chat whose logits are broken ends alone."""
        if self._flying is None:
            return
        (jobs, tokens), self._flying = self._flying, None
        try:
            drawn = tokens()
        except Exception as error:  # of CUDA's, which come late and spoil all that follows
            log.error("a decode step of %d chats failed", len(jobs), exc_info=error)
            drawn = [-1] * len(jobs)
        alive = [(job, token) for job, token in zip(jobs, drawn, strict=True) if job in self.running]
        broken = [job for job, token in alive if token < 0]
        for job in broken:
            self._drop(job, EngineError("the model's logits are not finite"))
        if broken:
            self._count_failure("step", ArithmeticError("the model's logits are not finite"))
        else:
            self._failures.clear()
        for job, token in alive:
            if token >= 0:
                job.written += 1
                self._take(job, token)
        self.pace.made(len(alive) - len(broken))

    @staticmethod
    def _drawable(job: Job) -> bool:
        assert job.sampler is not None
        s = job.sampler.sampling
        return s.repetition_penalty == 1.0 and (s.top_k <= MOST or s.temperature == 0)

    @staticmethod
    def _draw(job: Job) -> tuple[float, int, float, float]:
        """(temperature, top_k, top_p, dice) of a chat's next token."""
        assert job.sampler is not None
        s = job.sampler.sampling
        return s.temperature, s.top_k, s.top_p, job.sampler.roll()
