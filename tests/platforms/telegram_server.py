"""A Telegram on the loopback interface: the Bot API over HTTP, and the people who write to the bot.

    async with TelegramServer() as server:
        ...  # a bot with TELEGRAM_TOKEN = server.token and TELEGRAM_API_BASE = server.base, here or in a subprocess
        server.private(7, "I failed my exam.")
        answer = await server.wait_for(lambda: server.messages(7))

It is as strict as Telegram: what a bot must not do is refused with Telegram's own words, and kept in `refusals`
(all but injected faults) and `violations` (the flood limits alone). It lives in the test's event loop, so everything
it saw outlives a bot that is killed. Not here: inline mode, payments, albums, a group's privacy mode (the bot sees
all that is said in a group, as one without privacy mode does).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from aiohttp import web

from tests.platforms.telegram_flood import Flood
from tests.platforms.telegram_methods import METHODS
from tests.platforms.telegram_people import People
from tests.platforms.telegram_rules import Refusal, bad, decoded, too_many
from tests.platforms.telegram_updates import Updates
from tests.platforms.telegram_world import Chat, Document, Draft, Json, Message, Press, World

T = TypeVar("T")
Kind = Literal["400", "429", "502", "500", "drop_before", "drop_after", "hang_before", "hang_after"]
BOT_ID = 7_300_000_001
TOKEN = f"{BOT_ID}:AAloopback-telegram-for-tests-00000"  # 35 characters after the colon, as BotFather's have
TOKEN_FORM = re.compile(r"[1-9]\d{0,15}:[A-Za-z0-9_-]{35}")


@dataclass
class Fault:
    """What goes wrong with the next calls of some methods. times: how many; -1: all."""

    method: re.Pattern[str]
    kind: Kind
    times: int
    retry_after: int
    words: str
    holding: str

    def hits(self, method: str, params: Json) -> bool:
        if self.times == 0 or not self.method.fullmatch(method):
            return False
        if self.holding and not decoded(params, self.holding):
            return False
        self.times -= self.times > 0
        return True


@dataclass(frozen=True)
class Call:
    """A request that the bot made. fault: the kind of the fault that struck it. code: the HTTP status; 0: none."""

    method: str
    params: Json
    at: float
    code: int
    description: str = ""
    fault: str | None = None


class TelegramServer(People):
    """port: 0 takes a free one. The people's side is People; the bot's side is METHODS."""

    def __init__(self, token: str = TOKEN, username: str = "krishna_test_bot", port: int = 0) -> None:
        self.token = token
        world = World(
            {
                "id": int(token.partition(":")[0]),
                "is_bot": True,
                "first_name": "Krishna",
                "username": username,
                "can_join_groups": True,
                "can_read_all_group_messages": True,
                "supports_inline_queries": False,
            }
        )
        super().__init__(world, Updates())
        self.flood = Flood()
        self.menus: dict[tuple[str, str], list[Json]] = {}  # (scope, language): commands
        self.calls: list[Call] = []
        self.violations: list[tuple[str, int, float]] = []  # (what, chat, time): flood limits that the bot exceeded
        self._faults: list[Fault] = []
        self._port = port
        self._runner: web.AppRunner | None = None

    # -- the server -------------------------------------------------------------------------------------------

    async def __aenter__(self) -> TelegramServer:
        app = web.Application(client_max_size=50 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        # a long poll ends when its bot is gone
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.updates.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def base(self) -> str:
        """For TELEGRAM_API_BASE."""
        return f"http://127.0.0.1:{self._port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """One call: /bot<token>/<method> ("Making requests")."""
        path = re.fullmatch(r"/bot([^/]+)/(\w+)", request.path)
        if path is None or not TOKEN_FORM.fullmatch(path[1]):
            return self._refused(Refusal(404, "Not Found"))
        method, params = path[2], await _params(request)
        fault = next((f for f in self._faults if f.hits(method, params)), None)
        if fault is not None and not fault.kind.endswith("_after"):
            return await self._struck(request, method, params, fault)
        try:
            if path[1] != self.token:
                raise Refusal(401, "Unauthorized")
            act = METHODS.get(method.lower())
            if act is None:
                raise Refusal(404, "Not Found: method not found")
            body: Json = {"ok": True, "result": await act(self, params)}
        except Refusal as refusal:
            self._note(method, params, refusal.code, refusal.description, fault)
            response = self._refused(refusal)
        else:
            self._note(method, params, 200, "", fault)
            response = web.json_response(body)
        if fault is not None and fault.kind == "hang_after":
            await asyncio.Event().wait()  # until the bot is gone: handler_cancellation ends it
        return self._cut(request) if fault is not None else response

    async def _struck(self, request: web.Request, method: str, params: Json, fault: Fault) -> web.Response:
        """A fault in place of the deed."""
        refusal = {
            "400": bad(fault.words),
            "429": too_many(fault.retry_after),
            "502": Refusal(502, "Bad Gateway"),
            "500": Refusal(500, "Internal Server Error"),
        }.get(fault.kind)
        self._note(method, params, refusal.code if refusal else 0, "", fault)
        if fault.kind == "hang_before":
            await asyncio.Event().wait()
        return self._refused(refusal) if refusal else self._cut(request)

    def _refused(self, refusal: Refusal) -> web.Response:
        headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after is not None else None
        return web.json_response(refusal.body(), status=refusal.code, headers=headers)

    def _cut(self, request: web.Request) -> web.Response:
        """Close the connection without an answer."""
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    def _note(self, method: str, params: Json, code: int, description: str, fault: Fault | None) -> None:
        self.calls.append(Call(method, params, time.time(), code, description, fault and fault.kind))

    # -- what a test sets up and looks at ---------------------------------------------------------------------

    def fault(
        self, method: str, kind: Kind, times: int = 1, *, retry_after: int = 1, words: str = "", holding: str = ""
    ) -> Fault:
        """Let the next calls of the methods that a regular expression matches go wrong. times -1: until .times = 0.
        holding: only those in which this parameter is not empty.

        "400" (with these words), "429", "502", "500": refused, not done. "drop_before": the connection closes, not done. "drop_after": done,
        then the connection closes without an answer. "hang_before", "hang_after": as those, but the connection stays
        open, in silence, for as long as the bot lives.
        """
        fault = Fault(re.compile(method, re.IGNORECASE), kind, times, retry_after, words, holding)
        self._faults.append(fault)
        return fault

    @property
    def refusals(self) -> list[Call]:
        """Calls that were refused for what the bot did: no injected faults, no conflicts of two pollers."""
        return [c for c in self.calls if c.code >= 400 and c.code != 409 and c.fault is None]

    def called(self, method: str) -> list[Call]:
        """The calls of a method, oldest first."""
        return [c for c in self.calls if c.method.lower() == method.lower()]

    def messages(self, chat: int, *, everybody: bool = False) -> list[Message]:
        """The bot's messages that stand in a chat, oldest first; everybody: the people's too."""
        found = self.world.chats.get(chat, Chat(chat)).messages.values()
        return [m for m in found if not m.deleted and (everybody or m.sender["id"] == self.world.bot["id"])]

    def drafts(self, chat: int) -> list[Draft]:
        """Every frame of a draft that was taken, oldest first."""
        return list(self.world.chats.get(chat, Chat(chat)).frames)

    def draft(self, chat: int) -> Draft | None:
        """The draft on the screen now."""
        return self.world.seen_draft(self.world.chats.get(chat, Chat(chat)))

    def documents(self, chat: int) -> list[Document]:
        return [m.document for m in self.messages(chat) if m.document is not None]

    def answers(self, user_id: int) -> list[Press]:
        """The buttons that a person pressed, with what the bot answered."""
        return [p for p in self.world.presses.values() if p.user == user_id]

    @property
    def commands(self) -> dict[str, str]:
        """The menu of commands that everybody sees."""
        return {c["command"]: c["description"] for c in self.menus.get(("default", ""), [])}

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 20.0) -> T:
        """What the predicate returns as soon as that is true. AssertionError with what is there after `timeout` s."""
        ends = time.monotonic() + timeout
        while True:
            found = predicate()
            if found:
                return found
            if time.monotonic() > ends:
                raise AssertionError(f"not within {timeout} s; {self.state()}")
            await asyncio.sleep(0.01)

    def state(self) -> str:
        """Everything on every screen, for a failing test."""
        lines = [f"refusals {[(c.method, c.description) for c in self.refusals]}, violations {self.violations}"]
        for chat in self.world.chats.values():
            draft = self.world.seen_draft(chat)
            lines += [f"chat {chat.id}, draft {draft.text[:60]!r}" if draft else f"chat {chat.id}"]
            lines += [
                f"  {m.id} {m.sender['first_name']}: {m.text[:100]!r} {m.buttons or ''} {len(m.edits)} edits"
                for m in chat.messages.values()
            ]
        return "\n".join(lines)


async def _params(request: web.Request) -> dict[str, Any]:
    """Parameters from the query, a form or JSON; a file as (name, bytes)."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        found |= await request.json()
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        for name, value in (await request.post()).items():
            is_file = isinstance(value, web.FileField)
            found[name] = (value.filename, value.file.read()) if is_file else value  # type: ignore[union-attr]
    return found
