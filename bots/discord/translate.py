"""A Discord message or interaction as an Inbound, or None where it is not for us."""

from __future__ import annotations

import re
import time
from typing import Any, Literal

import discord

from bots.menu import KNOWN
from storage import Inbound

PLATFORM = "discord"
TOKEN_S = 14 * 60.0  # an interaction's token lives 15 minutes (docs: "Interaction Callback"); one to spare
DISCREET = frozenset(
    {"help", "new", "forget", "mydata", "optout", "stop", "stats", "daily"}
)  # answers that only the asker sees
# One of ours with what follows it, or one word that is none of ours; more words than that are a question.
TYPED = re.compile(rf"/(?:({'|'.join(KNOWN)})(?:\s+(.*))?|([a-z0-9_]+))", re.DOTALL | re.IGNORECASE)


def from_message(message: discord.Message, me: discord.abc.User) -> Inbound | None:
    """A message that was written to us: any in a private chat, elsewhere one that mentions or replies to us."""
    if message.author.bot or message.webhook_id or message.type not in (
        discord.MessageType.default,
        discord.MessageType.reply,
    ):  # fmt: skip
        return None
    private = isinstance(message.channel, discord.DMChannel)
    reply = message.reference.message_id if message.reference is not None else None
    if not private and not any(user.id == me.id for user in message.mentions) and not _replies_to(message, me):
        return None
    text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
    media = not text and bool(message.attachments or message.stickers)
    kind: Literal["text", "command", "media"] = "media" if media else "text"
    command = ""
    if typed := TYPED.fullmatch(text):  # not chosen from Discord's list, so it came as text
        command, text = (typed[1] or typed[3]).lower(), (typed[2] or "").strip()
        if command == "ask":
            command = ""
        else:
            kind = "command"
    return Inbound(
        platform=PLATFORM,
        update_id=f"m{message.id}",
        kind=kind,
        chat_id=str(message.channel.id),
        private=private,
        user_id=str(message.author.id),
        user_name=message.author.display_name,
        text=text,
        reply_to=None if reply is None else str(reply),
        command=command or None,
        address={
            "channel": message.channel.id,
            "message": message.id,
            "discreet": private,
            "linear": private or isinstance(message.channel, discord.Thread),
        },
        received_at=message.created_at.timestamp(),
    )


def from_interaction(interaction: discord.Interaction[Any], kind: Any, name: str, text: str) -> Inbound:
    """A slash command (kind "text" for /ask, else "command") or a press of a button (text is its data)."""
    private = interaction.context.dm_channel
    channel, pressed = interaction.channel_id, interaction.message
    thread = isinstance(interaction.channel, discord.Thread)
    may = interaction.app_permissions
    member = (
        interaction.client.get_guild(interaction.guild_id or 0) is not None
        and may.view_channel
        and (may.send_messages_in_threads if thread else may.send_messages)
    )
    hidden = kind == "command" and name in DISCREET and not private
    return Inbound(
        platform=PLATFORM,
        update_id=f"i{interaction.id}",
        kind=kind,
        chat_id=str(channel),
        private=private,
        user_id=str(interaction.user.id),
        user_name=interaction.user.display_name,
        text=text,
        reply_to=None if pressed is None else str(pressed.id),
        locale=_locale(interaction.locale),
        command=name if kind == "command" else None,
        address={
            # None where we may not write: then only the interaction's token can
            "channel": channel if private or member else None,
            "application": interaction.application_id,
            "token": interaction.token,
            "expires": time.time() + TOKEN_S,
            "press": None if pressed is None else pressed.id,
            "hidden": hidden,
            # the success of stop is to be seen in the answer that ends; that of daily comes as a message of its own
            "silent": name in ("stop", "daily"),
            "discreet": private or hidden,
            "linear": private or thread,
        },
        received_at=interaction.created_at.timestamp(),
    )


def _replies_to(message: discord.Message, me: discord.abc.User) -> bool:
    resolved = message.reference.resolved if message.reference is not None else None
    return isinstance(resolved, discord.Message) and resolved.author.id == me.id


def _locale(locale: discord.Locale) -> str:
    """en-US is what Discord gives everybody who never chose, anywhere: it tells the language and no country."""
    return "en" if locale is discord.Locale.american_english else str(locale)
