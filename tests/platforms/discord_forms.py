"""What Discord refuses in a body, and how it says so: messages, components, commands.

The shape of the errors is on the page "API Reference", section Error Messages; codes on "Opcodes and Status Codes".
That page says that its list of inner codes (BASE_TYPE_…) is not complete; those here are ones that Discord sends.
"""

from __future__ import annotations

import unicodedata
from typing import Any

ROW, BUTTON, SELECTS = 1, 2, (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6
SUBCOMMAND, SUBCOMMAND_GROUP, STRING = 1, 2, 3
# The page "Reference", section Locales.
LOCALES = (
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR", "ro",
    "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko",
)  # fmt: skip


class ApiError(Exception):
    """An answer that is no success: {"message", "code"} and for forms "errors"."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code} {message} {errors or ''}")
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


class Form:
    """Collects what is wrong with a body, so that one answer names it all."""

    def __init__(self) -> None:
        self.errors: dict[str, Any] = {}

    def refuse(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        at = self.errors
        for key in path:
            at = at.setdefault(str(key), {})
        at.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: tuple[str | int, ...], value: Any, low: int, high: int, *, required: bool = True) -> bool:
        """Whether a string or a list is there and long enough. Strings count in code points, as Python's len does."""
        if value is None:
            if required:
                self.refuse(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(value, str | list):
            self.refuse(path, "BASE_TYPE_BAD_TYPE", "Value is of the wrong type.")
        elif not low and len(value) > high:
            self.refuse(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")
        elif not low <= len(value) <= high:
            self.refuse(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        else:
            return True
        return False

    def done(self) -> None:
        if self.errors:
            raise ApiError(400, 50035, "Invalid Form Body", self.errors)


def check_message(body: dict[str, Any], *, under: tuple[str, ...] = ()) -> None:
    """The fields of a message that is made or changed: the page "Message", section Create Message."""
    form = Form()
    form.length((*under, "content"), body.get("content"), 0, 2000, required=False)
    form.length((*under, "embeds"), body.get("embeds"), 0, 10, required=False)
    for i, embed in enumerate(body.get("embeds") or []):
        form.length((*under, "embeds", i, "title"), embed.get("title"), 0, 256, required=False)
        form.length((*under, "embeds", i, "description"), embed.get("description"), 0, 4096, required=False)
        form.length((*under, "embeds", i, "fields"), embed.get("fields"), 0, 25, required=False)
    if body.get("nonce") is not None:
        form.length((*under, "nonce"), str(body["nonce"]), 0, 25)
    if body.get("components"):
        _check_components(form, (*under, "components"), body["components"])
    if body.get("allowed_mentions"):
        _check_allowed_mentions(form, (*under, "allowed_mentions"), body["allowed_mentions"])
    form.done()


def _check_components(form: Form, path: tuple[str | int, ...], rows: Any) -> None:
    """The page "Components", sections Action Row and Button; components of version 2 are refused."""
    seen: set[str] = set()
    if not form.length(path, rows, 1, 5):
        return
    for r, row in enumerate(rows):
        if row.get("type") != ROW:
            form.refuse((*path, r, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
        elif form.length((*path, r, "components"), row.get("components"), 1, 5):
            for c, component in enumerate(row["components"]):
                _check_component(form, (*path, r, "components", c), component, seen)


def _check_component(form: Form, path: tuple[str | int, ...], component: dict[str, Any], seen: set[str]) -> None:
    kind, style = component.get("type"), component.get("style")
    if kind != BUTTON and kind not in SELECTS:
        form.refuse((*path, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (2, 3, 5, 6, 7, 8).')
        return
    if kind == BUTTON:
        if style not in range(1, 7):
            form.refuse((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}.")
        form.length((*path, "label"), component.get("label"), 0, 80, required=False)
        if style != PREMIUM and not component.get("label") and not component.get("emoji"):
            form.refuse(path, "BASE_TYPE_REQUIRED", "A label or an emoji is required")
        if style == LINK:
            form.length((*path, "url"), component.get("url"), 1, 512)
        if style in (LINK, PREMIUM):
            if component.get("custom_id"):
                form.refuse(path, "COMPONENT_CUSTOM_ID_AND_URL", "A custom id and url cannot both be specified")
            return
    custom_id = component.get("custom_id")
    if form.length((*path, "custom_id"), custom_id, 1, 100) and custom_id in seen:
        text = "Component custom id cannot be duplicated"
        form.refuse((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", text)
    seen.add(custom_id)


def _check_allowed_mentions(form: Form, path: tuple[str | int, ...], allowed: dict[str, Any]) -> None:
    """The page "Message", section Allowed Mentions Object."""
    parse = allowed.get("parse") or []
    for i, kind in enumerate(parse):
        if kind not in ("roles", "users", "everyone"):
            text = "Value must be one of ('roles', 'users', 'everyone')."
            form.refuse((*path, "parse", i), "BASE_TYPE_CHOICES", text)
    for kind in ("users", "roles"):
        if allowed.get(kind) and kind in parse:
            text = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            form.refuse(path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
        form.length((*path, kind), allowed.get(kind), 0, 100, required=False)


def check_commands(commands: Any) -> None:
    """The page "Application Commands": naming, option structure, limits, bulk overwrite."""
    form = Form()
    if not isinstance(commands, list):
        raise ApiError(400, 50035, "Invalid Form Body", {"_errors": [
            {"code": "LIST_TYPE_CONVERT", "message": "Only iterables may be used in a ListType"}]})  # fmt: skip
    seen: set[tuple[int, str]] = set()
    for i, command in enumerate(commands):
        kind, name = command.get("type", 1), command.get("name")
        if kind == 1:
            _check_name(form, (i, "name"), name)
            form.length((i, "description"), command.get("description"), 1, 100)
            _check_localizations(form, (i, "description_localizations"), command.get("description_localizations"))
            _check_options(form, (i, "options"), command.get("options") or [])
        else:
            form.length((i, "name"), name, 1, 32)
        for key, known in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
            for j, value in enumerate(command.get(key) or []):
                if value not in known:
                    form.refuse((i, key, j), "BASE_TYPE_CHOICES", f"Value must be one of {set(known)}.")
        if (kind, name) in seen:
            form.refuse((i,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        seen.add((kind, name))
        if _characters(command) > 8000:
            form.refuse((i,), "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
    if sum(command.get("type", 1) == 1 for command in commands) > 100:
        raise ApiError(400, 30032, "Maximum number of application commands reached (100).")
    form.done()


def _check_localizations(form: Form, path: tuple[str | int, ...], texts: Any) -> None:
    """The page "Application Commands", section Localization: a description for each locale of Discord's own list."""
    for locale, text in (texts or {}).items():
        if locale not in LOCALES:
            form.refuse((*path, locale), "BASE_TYPE_CHOICES", f"Value must be one of {LOCALES}.")
        form.length((*path, locale), text, 1, 100)


def _check_name(form: Form, path: tuple[str | int, ...], name: Any) -> None:
    """Letters, digits, -_' and the marks of Devanagari and Thai; lower case where there is one."""
    if not form.length(path, name, 1, 32):
        return
    if not all(_may_be_in_a_name(char) for char in name) or name != name.lower():
        form.refuse(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _may_be_in_a_name(char: str) -> bool:
    return (
        char in "-_'"
        or unicodedata.category(char)[0] in "LN"
        or "\u0900" <= char <= "\u097f"
        or "\u0e00" <= char <= "\u0e7f"
    )


def _check_options(form: Form, path: tuple[str | int, ...], options: Any) -> None:
    if not form.length(path, options, 0, 25):
        return
    names: set[str] = set()
    optional_seen = False
    for i, option in enumerate(options):
        at, kind = (*path, i), option.get("type")
        if kind not in range(1, 12):
            form.refuse((*at, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {set(range(1, 12))}.")
        _check_name(form, (*at, "name"), option.get("name"))
        form.length((*at, "description"), option.get("description"), 1, 100)
        _check_localizations(form, (*at, "description_localizations"), option.get("description_localizations"))
        if option.get("name") in names:
            form.refuse((*at, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        names.add(option.get("name"))
        if kind in (SUBCOMMAND, SUBCOMMAND_GROUP):
            _check_options(form, (*at, "options"), option.get("options") or [])
            continue
        if option.get("required") and optional_seen:
            text = "Required options must be placed before non-required options"
            form.refuse(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional_seen = optional_seen or not option.get("required")
        if form.length((*at, "choices"), option.get("choices"), 0, 25, required=False):
            for j, choice in enumerate(option["choices"]):
                form.length((*at, "choices", j, "name"), choice.get("name"), 1, 100)
                if kind == STRING:
                    form.length((*at, "choices", j, "value"), choice.get("value"), 1, 100)


def _characters(thing: dict[str, Any]) -> int:
    """Of names, descriptions and values, all the way down."""
    own = sum(len(str(thing.get(key) or "")) for key in ("name", "description", "value"))
    return own + sum(_characters(inner) for key in ("options", "choices") for inner in thing.get(key) or [])
