"""REST that a bot uses with its token: who it is, channels, messages, commands. Pages of /developers/resources."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.platforms import discord_messages as messages
from tests.platforms.discord_forms import ApiError, check_commands, check_message
from tests.platforms.discord_http import Call, Route
from tests.platforms.discord_json import channel_json, guild_json, user_json
from tests.platforms.discord_state import (
    MANAGE_MESSAGES,
    MESSAGE_CONTENT,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
    Channel,
    Message,
    snowflake,
)

if TYPE_CHECKING:
    from tests.platforms.discord_server import DiscordServer


async def me(server: DiscordServer, call: Call) -> Any:
    return user_json(server.world.bot) | {"verified": True, "mfa_enabled": False, "email": None}


async def user(server: DiscordServer, call: Call) -> Any:
    found = server.world.users.get(call.id("user_id"))
    if found is None:
        raise ApiError(404, 10013, "Unknown User")
    return user_json(found)


async def application(server: DiscordServer, call: Call) -> Any:
    world = server.world
    return {
        "id": str(world.application_id), "name": world.bot.name, "icon": None, "description": "", "bot_public": True,
        "bot_require_code_grant": False, "owner": user_json(world.owner), "verify_key": "0" * 64, "team": None,
        "flags": 1 << 19 if server.gateway.privileged & MESSAGE_CONTENT else 0, "bot": user_json(world.bot),
        "integration_types_config": {"0": {}, "1": {}}, "interactions_endpoint_url": None,
    }  # fmt: skip


async def gateway(server: DiscordServer, call: Call) -> Any:
    return {"url": server.gateway_url}


async def gateway_bot(server: DiscordServer, call: Call) -> Any:
    start = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
    return {"url": server.gateway_url, "shards": 1, "session_start_limit": start}


async def guild(server: DiscordServer, call: Call) -> Any:
    found = server.world.guilds.get(call.id("guild_id"))
    if found is None:
        raise ApiError(404, 10004, "Unknown Guild")
    if not found.member:
        raise ApiError(403, 50001, "Missing Access")
    return guild_json(server.world, found)


async def channel(server: DiscordServer, call: Call) -> Any:
    return channel_json(server.world, _channel(server, call))


async def open_dm(server: DiscordServer, call: Call) -> Any:
    """The page "User", section Create DM. Opening one says nothing about whether the person takes messages."""
    recipient = str(call.object().get("recipient_id"))
    person = server.world.users.get(int(recipient)) if recipient.isdigit() else None
    if person is None or person is server.world.bot:
        raise ApiError(400, 50033, "Invalid Recipient(s)")
    return channel_json(server.world, server.world.dm_channel(person))


async def typing(server: DiscordServer, call: Call) -> Any:
    where = _channel(server, call)
    _may_send(server, where)
    server.typings.append((time.monotonic(), where))


async def create_message(server: DiscordServer, call: Call) -> Any:
    """The page "Message", section Create Message."""
    where, body = _channel(server, call), call.object()
    _may_send(server, where)
    check_message(body)
    nonce = body.get("nonce")
    if body.get("enforce_nonce") and nonce is not None:
        for message in _recent(server):
            if message.nonce == str(nonce):
                return server.shown(message)
    target = _target(server, where, body.get("message_reference"))
    return server.shown(messages.write(server, where, server.world.bot, body, call.files, reply_to=target))


def _recent(server: DiscordServer) -> list[Message]:
    since = time.time() - server.nonce_window_s
    return [m for m in server.world.messages.values() if m.author is server.world.bot and m.created_at >= since]


def _target(server: DiscordServer, where: Channel, reference: dict[str, Any] | None) -> Message | None:
    """The message that is replied to; None if there is none, or it is gone and fail_if_not_exists is false."""
    if not reference:
        return None
    if where.guild and not where.permissions & READ_MESSAGE_HISTORY:
        raise ApiError(400, 160002, "Cannot reply without permission to read message history")
    code, text = "REPLIES_UNKNOWN_MESSAGE", "Unknown message"
    target = server.world.messages.get(int(reference.get("message_id") or 0))
    if target and not target.deleted and not target.ephemeral:
        if target.channel is where:
            return target
        code, text = "REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL", "Cannot reply to a message in a different channel"
    elif not reference.get("fail_if_not_exists", True):
        return None
    errors = {"message_reference": {"_errors": [{"code": code, "message": text}]}}
    raise ApiError(400, 50035, "Invalid Form Body", errors)


async def get_message(server: DiscordServer, call: Call) -> Any:
    where = _channel(server, call)
    _may_read(where)
    return server.shown(messages.find(server, where, call.id("message_id")))


async def get_messages(server: DiscordServer, call: Call) -> Any:
    """Newest first: the page "Message", section Get Channel Messages. around is not spoken."""
    where, query = _channel(server, call), call.request.query
    _may_read(where)
    limit = int(query.get("limit", "50"))
    if not 1 <= limit <= 100:
        text = "int value should be between 1 and 100."
        errors = {"limit": {"_errors": [{"code": "NUMBER_TYPE_MAX", "message": text}]}}
        raise ApiError(400, 50035, "Invalid Form Body", errors)
    after, before = int(query.get("after", "0")), int(query.get("before", str(1 << 64)))
    found = [m for m in server.messages(where) if after < m.id < before and not m.ephemeral]
    chosen = found[:limit] if "after" in query else found[-limit:]
    return [server.shown(message) for message in reversed(chosen)]


async def edit_message(server: DiscordServer, call: Call) -> Any:
    message = messages.find(server, _channel(server, call), call.id("message_id"))
    if message.author is not server.world.bot:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    messages.change(server, message, call.object(), call.files)
    return server.shown(message)


async def delete_message(server: DiscordServer, call: Call) -> Any:
    where = _channel(server, call)
    message = messages.find(server, where, call.id("message_id"))
    if message.author is not server.world.bot:
        if not where.guild:
            raise ApiError(403, 50003, "Cannot execute action on a DM channel")
        if not where.permissions & MANAGE_MESSAGES:
            raise ApiError(403, 50013, "Missing Permissions")
    messages.remove(server, message)


async def get_commands(server: DiscordServer, call: Call) -> Any:
    _own_application(server, call)
    return server.world.commands


async def put_commands(server: DiscordServer, call: Call) -> Any:
    """The page "Application Commands", section Bulk Overwrite Global Application Commands."""
    _own_application(server, call)
    check_commands(call.body)
    world = server.world
    known = {(c["type"], c["name"]): c["id"] for c in world.commands}
    world.commands = [
        {"type": 1, "description": "", "options": [], "default_member_permissions": None, "dm_permission": True,
         "nsfw": False, "contexts": None, "integration_types": [0]}
        | command
        | {"id": known.get((command.get("type", 1), command["name"])) or str(snowflake()), "version": str(snowflake()),
           "application_id": str(world.application_id)}
        for command in call.body
    ]  # fmt: skip
    return world.commands


async def attachment(server: DiscordServer, call: Call) -> Any:
    for message in server.world.messages.values():
        for file in message.files:
            if file.id == call.id("file_id"):
                return web.Response(body=file.data, content_type=file.content_type)
    raise ApiError(404, 0, "404: Not Found")


def _own_application(server: DiscordServer, call: Call) -> None:
    if call.id("application_id") != server.world.application_id:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")


def _channel(server: DiscordServer, call: Call) -> Channel:
    found = server.world.channels.get(call.id("channel_id"))
    if found is None:
        raise ApiError(404, 10003, "Unknown Channel")
    if not server.world.reaches(found):
        raise ApiError(403, 50001, "Missing Access")
    return found


def _may_read(where: Channel) -> None:
    if where.guild and not where.permissions & READ_MESSAGE_HISTORY:
        raise ApiError(403, 50001, "Missing Access")


def _may_send(server: DiscordServer, where: Channel) -> None:
    if not where.guild:
        if not all(person.accepts_dms for person in where.people):
            raise ApiError(403, 50007, "Cannot send messages to this user")
        return
    if not where.permissions & (SEND_MESSAGES_IN_THREADS if where.parent else SEND_MESSAGES):
        raise ApiError(403, 50013, "Missing Permissions")
    if where.locked:
        raise ApiError(400, 160005, "Thread is locked")


_MESSAGES = "/channels/{channel_id}/messages"
ROUTES = [
    Route("GET", "/gateway", gateway, with_token=False),
    Route("GET", "/gateway/bot", gateway_bot),
    Route("GET", "/users/@me", me),
    Route("GET", "/users/{user_id}", user),
    Route("POST", "/users/@me/channels", open_dm, "open dm"),
    Route("GET", "/oauth2/applications/@me", application),
    Route("GET", "/applications/@me", application),
    Route("GET", "/applications/{application_id}/commands", get_commands),
    Route("PUT", "/applications/{application_id}/commands", put_commands, "commands"),
    Route("GET", "/guilds/{guild_id}", guild),
    Route("GET", "/channels/{channel_id}", channel),
    Route("POST", "/channels/{channel_id}/typing", typing, "typing", ("channel_id",)),
    Route("GET", _MESSAGES, get_messages),
    Route("POST", _MESSAGES, create_message, "create message", ("channel_id",)),
    Route("GET", _MESSAGES + "/{message_id}", get_message),
    Route("PATCH", _MESSAGES + "/{message_id}", edit_message, "edit message", ("channel_id",)),
    Route("DELETE", _MESSAGES + "/{message_id}", delete_message, "delete message", ("channel_id",)),
    Route("GET", "/attachments/{channel_id}/{file_id}/{name}", attachment, with_token=False),
]
