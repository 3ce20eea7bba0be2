"""How what the server knows looks in JSON, as the bot may see it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from tests.platforms.discord_state import (
    COMMAND,
    EVERYONE,
    GROUP_DM,
    Channel,
    File,
    Guild,
    Interaction,
    Message,
    User,
    World,
)


def iso(unix: float) -> str:
    return datetime.fromtimestamp(unix, UTC).isoformat()


def user_json(user: User) -> dict[str, Any]:
    return {
        "id": str(user.id), "username": user.name, "global_name": None if user.bot else user.name.title(),
        "discriminator": "0", "avatar": None, "bot": user.bot, "public_flags": 0,
    }  # fmt: skip


def member_json(user: User, guild: Guild, *, permissions: int | None = None) -> dict[str, Any]:
    member = {
        "user": user_json(user), "nick": None, "avatar": None, "roles": [], "joined_at": iso(time.time()),
        "premium_since": None, "deaf": False, "mute": False, "flags": 0, "pending": False,
    }  # fmt: skip
    return member if permissions is None else member | {"permissions": str(permissions)}


def channel_json(world: World, channel: Channel) -> dict[str, Any]:
    data: dict[str, Any] = {"id": str(channel.id), "type": channel.type, "last_message_id": None, "flags": 0}
    if not channel.guild:
        others = [user_json(user) for user in channel.people if user is not world.bot]
        return data | {"recipients": others} | ({"name": channel.name} if channel.type == GROUP_DM else {})
    data |= {"guild_id": str(channel.guild.id), "name": channel.name, "nsfw": False, "rate_limit_per_user": 0}
    if not channel.parent:
        denied = {"id": str(world.bot.id), "type": 1, "allow": "0", "deny": str(channel.denied)}
        overwrites = [denied] if channel.denied else []
        return data | {"position": 0, "topic": None, "parent_id": None, "permission_overwrites": overwrites}
    metadata = {
        "archived": channel.archived, "locked": channel.locked, "auto_archive_duration": 1440,
        "archive_timestamp": iso(time.time()),
    }  # fmt: skip
    counts = {"message_count": 0, "member_count": 1, "total_message_sent": 0, "owner_id": str(world.owner.id)}
    me = {"id": str(channel.id), "user_id": str(world.bot.id), "join_timestamp": iso(time.time()), "flags": 0}
    return data | counts | {"parent_id": str(channel.parent.id), "thread_metadata": metadata, "member": me}


def guild_json(world: World, guild: Guild) -> dict[str, Any]:
    """As in GUILD_CREATE: the page "Gateway Events", section Guild Create."""
    role = {
        "id": str(guild.id), "name": "@everyone", "permissions": str(EVERYONE), "position": 0, "color": 0,
        "colors": {"primary_color": 0}, "hoist": False, "managed": False, "mentionable": False, "flags": 0,
    }  # fmt: skip
    mine = [channel for channel in world.channels.values() if channel.guild is guild]
    return {
        "id": str(guild.id), "name": guild.name, "owner_id": str(world.owner.id), "unavailable": False,
        "roles": [role], "emojis": [], "stickers": [], "features": [], "preferred_locale": "en-US",
        "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0,
        "afk_timeout": 300, "mfa_level": 0, "nsfw_level": 0, "premium_tier": 0, "system_channel_flags": 0,
        "joined_at": iso(time.time()), "large": False, "member_count": 2, "voice_states": [], "presences": [],
        "members": [member_json(world.bot, guild)], "stage_instances": [], "guild_scheduled_events": [],
        "channels": [channel_json(world, c) for c in mine if not c.parent],
        "threads": [channel_json(world, c) for c in mine if c.parent and not c.archived],
    }  # fmt: skip


def message_json(world: World, message: Message, *, all_content: bool, base: str = "") -> dict[str, Any]:
    """The page "Message", with empty content where the app may not read it (footnote 2 there).

    all_content: whether the app has the message content intent. base: where attachments are served.
    """
    readable = all_content or message.author is world.bot or not message.channel.guild or world.bot in message.mentions
    data: dict[str, Any] = {
        "id": str(message.id), "channel_id": str(message.channel.id), "author": user_json(message.author),
        "content": message.content if readable else "", "timestamp": iso(message.created_at),
        "edited_timestamp": None if message.edited_at is None else iso(message.edited_at), "tts": False,
        "mention_everyone": message.mention_everyone, "mentions": [user_json(u) for u in message.mentions],
        "mention_roles": [], "embeds": message.embeds if readable else [], "pinned": False,
        "attachments": [attachment_json(f, message, base) for f in message.files] if readable else [],
        "type": message.type, "flags": message.flags, "components": message.components if readable else [],
    }  # fmt: skip
    if message.nonce is not None:
        data["nonce"] = message.nonce
    if message.interaction:
        data |= _origin(world, message, message.interaction)
    if target := message.reply_to:
        where = {"guild_id": str(target.channel.guild.id)} if target.channel.guild else {}
        data["message_reference"] = where | {
            "type": 0, "message_id": str(target.id), "channel_id": str(target.channel.id),
        }  # fmt: skip
        shown = None if target.deleted else message_json(world, target, all_content=all_content, base=base)
        data["referenced_message"] = shown and {k: v for k, v in shown.items() if k != "referenced_message"}
    return data


def _origin(world: World, message: Message, interaction: Interaction) -> dict[str, Any]:
    app, user = str(world.application_id), user_json(interaction.user)
    origin = {"id": str(interaction.id), "type": interaction.type, "user": user}
    metadata: dict[str, Any] = origin | {"authorizing_integration_owners": interaction.owners}
    if interaction.original and message is not interaction.original:
        metadata["original_response_message_id"] = str(interaction.original.id)
    if interaction.message:
        metadata["interacted_message_id"] = str(interaction.message.id)
    data: dict[str, Any] = {"webhook_id": app, "application_id": app, "interaction_metadata": metadata}
    if interaction.type == COMMAND:
        data["interaction"] = origin | {"name": interaction.data["name"]}
    return data


def attachment_json(file: File, message: Message, base: str) -> dict[str, Any]:
    url = f"{base}/attachments/{message.channel.id}/{file.id}/{file.name}"
    return {
        "id": str(file.id), "filename": file.name, "size": len(file.data), "url": url, "proxy_url": url,
        "content_type": file.content_type, "ephemeral": message.ephemeral,
    }  # fmt: skip
