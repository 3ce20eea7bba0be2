"""What Discord would have told a process that is dead: its gateway session, resumed for a moment by the next one.

discord.py cannot do this: a resumed session tells nothing of guilds, which its cache needs. So the old session is
resumed on a connection of its own, read up to RESUMED and left; then the library begins a new one.
(docs: "Gateway", sections Resuming and Gateway Close Event Codes)
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp

log = logging.getLogger(__name__)

HEARTBEAT, RESUME, RECONNECT, INVALID_SESSION, HELLO = 1, 6, 7, 9, 10
LONGEST_S = 20.0


@dataclass(frozen=True, slots=True)
class Session:
    """A gateway session. url: where it is resumed. seq: the last event that was taken in."""

    url: str
    id: str
    seq: int


async def missed(session: Session, token: str) -> list[tuple[int, int]]:
    """(channel id, message id) of messages since session.seq, oldest first; nothing where the session is forgotten."""
    found: list[tuple[int, int]] = []
    address = f"{session.url.rstrip('/')}/?v=10&encoding=json"
    try:
        async with (
            asyncio.timeout(LONGEST_S),
            aiohttp.ClientSession() as client,
            client.ws_connect(address) as socket,
        ):
            async for frame in socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    break
                event: dict[str, Any] = frame.json()
                op, name, data = event["op"], event.get("t"), event.get("d")
                if op == HELLO:
                    resume = {"token": token, "session_id": session.id, "seq": session.seq}
                    await socket.send_json({"op": RESUME, "d": resume})
                elif op == HEARTBEAT:
                    await socket.send_json({"op": HEARTBEAT, "d": session.seq})
                elif op in (RECONNECT, INVALID_SESSION) or name == "RESUMED":
                    break
                elif name == "MESSAGE_CREATE" and data is not None:
                    found.append((int(data["channel_id"]), int(data["id"])))
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        log.warning("Discord's last session could not be resumed: %s", error or type(error).__name__)
    return found
