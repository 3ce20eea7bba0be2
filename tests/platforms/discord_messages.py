"""Messages come, change and go, whoever does it; the gateway tells of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.platforms.discord_forms import ApiError, check_message
from tests.platforms.discord_json import member_json
from tests.platforms.discord_state import (
    ATTACH_FILES,
    DEFAULT,
    EPHEMERAL,
    LOADING,
    MENTION_EVERYONE,
    MESSAGE_CONTENT,
    REPLY,
    SUPPRESS_EMBEDS,
    Channel,
    File,
    Interaction,
    Message,
    User,
)

if TYPE_CHECKING:
    from tests.platforms.discord_people import People

GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 9, 1 << 12  # intents
Files = dict[int, File]  # by the n of files[n]


def write(
    server: People,
    channel: Channel,
    author: User,
    body: dict[str, Any],
    files: Files,
    *,
    type: int = DEFAULT,
    flags: int = 0,
    reply_to: Message | None = None,
    interaction: Interaction | None = None,
) -> Message:
    """A new message; refused as Discord refuses it."""
    message = Message(channel, author, type=REPLY if reply_to else type, reply_to=reply_to, interaction=interaction)
    message.flags = (body.get("flags") or 0) & (SUPPRESS_EMBEDS | 1 << 12) | flags
    message.nonce = None if body.get("nonce") is None else str(body["nonce"])
    _fill(server, message, body, files)
    server.world.messages[message.id] = message
    message.remember()
    announce(server, "MESSAGE_CREATE", message)
    return message


def change(server: People, message: Message, body: dict[str, Any], files: Files) -> None:
    """Fields that the body does not name stay: the page "Message", section Edit Message."""
    was_loading = message.loading
    _fill(server, message, body, files)
    if body.get("flags") is not None:
        message.flags = message.flags & ~SUPPRESS_EMBEDS | body["flags"] & SUPPRESS_EMBEDS
    message.flags &= ~LOADING
    if not was_loading:  # people see no "(edited)" where an answer takes the place of "is thinking…"
        message.edited_at = time.time()
    message.remember()
    announce(server, "MESSAGE_UPDATE", message)


def remove(server: People, message: Message) -> None:
    message.deleted = True
    channel = message.channel
    data = {"id": str(message.id), "channel_id": str(channel.id)}
    if channel.guild and not message.ephemeral:
        data["guild_id"] = str(channel.guild.id)
    if server.world.reaches(channel):
        server.gateway.dispatch("MESSAGE_DELETE", data, _intent(message))


def announce(server: People, event: str, message: Message) -> None:
    """MESSAGE_CREATE or MESSAGE_UPDATE, with the extra fields of the page "Gateway Events", section Message Create.

    An ephemeral message comes without guild_id, so that it looks like a direct message.
    """
    server.heard(message)
    world, guild = server.world, message.channel.guild
    if not world.reaches(message.channel):
        return
    extra: dict[str, Any] = {"channel_type": message.channel.type}
    if guild and not message.ephemeral:
        extra["guild_id"] = str(guild.id)
        if not message.interaction:
            extra["member"] = {k: v for k, v in member_json(message.author, guild).items() if k != "user"}

    def seen(intents: int) -> dict[str, Any]:
        return server.shown(message, all_content=bool(intents & MESSAGE_CONTENT)) | extra

    server.gateway.dispatch(event, seen, _intent(message))


def _intent(message: Message) -> int:
    return GUILD_MESSAGES if message.channel.guild and not message.ephemeral else DIRECT_MESSAGES


def _fill(server: People, message: Message, body: dict[str, Any], new: Files) -> None:
    """Check the body and put it into the message; nothing is changed if it is refused."""
    check_message(body)
    content = str(body["content"] or "").strip() if "content" in body else message.content
    embeds = (body["embeds"] or []) if "embeds" in body else message.embeds
    components = (body["components"] or []) if "components" in body else message.components
    files = _files(message, body, new)
    thinking = message.loading and not message.history
    if not (content or embeds or components or files or thinking):
        raise ApiError(400, 50006, "Cannot send an empty message")
    by_bot_here = message.author is server.world.bot and message.channel.guild and server.world.reaches(message.channel)
    if new and by_bot_here and not message.channel.permissions & ATTACH_FILES:
        raise ApiError(403, 50013, "Missing Permissions")
    message.content, message.embeds, message.components, message.files = content, embeds, components, files
    if "content" in body or "allowed_mentions" in body or not message.history:
        message.allowed_mentions = body.get("allowed_mentions")
        _mention(server, message)


def _files(message: Message, body: dict[str, Any], new: Files) -> list[File]:
    """Where the body lists attachments, only those stay and only those come: "API Reference", Uploading Files."""
    if body.get("attachments") is None:
        return [*message.files, *new.values()]
    listed = {str(a.get("id")) for a in body["attachments"]}
    kept = [file for file in message.files if str(file.id) in listed]
    return kept + [file for n, file in new.items() if str(n) in listed]


def _mention(server: People, message: Message) -> None:
    """Whom the message mentions: the page "Message", section Allowed Mentions Object."""
    allowed = message.allowed_mentions
    if allowed is None:
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": True}
    parse, listed = allowed.get("parse") or [], {str(i) for i in allowed.get("users") or []}
    named = server.world.mentioned(message.content)
    mentions = [user for user in named if "users" in parse or str(user.id) in listed]
    if message.reply_to and allowed.get("replied_user") and message.reply_to.author not in mentions:
        mentions.append(message.reply_to.author)
    message.mentions = mentions
    calls = any(word in message.content for word in ("@everyone", "@here"))
    may = message.author is not server.world.bot or message.channel.permissions & MENTION_EVERYONE
    message.mention_everyone = bool(calls and may and "everyone" in parse)


def find(server: People, channel: Channel, message_id: int) -> Message:
    """A message that the bot's user can see."""
    message = server.world.messages.get(message_id)
    if message is None or message.deleted or message.channel is not channel or message.flags & EPHEMERAL:
        raise ApiError(404, 10008, "Unknown Message")
    return message
