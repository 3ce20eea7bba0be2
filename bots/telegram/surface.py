"""Where an answer appears in Telegram: native drafts in a private chat, one edited message in a group."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, ReplyParameters
from telegram.ext import ExtBot
from telegramify_markdown import convert

from bots.surface import Buttons, Gone, RetryAfter, SurfaceError, Uncertain, Unreachable
from bots.telegram.http import CERTAIN
from bots.telegram.limiter import FRAME, QUIET, seconds

log = logging.getLogger(__name__)

T = TypeVar("T")

LIMIT = 4096  # UTF-16 units of one message
STYLES = {
    MessageEntity.BOLD, MessageEntity.ITALIC, MessageEntity.UNDERLINE, MessageEntity.STRIKETHROUGH,
    MessageEntity.SPOILER, MessageEntity.BLOCKQUOTE, MessageEntity.EXPANDABLE_BLOCKQUOTE, MessageEntity.CODE,
    MessageEntity.PRE,
}  # fmt: skip
CALL = re.compile(r"(?<!\w)@(?=\w)")  # @somebody, and no address of mail


class TelegramSurface:
    """One answer in one chat. address is what translate() made. quiet: nobody waits for it."""

    limit, most = LIMIT, None
    has_buttons = True

    def __init__(self, bot: ExtBot[str], address: dict[str, Any], update_id: str, *, quiet: bool = False) -> None:
        self._bot, self._chat, self._thread = bot, address["chat"], address.get("thread")
        self._reply_to, self._query = address["message"], address.get("query")
        self._draft = int(update_id) or 1
        self._quiet = quiet
        self._uncertain = False  # a first frame may stand in the group without our knowing its id
        self._moved = False  # the group has become a supergroup, another chat, since it was asked
        self.on_moved: Callable[[int, str], Awaitable[None]] | None = (
            None  # with that chat's id and the message's there
        )
        self.discreet = bool(address["private"])
        self.pace_s = 1.0 if self.discreet else 3.0
        self.message_id: str | None = None
        self.on_posted: Callable[[str], Awaitable[None]] | None = None

    def repeatable(self, parts: int) -> bool:
        return self.message_id is not None and parts == 1

    def size(self, text: str) -> int:
        return _units(text)

    async def show(self, text: str, buttons: Buttons = ()) -> None:
        text = inert(text)
        await self.close()
        with _translated(repeatable=True, frame=True):
            if self.discreet:
                await self._bot.send_message_draft(
                    self._chat,
                    self._draft,
                    text,
                    message_thread_id=self._thread,
                    api_kwargs={"can_stop": True} if buttons else None,
                    rate_limit_args=FRAME,
                )
            elif self.message_id is not None:
                await self._bot.edit_message_text(
                    text,
                    self._chat,
                    int(self.message_id),
                    reply_markup=_keyboard(buttons),
                    entities=[],
                    rate_limit_args=FRAME,
                )
            elif not self._uncertain:
                await self._first(text, buttons)

    async def _first(self, text: str, buttons: Buttons) -> None:
        """The frame that becomes the answer's message. One that broke off is not tried again: it may stand there."""
        try:
            await self._post(text, [], buttons, frame=True)
        except Uncertain:
            self._uncertain = True
            raise

    async def finish(self, text: str, buttons: Buttons = ()) -> str:
        plain, entities = formatted(text)
        if self.message_id is not None and await self._edited(int(self.message_id), plain, entities, buttons):
            return self.message_id
        return await self._post(plain, entities, buttons)

    async def _edited(self, message: int, text: str, entities: list[MessageEntity], buttons: Buttons) -> bool:
        """Make a message's text this one. False where it stands in a group that is another chat now."""

        async def edit(entities: list[MessageEntity]) -> object:
            return await self._bot.edit_message_text(
                text, self._chat, message, reply_markup=_keyboard(buttons), entities=entities
            )

        with _translated(repeatable=True):
            try:
                await _plain_at_need(edit, entities)
            except telegram.error.ChatMigrated as moved:
                self._follow(moved)
                return False
        return True

    async def send(self, text: str, buttons: Buttons = ()) -> str:
        plain, entities = formatted(text)
        with _translated():
            sent = await self._new(plain, entities, buttons, self._reply() if self.message_id is None else None)
        return str(sent.message_id)

    async def _new(
        self,
        text: str,
        entities: list[MessageEntity],
        buttons: Buttons,
        reply: ReplyParameters | None,
        kind: str | None = None,
    ) -> telegram.Message:
        """A message of its own, in the chat that this one is now."""

        async def send(entities: list[MessageEntity]) -> telegram.Message:
            return await self._bot.send_message(
                self._chat,
                text,
                entities=entities,
                message_thread_id=self._thread,
                reply_markup=_keyboard(buttons),
                reply_parameters=None if self._moved else reply,
                rate_limit_args=kind,
            )

        try:
            return await _plain_at_need(send, entities)
        except telegram.error.ChatMigrated as moved:
            self._follow(moved)
            return await _plain_at_need(send, entities)

    def _follow(self, moved: telegram.error.ChatMigrated) -> None:
        """Go on in the supergroup that the group has become. Of the messages before it, none has an id there."""
        log.info("a group has become a supergroup; its answer goes there")
        self._chat, self._thread, self._moved = moved.new_chat_id, None, True
        self.message_id = None

    def _reply(self) -> ReplyParameters | None:
        """What ties the first words of an answer to its question, in a group."""
        return None if self.discreet else ReplyParameters(self._reply_to, allow_sending_without_reply=True)

    async def _post(self, text: str, entities: list[MessageEntity], buttons: Buttons, *, frame: bool = False) -> str:
        """The message that holds the answer."""
        kind = FRAME if frame else QUIET if self._quiet else None
        with _translated(frame=frame):
            sent = await self._new(text, entities, buttons, self._reply(), kind)
        self.message_id = str(sent.message_id)
        if self.on_posted is not None:
            await self.on_posted(self.message_id)
        if self._moved and self.on_moved is not None:
            await self.on_moved(self._chat, self.message_id)
        return self.message_id

    async def file(self, name: str, data: bytes, text: str) -> None:
        with _translated():
            await self._bot.send_document(
                self._chat, document=data, filename=name, caption=text, message_thread_id=self._thread
            )

    async def notice(self, text: str) -> None:
        if self._query is None:
            await self.send(text)
            return
        query, self._query = self._query, None
        with contextlib.suppress(telegram.error.TelegramError):  # too old: the press is no longer waited for
            await self._bot.answer_callback_query(query, text[:200], show_alert=len(text) > 60)

    async def close(self) -> None:
        """Tell the person's app that the press was taken: until then the button shows that it waits."""
        if self._query is not None:
            query, self._query = self._query, None
            with contextlib.suppress(telegram.error.TelegramError):
                await self._bot.answer_callback_query(query)


