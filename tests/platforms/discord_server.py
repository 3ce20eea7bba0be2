"""A Discord on the loopback interface, strict as Discord is, for tests of a bot on discord.py.

    async with DiscordServer() as server:
        guild = server.add_guild()
        channel = server.add_channel(guild)
        anna = server.add_user("anna")
        with connected(server):  # in this process; another one sets Route.BASE and DEFAULT_GATEWAY itself
            ... start the bot with server.token ...
            asked = server.slash(anna, channel, "ask", {"question": "Why?"})
            await server.wait_for(lambda: asked.original and not asked.original.loading)

REST is at server.api_base, the gateway at server.gateway_url. People act through discord_people.People; what can be
seen are the dataclasses of discord_state.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Self, TypeVar

from aiohttp import web

from tests.platforms import discord_interactions, discord_rest
from tests.platforms.discord_gateway import INVALID_SESSION, RECONNECT, Gateway
from tests.platforms.discord_http import API, LARGEST_BODY, Logged, Route, bound, not_found
from tests.platforms.discord_limits import Fault, Faults, Limits
from tests.platforms.discord_people import People
from tests.platforms.discord_state import Channel, User, World

T = TypeVar("T")


class DiscordServer(People):
    """privileged: the privileged intents that the app was granted, bits as in IDENTIFY; asking for others ends in
    close code 4014."""

    def __init__(self, token: str = "loopback.bot.token", *, privileged: int = 0) -> None:
        self.token = token
        self.world = World(bot=User("krishna", bot=True), owner=User("operator"))
        self.world.users = {user.id: user for user in (self.world.bot, self.world.owner)}
        self.gateway = Gateway(self.world, token, privileged)
        self.limits, self.faults = Limits(), Faults()
        self.requests: list[Logged] = []
        self.errors: list[Exception] = []  # mistakes of this server itself, or bodies stranger than it knows
        self.typings: list[tuple[float, Channel]] = []  # monotonic seconds
        self.ack_within_s = 3.0
        self.token_lifetime_s = 15 * 60.0
        self.followup_limit = 5  # where only the person installed the app
        self.nonce_window_s = 300.0  # "the past few minutes"
        self._runner: web.AppRunner | None = None

    async def start(self) -> Self:
        app = web.Application(client_max_size=LARGEST_BODY)
        for route in [*discord_rest.ROUTES, *discord_interactions.ROUTES]:
            app.router.add_route(route.method, API + route.path, bound(self, route))
        app.router.add_get("/socket{tail:.*}", self._connect)
        app.router.add_route("*", "/{tail:.*}", bound(self, Route("*", "", not_found, with_token=False)))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.api_base = f"http://{host}:{port}{API}"
        self.gateway.url = f"ws://{host}:{port}/socket"
        return self

    async def stop(self) -> None:
        self.drop_sockets()
        if self._runner:
            await self._runner.cleanup()
        if self.errors:
            raise self.errors[0]

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        """A WebSocket, unless a fault for "GET /socket" stops it: any kind but slow cuts the connection."""
        fault = self.faults.next(f"GET {request.path}")
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.after_s)
        elif fault and request.transport:
            request.transport.abort()
            return web.Response()
        try:
            return await self.gateway.handle(request)
        except ConnectionError:  # the bot is gone already
            return web.Response()
        except Exception as error:
            self.errors.append(error)
            raise

    @property
    def gateway_url(self) -> str:
        """For DiscordWebSocket.DEFAULT_GATEWAY: a discord.Client never asks GET /gateway."""
        return self.gateway.url

    @property
    def bot(self) -> User:
        return self.world.bot

    def drop_sockets(self) -> None:
        """Cut all connections to the gateway without a close frame. Sessions stay, and can be resumed."""
        for socket in list(self.gateway.sockets):
            socket.abort()

    def ask_reconnect(self) -> None:
        """Opcode 7: the page "Gateway Events", section Reconnect."""
        for socket in self.gateway.sockets:
            socket.send({"op": RECONNECT})

    def invalidate_sessions(self, resumable: bool = False) -> None:
        """Opcode 9. Unless resumable, the sessions and what they missed are gone."""
        for socket in self.gateway.sockets:
            if socket.session and not resumable:
                self.gateway.sessions.pop(socket.session.id, None)
            socket.send({"op": INVALID_SESSION, "d": resumable})

    def close(self, code: int = 4000) -> None:
        """Close all connections to the gateway with a code."""
        for socket in self.gateway.sockets:
            socket.close(code)

    def fault(self, route: str, kind: str, times: int = 1, *, retry_after: float = 0.5, scope: str = "shared") -> Fault:
        """What happens to the next requests whose "METHOD /path" (without /api/v10) matches the pattern.

        kind: "429" (with retry_after, in seconds, and scope: user, shared or global), "500", "502", "drop_before"
        (cut off, not done), "drop_after" (done, then cut off), "500_after" (done, yet answered so), "slow" (done after
        retry_after seconds).
        """
        return self.faults.add(route, kind, times, retry_after, scope)

    @property
    def impatient(self) -> list[str]:
        """Requests that were repeated before the retry_after of an injected 429 was over."""
        return self.faults.impatient

    @property
    def violations(self) -> int:
        """How many requests came although their limit was reached; limits.violations names them."""
        return len(self.limits.violations)

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 20.0) -> T:
        """The first truthy thing that it returns; TimeoutError after that many seconds."""
        end = time.monotonic() + timeout
        while not (found := predicate()):
            if time.monotonic() > end:
                raise TimeoutError(f"not within {timeout} s; last requests: {self.requests[-5:]}")
            await asyncio.sleep(0.01)
        return found

    async def wait_ready(self, timeout: float = 10.0) -> None:
        """Until a bot is connected and was told so."""
        await self.wait_for(lambda: self.gateway.ready, timeout)


@contextlib.contextmanager
def connected(server: DiscordServer) -> Iterator[None]:
    """Within it, discord.py in this process takes the server for Discord."""
    import yarl
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = server.api_base, yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before
