"""From a request to a handler and back: faults, the token, rate limits, bodies."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import web

from tests.platforms.discord_forms import ApiError
from tests.platforms.discord_limits import Bucket, Fault, Refusal
from tests.platforms.discord_state import File

if TYPE_CHECKING:
    from tests.platforms.discord_server import DiscordServer

API = "/api/v10"
LARGEST_FILE = 10 << 20  # bytes; the page "API Reference", section Uploading Files
LARGEST_BODY = 25 << 20  # bytes; the page "Message", section Create Message


@dataclass
class Call:
    """A request whose body is read."""

    request: web.Request
    body: Any = None
    files: dict[int, File] = field(default_factory=dict)  # by the n of files[n]

    def id(self, name: str) -> int:
        value = self.request.match_info[name]
        if not value.isascii() or not value.isdigit() or len(value) > 20:
            text = f'Value "{value}" is not snowflake.'
            errors = {name: {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": text}]}}
            raise ApiError(400, 50035, "Invalid Form Body", errors)
        return int(value)

    def object(self) -> dict[str, Any]:
        if not isinstance(self.body, dict):
            errors = {
                "_errors": [{"code": "DICT_TYPE_CONVERT", "message": "Only dictionaries may be used in a DictType"}]
            }
            raise ApiError(400, 50035, "Invalid Form Body", errors)
        return self.body


Handler = Callable[["DiscordServer", Call], Awaitable[Any]]


class Route(NamedTuple):
    """limit: the group of requests that it counts with; major: the part of the path that has a limit of its own."""

    method: str
    path: str
    handler: Handler
    limit: str | None = None
    major: tuple[str, ...] = ()
    with_token: bool = True  # needs the bot's token, and counts in its global limit


@dataclass
class Logged:
    """A request that came. at: monotonic seconds. status: 0 while it is answered, or if it was cut off."""

    at: float
    method: str
    path: str  # without /api/v10
    status: int = 0


def bound(server: DiscordServer, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The route's handler as aiohttp wants it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        log = Logged(time.monotonic(), request.method, request.path.removeprefix(API))
        server.requests.append(log)
        fault = server.faults.next(f"{log.method} {log.path}")
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.after_s)
        if fault and fault.kind == "drop_before":
            return _cut(request)
        reply = injected(fault) if fault else None
        if reply is None:
            try:
                reply = await _answered(server, route, request, f"{log.method} {log.path}")
            except Exception as error:
                server.errors.append(error)
                raise
        if fault and fault.kind == "drop_after":
            return _cut(request)
        if fault and fault.kind == "500_after":
            reply = failed()
        log.status = reply.status
        return reply

    return answer


async def _answered(server: DiscordServer, route: Route, request: web.Request, name: str) -> web.Response:
    bucket: Bucket | None = None
    try:
        if route.with_token:
            if request.headers.get("Authorization") != f"Bot {server.token}":
                raise ApiError(401, 0, "401: Unauthorized")
            if refusal := server.limits.take_global(name):
                return limited(refusal)
        if route.limit:
            major = "+".join(request.match_info[part] for part in route.major)
            bucket, refusal = server.limits.take(route.limit, major, name)
            if refusal:
                return limited(refusal, bucket)
        call = await _read(request)
        reply = replied(await route.handler(server, call))
    except ApiError as error:
        reply = replied(error.body, error.status)
    if bucket:
        reply.headers.update(bucket.headers)
    return reply


def replied(data: Any, status: int = 200) -> web.Response:
    """JSON with exactly the content type that discord.py looks for; 204 for None."""
    if isinstance(data, web.Response):
        return data
    if data is None:
        return web.Response(status=204)
    return web.Response(body=json.dumps(data).encode(), status=status, content_type="application/json")


def limited(refusal: Refusal, bucket: Bucket | None = None) -> web.Response:
    reply = replied(refusal.body, 429)
    reply.headers.update(refusal.headers | (bucket.headers if bucket else {}))
    return reply


def failed() -> web.Response:
    return replied({"message": "500: Internal Server Error", "code": 0}, 500)


def injected(fault: Fault) -> web.Response | None:
    if fault.kind == "429":
        return limited(Refusal(fault.after_s, fault.scope))
    if fault.kind == "500":
        return failed()
    if fault.kind == "502":  # from the proxy before Discord, so no JSON
        return web.Response(text="<html>Bad Gateway</html>", status=502, content_type="text/html")
    return None


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()


async def not_found(server: DiscordServer, call: Call) -> Any:
    raise ApiError(404, 0, "404: Not Found")


async def _read(request: web.Request) -> Call:
    call = Call(request)
    if not request.can_read_body:
        return call
    try:
        if request.content_type == "multipart/form-data":
            await _read_parts(call)
        elif request.content_type == "application/json":
            call.body = json.loads(await request.read())
        else:
            message = "Expected \"Content-Type\" header to be one of {'application/json', 'multipart/form-data'}."
            errors = {"_errors": [{"code": "CONTENT_TYPE_INVALID", "message": message}]}
            raise ApiError(400, 50035, "Invalid Form Body", errors)
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, 40005, "Request entity too large") from None
    except ValueError:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from None
    return call


async def _read_parts(call: Call) -> None:
    """The page "API Reference", section Uploading Files: payload_json and files[n]."""
    call.body = {}
    for name, value in (await call.request.post()).items():
        if name == "payload_json":
            call.body = json.loads(value if isinstance(value, str) else value.file.read())
        elif name.startswith("files[") and isinstance(value, web.FileField):
            data = value.file.read()
            if len(data) > LARGEST_FILE:
                raise ApiError(413, 40005, "Request entity too large")
            call.files[int(name[6:-1])] = File(value.filename, data, value.content_type)
        elif isinstance(value, str):
            call.body[name] = value
