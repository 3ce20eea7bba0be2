"""An engine without a model, for tests of platforms: it says given words at a given pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from pathlib import Path

from core.engine import Delta, Done, EngineStats, Event, Request, Tokenizer, Usage

# Counsel as it may be shown (core.answer.sound): about "Partha", two sentences or more, no word of the speaker.
COUNSEL = (
    "Partha, the work in your hands is yours and its harvest never was. Do the next small thing well. "
    "Rest tonight without counting what is lost. Tomorrow begins with one honest step."
)


class ScriptedEngine:
    """A core.engine.Engine. texts: what it says to the first, the second, ... request, then the last one again.

    pace_s: seconds before each word; it may be changed while the engine speaks. tiers: the names of nested models.
    It keeps what it was asked.
    """

    fluent = True

    def __init__(
        self,
        tokenizer: Tokenizer,
        *texts: str,
        pace_s: float = 0.0,
        context: int = 2048,
        tiers: tuple[str, ...] = (),
    ) -> None:
        self.tiers = tiers
        self.tokenizer, self.context, self.pace_s = tokenizer, context, pace_s
        self.texts = list(texts) or [COUNSEL]
        self.requests: list[Request] = []
        self.busy = self.answered = self.queued = 0
        self.adapters: tuple[str, ...] = ()

    @property
    def prompts(self) -> list[str]:
        """What each request asked, as text."""
        return [self.tokenizer.decode(request.prompt) for request in self.requests]

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        start = time.monotonic()
        text = self.texts[min(len(self.requests), len(self.texts) - 1)]
        self.requests.append(request)
        self.busy += 1
        first = 0.0
        try:
            words = text.split(" ")
            for i, word in enumerate(words):
                await asyncio.sleep(self.pace_s)
                first = first or time.monotonic() - start
                yield Delta(word if i == 0 else f" {word}")
            self.answered += 1
            spent = time.monotonic() - start
            yield Done("stop", Usage(len(request.prompt), 0, len(words), 0.0, first, spent))
        finally:
            self.busy -= 1

    def tuned(self, adapter: str) -> bool:
        return bool(adapter)

    async def load_adapter(self, name: str, folder: Path) -> None:
        self.adapters = (*self.adapters, name)

    async def unload_adapter(self, name: str) -> None:
        self.adapters = tuple(held for held in self.adapters if held != name)

    def stats(self) -> EngineStats:
        return EngineStats("scripted", 8, self.busy, self.queued, 0.0, self.answered, None, queue=256)

    async def close(self) -> None:
        """Nothing is held."""
