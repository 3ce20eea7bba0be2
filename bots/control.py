"""python -m bots adapter ... and page: an operator's word to the host that runs, through a Unix socket beside the database.

One line of JSON each way: {"do": "load", "path": "/srv/lora"} and {"ok": true, "text": "..."}; where it was not done,
ok is false and the text says why. Only the host's own user may open the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from bots.settings import ConfigurationError, Settings
from core.adapters import Adapters, Held
from core.engine import EngineError

log = logging.getLogger(__name__)

LINE_S = 10.0  # within which the other side has to say its line


@contextlib.asynccontextmanager
async def listening(settings: Settings, adapters: Adapters, link: Callable[[], str]) -> AsyncIterator[None]:
    """Hear operators meanwhile. A socket that cannot be opened is logged: people are answered all the same.

    link: makes one to the operator's page; raises ConfigurationError where there is none.
    """
    path = settings.socket_path

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(LINE_S):
                asked = json.loads(await reader.readline())
            text = link() if asked == {"do": "page"} else await obey(adapters, asked)
            reply = {"ok": True, "text": text}
        except (EngineError, ConfigurationError) as error:
            reply = {"ok": False, "text": str(error)}
        except Exception as error:
            log.warning("an operator's word was not understood: %r", error)
            reply = {"ok": False, "text": f"the host did not understand ({error!r}); see its log"}
        with contextlib.suppress(OSError):
            writer.write(json.dumps(reply).encode() + b"\n")
            writer.close()
            await writer.wait_closed()

    try:
        server = await asyncio.start_unix_server(hear, sock=_bound(path))
    except (OSError, AttributeError) as error:  # no such sockets on this system
        log.warning("`adapter` and `page` commands cannot reach this host: %s: %s", path, error)
        yield
        return
    mine = path.stat().st_ino
    try:
        yield
    finally:
        server.close()
        with contextlib.suppress(OSError):
            if path.stat().st_ino == mine:
                path.unlink()


def alone(settings: Settings) -> None:
    """Raises ConfigurationError where a host runs on this SQLite file: each would take up what the other is answering."""
    with contextlib.suppress(OSError, AttributeError):  # a socket of another user's, or no such sockets: nobody knows
        if settings.database_path is not None and _heard(settings.socket_path):
            raise ConfigurationError(
                f"a host runs on {settings.database_path} already; stop it first, or have several share a PostgreSQL"
            )


def _heard(path: Path) -> bool:
    """Whether a host listens at a path. Raises OSError where nobody can say."""
    try:
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):  # nothing, or what a kill -9 left
        return False
    return True


def _bound(path: Path) -> socket.socket:
    """A socket at a path, for this user alone. Raises OSError, also where another host listens there."""
    if _heard(path):
        raise OSError("another host listens there")
    if path.is_socket():
        path.unlink()
    ours = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        ours.bind(str(path))
    except OSError:
        ours.close()
        raise
    finally:
        os.umask(before)
    return ours


async def obey(adapters: Adapters, asked: dict[str, Any]) -> str:
    """What the host says to one line about adapters. Raises LoadError; ValueError for what is no such line."""
    match asked:
        case {"do": "load", "path": str(path)}:
            name = await adapters.load(Path(path))
            return f"{name} answers from now on; talks under way go on as they began"
        case {"do": "unload"}:
            name = adapters.unload()
            return (
                f"the base answers from now on; talks that began with {name} go on with it"
                if name
                else "no adapter is in use; the base answers"
            )
        case {"do": "list"}:
            return "\n".join(_row(held) for held in adapters.held())
    raise ValueError(f"unknown: {asked}")


def _row(held: Held) -> str:
    name = held.name or "(the base)"
    return f"{'*' if held.current else ' '} {name}: {held.answering} being answered, {held.answered} answered"


async def tell(settings: Settings, asked: dict[str, Any]) -> str:
    """Say a line to the host that runs, and return its text. Raises ConfigurationError with what it refused."""
    path = settings.socket_path
    try:
        reader, writer = await asyncio.open_unix_connection(str(path))
    except PermissionError as error:
        raise ConfigurationError(f"{path} belongs to another user; run this as the host's user") from error
    except OSError as error:
        raise ConfigurationError(
            f"no host runs here ({path}); start python -m bots, with the same KRISHNA_DATABASE_URL"
        ) from error
    writer.write(json.dumps(asked).encode() + b"\n")
    try:
        line = await reader.readline()  # a large adapter takes its time
    finally:
        writer.close()
    if not line:
        raise ConfigurationError("the host stopped before it answered; see its log")
    reply = json.loads(line)
    if not reply["ok"]:
        raise ConfigurationError(reply["text"])
    return str(reply["text"])