def inert(text: str) -> str:
    """Words that call nobody: of @name Telegram makes a mention by itself. As long as before, so that entities fit."""
    return CALL.sub("\uff20", text)


def formatted(text: str) -> tuple[str, list[MessageEntity]]:
    """Markdown as plain text and entities, so that no mark of the model's can be a parse error.

    What Telegram could refuse is left out: an entity past the ends, a text that grew too long. So is a link, which
    could hide where it leads: its label stays.
    """
    try:
        converted, found = convert(text)
    except Exception:
        log.exception("a text could not be formatted and is sent plain")
        return inert(text), []
    plain = inert(converted.strip())
    if not plain or _units(plain) > LIMIT:
        return inert(text), []
    lead, size = _units(converted) - _units(converted.lstrip()), _units(plain)
    entities = []
    for e in found:
        start, end = max(0, e.offset - lead), min(size, e.offset + e.length - lead)
        if start < end and e.type in STYLES:
            entities.append(MessageEntity(e.type, start, end - start))
    return plain, entities


def _units(text: str) -> int:
    """UTF-16 units, in which Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(b.label, callback_data=b.data) for b in row] for row in buttons if row]
    return InlineKeyboardMarkup(rows) if rows else None


async def _plain_at_need(act: Callable[[list[MessageEntity]], Awaitable[T]], entities: list[MessageEntity]) -> T:
    """Say something in its form; without, where Telegram does not take that: its words are more than its bold print."""
    try:
        return await act(entities)
    except telegram.error.BadRequest as error:
        if not entities or "entit" not in str(error).lower():
            raise
        log.warning("Telegram does not take the form of a text (%s); it goes as plain text", error)
        return await act([])


@contextlib.contextmanager
def _translated(*, repeatable: bool = False, frame: bool = False) -> Iterator[None]:
    """Telegram's errors as ours. repeatable: the call may be made again without showing anything twice. frame: nothing
    is lost by it."""
    try:
        yield
    except telegram.error.RetryAfter as error:
        raise RetryAfter(seconds(error)) from error
    except telegram.error.InvalidToken as error:  # the operator's to mend; the answer waits for it
        raise Unreachable(str(error)) from error
    except telegram.error.Forbidden as error:
        raise Gone(str(error)) from error
    except telegram.error.BadRequest as error:
        if "not modified" in str(error).lower():
            return
        if repeatable and "too old" in str(error):
            raise SurfaceError(str(error)) from error
        raise _gone(error, frame) from error
    except telegram.error.ChatMigrated as error:  # to a frame: the next message follows
        raise SurfaceError(str(error)) from error
    except telegram.error.NetworkError as error:
        certain = repeatable or isinstance(error.__cause__, CERTAIN)
        if str(error).startswith(("Bad Gateway", "Internal Server Error", "Service Unavailable")):
            certain = True  # refused by the front, before anything was done
        raise (Unreachable if certain else Uncertain)(str(error)) from error
    except telegram.error.TelegramError as error:
        raise _gone(error, frame) from error


def _gone(error: telegram.error.TelegramError, frame: bool) -> Gone:
    """What Telegram refuses for good, told to the operator unless it is a frame or its place is only deleted."""
    if not frame and "not found" not in str(error).lower():
        log.warning("Telegram refuses a message, which is dropped: %s", error)
    return Gone(str(error))
