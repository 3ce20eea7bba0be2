"""Telegram: updates into the durable inbox, answers out through TelegramSurface."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any

import telegram
from telegram import BotCommand, Update
from telegram.ext import ExtBot, Updater
from telegram.ext._utils.webhookhandler import TelegramHandler

from bots import menu, traces
from bots.answering import Answering
from bots.daily import Door
from bots.dialogue import Dialogue
from bots.following import conversation
from bots.patience import patiently, pauses
from bots.settings import ConfigurationError, Settings
from bots.telegram.http import Request
from bots.telegram.limiter import Limiter
from bots.telegram.sieve import sieved, sift
from bots.telegram.surface import TelegramSurface
from bots.telegram.translate import PLATFORM, stopped_chat, translate
from storage import Inbound

log = logging.getLogger(__name__)

UPDATES = ["message", "callback_query", "stopped_message_generation"]
LOOK = "look at this host's network and its DNS"
FORGED_EVERY_S = 60.0  # a line of the log for all posts without the secret


class TelegramAdapter:
    """Runs until stop is set; what is under way then has settings.drain_s to end."""

    def __init__(self, settings: Settings, dialogue: Dialogue) -> None:
        self._settings, self._dialogue = settings, dialogue
        self._bot = bot(settings)
        self._bot.bring(self.take_all)
        self._answering = Answering(dialogue, self.surface, settings.drain_s)

    async def run(self, stop: asyncio.Event) -> None:
        if not await connect(self._bot, stop):
            return
        async with contextlib.AsyncExitStack() as stack:  # also when another platform's mistake cancels us
            stack.push_async_callback(self._bot.shutdown)
            updater = Updater(self._bot, Inbox(self, webhook=bool(self._settings.webhook_url)))
            await updater.initialize()
            stack.push_async_callback(updater.shutdown)
            stack.push_async_callback(self._answering.drain)
            stack.push_async_callback(_deaf, updater)
            self._dialogue.daily.open(Door(PLATFORM, self.letter))
            stack.push_async_callback(self._dialogue.daily.close, PLATFORM)
            await self._menu()
            await self._answering.take_up(PLATFORM)
            await self._listen(updater)
            log.info("Telegram: listening as @%s", self._bot.username)
            await stop.wait()

    async def _listen(self, updater: Updater) -> None:
        settings = self._settings
        if not settings.webhook_url:
            await updater.start_polling(
                timeout=25, allowed_updates=UPDATES, bootstrap_retries=-1, error_callback=_polling_failed
            )
            return
        forged = Forged()
        TelegramHandler.on_finish = lambda handler: forged.count(handler.get_status())  # type: ignore[assignment,method-assign]
        TelegramHandler.prepare = sift  # type: ignore[assignment,method-assign]
        host, _, port = settings.webhook_listen.rpartition(":")
        url, token = f"{settings.webhook_url.rstrip('/')}/telegram", settings.webhook_token
        try:  # once by ourselves: the updater would try for ever, in silence, what Telegram refuses
            await self._bot.set_webhook(url, secret_token=token, allowed_updates=UPDATES)
        except telegram.error.BadRequest as error:
            raise ConfigurationError(
                f"Telegram refuses KRISHNA_WEBHOOK_URL or KRISHNA_WEBHOOK_SECRET ({error}); give it a public https "
                "address and a secret of A-Z, a-z, 0-9, _ and -"
            ) from error
        except telegram.error.TelegramError as error:
            log.warning("the webhook is not set yet, trying again: %s", error)
        try:
            await updater.start_webhook(
                listen=host,
                port=int(port),
                url_path="telegram",
                webhook_url=url,
                secret_token=token,
                allowed_updates=UPDATES,
                bootstrap_retries=-1,
            )
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"the webhook cannot listen on {settings.webhook_listen} ({error}); set KRISHNA_WEBHOOK_LISTEN to a "
                "free address:port"
            ) from error

    async def _menu(self) -> None:
        """The commands that Telegram shows; worth a try, not worth a failure."""
        with contextlib.suppress(telegram.error.TelegramError):
            await self._bot.set_my_commands([BotCommand(name, said["en"]) for name, said in menu.COMMANDS.items()])
            hindi = [BotCommand(name, said["hi"]) for name, said in menu.COMMANDS.items()]
            await self._bot.set_my_commands(hindi, language_code="hi")

    def surface(self, inbound: Inbound) -> TelegramSurface:
        surface = TelegramSurface(self._bot, inbound.address, inbound.update_id)
        surface.on_moved = partial(self._moved, inbound)
        return surface

    async def _moved(self, inbound: Inbound, chat: int, message_id: str) -> None:
        """An answer stands in the supergroup that its group has become: there it is replied to."""
        there = replace(inbound, chat_id=str(chat), thread_id=None)
        await patiently("an answer's place", lambda: self._dialogue.store.moved(there, conversation(there), message_id))

    def letter(self, chat_id: str, key: str) -> TelegramSurface:
        """A place in a private chat for what nobody asked for. key: digits."""
        address = {"chat": int(chat_id), "thread": None, "message": 0, "private": True}
        return TelegramSurface(self._bot, address, key, quiet=True)

    async def take(self, update: Update) -> None:
        """An update, before Telegram is told that it arrived: it returns only when the message is stored."""
        try:
            chat = stopped_chat(update)
            if chat is not None:
                await self._dialogue.replies.stop(PLATFORM, str(chat), str(chat))
                return
            inbound = translate(update, self._bot.bot)
            if inbound is not None:
                with traces.message(inbound):
                    if await self._answering.stored(inbound):
                        self._answering.answer(inbound)
        except Exception:  # one strange update must not end the listening
            log.exception("an update could not be understood and is left out")

    async def take_all(self, updates: Sequence[Update]) -> None:
        """What one poll brought, as take(): side by side, but of each chat one after the other."""
        chats: dict[int | None, list[Update]] = {}
        for update in updates:
            chat = update.effective_chat
            chats.setdefault(None if chat is None else chat.id, []).append(update)

        async def in_order(some: list[Update]) -> None:
            for update in some:
                await self.take(update)

        await asyncio.gather(*map(in_order, chats.values()))


class Inbox(asyncio.Queue[object]):
    """The queue that the library's updater fills before it confirms updates: by the webhook's answer, which waits for
    put(), or with the next poll, which Client holds back."""

    def __init__(self, adapter: TelegramAdapter, *, webhook: bool) -> None:
        super().__init__()
        self._adapter, self._webhook = adapter, webhook

    async def put(self, item: object) -> None:
        assert isinstance(item, Update)
        if self._webhook:
            await self._adapter.take(item)


class Client(ExtBot[str]):
    """The library's client, whose updates are in the database before the next poll confirms them.

    A token that is refused while we listen would end the library's loop in silence; and from a Telegram that says
    nothing it would ask again and again, in silence and without a pause.
    """

    _take: Callable[[Sequence[Update]], Awaitable[None]] | None = None

    def bring(self, take: Callable[[Sequence[Update]], Awaitable[None]]) -> None:
        """Have all that polls bring stored by `take`, which returns when it is."""
        self._take = take

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:
        try:
            updates = await super().get_updates(*args, **kwargs)
        except telegram.error.InvalidToken as error:
            raise telegram.error.TelegramError(REFUSED) from error
        except telegram.error.TimedOut as error:
            raise telegram.error.NetworkError("it says nothing") from error
        if self._take is not None:
            await self._take(updates)
        return updates


class Polling(Request):
    """How getUpdates is asked."""

    parse_json_payload = staticmethod(sieved)


def bot(settings: Settings) -> Client:
    """The client, before any request. Raises ConfigurationError for a token that cannot be one."""
    assert settings.telegram_token is not None
    base = (settings.telegram_api_base or "https://api.telegram.org").rstrip("/")
    try:
        return Client(
            settings.telegram_token.get_secret_value(),
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=Request(connections=256, read_s=20),
            get_updates_request=Polling(connections=2, read_s=35),
            rate_limiter=Limiter(),
        )
    except telegram.error.InvalidToken as error:
        raise ConfigurationError(REFUSED) from error


REFUSED = "TELEGRAM_TOKEN is refused by Telegram; copy it again from @BotFather, or remove it to leave Telegram out"


async def connect(client: ExtBot[str], stop: asyncio.Event) -> bool:
    """Log in, trying again while there is no network. False when stop came first. Raises ConfigurationError."""
    waits = pauses()
    while not stop.is_set():
        try:
            await client.initialize()
            return True
        except telegram.error.InvalidToken as error:
            raise ConfigurationError(REFUSED) from error
        except telegram.error.TelegramError as error:
            pause = next(waits)
            log.warning("Telegram cannot be reached (%s), next try in %.0f s; if it lasts, %s", error, pause, LOOK)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()
    return False


async def who(settings: Settings) -> str:
    """The bot's name, for `check`."""
    client = bot(settings)
    try:
        await connect(client, asyncio.Event())
        return f"@{client.username}, {'webhook ' + settings.webhook_url if settings.webhook_url else 'polling'}"
    finally:
        with contextlib.suppress(Exception):
            await client.shutdown()


class Forged:
    """Posts that the library's webhook refused, told in the log from time to time: it refuses them in silence."""

    def __init__(self) -> None:
        self._refused, self._told = 0, float("-inf")

    def count(self, status: int) -> None:
        """A request was answered so."""
        if status != HTTPStatus.FORBIDDEN:
            return
        self._refused += 1
        if time.monotonic() - self._told >= FORGED_EVERY_S:
            log.warning(
                "%d posts to the webhook came without its secret and were refused; nothing to mend if they are not "
                "Telegram's, else give all hosts the same TELEGRAM_TOKEN and KRISHNA_WEBHOOK_SECRET",
                self._refused,
            )
            self._refused, self._told = 0, time.monotonic()


async def _deaf(updater: Updater) -> None:
    """No more updates."""
    if updater.running:
        await updater.stop()


def _polling_failed(error: telegram.error.TelegramError) -> None:
    if isinstance(error, telegram.error.Conflict):
        log.error(
            "another program has this TELEGRAM_TOKEN and takes the updates; stop it, or give all hosts on one "
            "PostgreSQL the same KRISHNA_WEBHOOK_URL"
        )
        return
    log.warning("Telegram cannot be heard (%s), trying again; if it lasts, %s", error, LOOK)
