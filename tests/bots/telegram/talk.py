"""A running Telegram adapter with a real store and dialogue, in front of the loopback Telegram."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots import words
from bots.dialogue import Dialogue
from bots.settings import Settings
from bots.telegram.adapter import TelegramAdapter
from bots.telegram.surface import TelegramSurface
from core.wisdom.search import finder
from storage import Inbound, Store
from tests.bots.engines import ScriptedEngine
from tests.platforms.telegram_server import TelegramServer
from tests.platforms.telegram_world import Message

GROUP = -1001


@dataclass
class Talk:
    """What a test holds of one run."""

    server: TelegramServer
    engine: ScriptedEngine
    store: Store
    dialogue: Dialogue

    async def answer(self, chat: int, n: int = 1, *, within: float = 10.0) -> Message:
        """The n-th of the bot's messages in a chat, when it is whole: no stop button under it."""
        messages = await self.server.wait_for(
            lambda: (
                (m := self.server.messages(chat))
                and len(m) >= n
                and not {*m[n - 1].buttons} & {*words.STOP.values()}
                and m
            ),
            within,
        )
        return messages[n - 1]

    async def idle(self) -> None:
        """Everything that was sent has been dealt with, and a moment more."""
        await self.server.wait_for(lambda: not self.server.updates.pending or self.server.updates.url)
        for _ in range(500):
            await asyncio.sleep(0.02)
            if not await self.store.unfinished("telegram"):
                break
        await asyncio.sleep(0.2)

    def clean(self) -> bool:
        """Whether the bot did nothing that Telegram had to refuse."""
        refused = [(c.method, c.description) for c in self.server.refusals]
        assert not refused and not self.server.violations, (refused, self.server.violations)
        return True


def settings_for(server: TelegramServer, folder: Path, **more: Any) -> Settings:
    given = {
        "telegram_token": server.token,
        "telegram_api_base": server.base,
        "database_url": str(folder / "krishna.db"),
        "per_minute": 60,
        "drain_s": 2.0,
    }
    return Settings(_env_file=None, **{**given, **more})  # type: ignore[call-arg]


class Paced(TelegramAdapter):
    """An adapter whose answers grow at a pace of the test's."""

    pace_s: float | None = None

    def surface(self, inbound: Inbound) -> TelegramSurface:
        surface = super().surface(inbound)
        surface.pace_s = self.pace_s or surface.pace_s
        return surface


@contextlib.asynccontextmanager
async def running(
    server: TelegramServer,
    folder: Path,
    engine: ScriptedEngine,
    *,
    pace_s: float | None = None,
    busy_s: float = 30.0,
    **settings: Any,
) -> AsyncIterator[Talk]:
    """One run of the adapter, from its start to a stop in good order.

    pace_s: between two frames, if not its own. busy_s: how long another program's lock is waited for.
    """
    chosen = settings_for(server, folder, **settings)
    store = await Store.open(chosen.database_url, busy_s=busy_s)
    dialogue = Dialogue(chosen, store, engine, finder())
    stop = asyncio.Event()
    adapter = Paced(chosen, dialogue)
    adapter.pace_s = pace_s
    run = asyncio.create_task(adapter.run(stop))
    try:
        yield Talk(server, engine, store, dialogue)
    finally:
        stop.set()
        try:
            async with asyncio.timeout(15):
                await run
        finally:
            await store.close()


@contextlib.asynccontextmanager
async def talking(folder: Path, engine: ScriptedEngine, **settings: Any) -> AsyncIterator[Talk]:
    """A Telegram and one run in front of it."""
    async with TelegramServer() as server, running(server, folder, engine, **settings) as talk:
        yield talk
