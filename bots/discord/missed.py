"""What Discord would have told a process that is dead: its gateway session, resumed by the next one.

discord.py cannot do this: a resumed session tells nothing of guilds, which its cache needs. So the old session is
resumed on a connection of its own, and left when the library's new one listens: between the two nothing is lost.
(docs: "Gateway", sections Resuming and Gateway Close Event Codes)
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp

log = logging.getLogger(__name__)

HEARTBEAT, RESUME, RECONNECT, INVALID_SESSION, HELLO = 1, 6, 7, 9, 10
LONGEST_S = 20.0
LEAVE = 4000  # any code but 1000 and 1001, after which Discord forgets a session


@dataclass(frozen=True, slots=True)
class Session:
    """A gateway session. url: where it is resumed. seq: the last event that was taken in."""

    url: str
    id: str
    seq: int


class Missed:
    """Listens on a dead process's session until told() or close(). Make it inside the asyncio loop that will use it."""

    def __init__(self, session: Session, token: str) -> None:
        self._session, self._token = session, token
        self.found: list[tuple[int, int]] = []
        self._replayed = asyncio.Event()  # all that was missed is here, or never comes
        self._listening = asyncio.create_task(self._listen())

    async def told(self) -> list[tuple[int, int]]:
        """(channel id, message id) of messages since session.seq, oldest first; nothing if the session is forgotten.

        Leaves the session, so call it when another one listens. It can be resumed again: what is told here may have to
        be told once more.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_S):
                await self._replayed.wait()
        await self.close()
        return self.found

    async def close(self) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        address = f"{self._session.url.rstrip('/')}/?v=10&encoding=json"
        try:
            async with aiohttp.ClientSession() as client, client.ws_connect(address) as socket:
                try:
                    async for frame in socket:
                        if frame.type is not aiohttp.WSMsgType.TEXT or not await self._take(socket, frame.json()):
                            break
                finally:
                    await socket.close(code=LEAVE)
        except (aiohttp.ClientError, OSError) as error:
            log.warning("Discord's last session could not be resumed: %s", error or type(error).__name__)
        finally:
            self._replayed.set()

    async def _take(self, socket: aiohttp.ClientWebSocketResponse, event: dict[str, Any]) -> bool:
        """False when the session is over."""
        op, name, data = event["op"], event.get("t"), event.get("d")
        if op == HELLO:
            resume = {"token": self._token, "session_id": self._session.id, "seq": self._session.seq}
            await socket.send_json({"op": RESUME, "d": resume})
        elif op == HEARTBEAT:
            await socket.send_json({"op": HEARTBEAT, "d": self._session.seq})
        elif name == "RESUMED":
            self._replayed.set()
        elif name == "MESSAGE_CREATE" and data is not None:
            self.found.append((int(data["channel_id"]), int(data["id"])))
        elif op in (RECONNECT, INVALID_SESSION):
            log.info("Discord has forgotten the last session; only chats that are known are looked through")
            return False
        return True
