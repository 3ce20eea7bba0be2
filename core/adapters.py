"""Which LoRA adapter an answer is made with, while operators load and unload them.

A talk keeps the adapter that it began with (or none): an answer takes that of the turn it follows, unless that turn
is longer ago than `rest_s`. Everything else takes the current one. An adapter that is no longer current is freed as
soon as no answer under way and no such talk needs it. At most MOST are held at once: past that the oldest lets its
talks go over to the current one, and only its answers under way are waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.engine import Engine

log = logging.getLogger(__name__)

REST_S = 1800.0
MOST = 3


@dataclass(frozen=True, slots=True)
class Held:
    """An adapter that the engine holds; an empty name: the base. answered: since it was loaded.

    turns: finished ones whose talk would go on with it.
    """

    name: str
    current: bool
    answering: int
    answered: int
    turns: int


class Adapters:
    """Over one engine, in its asyncio loop. What the engine holds already is the current one."""

    def __init__(self, engine: Engine, *, rest_s: float = REST_S) -> None:
        self._engine, self._rest_s = engine, rest_s
        self._held = list(engine.adapters)  # oldest first
        self.current = self._held[-1] if self._held else ""
        self._named: Counter[str] = Counter(self._held)
        self._answering: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        # turn: its adapter, and when it was answered; oldest first
        self._turns: OrderedDict[int, tuple[str, float]] = OrderedDict()
        self._talks: Counter[str] = Counter()  # how many of them there are of each adapter
        self._outlived: set[str] = set()  # past MOST: no talk goes on with them
        self._loading = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._freeing: set[asyncio.Task[None]] = set()

    @contextlib.contextmanager
    def answering(self, turn: int, follows: int | None) -> Iterator[str]:
        """The adapter for the answer of a turn, which is held meanwhile. follows: the turn before it in its talk."""
        name = self._of(follows)
        self._answering[name] += 1
        try:
            yield name
        finally:
            self._answering[name] -= 1
            self._answered[name] += 1
            if name not in self._outlived:
                self._forget(turn)
                self._turns[turn] = name, time.monotonic()
                self._talks[name] += 1
            self._tidy()

    def _forget(self, turn: int) -> None:
        if turn in self._turns:
            self._talks[self._turns.pop(turn)[0]] -= 1

    def _of(self, follows: int | None) -> str:
        name, at = self._turns.get(follows or 0, ("", 0.0))
        return name if at and time.monotonic() - at < self._rest_s else self.current

    async def load(self, folder: Path) -> str:
        """Load a LoRA folder and make it the current one. Returns its name. Raises LoadError; then nothing changed."""
        async with self._loading:
            base = called(folder)
            name = base if not self._named[base] else f"{base}#{self._named[base] + 1}"  # no name comes twice
            await self._engine.load_adapter(name, folder)
            self._named[base] += 1
            self._held.append(name)
            self.current = name
            log.info("the adapter %s answers from now on", name)
            self._outlived.update(self._held[:-MOST])
            self._tidy()
            return name

    def unload(self) -> str:
        """Back to the base. Returns the name of what was current, empty where nothing was."""
        name, self.current = self.current, ""
        if name:
            log.info("the base answers from now on, without the adapter %s", name)
        self._tidy()
        return name

    def held(self) -> list[Held]:
        """The base, then the adapters, oldest first."""
        self._tidy()
        return [
            Held(name, name == self.current, self._answering[name], self._answered[name], self._talks[name])
            for name in ("", *self._held)
        ]

    def _tidy(self) -> None:
        """Forget talks that rest, and free what nobody needs; look again when the next talk may have come to rest."""
        since = time.monotonic() - self._rest_s
        while self._turns and next(iter(self._turns.values()))[1] <= since:
            self._forget(next(iter(self._turns)))
        for name in [name for name in self._outlived if self._talks[name]]:
            for turn in [turn for turn, (its, _) in self._turns.items() if its == name]:
                self._forget(turn)
        needed = {self.current, *+self._talks, *+self._answering}
        for name in [name for name in self._held if name not in needed]:
            self._held.remove(name)
            self._outlived.discard(name)
            task = asyncio.get_running_loop().create_task(self._engine.unload_adapter(name))
            self._freeing.add(task)
            task.add_done_callback(self._freeing.discard)
            log.info("the adapter %s is freed", name)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if any(name != self.current for name in self._held):
            self._timer = asyncio.get_running_loop().call_later(self._rest_s, self._tidy)


def called(folder: Path) -> str:
    """The name of an adapter: its folder's."""
    return folder.resolve().name or "adapter"
