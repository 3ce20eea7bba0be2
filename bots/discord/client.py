"""The library's client: how it logs in, what it hands to the adapter, and a line for each break of its connection."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bots import metrics
from bots.discord import commands
from bots.discord.sieve import sieve
from bots.discord.surface import Press
from bots.discord.translate import PLATFORM
from bots.patience import pauses
from bots.settings import ConfigurationError, Settings

log = logging.getLogger(__name__)

LOOK = "look at this host's network and its DNS"
REFUSED = (
    "DISCORD_TOKEN is refused by Discord; copy it again from discord.com/developers, or remove it to leave Discord out"
)
FOR_GOOD = 4004, *range(4010, 4015)  # after all other codes the library connects again, and tells nobody
CLOSED = {
    4004: REFUSED,
    4010: "Discord does not know this DISCORD_SHARD; write it as 0/3 for the first of three hosts",
    4011: "this bot is in more servers than Discord lets one connection serve; give several hosts a DISCORD_SHARD each",
    4014: "Discord refuses the message content intent; switch it on at discord.com/developers under Bot, or unset "
    "DISCORD_MESSAGE_CONTENT",
}


def brief(record: logging.LogRecord) -> bool:
    """The library tells of each break of its connection with a page of traceback: a line of ours instead."""
    if record.exc_info and str(record.msg).startswith("Attempting a reconnect in"):
        pause = record.args[0] if isinstance(record.args, tuple) and record.args else 0.0
        record.msg = "Discord's gateway cannot be reached (%s), next try in %.0f s; if it lasts, %s"
        record.args, record.exc_info = (record.exc_info[1], pause, LOOK), None
        record.exc_text, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
    return True


logging.getLogger("discord.client").addFilter(brief)


class Hearer(Protocol):
    """Who is told what comes from Discord."""

    async def ready(self) -> None:
        """A new session has begun."""
        ...

    async def take(self, message: discord.Message) -> None: ...

    async def interact(self, interaction: discord.Interaction[Any], kind: str, name: str, text: str) -> None:
        """A slash command or a press."""
        ...


class Client(discord.Client):
    """The library's client, handing what concerns us to a hearer; without one it is only good for asking."""

    def __init__(self, settings: Settings, hearer: Hearer | None = None) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = settings.discord_message_content
        which, of = settings.shard or (None, None)
        super().__init__(
            intents=intents,
            shard_id=which,
            shard_count=of,
            http_trace=metrics.trace(PLATFORM),
            allowed_mentions=discord.AllowedMentions(everyone=False, users=False, roles=False, replied_user=True),
            max_ratelimit_timeout=30,  # the library sleeps through shorter ones
            max_messages=None,  # nothing is read from a cache of messages
            chunk_guilds_at_startup=False,
        )
        self._hearer = hearer
        self.tree, self.synced = commands.tree(self), False
        self._broken: object = None  # the connection that was told of last
        self.add_dynamic_items(Press)
        sieve(self._connection.parsers)

    async def on_ready(self) -> None:
        if self._hearer is not None:
            await self._hearer.ready()

    async def on_disconnect(self) -> None:
        """Called for each try to connect again that fails, too: of those brief() tells."""
        ws = self.ws
        if ws is None or ws is self._broken:
            return
        self._broken, code = ws, ws.socket.close_code
        if code not in FOR_GOOD:
            what = "its session is resumed" if ws.session_id else "a new session begins"
            log.info("Discord's gateway closed (code %s); connecting again, %s", code, what)

    async def on_resumed(self) -> None:
        log.info("Discord: the session goes on, with what was said meanwhile")

    async def on_message(self, message: discord.Message) -> None:
        if self._hearer is not None:
            await self._hearer.take(message)

    async def commanded(self, interaction: discord.Interaction[Any], name: str, text: str) -> None:
        assert self._hearer is not None
        await self._hearer.interact(interaction, "text" if name == "ask" else "command", name, text)

    async def pressed(self, interaction: discord.Interaction[Any], data: str) -> None:
        assert self._hearer is not None
        await self._hearer.interact(interaction, "press", "", data)


async def log_in(client: discord.Client, settings: Settings) -> None:
    """Log in, trying again while there is no network. Raises ConfigurationError."""
    assert settings.discord_token is not None
    # The library has no setting for these; they are its own class-wide constants.
    if settings.discord_api_base:
        Route.BASE = settings.discord_api_base.rstrip("/")
    if settings.discord_gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway)
    waits = pauses()
    while True:
        try:
            return await client.login(settings.discord_token.get_secret_value())
        except discord.LoginFailure as error:
            raise ConfigurationError(REFUSED) from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            pause = next(waits)
            log.warning("Discord cannot be reached (%s), next try in %.0f s; if it lasts, %s", error, pause, LOOK)
            await client.http.close()  # the next try opens another
            client.http.connector = discord.utils.MISSING
        await asyncio.sleep(pause)


async def who(settings: Settings) -> str:
    """The bot's name, for `check`."""
    async with Client(settings) as client:
        await log_in(client, settings)
        content = "with" if settings.discord_message_content else "without"
        return f"{client.user}, {content} message content"
