"""Discord: messages and interactions into the durable inbox, answers out through DiscordSurface."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp
import discord

from bots import traces
from bots.answering import Answering
from bots.daily import Door
from bots.delivery import insist
from bots.dialogue import Dialogue
from bots.discord import commands
from bots.discord.client import CLOSED, LOOK, Client, log_in
from bots.discord.missed import LEAVE, Missed, Session
from bots.discord.surface import DiscordSurface, translated
from bots.discord.translate import PLATFORM, from_interaction, from_message
from bots.patience import patiently, pauses
from bots.settings import ConfigurationError, Settings
from bots.surface import Gone, RetryAfter, Unreachable
from storage import Inbound, StoreError

log = logging.getLogger(__name__)

Look = Callable[[], Awaitable[None]]
REPEAT_S = 120.0  # a nonce is known for "the past few minutes" (docs: "Create Message")
SESSION = "discord session"  # the name of a note, with the shard behind it
NOTE_EVERY_S = 1.0
ACK_S, TOO_LATE_S = 1.5, 3.0  # Discord waits three seconds for the first word to an interaction
# Chats that were alive within these are looked at for what came while we were away: a day less than the inbox knows.
MISSED_S = 6 * 86_400.0
MISSED_MARGIN_S = 600.0


class DiscordAdapter:
    """Runs until stop is set; what is under way then has settings.drain_s to end."""

    def __init__(self, settings: Settings, dialogue: Dialogue) -> None:
        self._settings, self._dialogue = settings, dialogue
        self._answering = Answering(dialogue, self.surface, settings.drain_s)
        self._client = Client(settings, self)
        # Each shard has its own session. Hosts that all listen to everything leave each other's sessions alone, and
        # miss nothing while one of them listens.
        self._session = f"{SESSION} {settings.discord_shard}".strip()
        if dialogue.store.shared and not settings.discord_shard:
            self._session = ""
        self._missed: Missed | None = None
        self._storing: set[asyncio.Task[bool]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        async with contextlib.AsyncExitStack() as stack:  # also when another platform's mistake cancels us
            stack.push_async_callback(self._client.close)
            stack.push_async_callback(self._leave)
            stopping = asyncio.ensure_future(stop.wait())
            serving = asyncio.ensure_future(self._serve())
            noting = asyncio.ensure_future(self._note_session())
            stack.push_async_callback(_cancelled, stopping, serving, noting)
            stack.push_async_callback(self._drain)
            stack.push_async_callback(self._dialogue.daily.close, PLATFORM)
            await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()

    async def _drain(self) -> None:
        """Let answers under way end and what came be stored, for Discord sends nothing again; begin nothing more."""
        if self._missed is not None:
            await self._missed.close()
        await self._answering.drain()
        if self._storing:
            await asyncio.wait(self._storing, timeout=self._settings.drain_s)

    async def _leave(self) -> None:
        """Close the connection so that the next start can resume the session: the library's own close would end it."""
        if self._session and self._client.ws is not None:
            await self._client.ws.close(code=LEAVE)

    async def _serve(self) -> None:
        """Log in and listen. Raises ConfigurationError for what only the operator can mend."""
        await log_in(self._client, self._settings)
        # A slash command is answered by its own token, which says nothing of whether a message would arrive.
        self._dialogue.daily.open(Door(PLATFORM, self.letter, REPEAT_S, apart=True))
        if self._session and (noted := await self._dialogue.store.note(self._session)) and self._client.http.token:
            self._missed = Missed(Session(**json.loads(noted)), self._client.http.token)
        waits = pauses()
        while True:
            try:
                return await self._client.connect()
            except discord.PrivilegedIntentsRequired as error:
                raise ConfigurationError(CLOSED[4014]) from error
            except discord.ConnectionClosed as error:
                mend = CLOSED.get(error.code, f"Discord refuses this program (code {error.code}); update it")
                raise ConfigurationError(mend) from error
            except AttributeError:  # the library, when its very first connection fails: there is no session to resume
                if self._client.ws is not None:
                    raise
                pause = next(waits)
                log.warning("Discord's gateway cannot be reached, next try in %.0f s; if it lasts, %s", pause, LOOK)
            await asyncio.sleep(pause)

    async def _note_session(self) -> None:
        """Keep in the store how far the gateway's session was taken in, so that the next process can resume it."""
        last = None
        while self._session:
            ws: Any = self._client.ws
            seen = ws and ws.session_id and Session(str(ws.gateway), ws.session_id, ws.sequence or 0)
            await asyncio.sleep(NOTE_EVERY_S)
            # Events up to there were handed out a while ago; what of them is not stored by now is being stored.
            if storing := set(self._storing):
                await asyncio.wait(storing)
            # What the old session told of is told nowhere else: its note stays until all of that is here.
            if seen and seen != last and self._missed is None:
                with contextlib.suppress(StoreError):  # a later one will do
                    await self._dialogue.store.take_note(self._session, json.dumps(asdict(seen)))
                    last = seen

    def surface(self, inbound: Inbound) -> DiscordSurface:
        return DiscordSurface(self._client, dict(inbound.address), inbound.update_id)

    def letter(self, chat_id: str, key: str) -> DiscordSurface:
        """A place in a private chat for what nobody asked for. key: 23 characters at most."""
        return DiscordSurface(self._client, {"channel": int(chat_id), "discreet": True}, key)

    # -- events -----------------------------------------------------------------------------------------------

    async def ready(self) -> None:
        """A new session: the first of this run takes up what was left, every one asks for what it missed."""
        log.info("Discord: listening as %s, in a new session", self._client.user)
        try:
            await self._answering.take_up(PLATFORM)
        except StoreError as error:
            log.error("what was left unfinished waits for the next session: %s", error)
        if not self._client.synced:
            try:
                await self._client.tree.set_translator(commands.Translator())
                await self._client.tree.sync()
                self._client.synced = True
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:  # worth a try, not worth a failure
                log.warning("the slash commands are not registered yet, next try with the next session: %s", error)
        missed = self._missed
        looks: list[Look] = [partial(self._fetch, *place) for place in (await missed.told() if missed else ())]
        since = time.time() - MISSED_S
        chats = await patiently("what was missed", lambda: self._dialogue.store.chats(PLATFORM, since))
        for chat_id, last in chats.items():
            # a last turn that is yet to come was made while this host's clock was ahead
            looks.append(partial(self._catch_up, int(chat_id), min(last, time.time()) - MISSED_MARGIN_S))
        left = [look for look in looks if not await self._looked(look)]
        # It is told nowhere else, so it is asked for until Discord answers; what that holds up, no other waits for.
        await asyncio.gather(*(self._looked(look, insisting=True) for look in left))
        self._missed = None

    async def _looked(self, look: Look, *, insisting: bool = False) -> bool:
        """Take what was written while no session listened. False where Discord has to be asked again."""

        async def once() -> None:
            with translated():
                await look()

        try:
            await (insist(once, done="looked up") if insisting else once())
        except Gone:  # deleted meanwhile, or not for us to read
            pass
        except (RetryAfter, Unreachable):
            return False
        except Exception:
            log.exception("what was written before this session could not be looked up")
        return True

    async def _fetch(self, channel_id: int, message_id: int) -> None:
        """Take one message."""
        channel: Any = self._client.get_channel(channel_id) or await self._client.fetch_channel(channel_id)
        await self.take(await channel.fetch_message(message_id))

    async def _catch_up(self, chat_id: int, since: float) -> None:
        """Take what was written in a chat while no session listened, the newest hundred. Known ones are dropped."""
        channel: Any = self._client.get_channel(chat_id) or await self._client.fetch_channel(chat_id)
        after = datetime.fromtimestamp(since, UTC)
        newest = [m async for m in channel.history(after=after, limit=100, oldest_first=False)]
        for message in reversed(newest):
            await self.take(message)

    async def take(self, message: discord.Message) -> None:
        """A message. Discord never sends it again, so it is stored before anything else."""
        assert self._client.user is not None
        inbound = from_message(message, self._client.user)
        if inbound is not None:
            with traces.message(inbound):
                if await self._store(inbound):
                    self._answering.answer(inbound)

    async def interact(self, interaction: discord.Interaction[Any], kind: str, name: str, text: str) -> None:
        """A slash command or a press: stored, and acknowledged in time even while the database waits for room."""
        inbound = from_interaction(interaction, kind, name, text)
        with traces.message(inbound):
            storing = self._store(inbound)
            await asyncio.wait({storing}, timeout=ACK_S)
            await acknowledge(interaction, thinking=kind != "press", hidden=inbound.address["hidden"])
            if await storing:
                self._answering.answer(inbound)

    def _store(self, inbound: Inbound) -> asyncio.Task[bool]:
        """False when it came before."""
        task = asyncio.create_task(self._answering.stored(inbound))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        return task


async def acknowledge(interaction: discord.Interaction[Any], *, thinking: bool, hidden: bool) -> None:
    """The first word to an interaction. Where it fails, the answer goes the way that is still open."""
    # HTTPException: it is too late, or this was acknowledged before and is told to us again.
    with contextlib.suppress(discord.HTTPException, TimeoutError):
        async with asyncio.timeout(TOO_LATE_S):
            while not interaction.response.is_done():
                try:
                    await interaction.response.defer(thinking=thinking, ephemeral=hidden)
                except (aiohttp.ClientError, OSError):
                    await asyncio.sleep(0.1)


async def _cancelled(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
