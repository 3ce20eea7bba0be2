"""A running Discord adapter with a real store and dialogue, in front of the loopback Discord."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bots.dialogue import Dialogue
from bots.discord.adapter import DiscordAdapter
from bots.discord.surface import DiscordSurface
from bots.settings import Settings
from core.engine import Event, Request, Waiting
from core.wisdom.search import finder
from storage import Inbound, Store
from tests.bots.engines import ScriptedEngine
from tests.platforms.discord_server import DiscordServer, connected
from tests.platforms.discord_state import Channel, Message, User


class World(DiscordServer):
    """A Discord with one guild, one channel and Anna."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.hall = self.add_guild()
        self.room = self.add_channel(self.hall)
        self.anna = self.add_user("anna")

    def ours(self, place: Channel) -> list[Message]:
        """What the bot wrote in a channel, and what of it is still there."""
        return [m for m in self.messages(place) if m.author is self.bot]

    def history_of(self, message: Message) -> list[str]:
        return [version.content for version in message.history]


@dataclass
class Talk:
    """What a test holds of one run."""

    server: World
    engine: ScriptedEngine
    store: Store
    dialogue: Dialogue
    stop: asyncio.Event
    run: asyncio.Task[None]

    async def answer(self, place: Channel, n: int = 1, *, within: float = 10.0) -> Message:
        """The n-th of the bot's messages in a channel, when it is whole: no stop button under it."""
        ours = self.server.ours
        messages = await self.server.wait_for(
            lambda: (m := ours(place)) and len(m) >= n and whole(m[n - 1]) and m, within
        )
        return messages[n - 1]

    async def idle(self) -> None:
        """Everything that came has been dealt with, and a moment more."""
        await asyncio.sleep(0.05)
        for _ in range(500):
            if not await self.store.unfinished("discord"):
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)

    def clean(self) -> bool:
        """Whether the bot kept all limits and was patient."""
        limits, impatient = self.server.limits.violations, self.server.impatient
        assert not limits and not impatient, (limits, impatient)
        return True


def whole(message: Message | None) -> bool:
    """Whether nothing is added to a message any more."""
    return message is not None and not message.loading and not any(b.startswith("stop:") for b in message.buttons)


def button(message: Message, action: str) -> str:
    """The custom id of the button that does something."""
    return next(custom_id for custom_id in message.buttons if custom_id.startswith(f"{action}:"))


def labels(message: Message) -> list[str]:
    return [b["label"] for b in message.buttons.values()]


class QueuedEngine(ScriptedEngine):
    """An engine before which others wait until `turn` is set."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.turn = asyncio.Event()

    async def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        yield Waiting(3, 40.0)
        await self.turn.wait()
        async with contextlib.aclosing(super().generate(request)) as events:
            async for event in events:
                yield event


@contextlib.asynccontextmanager
async def locked(folder: Path) -> AsyncIterator[None]:
    """Another program writes to the database, and takes its time."""
    other = sqlite3.connect(folder / "krishna.db", isolation_level=None, timeout=0.0)
    while not other.in_transaction:
        with contextlib.suppress(sqlite3.OperationalError):  # the bot is writing just now
            other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        other.rollback()
        other.close()


def settings_for(server: DiscordServer, folder: Path, **more: Any) -> Settings:
    given = {
        "discord_token": server.token,
        "discord_api_base": server.api_base,
        "discord_gateway": server.gateway_url,
        "database_url": str(folder / "krishna.db"),
        "per_minute": 60,
        "drain_s": 5.0,
    }
    return Settings(_env_file=None, **{**given, **more})  # type: ignore[call-arg]


class Brisk(DiscordAdapter):
    """An adapter that does not wait for guilds that will not come, and whose answers grow at a pace of the test's."""

    def __init__(self, settings: Settings, dialogue: Dialogue, pace_s: float | None = None) -> None:
        super().__init__(settings, dialogue)
        self.pace_s = pace_s
        self._client._connection.guild_ready_timeout = 0.05
        self._client.before_identify_hook = self._at_once  # type: ignore[method-assign]

    async def _at_once(self, shard_id: int | None, *, initial: bool = False) -> None:
        """The library would wait five seconds."""

    def surface(self, inbound: Inbound) -> DiscordSurface:
        surface = super().surface(inbound)
        surface.pace_s = self.pace_s or surface.pace_s
        return surface


@contextlib.asynccontextmanager
async def running(
    server: World,
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
    adapter = Brisk(chosen, dialogue, pace_s)
    with connected(server):
        run = asyncio.create_task(adapter.run(stop))
        try:
            await server.wait_for(lambda: run.done() or (server.gateway.ready and adapter._client.synced))
            yield Talk(server, engine, store, dialogue, stop, run)
        finally:
            stop.set()
            try:
                async with asyncio.timeout(10):
                    await run
            finally:
                await store.close()


@contextlib.asynccontextmanager
async def talking(folder: Path, engine: ScriptedEngine, **settings: Any) -> AsyncIterator[Talk]:
    """A Discord and one run in front of it."""
    async with World() as server, running(server, folder, engine, **settings) as talk:
        yield talk


def ask(server: World, user: User, place: Channel, question: str = "What is duty?", **how: Any) -> Any:
    return server.slash(user, place, "ask", {"question": question}, **how)
