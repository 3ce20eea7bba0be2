"""Several hosts as processes of their own, forked off one that has imported all they need, so that they begin at once.

All of a host is real (bots.host.serve) but its engine, which says given words at a pace and tells when, and the times
after which hosts think each other dead, which are short.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.process import ROOT

LEASE_S = 3.0


@dataclass
class Made:
    """An answer that a host was making: in which conversation, from when to when (monotonic seconds)."""

    conversation: str
    began: float
    ended: float | None = None


@dataclass
class Host:
    """One process. Its folder holds `log`, and `engine`: a line for each beginning and end of an answer."""

    folder: Path
    pid: int

    def sign(self, sign: signal.Signals) -> float:
        """Returns when."""
        os.kill(self.pid, sign)
        return time.monotonic()

    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def made(self) -> list[Made]:
        """In the order of their beginnings."""
        found: dict[str, Made] = {}
        for line in (self.folder / "engine").read_text().splitlines():
            what, number, at, conversation = line.split(" ", 3)
            if what == "began":
                found[number] = Made(conversation, float(at))
            else:
                found[number].ended = float(at)
        return list(found.values())


class Hosts:
    """Where hosts begin. Those that are left are killed at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.all, self._starting = folder, list[Host](), asyncio.Lock()

    async def __aenter__(self) -> Hosts:
        self._first = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.hosts"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(self, failed: type[BaseException] | None, *_: object) -> None:
        for host in self.all:
            if failed is not None:
                print(
                    f"-- {host.folder.name}, {'alive' if host.alive() else 'dead'}, said:", host.log[-4000:], sep="\n"
                )
            if host.alive():
                host.sign(signal.SIGKILL)
        self._first.kill()
        await self._first.wait()

    async def start(
        self, *, pace_s: float = 0.05, says: Sequence[str] = (), dies_at: str = "", **settings: Any
    ) -> Host:
        """pace_s: between two words. says: as ScriptedEngine. dies_at: a step of tests/faults/steps.py."""
        assert self._first.stdin is not None and self._first.stdout is not None
        async with self._starting:
            folder = self._folder / f"host-{len(self.all) + 1}"
            folder.mkdir()
            for name in ("log", "engine"):
                (folder / name).touch()
            order = {"folder": str(folder), "settings": settings, "pace_s": pace_s, "says": says, "dies_at": dies_at}
            self._first.stdin.write(json.dumps(order).encode() + b"\n")
            host = Host(folder, int(await self._first.stdout.readline()))
            self.all.append(host)
        return host


def main() -> None:
    """Fork a host for each order that comes, and say its process id."""
    import httpcore  # noqa: F401 (httpx would, in each child)
    import telegram.ext  # noqa: F401

    import bots.telegram.adapter  # noqa: F401
    import tests.bots.discord.talk  # noqa: F401
    from core.resident.embedded import prepared
    from core.resident.tokenizer import GemmaTokenizer
    from core.settings import EngineSettings
    from core.wisdom.search import finder

    finder()
    tokenizer = GemmaTokenizer(prepared(EngineSettings().cache, lambda line: None))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who is killed is gone at once
    for line in iter(sys.stdin.readline, ""):
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run(order, tokenizer)
        print(pid, flush=True)


def run(order: dict[str, Any], tokenizer: Any) -> None:
    """One host, until a signal or the step at which it kills itself."""
    import bots.answering
    import bots.discord.adapter
    import bots.host
    import bots.logs
    import bots.sharing
    import storage.database
    import storage.hosts
    from bots.settings import Settings
    from core.engine import Event, Request
    from tests.bots.discord.talk import Brisk
    from tests.bots.engines import ScriptedEngine
    from tests.faults.steps import arm

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(order["folder"])
    log = os.open("log", os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    storage.hosts.LEASE_S, bots.sharing.SURE_S, storage.database.FROZEN_S = LEASE_S, LEASE_S - 1, 1.0
    bots.sharing.BEAT_S = bots.answering.SWEEP_S = 0.3
    bots.discord.adapter.DiscordAdapter = Brisk  # type: ignore[misc]
    bots.discord.adapter.NOTE_EVERY_S = 0.1
    if order["dies_at"]:
        arm(order["dies_at"])
    notes = Path("engine").open("a", buffering=1)  # noqa: SIM115 (as long as the process)

    class Engine(ScriptedEngine):
        async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
            number = len(self.requests)
            notes.write(f"began {number} {time.monotonic()} {request.conversation}\n")
            try:
                async for event in super().generate(request):
                    yield event
            finally:
                notes.write(f"ended {number} {time.monotonic()} {request.conversation}\n")

    async def engine(*_: Any, **__: Any) -> Engine:
        return Engine(tokenizer, *order["says"], pace_s=order["pace_s"])

    bots.host.open_engine = engine  # type: ignore[assignment]
    chosen = Settings(_env_file=None, **order["settings"])  # type: ignore[call-arg]
    bots.logs.begin(chosen)
    try:
        asyncio.run(bots.host.serve(chosen))
        code = 0
    except BaseException:
        logging.exception("the host ended")
        code = 1
    os._exit(code)


if __name__ == "__main__":
    main()
