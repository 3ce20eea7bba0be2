"""A Telegram update as an Inbound, or None where it is not for us. Pure: nothing is asked of the network."""

from __future__ import annotations

from typing import Any, Literal

from telegram import Message, MessageEntity, Update, User

from bots.menu import KNOWN
from storage import Inbound

PLATFORM = "telegram"
MEDIA = (
    "animation", "audio", "contact", "dice", "document", "location", "photo", "poll", "sticker", "story", "venue",
    "video", "video_note", "voice",
)  # fmt: skip


def translate(update: Update, me: Any) -> Inbound | None:
    """me: the bot's own User (id, username)."""
    if update.callback_query is not None:
        return _press(update)
    message = update.message
    if message is None or message.from_user is None:
        return None
    # Who writes as a group or a channel has a bot of Telegram's in from_user (Bot API: Message.sender_chat).
    sender = message.sender_chat or message.from_user
    if isinstance(sender, User) and sender.is_bot:
        return None
    command = _command(message, me.username)
    private = message.chat.type == "private"
    if not private and command is None and not _addressed(message, me):
        return None
    kind: Literal["text", "command", "media"]
    if command is not None:
        name, text, to_us = command
        if name is None or (not private and not to_us and name not in KNOWN):  # another bot's command
            return None
        kind = "command"
        if name == "ask":
            kind, name = "text", ""
    elif message.text is not None:
        kind, name, text = "text", "", _without_mention(message, me.username)
    elif any(getattr(message, field, None) for field in MEDIA):
        kind, name, text = "media", "", message.caption or ""
    else:  # somebody joined, a title changed, ...
        return None
    thread = message.message_thread_id if message.is_topic_message else None
    reply = message.reply_to_message
    return Inbound(
        platform=PLATFORM,
        update_id=str(update.update_id),
        kind=kind,
        chat_id=str(message.chat.id),
        private=private,
        user_id=str(sender.id),
        user_name=(sender.first_name if isinstance(sender, User) else sender.title) or "",
        text=text,
        thread_id=None if thread is None else str(thread),
        reply_to=str(reply.message_id) if reply is not None and reply.from_user == me else None,
        locale=message.from_user.language_code,
        command=name or None,
        address={"chat": message.chat.id, "thread": thread, "message": message.message_id, "private": private},
        received_at=message.date.timestamp(),
    )


def _press(update: Update) -> Inbound | None:
    query = update.callback_query
    assert query is not None
    if query.message is None or not query.data:
        return None
    chat, message = query.message.chat, query.message
    thread = getattr(message, "message_thread_id", None) if getattr(message, "is_topic_message", None) else None
    return Inbound(
        platform=PLATFORM,
        update_id=str(update.update_id),
        kind="press",
        chat_id=str(chat.id),
        private=chat.type == "private",
        user_id=str(query.from_user.id),
        user_name=query.from_user.first_name,
        text=query.data,
        thread_id=None if thread is None else str(thread),
        reply_to=str(message.message_id),
        locale=query.from_user.language_code,
        address={
            "chat": chat.id,
            "thread": thread,
            "message": message.message_id,
            "private": chat.type == "private",
            "query": query.id,
        },
    )


def stopped_chat(update: Update) -> int | None:
    """The private chat whose person pressed Telegram's own stop button (Bot API 10.3, not yet in the library)."""
    event = update.api_kwargs.get("stopped_message_generation")
    return int(event["chat"]["id"]) if event else None


def _command(message: Message, username: str) -> tuple[str | None, str, bool] | None:
    """(name, rest, whether it names us) of a leading /name; name is None in /name@another; None where there is none."""
    first = next((e for e in message.entities if e.type == MessageEntity.BOT_COMMAND and e.offset == 0), None)
    if first is None or message.text is None:
        return None
    word = message.parse_entity(first)
    name, at, bot = word[1:].partition("@")
    if at and bot.lower() != username.lower():
        return None, "", False
    return name.lower(), message.text[len(word) :].strip(), bool(at)


def _addressed(message: Message, me: Any) -> bool:
    """Whether a group message replies to us or mentions us."""
    reply = message.reply_to_message
    if reply is not None and reply.from_user is not None and reply.from_user.id == me.id:
        return True
    mentions = {
        **message.parse_entities([MessageEntity.MENTION]),
        **message.parse_caption_entities([MessageEntity.MENTION]),
    }
    if any(name.lower() == f"@{me.username.lower()}" for name in mentions.values()):
        return True
    return any(e.type == MessageEntity.TEXT_MENTION and e.user == me for e in message.entities)


def _without_mention(message: Message, username: str) -> str:
    """The words without our name in them."""
    text = message.text or ""
    for name in set(message.parse_entities([MessageEntity.MENTION]).values()):
        if name.lower() == f"@{username.lower()}":
            text = text.replace(name, " ")
    return text.strip()
