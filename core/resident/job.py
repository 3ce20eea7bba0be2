"""A request on its way through the step loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.engine import EngineError, Event, Request
from core.resident.sampling import Sampler
from core.resident.tokenizer import StreamDecoder


@dataclass(eq=False, slots=True)
class Job:
    """Only the model's thread touches what follows `emit`."""

    request: Request
    emit: Callable[[Event | EngineError], None]
    submitted: float = field(default_factory=time.monotonic)
    started: float = 0.0
    first: float = 0.0
    slot: int = -1
    tier: str = ""
    reused: int = 0
    written: int = 0  # positions of the slot that hold this job's tokens
    answer: list[int] = field(default_factory=list)
    sampler: Sampler | None = None
    text: StreamDecoder | None = None
    told: int = 0  # the place last told

    @property
    def user(self) -> str:
        return self.request.user

    @property
    def conversation(self) -> str:
        return self.request.conversation or f"job {id(self)}"

    def late(self, now: float) -> bool:
        return self.request.deadline_s is not None and now - self.submitted > self.request.deadline_s
