"""A request on its way to a server, what is asked of that server, and the figures of what came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from time import monotonic as now
from typing import Any, Literal, TypeVar

from core.engine import Done, Request, Usage
from core.remote.adapters import Served
from core.remote.endpoint import Endpoint

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class Job:
    """Times are monotonic seconds, 0 until it comes to that. endpoint: where it is answered, None while it waits.

    news: something changed for it while it waits: its place, its endpoint, or that nobody can answer it.
    """

    request: Request
    adapter: Served | None
    submitted: float = field(default_factory=now)
    endpoint: Endpoint | None = None
    tried: list[Endpoint] = field(default_factory=list)
    place: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    started: float = 0.0
    first: float = 0.0
    answered: int = 0  # tokens
    reused: int = 0
    until: float | None = field(init=False)  # its deadline, None where it has none
    _limit: asyncio.Timeout | None = None

    def __post_init__(self) -> None:
        limit = self.request.deadline_s
        self.until = None if limit is None else self.submitted + limit

    @property
    def user(self) -> str:
        return self.request.user

    @property
    def conversation(self) -> str:
        return self.request.conversation or f"job {id(self)}"

    async def in_time(self, act: Awaitable[T]) -> T:
        """Raises TimeoutError at the request's deadline, or when it is broken off."""
        async with asyncio.timeout_at(self.until) as self._limit:
            try:
                return await act
            finally:
                self._limit = None

    def break_off(self) -> None:
        self.until = 0.0
        if self._limit is not None:
            self._limit.reschedule(0.0)

    def body(self, model: str, stops: frozenset[int]) -> dict[str, Any]:
        """The call. What a server would take from the model's own defaults is said, be it usual or not."""
        request, sampling = self.request, self.request.sampling
        return {
            "model": self.adapter.name if self.adapter else model,
            "prompt": list(request.prompt),
            "max_tokens": request.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "repetition_penalty": sampling.repetition_penalty,  # vLLM counts the prompt's tokens too
            **({} if sampling.seed is None else {"seed": sampling.seed}),
            "stop": list(request.stop),
            "stop_token_ids": sorted(stops),
            "stream": True,
            "stream_options": {"include_usage": True, "continuous_usage_stats": True},
        }

    def count(self, chunk: dict[str, Any], text: str) -> int:
        """Note what a chunk brought. Returns its tokens: by its usage where the server tells it, else one a text."""
        usage = chunk.get("usage") or {}
        before, self.answered = self.answered, int(usage.get("completion_tokens") or self.answered + bool(text))
        self.reused = int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or self.reused)
        if self.answered and not self.first:
            self.first = now()
        return self.answered - before

    def done(self, reason: Literal["stop", "length", "deadline"]) -> Done:
        end = now()
        usage = Usage(
            prompt_tokens=len(self.request.prompt),
            reused_tokens=self.reused,
            answer_tokens=self.answered,
            wait_s=self.started - self.submitted,
            first_token_s=(self.first or end) - self.submitted,
            total_s=end - self.submitted,
        )
        return Done(reason, usage)
