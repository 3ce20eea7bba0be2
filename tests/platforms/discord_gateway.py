"""The gateway: Discord's WebSocket, as on the pages "Gateway" and "Gateway Events"."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from tests.platforms.discord_json import guild_json, user_json
from tests.platforms.discord_state import World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 0, 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
LARGEST_COMMAND = 4096  # bytes; section Sending Events
COMMANDS_PER_MINUTE = 120  # section Rate Limiting


@dataclass(eq=False)
class Session:
    """What survives a connection: all events, so that they can be sent again."""

    intents: int
    shard: tuple[int, int] = (0, 1)
    id: str = field(default_factory=lambda: uuid4().hex)
    events: list[dict[str, Any]] = field(default_factory=list)  # event n has "s" n + 1
    socket: Socket | None = None
    left_at: float | None = None  # monotonic seconds; None while a socket is there

    def dispatch(self, name: str, data: Any) -> None:
        self.events.append({"op": DISPATCH, "t": name, "s": len(self.events) + 1, "d": data})
        if self.socket:
            self.socket.send(self.events[-1])


def serves(shard: tuple[int, int], guild_id: str | int | None) -> bool:
    """Section Sharding; private chats are the first one's."""
    return (0 if guild_id is None else int(guild_id) >> 22) % shard[1] == shard[0]


