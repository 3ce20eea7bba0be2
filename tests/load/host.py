"""The host that is loaded: `python -m bots` as it is, but for an engine of known speed and Telegram's limits.

Telegram takes thirty messages a second from a bot: with that limit nothing would be measured but it. The statements to
the database are counted among the host's own metrics.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from prometheus_client import Counter
from sqlalchemy import event
from sqlalchemy.engine import Engine as SqlEngine

from bots import host, metrics
from bots.__main__ import main
from bots.telegram import limiter
from core.engine import Delta, Done, Event, Request, Usage
from core.resident.tokenizer import GemmaTokenizer
from storage import statements
from tests.bots.engines import COUNSEL, ScriptedEngine

FIRST_S, PACE_S = 0.1, 0.02  # to the engine's first word, and to each that follows
NO_LIMIT = 10**6, 1.0


class SteadyEngine(ScriptedEngine):
    """The same words at the same pace to any number of chats at once. It keeps nothing."""

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        start = time.monotonic()
        words = COUNSEL.split()
        for i, word in enumerate(words):
            await asyncio.sleep(start + FIRST_S + i * PACE_S - time.monotonic())
            yield Delta(f"{word} ")
        self.answered += 1
        yield Done("stop", Usage(len(request.prompt), 0, len(words), 0.0, FIRST_S, time.monotonic() - start))


async def open_engine(settings: Any, **_: Any) -> SteadyEngine:
    return SteadyEngine(GemmaTokenizer(Path(settings.model)))


def unlimited() -> None:
    """Telegram's limits, counted as ever and never reached."""
    limiter.DRAFTS = NO_LIMIT
    as_ever = limiter.Limiter.__init__

    def init(self: limiter.Limiter) -> None:
        as_ever(self, group=NO_LIMIT, private=NO_LIMIT)
        self._all = limiter.Window(*NO_LIMIT)

    limiter.Limiter.__init__ = init  # type: ignore[assignment]


if __name__ == "__main__":
    counted, driven = (
        Counter("load_statements", "Statements to the database", registry=metrics.registry),
        statements.driven,
    )
    event.listen(SqlEngine, "before_cursor_execute", lambda *_: counted.inc())
    statements.driven = lambda *args: (counted.inc(), driven(*args))[1]
    host.open_engine = open_engine  # type: ignore[assignment]
    unlimited()
    sys.exit(main(["run"]))
