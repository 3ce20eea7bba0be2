"""Discord: messages and interactions into the durable inbox, answers out through DiscordSurface."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bots.answering import Answering
from bots.dialogue import Dialogue
from bots.discord import commands
from bots.discord.surface import DiscordSurface, Press
from bots.discord.translate import PLATFORM, from_interaction, from_message
from bots.settings import Settings
from storage import Inbound, Pending

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 60.0
ACK_S = 1.5  # Discord waits three seconds for the first word to an interaction
MISSED_S = 7 * 86_400.0  # chats that were alive within these are looked at for what came while we were away
MISSED_MARGIN_S = 600.0
REFUSED = (
    "DISCORD_TOKEN is refused by Discord; copy it again from discord.com/developers, or remove it to leave Discord out"
)
CLOSED = {
    4004: REFUSED,
    4013: "Discord refuses our intents; update this program",
    4014: "Discord refuses the message content intent; switch it on at discord.com/developers under Bot, or unset "
    "DISCORD_MESSAGE_CONTENT",
}


class Client(discord.Client):
    """The library's client, handing what concerns us to the adapter."""

    def __init__(self, settings: Settings) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = settings.discord_message_content
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions(everyone=False, users=False, roles=False, replied_user=True),
            max_ratelimit_timeout=30,  # the library sleeps through shorter ones
            max_messages=None,  # nothing is read from a cache of messages
            chunk_guilds_at_startup=False,
        )
        self.adapter: DiscordAdapter | None = None
        self.tree, self.synced = commands.tree(self), False
        self.add_dynamic_items(Press)

    async def on_ready(self) -> None:
        if self.adapter is not None:
            await self.adapter.ready()

    async def on_message(self, message: discord.Message) -> None:
        if self.adapter is not None:
            await self.adapter.take(message)

    async def commanded(self, interaction: discord.Interaction[Any], name: str, text: str) -> None:
        assert self.adapter is not None
        await self.adapter.interact(interaction, "text" if name == "ask" else "command", name, text)

    async def pressed(self, interaction: discord.Interaction[Any], data: str) -> None:
        assert self.adapter is not None
        await self.adapter.interact(interaction, "press", "", data)


class DiscordAdapter:
    """Runs until stop is set; what is under way then has settings.drain_s to end."""

    def __init__(self, settings: Settings, dialogue: Dialogue) -> None:
        self._settings, self._dialogue = settings, dialogue
        self._answering = Answering(dialogue, self.surface, settings.drain_s)
        self._client = Client(settings)
        self._client.adapter = self
        self._left: list[Pending] = []

    async def run(self, stop: asyncio.Event) -> None:
        self._left = await self._dialogue.unfinished(PLATFORM)  # before anything new can come among them
        stopping = asyncio.ensure_future(stop.wait())
        serving = asyncio.ensure_future(self._serve())
        try:
            await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
            await self._answering.drain()
        finally:
            stopping.cancel()
            serving.cancel()
            await asyncio.gather(stopping, serving, return_exceptions=True)
            await self._client.close()

    async def _serve(self) -> None:
        """Log in and listen. Raises ConfigurationError for what only the operator can mend."""
        from bots.host import ConfigurationError

        await log_in(self._client, self._settings)
        pause = 1.0
        while True:
            try:
                return await self._client.connect()
            except discord.PrivilegedIntentsRequired as error:
                raise ConfigurationError(CLOSED[4014]) from error
            except discord.ConnectionClosed as error:
                if error.code in CLOSED:
                    raise ConfigurationError(CLOSED[error.code]) from error
                log.warning("Discord closed the connection (%s), next try in %.0f s", error.code, pause)
                self._client.clear()
                await log_in(self._client, self._settings)
            except AttributeError:  # the library, when its very first connection fails: there is no session to resume
                if self._client.ws is not None:
                    raise
                log.warning("Discord's gateway cannot be reached, next try in %.0f s", pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def surface(self, inbound: Inbound) -> DiscordSurface:
        return DiscordSurface(self._client, dict(inbound.address), inbound.update_id)

    # -- events -----------------------------------------------------------------------------------------------

    async def ready(self) -> None:
        """A new session: the first of this run takes up what was left, every one asks for what it missed."""
        log.info("Discord: listening as %s", self._client.user)
        left, self._left = self._left, []
        self._answering.resume(left)
        if not self._client.synced:
            self._client.synced = True
            with contextlib.suppress(discord.HTTPException):  # worth a try, not worth a failure
                await self._client.tree.sync()
        try:
            async for message in self._missed():
                await self.take(message)
        except Exception:
            log.exception("messages from before this session could not all be looked up")

    async def _missed(self) -> AsyncIterator[discord.Message]:
        """What was written, where talk was going on lately, while no session listened. Known ones are dropped later."""
        chats = await self._dialogue.store.chats(PLATFORM, time.time() - MISSED_S)
        for chat_id, last in chats.items():
            with contextlib.suppress(discord.NotFound, discord.Forbidden):
                channel: Any = self._client.get_channel(int(chat_id)) or await self._client.fetch_channel(int(chat_id))
                after = datetime.fromtimestamp(last - MISSED_MARGIN_S, UTC)
                async for message in channel.history(after=after, limit=100, oldest_first=True):
                    yield message

    async def take(self, message: discord.Message) -> None:
        """A message. Discord never sends it again, so it is stored before anything else."""
        assert self._client.user is not None
        inbound = from_message(message, self._client.user)
        if inbound is not None and await self._answering.stored(inbound):
            self._answering.answer(inbound)

    async def interact(self, interaction: discord.Interaction[Any], kind: str, name: str, text: str) -> None:
        """A slash command or a press: stored, and acknowledged in time even while the database waits for room."""
        inbound = from_interaction(interaction, kind, name, text)
        storing = asyncio.ensure_future(self._answering.stored(inbound))
        await asyncio.wait({storing}, timeout=ACK_S)
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            # Too late, or acknowledged before a replay: the answer then goes the way that is still open.
            await interaction.response.defer(
                thinking=kind != "press",
                ephemeral=inbound.address["hidden"],
            )
        if await storing:
            self._answering.answer(inbound)


async def log_in(client: discord.Client, settings: Settings) -> None:
    """Log in, trying again while there is no network. Raises ConfigurationError."""
    from bots.host import ConfigurationError

    assert settings.discord_token is not None
    # The library has no setting for these; they are its own class-wide constants.
    if settings.discord_api_base:
        Route.BASE = settings.discord_api_base.rstrip("/")
    if settings.discord_gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway)
    pause = 1.0
    while True:
        try:
            return await client.login(settings.discord_token.get_secret_value())
        except discord.LoginFailure as error:
            raise ConfigurationError(REFUSED) from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("Discord cannot be reached, next try in %.0f s: %s", pause, error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)


async def who(settings: Settings) -> str:
    """The bot's name, for `check`."""
    async with Client(settings) as client:
        await log_in(client, settings)
        content = "with" if settings.discord_message_content else "without"
        return f"{client.user}, {content} message content"
