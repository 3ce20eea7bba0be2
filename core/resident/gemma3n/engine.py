"""The step loop of core/resident/engine.py, with what only this model can do.

Tokens are drawn on the GPU, and a nested model is chosen per request.
"""

from __future__ import annotations

from typing import Any

import torch

from core.resident.engine import ResidentEngine
from core.resident.gemma3n.draw import MOST
from core.resident.gemma3n.model import Gemma3n
from core.resident.job import Job
from core.resident.sampling import Sampler


class Drawn(Sampler):
    """Stands in for a request's sampler once its token is drawn."""

    def __init__(self, token: int) -> None:
        self.token = token

    def pick(self, logits: torch.Tensor, answer: Any) -> int:
        return self.token


class GraphEngine(ResidentEngine):
    """An Engine over a Gemma3n. Requests name their nested model in `tier`; empty is the whole one."""

    _model: Gemma3n

    @property
    def tiers(self) -> tuple[str, ...]:
        sizes = {name: sum(part.ffn) for name, part in self._model.tiers.items()}
        return tuple(sorted(sizes, key=sizes.__getitem__)) if len(sizes) > 1 else ()

    def _logits(self, jobs: list[Job]) -> Any:
        """Drawn tokens where the GPU can draw for every chat of the batch, otherwise logits."""
        if not self._model.picks or not all(self._drawable(job) for job in jobs):
            return super()._logits(jobs)
        tokens = self._model.pick(
            [j.slot for j in jobs], [j.written for j in jobs], [j.answer[-1] for j in jobs], [*map(self._draw, jobs)]
        )
        if min(tokens) < 0:
            raise ArithmeticError("the model's logits are not finite")
        return tokens

    def _take(self, job: Job, drawn: Any) -> None:
        if not isinstance(drawn, int):
            super()._take(job, drawn)
            return
        sampler, job.sampler = job.sampler, Drawn(drawn)
        super()._take(job, torch.empty(0))
        job.sampler = sampler

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
        dice = float(torch.rand((), generator=job.sampler._dice)) if s.temperature > 0 else 0.0
        return s.temperature, s.top_k, s.top_p, dice
