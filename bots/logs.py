"""Logging for the host: as text or as JSON, each line with the message it is about, and never with a token.

No line holds what people wrote or their names: the program logs none, what libraries say of statements to the database
leaves their values out (storage/database.py), and an error that quotes what it could not read loses its words (told).
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import re
import sys
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import unquote

from pydantic import SecretStr
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bots.settings import Settings
from storage import Inbound

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

HEARTBEAT_S = 40.0  # Discord's: it asks for 41.25; a connection that is behind by as much is closed, and says so
ROOMS = ("bots", "core", "storage")  # whose loggers are ours
UNREAD = re.compile(r" Received data was:? %r| ?: \"%s\"$")  # what follows is an update, or an answer that is no JSON
HELD = re.compile(  # in the repr of a task or a call: its exception or its result with all that follows, what stands in quotes
    r"(?s)(?:(?<= exception=)(\w+)|(?<= result=)).*" r"|'(?:[^'\\\n]|\\.)*'" r'|"(?:[^"\\\n]|\\.)*"'
)
QUOTING = (ValueError, LookupError, TypeError, AttributeError)  # their words hold the value that did not fit
SHORTEST = 8  # characters of a secret that is masked wherever it stands: a shorter one would be found in words
handled: ContextVar[str] = ContextVar("handled", default="")  # the inbox's key of the message that is being handled


def about(
    method: Callable[Concatenate[S, Inbound, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, Inbound, P], Coroutine[Any, Any, R]]:
    """A method that handles a message: what is logged meanwhile, also by tasks begun there, bears the message's key."""

    @functools.wraps(method)
    async def call(self: S, inbound: Inbound, /, *args: P.args, **kwargs: P.kwargs) -> R:
        token = handled.set(":".join(inbound.key))
        try:
            return await method(self, inbound, *args, **kwargs)
        finally:
            handled.reset(token)

    return call


