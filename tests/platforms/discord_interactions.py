"""Answers to interactions: the page "Receiving and Responding to Interactions". The token in the path is the proof."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.platforms import discord_messages as messages
from tests.platforms.discord_forms import ApiError, check_message
from tests.platforms.discord_http import Call, Route
from tests.platforms.discord_state import (
    CHAT_INPUT_COMMAND,
    COMMAND,
    COMPONENT,
    EPHEMERAL,
    LOADING,
    Interaction,
    Message,
)

if TYPE_CHECKING:
    from tests.platforms.discord_server import DiscordServer

PONG, REPLIED, DEFERRED, UPDATE_DEFERRED, UPDATED = 1, 4, 5, 6, 7  # interaction callback types


async def callback(server: DiscordServer, call: Call) -> Any:
    """Section Create Interaction Response: once, and within three seconds."""
    interaction = server.world.interactions.get(call.request.match_info["token"])
    if interaction is None or interaction.id != call.id("interaction_id"):
        raise ApiError(404, 10062, "Unknown interaction")
    if interaction.acked_at is not None:
        raise ApiError(400, 40060, "Interaction has already been acknowledged.")
    if time.monotonic() - interaction.created_at > server.ack_within_s:
        raise ApiError(404, 10062, "Unknown interaction")
    kind, data = call.object().get("type"), call.object().get("data") or {}
    known = (PONG, REPLIED, DEFERRED) + ((UPDATE_DEFERRED, UPDATED) if interaction.type == COMPONENT else ())
    if kind not in known:
        errors = {"type": {"_errors": [{"code": "BASE_TYPE_CHOICES", "message": f"Value must be one of {known}."}]}}
        raise ApiError(400, 50035, "Invalid Form Body", errors)
    check_message(data, under=("data",))
    _respond(server, interaction, kind, data, call)
    interaction.acked_at, interaction.ack_type = time.monotonic(), kind
    if call.request.query.get("with_response") in ("1", "true"):
        return _callback_response(server, interaction)


def _respond(server: DiscordServer, interaction: Interaction, kind: int, data: dict[str, Any], call: Call) -> None:
    if kind == REPLIED:
        interaction.original = _write(server, interaction, data, call.files)
    elif kind == DEFERRED:
        thinking = {"content": "", "flags": data.get("flags") or 0}
        interaction.original = _write(server, interaction, thinking, {}, LOADING)
    elif kind == UPDATED:
        assert interaction.message
        messages.change(server, interaction.message, data, call.files)
    if kind in (UPDATE_DEFERRED, UPDATED):
        interaction.original = interaction.message


def _write(
    server: DiscordServer, interaction: Interaction, data: dict[str, Any], files: messages.Files, flags: int = 0
) -> Message:
    """A message by the bot in the person's channel, whether or not the bot's user is there."""
    flags |= (data.get("flags") or 0) & EPHEMERAL
    kind = CHAT_INPUT_COMMAND if interaction.type == COMMAND and not interaction.original else 0
    where, bot = interaction.channel, server.world.bot
    return messages.write(server, where, bot, data, files, type=kind, flags=flags, interaction=interaction)


def _callback_response(server: DiscordServer, interaction: Interaction) -> dict[str, Any]:
    """Section Interaction Callback Response Object."""
    about: dict[str, Any] = {"id": str(interaction.id), "type": interaction.type}
    response: dict[str, Any] = {"interaction": about}
    if message := interaction.original:
        about |= {
            "response_message_id": str(message.id), "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }  # fmt: skip
        response["resource"] = {"type": interaction.ack_type}
        if interaction.ack_type in (REPLIED, UPDATED):
            response["resource"]["message"] = server.shown(message)
    return response


def _interaction(server: DiscordServer, call: Call) -> Interaction:
    """Whose token it is. An interaction that was not acknowledged has no webhook yet, or never gets one."""
    if call.id("application_id") != server.world.application_id:
        raise ApiError(404, 10015, "Unknown Webhook")
    interaction = server.world.interactions.get(call.request.match_info["token"])
    if interaction is None or time.monotonic() - interaction.created_at > server.token_lifetime_s:
        raise ApiError(401, 50027, "Invalid Webhook Token")
    if interaction.acked_at is None:
        raise ApiError(404, 10015, "Unknown Webhook")
    return interaction


async def follow_up(server: DiscordServer, call: Call) -> Any:
    """Section Create Followup Message. The first one after a deferral takes the place of "is thinking…"."""
    interaction, body = _interaction(server, call), call.object()
    original = interaction.original
    if original and original.loading and not original.deleted:
        messages.change(server, original, body, call.files)
        return server.shown(original)
    if interaction.outside and len(interaction.followups) >= server.followup_limit:
        raise ApiError(400, 40094, "This interaction has hit the maximum number of follow up messages")
    message = _write(server, interaction, body, call.files)
    interaction.followups.append(message)
    return server.shown(message)


def _message(server: DiscordServer, call: Call) -> Message:
    interaction, wanted = _interaction(server, call), call.request.match_info["message_id"]
    message = interaction.original if wanted == "@original" else None
    if wanted != "@original":
        own = [*interaction.followups, interaction.original]
        message = next((m for m in own if m and m.id == call.id("message_id")), None)
    if message is None or message.deleted:
        raise ApiError(404, 10008, "Unknown Message")
    return message


async def get_message(server: DiscordServer, call: Call) -> Any:
    return server.shown(_message(server, call))


async def edit_message(server: DiscordServer, call: Call) -> Any:
    message = _message(server, call)
    messages.change(server, message, call.object(), call.files)
    return server.shown(message)


async def delete_message(server: DiscordServer, call: Call) -> Any:
    messages.remove(server, _message(server, call))


_WEBHOOK = "/webhooks/{application_id}/{token}"
_MAJOR = ("application_id", "token")
ROUTES = [
    Route("POST", "/interactions/{interaction_id}/{token}/callback", callback, with_token=False),
    Route("POST", _WEBHOOK, follow_up, "webhook", _MAJOR, with_token=False),
    Route("GET", _WEBHOOK + "/messages/{message_id}", get_message, "webhook", _MAJOR, with_token=False),
    Route("PATCH", _WEBHOOK + "/messages/{message_id}", edit_message, "webhook", _MAJOR, with_token=False),
    Route("DELETE", _WEBHOOK + "/messages/{message_id}", delete_message, "webhook", _MAJOR, with_token=False),
]
