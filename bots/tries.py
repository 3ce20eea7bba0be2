"""The model's tries at the counsel of one answer: its words, weighed as they grow and when they end, shown where they may be."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

from bots import traces, words
from bots.delivery import Live
from bots.surface import Button
from core import answer
from core.engine import Delta, Engine, Request, Waiting
from core.prompt import TRIES
from core.text import Language
from core.wisdom import faithful
from core.wisdom.corpus import Verse
from storage import Turn

STEP = 20  # characters that a text grows by before it is weighed again, while no frame of it could be shown


class Tries:
    """Those of one turn. Make it when the turn begins: the times in its figures count from there."""

    def __init__(self, engine: Engine, turn: Turn, question: str, stopped: asyncio.Event, live: Live) -> None:
        self._engine, self._turn, self._question, self._stopped, self._live = engine, turn, question, stopped, live
        self._watch = Stopwatch()
        self._broken: list[str] = []  # the rules that words broke which were thrown away

    async def counsel(self, request: Request, verse: Verse, speech: Language) -> str:
        """What the model says, where it breaks no rule; else empty. When it was stopped, what it had said until then.

        verse: on which it was asked to speak. speech: the language of what stands around its words meanwhile.
        """
        fluent, size = self._engine.fluent, len(request.prompt)
        for _ in range(TRIES if fluent else 1):
            with traces.span("mend" if self._broken else "counsel", tier=request.tier, prompt_tokens=size):
                said = await self._say(request, speech)
                stopped = self._stopped.is_set()
                broken = self._faults(said, verse)
                traces.note(faults=broken, stopped=stopped)
            self._broken += broken
            if not broken:
                return said if fluent or not stopped else ""  # half a text cannot be held to the verse's words
            if stopped:
                break
        return ""

    def figures(self) -> dict[str, Any]:
        """What Store.finish_turn() keeps of them."""
        return {"faults": self._broken or None, **self._watch.figures()}

    async def _say(self, request: Request, speech: Language) -> str:
        """One try: what the model says, as it may be shown; all of it when it was stopped."""
        fluent, live, watch = self._engine.fluent, self._live, self._watch
        counsel, weighed, buttons = "", 0, [[Button(words.STOP[speech], f"stop:{self._turn.id}")]]
        stream = self._engine.generate(request)
        async with traces.Laps() as lap, contextlib.aclosing(stream), until(self._stopped):
            async for event in stream:
                match event:
                    case Waiting(place, seconds):
                        live.update(words.waiting(place, seconds)[speech], buttons)
                        watch.waited()
                        lap("queue wait")
                    case Delta(text):
                        watch.token()
                        lap("generation" if counsel else "first token")
                        counsel += text
                        if not live.due and len(counsel) < weighed + STEP:
                            continue
                        weighed = len(counsel)
                        if faithful.spoiled(counsel) or answer.enough(counsel):
                            break
                        if not live.due:
                            continue
                        so_far = counsel.rpartition(" ")[0]  # of the word that grows a name may be half there
                        if fluent and faithful.lasting(so_far, self._question):
                            break
                        # what may be without sense is weighed whole before anybody sees it
                        live.update(answer.tidy(counsel) if fluent else words.THINKING, buttons)
        return answer.tidy(counsel) if self._stopped.is_set() else answer.addressed(answer.whole(counsel))

    def _faults(self, counsel: str, verse: Verse) -> list[str]:
        """The rules that the model's words break."""
        if self._stopped.is_set():
            return [*faithful.lasting(counsel, self._question)]
        found = [*faithful.faults(counsel, self._question)]
        if not self._engine.fluent and not faithful.grounded(counsel, self._question, verse.text):
            found.append("astray")
        return found


class Stopwatch:
    """The times of one answer, as the person who waits has them."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._waited = self._first = 0.0
        self._pieces = 0

    def waited(self) -> None:
        self._waited = time.monotonic() - self._start

    def token(self) -> None:
        self._first = self._first or time.monotonic() - self._start
        self._pieces += 1

    def figures(self) -> dict[str, Any]:
        """Seconds queued, to the first words and in all; pieces of text, of which a token gives about one."""
        total = time.monotonic() - self._start
        return {
            "wait_s": self._waited,
            "first_token_s": self._first or None,
            "total_s": total,
            "answer_tokens": self._pieces,
        }


@contextlib.asynccontextmanager
async def until(end: asyncio.Event) -> AsyncIterator[None]:
    """What is inside is broken off at once when `end` is set, even while it waits."""

    async def watch() -> None:
        await end.wait()
        limit.reschedule(0.0)

    try:
        async with asyncio.timeout(None) as limit:
            watching = asyncio.create_task(watch())
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError:
        if not limit.expired():
            raise