class Mask:
    """Tokens never reach a log: Telegram's stand in its URLs, Discord's for an answer too, and libraries log URLs."""

    PATTERN = re.compile(
        r"\d{6,12}(?::|%3A)[A-Za-z0-9_-]{20,}"
        r"|[MNO][A-Za-z\d_-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"
        r"|(?<=/webhooks/)\d+/[\w-]{20,}|(?<=/interactions/)\d+/[\w-]{20,}"
    )

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """secrets: masked whatever they look like."""
        known = sorted((re.escape(s) for s in secrets if len(s) >= SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(known)) if known else None

    def __call__(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub("<token>", text)
        return self.PATTERN.sub("<token>", text)


def told(error: BaseException) -> str:
    """An exception and those before it, as the interpreter prints them, but of QUOTING ones only class and places."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    lines = [] if before is None else [told(before), "which led to:"]
    if isinstance(error, QUOTING):
        lines += ["Traceback (most recent call last):", *traceback.format_tb(error.__traceback__), type(error).__name__]
    elif isinstance(error, BaseExceptionGroup):
        lines += [*traceback.format_tb(error.__traceback__), f"{error}:", *map(told, error.exceptions)]
    else:
        lines += traceback.format_exception(error, chain=False)
    return "\n".join(line.rstrip("\n") for line in lines)


class Formatter(logging.Formatter):
    """What the two forms share."""

    def __init__(self, mask: Mask, form: str | None = None) -> None:
        super().__init__(form)
        self.mask = mask

    def formatException(self, ei: Any) -> str:
        return told(ei[1]) if ei[1] is not None else ""


class Text(Formatter):
    """A line for people; an exception's lines after it."""

    def __init__(self, mask: Mask) -> None:
        super().__init__(mask, "%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        key = handled.get()
        return super().formatMessage(record) + (f" [{key}]" if key else "")

    def format(self, record: logging.LogRecord) -> str:
        return self.mask(super().format(record))


class Json(Formatter):
    """One object a line: time (UTC), level, logger, message; where there is one, request and exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.mask(record.getMessage()),
        }
        if key := handled.get():
            line["request"] = key
        if record.exc_info:
            line["exception"] = self.mask(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = self.mask(record.stack_info)
        return json.dumps(line, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log without what was put into it. at: unix seconds."""

    at: float
    level: str
    logger: str
    what: str


class Recent(logging.Handler):
    """The last warnings and errors, for a page: only what this program's own words and an exception's class tell."""

    def __init__(self, mask: Mask, most: int = 20) -> None:
        super().__init__(logging.WARNING)
        self._mask = mask
        self.lines: deque[Line] = deque(maxlen=most)  # oldest first

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(Line(record.created, record.levelname, record.name, self._mask(bare(record))))


def bare(record: logging.LogRecord) -> str:
    """A line as its author wrote it: small numbers stay, an exception becomes its class, everything else "…".

    A large number may be somebody's id. Of a library's line only the class: it may have put anything into its words.
    """
    kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    if record.name.partition(".")[0] not in ROOMS:
        return kind
    text = str(record.msg)
    if isinstance(record.args, tuple) and record.args:
        with contextlib.suppress(TypeError, ValueError):
            text %= tuple(map(_bare, record.args))
    return f"{text}: {kind}" if kind else text


def _bare(value: object) -> object:
    if isinstance(value, BaseException):
        return type(value).__name__
    return value if isinstance(value, (int, float)) and abs(value) < 1e6 else "…"


def wordless(record: logging.LogRecord) -> bool:
    """Telegram's library logs what it could not read as a whole, people's words with it: only that it happened stays.

    asyncio logs the repr of a task that failed or a call, with the exception and the arguments: their places stay.
    """
    if record.name.startswith("telegram") and (found := UNREAD.search(str(record.msg))):
        record.msg, record.args = record.msg[: found.start()], ()
    elif record.name == "asyncio":
        record.msg, record.args = HELD.sub(lambda held: held[1] or "…", record.getMessage()), ()
    return True


def begin(settings: Settings) -> None:
    """The host's own words at the level of the settings, libraries only when something is wrong."""
    mask, handler = Mask(secrets(settings)), logging.StreamHandler()
    as_json = settings.log_format == "json"
    handler.setFormatter(Json(mask) if as_json else Text(mask))
    handler.addFilter(wordless)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in ROOMS:
        logging.getLogger(room).setLevel(settings.log_level)
    logging.getLogger("discord.client").setLevel(logging.ERROR)  # it warns that it cannot speak, which we never do
    logging.getLogger("discord.gateway").addFilter(_keeps_up)
    logging.getLogger("torch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"(torch|transformers)\b.*")
    logging.captureWarnings(as_json)


def _keeps_up(record: logging.LogRecord) -> bool:
    """False for a false alarm of discord.py's: where the answer to a heartbeat comes before the thread that sent it has
    noted when, it is timed from the heartbeat before, 41 seconds earlier, and "behind" by a whole interval."""
    late = record.args[1] if isinstance(record.args, tuple) and len(record.args) == 2 else 0.0
    return not (str(record.msg).startswith("Can't keep up") and isinstance(late, float) and late > HEARTBEAT_S)


def secrets(settings: Settings) -> list[str]:
    """What may stand in no log: every secret of the settings, and the passwords that stand in its addresses."""
    values = [getattr(settings, name) for name in type(settings).model_fields]
    found = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    addresses = [a for value in values for a in (value if isinstance(value, tuple) else (value,)) if isinstance(a, str)]
    passwords = [password for a in addresses for password in re.findall(r"//[^/:@]*:([^/?#\s]+)@", a)]
    found += [form for password in passwords for form in (password, unquote(password))]
    found += [settings.webhook_token] if settings.telegram_token is not None else []
    if "://" in settings.database_url:
        try:
            password = make_url(settings.database_url).password
        except (ArgumentError, ValueError):
            password = None
        found += [str(password)] if password else []
    return found


def say(text: str) -> None:
    """A line of progress, beside the answers and not among them."""
    if isinstance(form := _form(), Json):
        logging.getLogger("bots").info(text)
    else:
        print(f"· {form.mask(text)}", file=sys.stderr, flush=True)


def complain(text: Any) -> None:
    """The one line with which the program ends when the operator has something to mend."""
    if isinstance(form := _form(), Json):
        logging.getLogger("bots").critical(text)
    else:
        print(f"krishna: {form.mask(str(text))}", file=sys.stderr)


def failed(error: BaseException) -> int:
    """A fault of ours that ends the program, through the log: the interpreter would print it with what it holds."""
    logging.getLogger("bots").critical("the program failed", exc_info=error)
    return 1


def _form() -> Formatter:
    """How lines are written here; where no log was begun, as text that masks what looks like a token."""
    forms = (handler.formatter for handler in logging.root.handlers)
    return next((form for form in forms if isinstance(form, Formatter)), Text(Mask()))
