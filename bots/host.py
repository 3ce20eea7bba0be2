"""The host: opens storage and engine, starts the adapters that have a token, drains and stops them all."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from bots import metrics
from bots.control import listening
from bots.dialogue import Dialogue
from bots.settings import Settings
from bots.sharing import sharing
from bots.watch import watched
from core.open import open_engine
from storage import Store

log = logging.getLogger(__name__)

PRUNE_EVERY_S = 3600.0


class Adapter(Protocol):
    """A platform. run() returns when stop was set and nothing of it is under way, or raises ConfigurationError."""

    async def run(self, stop: asyncio.Event) -> None: ...


@contextlib.asynccontextmanager
async def open_dialogue(
    settings: Settings,
    *,
    progress: Callable[[str], None] = log.info,
    on_failure: Callable[[str], None] = log.critical,
) -> AsyncIterator[Dialogue]:
    """Storage, engine and wisdom, ready to answer. Raises StoreError or LoadError."""
    from core.wisdom.search import finder

    store = await Store.open(settings.database_url, retention_days=settings.retention_days, observe=metrics.database)
    try:
        engine = await open_engine(settings, progress=progress, on_failure=on_failure)
        try:
            dialogue = Dialogue(settings, store, engine, finder())
            async with sharing(dialogue):
                yield dialogue
        finally:
            await engine.close()
    finally:
        await store.close()


def adapters(settings: Settings, dialogue: Dialogue) -> list[Adapter]:
    """The platforms whose tokens are set."""
    found: list[Adapter] = []
    if settings.telegram_token is not None:
        from bots.telegram.adapter import TelegramAdapter

        found.append(TelegramAdapter(settings, dialogue))
    if settings.discord_token is not None:
        from bots.discord.adapter import DiscordAdapter

        found.append(DiscordAdapter(settings, dialogue))
    return found


async def serve(settings: Settings, progress: Callable[[str], None] = log.info) -> None:
    """Run the platforms until a signal asks to stop. Raises ConfigurationError, StoreError or LoadError."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    async with (
        watched(settings) as watch,
        open_dialogue(settings, progress=progress) as dialogue,
        watch.telling(dialogue),
        listening(settings, dialogue.adapters),
        asyncio.TaskGroup() as group,
    ):
        for adapter in adapters(settings, dialogue):
            group.create_task(adapter.run(stop))
        group.create_task(dialogue.daily.run(stop))
        pruning = group.create_task(_prune(dialogue.store))
        progress("ready; Ctrl-C stops")
        await stop.wait()
        watch.stopping = True
        progress("stopping: answers under way are finished first")
        pruning.cancel()


async def _prune(store: Store) -> None:
    """Erase what retention says, now and every hour."""
    while True:
        try:
            await store.prune(time.time())
        except Exception:
            log.exception("pruning failed; it is tried again in an hour")
        await asyncio.sleep(PRUNE_EVERY_S)