class Socket:
    """One connection. send() and close() keep their order and never wait."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request, compress: bool) -> None:
        self.ws, self.request = ws, request
        self.session: Session | None = None
        self.closed_by_us = False
        self._zlib = zlib.compressobj() if compress else None
        self._queue: asyncio.Queue[dict[str, Any] | int] = asyncio.Queue()

    def send(self, payload: dict[str, Any]) -> None:
        self._queue.put_nowait(payload)

    def close(self, code: int) -> None:
        self.closed_by_us = True
        self._queue.put_nowait(code)

    def abort(self) -> None:
        """As when a cable is cut: no close frame."""
        self.closed_by_us = True
        if self.request.transport:
            self.request.transport.abort()

    async def write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                item = await self._queue.get()
                if isinstance(item, int):
                    await self.ws.close(code=item)
                    return
                text = json.dumps({"op": None, "t": None, "s": None, "d": None} | item)
                if self._zlib is None:
                    await self.ws.send_str(text)
                else:  # one zlib stream a connection, flushed at each message: section Transport Compression
                    packed = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                    await self.ws.send_bytes(packed)


class Gateway:
    """All sessions. dispatch() is how the rest tells the bot that something happened."""

    def __init__(self, world: World, token: str, privileged: int) -> None:
        self.world, self.token, self.privileged = world, token, privileged
        self.url = ""  # set once the port is known
        self.heartbeat_interval_s = 41.25
        self.session_timeout_s = 120.0  # Discord: "a few minutes"
        self.identify_every_s = 0.0  # Discord: 5 s for one shard; zero lets a test restart its bot at once
        self.sockets: set[Socket] = set()
        self.sessions: dict[str, Session] = {}
        self.identifies: list[dict[str, Any]] = []  # what each IDENTIFY said
        self.resumes: list[dict[str, Any]] = []
        self._identified_at = float("-inf")

    def dispatch(self, name: str, data: Callable[[int], Any] | dict[str, Any], intent: int = 0) -> None:
        """To every session of its shard that has the intent. data may depend on the session's intents."""
        for session in self.sessions.values():
            if not intent or session.intents & intent:
                told = data(session.intents) if callable(data) else data
                guild = told["id"] if name.startswith("GUILD_") else told.get("guild_id")
                if serves(session.shard, guild):
                    session.dispatch(name, told)

    @property
    def ready(self) -> list[Session]:
        """Sessions that a bot is connected to."""
        return [session for session in self.sessions.values() if session.socket]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await ws.prepare(request)
        socket = Socket(ws, request, request.query.get("compress") == "zlib-stream")
        writer = asyncio.create_task(socket.write())
        self.sockets.add(socket)
        try:
            if request.query.get("v") not in ("9", "10") or request.query.get("encoding", "json") != "json":
                socket.close(4012)
            else:
                socket.send({"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat_interval_s * 1000)}})
            await self._read(socket)
        finally:
            self.sockets.discard(socket)
            writer.cancel()
            self._left(socket)
        return ws

    def _left(self, socket: Socket) -> None:
        """A session is kept unless its bot closed it with 1000 or 1001: section Initiating a Disconnect."""
        session = socket.session
        if session is None or session.socket is not socket:
            return
        session.socket, session.left_at = None, time.monotonic()
        if socket.ws.close_code in (1000, 1001) and not socket.closed_by_us:
            self.sessions.pop(session.id, None)

    async def _read(self, socket: Socket) -> None:
        commands: list[float] = []
        last_beat = time.monotonic()
        while True:
            allowance = self.heartbeat_interval_s * 1.5
            try:
                message = await socket.ws.receive(timeout=max(last_beat + allowance - time.monotonic(), 0.001))
            except TimeoutError:
                socket.close(4009)
                last_beat = time.monotonic()
                continue
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            now = time.monotonic()
            commands = [at for at in commands if now - at < 60] + [now]
            if len(commands) > COMMANDS_PER_MINUTE:
                socket.close(4008)
                continue
            try:
                raw = message.data if isinstance(message.data, bytes) else message.data.encode()
                payload = json.loads(raw)
                op, data = payload["op"], payload.get("d")
            except (ValueError, KeyError, TypeError):
                socket.close(4002)
                continue
            if len(raw) > LARGEST_COMMAND:
                socket.close(4002)
            elif op == HEARTBEAT:
                last_beat = now
                socket.send({"op": HEARTBEAT_ACK})
            elif op == IDENTIFY:
                self._identify(socket, data)
            elif op == RESUME:
                self._resume(socket, data)
            elif socket.session is None:
                socket.close(4003)
            elif op not in (PRESENCE, VOICE, REQUEST_MEMBERS):  # those three are taken and nothing comes of them
                socket.close(4001)

    def _identify(self, socket: Socket, data: dict[str, Any]) -> None:
        if socket.session:
            return socket.close(4005)
        self.identifies.append(data)
        if data.get("token") != self.token:
            return socket.close(4004)
        intents = data.get("intents")
        if not isinstance(intents, int) or intents >> 26:
            return socket.close(4013)
        if intents & PRIVILEGED & ~self.privileged:
            return socket.close(4014)
        number, count = shard = tuple(data.get("shard", (0, 1)))
        if not 0 <= number < count:
            return socket.close(4010)
        if time.monotonic() - self._identified_at < self.identify_every_s:
            return socket.send({"op": INVALID_SESSION, "d": False})
        self._identified_at = time.monotonic()
        session = Session(intents, shard, socket=socket)
        socket.session = self.sessions[session.id] = session
        guilds = [guild for guild in self.world.guilds.values() if guild.member and serves(shard, guild.id)]
        app = {"id": str(self.world.application_id), "flags": 1 << 19 if self.privileged & 1 << 15 else 0}
        session.dispatch("READY", {
            "v": 10, "user": user_json(self.world.bot) | {"verified": True, "mfa_enabled": False, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds], "session_id": session.id,
            "resume_gateway_url": f"{self.url}/resume", "shard": shard, "application": app, "private_channels": [],
        })  # fmt: skip
        if intents & 1:  # GUILDS
            for guild in guilds:
                session.dispatch("GUILD_CREATE", guild_json(self.world, guild))

    def _resume(self, socket: Socket, data: dict[str, Any]) -> None:
        """Section Resuming: what was missed, in order, then RESUMED."""
        if socket.session:
            return socket.close(4005)
        self.resumes.append(data)
        if data.get("token") != self.token:
            return socket.close(4004)
        session = self.sessions.get(data.get("session_id", ""))
        if session and session.left_at is not None and time.monotonic() - session.left_at > self.session_timeout_s:
            session = self.sessions.pop(session.id) and None
        if session is None:
            return socket.send({"op": INVALID_SESSION, "d": False})
        seq = data.get("seq")
        if not isinstance(seq, int) or not 0 <= seq <= len(session.events):
            return socket.close(4007)
        if session.socket:
            session.socket.abort()
        socket.session, session.socket, session.left_at = session, socket, None
        for event in session.events[seq:]:
            socket.send(event)
        session.dispatch("RESUMED", {})
