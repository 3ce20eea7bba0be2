"""What Telegram brings, without what the library cannot read: it would ask for the whole batch again, for ever, and a
post that it refuses Telegram sends again for a day."""

from __future__ import annotations

import contextlib
import json
import logging
from http import HTTPStatus
from typing import Any

import telegram
from telegram import Update
from tornado.web import HTTPError

log = logging.getLogger(__name__)


def sieved(payload: bytes) -> dict[str, Any]:
    """The JSON of an answer to getUpdates. Raises TelegramError where it is none."""
    try:
        data = json.loads(payload.decode(errors="replace"))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise telegram.error.TelegramError("the answer to getUpdates is not of its form")  # without its words
    if isinstance(found := data.get("result"), list):  # an update without a number could not be confirmed
        data["result"] = [readable(u) for u in found if isinstance(u, dict) and type(u.get("update_id")) is int]
    return data


def sift(handler: Any) -> None:
    """A post to the library's handler of webhooks, before it reads it. Raises tornado's HTTPError where it is not Telegram's."""
    handler._validate_post()
    update = None
    with contextlib.suppress(ValueError, RecursionError):
        update = json.loads(handler.request.body)
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise HTTPError(HTTPStatus.BAD_REQUEST)  # Telegram sends no such thing
    handler.request.body = json.dumps(readable(update)).encode()


def readable(update: dict[str, Any]) -> dict[str, Any]:
    """An update, or only its number, so that it counts as taken."""
    try:
        read = Update.de_json(update, None)
        if (chat := read.effective_chat) is not None and type(chat.id) is not int:
            raise TypeError("a chat's id is no number")
        return update
    except Exception as error:  # anything: what came is not of the form that the library was written for
        log.error("an update could not be read and is left out: %s", type(error).__name__)
        return {"update_id": update["update_id"]}
