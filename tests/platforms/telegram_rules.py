"""What Telegram refuses, in its own words.

The words are those of the Bot API server (github.com/tdlib/telegram-bot-api, Client.cpp, fail_query_with_error) and
of TDLib, which it asks; the limits are those of core.telegram.org/bots/api at each method.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from tests.platforms.telegram_world import Json, utf16

MOST_TEXT, MOST_CAPTION, MOST_DATA, MOST_BUTTONS = 4096, 1024, 64, 100
ENTITIES = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
    "custom_emoji", "date_time",
}  # fmt: skip
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip


class Refusal(Exception):
    """An answer with ok: false."""

    def __init__(self, code: int, description: str, retry_after: int | None = None, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.retry_after = code, description, retry_after
        self.parameters = parameters | ({} if retry_after is None else {"retry_after": retry_after})

    def body(self) -> Json:
        more = {"parameters": self.parameters} if self.parameters else {}
        return {"ok": False, "error_code": self.code, "description": self.description, **more}


def bad(text: str) -> Refusal:
    return Refusal(400, f"Bad Request: {text}")


def upgraded(chat: int) -> Refusal:
    """To whoever still means the group that a supergroup was made of ("ResponseParameters")."""
    return Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat)


def too_many(retry_after: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", retry_after)


def decoded(params: Json, name: str) -> Any:
    """A parameter that is JSON inside a form; None where it is not given."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None


def integer(params: Json, name: str, default: int = 0, least: int | None = None, most: int | None = None) -> int:
    """A whole number, held within its bounds as getUpdates does with limit and timeout."""
    try:
        value = int(str(params.get(name, default)))
    except ValueError:
        value = default
    value = value if least is None else max(least, value)
    return value if most is None else min(most, value)


def yes(params: Json, name: str) -> bool:
    return str(params.get(name, "")).lower() in ("true", "1", "yes")


def text_of(
    params: Json, name: str = "text", entities: str = "entities", most: int = MOST_TEXT, *, empty: bool = False
) -> tuple[str, list[Json]]:
    """A text and its entities as they will stand: trimmed, at most `most` UTF-16 units."""
    text = str(params.get(name) or "")
    if params.get("parse_mode"):
        raise bad("unsupported parse_mode")  # Telegram does; nothing here needs it
    if not text and not empty:
        raise bad("message text is empty")
    found = _entities(text, decoded(params, entities) or [])
    lead = utf16(text) - utf16(text.lstrip())
    text = text.strip()
    if not text and not empty:
        raise bad("text must be non-empty")
    if utf16(text) > most:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    for entity in found:
        end = min(entity["offset"] + entity["length"] - lead, utf16(text))
        entity["offset"] = max(0, entity["offset"] - lead)
        entity["length"] = end - entity["offset"]
    return text, [e for e in found if e["length"] > 0]


def _entities(text: str, given: list[Json]) -> list[Json]:
    """Entities within the text, on whole characters, nested or apart (TDLib's clean_input_string_with_entities)."""
    size, starts = utf16(text), _starts(text)
    for entity in given:
        if entity.get("type") not in ENTITIES:
            raise bad("can't parse MessageEntity: Unsupported type specified")
        for kind, field in (("text_link", "url"), ("text_mention", "user"), ("custom_emoji", "custom_emoji_id")):
            if entity["type"] == kind and not entity.get(field):
                raise bad(f"can't parse MessageEntity: Can't find field \"{field}\"")
        if entity["type"] == "text_link" and not _reachable(entity["url"]):
            raise bad(f"entity URL '{entity['url']}' is invalid: Wrong HTTP URL")
        start, end = int(entity["offset"]), int(entity["offset"]) + int(entity["length"])
        if start < 0 or start > size or (start == size and end > start):
            raise bad(f"entity begins after the end of the text at UTF-16 offset {start}")
        if end > size:
            raise bad(
                f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
            )
        if start not in starts or end not in starts:
            word = "ends" if start in starts else "begins"
            raise bad(f"entity {word} in a middle of a UTF-16 symbol at byte offset {start}")
    kept = sorted((dict(e) for e in given if int(e["length"]) > 0), key=lambda e: (e["offset"], -e["length"]))
    open_ends: list[int] = []
    for entity in kept:
        while open_ends and open_ends[-1] <= entity["offset"]:
            open_ends.pop()
        end = entity["offset"] + entity["length"]
        if open_ends and end > open_ends[-1]:
            raise bad(
                f"entity beginning at UTF-16 offset {entity['offset']} ends after the end of the text at "
                f"UTF-16 offset {end}"
            )
        open_ends.append(end)
    return kept


def _reachable(url: str) -> bool:
    """TDLib's check_link: http where nothing else is said, and a host with a dot; or Telegram's own tg and ton."""
    try:
        parts = urlsplit(url if ":" in url.partition("/")[0] else f"http://{url}")
        known = parts.scheme in ("http", "https") and "." in (parts.hostname or "").strip(".")
    except ValueError:
        return False
    return (known and not re.search(r"\s", url)) or parts.scheme in ("tg", "ton")


def _starts(text: str) -> set[int]:
    """The UTF-16 offsets at which a character begins, and the end."""
    starts, at = {0}, 0
    for char in text:
        at += 2 if ord(char) > 0xFFFF else 1
        starts.add(at)
    return starts


def keyboard_of(params: Json) -> list[list[Json]]:
    """The rows of an InlineKeyboardMarkup; callback_data has 1 to 64 bytes."""
    markup = decoded(params, "reply_markup")
    if not markup:
        return []
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad("object expected as reply markup")
    for button in (b for row in rows for b in row):
        if not str(button.get("text", "")).strip():
            raise bad("can't parse inline keyboard button: Button text must be non-empty")
        data = button.get("callback_data")
        if data is None and "url" not in button:
            raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        if data is not None and not 1 <= len(str(data).encode()) <= MOST_DATA:
            raise bad("BUTTON_DATA_INVALID")
    if sum(len(row) for row in rows) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    return [row for row in rows if row]


def commands_of(params: Json) -> list[Json]:
    """BotCommands: names of 1 to 32 of a-z, 0-9 and _; descriptions of 1 to 256 characters; at most 100."""
    commands = decoded(params, "commands") or []
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        name, description = str(command["command"]).strip(), str(command["description"]).strip()
        if not name:
            raise bad("command must be non-empty")
        if len(name) > 32:
            raise bad("command length must not exceed 32")
        if not description:
            raise bad("command description must be non-empty")
        if len(description) > 256:
            raise bad("command description length must not exceed 256")
        if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
            raise bad("BOT_COMMAND_INVALID")
    return list(commands)


def webhook_of(params: Json) -> tuple[str, str]:
    """The url and secret token of setWebhook. Telegram wants https on 443, 80, 88 or 8443; loopback is let through."""
    url, secret = str(params.get("url") or ""), str(params.get("secret_token") or "")
    parts = urlsplit(url)
    if url and not parts.hostname:
        raise bad("invalid webhook URL specified")
    if url and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        if parts.scheme != "https":
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if (parts.port or 443) not in (443, 80, 88, 8443):
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    return url, secret
