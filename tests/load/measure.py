"""Messages through a host that is a process of its own, and what each cost it."""

from __future__ import annotations

import asyncio
import random
import socket
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bots import crisis
from core.wisdom.corpus import asked
from tests.load.crowd import Crowd, Discord, Telegram
from tests.load.host import FIRST_S
from tests.process import Bots, on

FIXED = ("/help", "/verse 2.47", "Thank you", "I want to kill myself")  # nothing is searched or made for these
KINDS = ("fixed", "repeated", "fresh")  # repeated: questions of which there are fifty; fresh: that nobody asked before
WHOLE = "— Gita"  # in the last line of every whole answer


@dataclass
class Meter:
    """Where the host and this process stand. Seconds of CPU, bytes, MiB, counts."""

    at: float
    cpu: float
    own_cpu: float
    statements: float
    transactions: float
    requests: int
    kept: int
    memory: float


@dataclass(frozen=True)
class Found:
    """One measured run. Costs are of one message; times in seconds, without the engine's own."""

    per_s: float
    cpu_ms: float
    own_cpu_ms: float
    statements: float
    transactions: float
    requests: float
    bytes_kept: float
    first: list[float]
    memory: list[float]  # MiB, at the beginning and after each quarter

    def row(self, name: str) -> str:
        first = " / ".join(f"{1e3 * at:.0f}" for at in quantiles(self.first))
        memory = ", ".join(f"{m:.0f}" for m in self.memory)
        return (
            f"| {name} | {self.per_s:.0f} | {self.cpu_ms:.1f} | {self.own_cpu_ms:.1f} | {self.statements:.1f} in "
            f"{self.transactions:.1f} | {self.bytes_kept:.0f} | {self.requests:.1f} | {first} | {memory} |"
        )


HEAD = (
    "| messages | a second | host's CPU, ms | platforms' CPU, ms | statements in transactions | bytes kept | calls of the "
    "platforms | to the first frame, p50 / p95 / p99, ms | host's memory, MiB |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def quantiles(times: Sequence[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


class Load:
    """A host and both platforms, half of the people on each. database: a URL, in place of SQLite in the folder."""

    def __init__(self, folder: Path, model: Path, *, people: int = 2000, database: str | None = None) -> None:
        self._folder, self._model, self._people = folder, model, people
        self._database = {"DATABASE_URL": database} if database else {}
        self._dice = random.Random(73)
        english = (row["question"] for row in asked() if row["language"] == "en")
        self._questions = [question for question in english if crisis.detect(question) is None]
        self._fresh = 0

    async def __aenter__(self) -> Load:
        self._stack = AsyncExitStack()
        self.crowd = Crowd()
        self.telegram = await self._stack.enter_async_context(Telegram(self.crowd))
        self.discord = await self._stack.enter_async_context(Discord(self.crowd))
        for i in range(1, self._people // 2 + 1):
            self.telegram.join(i)
            self.discord.join(i)
        self._session = await self._stack.enter_async_context(aiohttp.ClientSession())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        self._metrics = f"http://{listen}/metrics"
        settings = {
            "MODEL": self._model,
            "HTTP_LISTEN": listen,
            "PER_MINUTE": 1000,
            "PER_DAY": 100_000,
            **self._database,
        }
        self.host = Bots(self._folder, module="tests.load.host", **on(self.telegram, self.discord), **settings)
        await self._stack.enter_async_context(self.host)
        self._stack.push_async_callback(self.host.stop)
        await self.host.says("Discord: listening")
        await self.telegram.wait_for(lambda: self.telegram.updates.polled, 60)
        for kind in KINDS:
            await self.run(kind, 20, at_once=20)  # what is made at the first message is no message's cost
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _text(self, kind: str) -> tuple[str, str]:
        """A message, and what its answer holds."""
        if kind == "fixed":
            return self._dice.choice(FIXED), ""
        self._fresh += 1
        chosen = self._dice.choice(self._questions[:50] if kind == "repeated" else self._questions)
        return f"{chosen} I am {self._fresh} days into it." if kind == "fresh" else chosen, WHOLE

    async def run(self, kind: str, messages: int, *, per_s: float = 0.0, at_once: int = 0) -> Found:
        """So many messages, at a rate (Poisson) or, without one, so many under way at once. Every one is answered."""
        crowd = self.crowd
        crowd.firsts = []
        before = crowd.answered
        start = await self._meter()
        memory, due = [start.memory], time.monotonic()
        try:
            for i in range(messages):
                if per_s:
                    due += self._dice.expovariate(per_s)
                    await asyncio.sleep(max(0.0, due - time.monotonic()))
                else:
                    await crowd.until(lambda i=i: i - (crowd.answered - before) < at_once)  # type: ignore[misc]
                await crowd.until(lambda: bool(crowd.idle))
                crowd.ask(*self._text(kind))
                if (i + 1) % max(1, messages // 4) == 0:
                    memory.append((await self._meter()).memory)
            await crowd.until(lambda: crowd.answered >= before + messages)
        except TimeoutError:
            raise AssertionError("\n".join([*self.faults()[:20], *self.host.output[-20:]])) from None
        end = await self._meter()
        engine_s = FIRST_S if kind != "fixed" else 0.0
        return Found(
            messages / (end.at - start.at),
            1e3 * (end.cpu - start.cpu) / messages,
            1e3 * (end.own_cpu - start.own_cpu) / messages,
            (end.statements - start.statements) / messages,
            (end.transactions - start.transactions) / messages,
            (end.requests - start.requests) / messages,
            (end.kept - start.kept) / messages,
            [at - engine_s for at in crowd.firsts],
            memory,
        )

    async def _meter(self) -> Meter:
        async with self._session.get(self._metrics) as answer:
            lines = [line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if not line.startswith("#")]
        of = {name: float(value) for name, value in lines}
        return Meter(
            time.monotonic(),
            of["process_cpu_seconds_total"],
            time.process_time(),
            of["load_statements_total"],
            sum(value for name, value in of.items() if name.startswith("krishna_database_seconds_count")),
            self.telegram.calls_made + self.discord.calls_made,
            0 if self._database else (self._folder / "krishna.db").stat().st_size,
            of["process_resident_memory_bytes"] / 2**20,
        )

    def faults(self) -> list[str]:
        """Whatever went wrong: messages not answered once, refusals of the platforms, errors in the log."""
        loud = [line for line in self.host.output if " ERROR " in line or " WARNING " in line]
        return [*self.crowd.faults(), *self.telegram.refused, *self.discord.limits.violations, *loud]
