"""The queue of updates and the two ways out of it: getUpdates and the webhook.

core.telegram.org/bots/api, "Getting updates"; the words of the conflicts are the Bot API server's.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from typing import Any

import aiohttp

from tests.platforms.telegram_rules import Refusal, decoded, integer, webhook_of
from tests.platforms.telegram_world import Json

# What an empty allowed_updates leaves out ("getUpdates").
BY_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
MOST_UPDATES, LONGEST_POLL_S = 100, 50
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0  # between two tries of a webhook; Telegram's begin at a second

OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
OTHER_WEBHOOK = "Conflict: terminated by setWebhook request"
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class Updates:
    """Updates wait here until they are confirmed: by a higher offset, or by the webhook's 200."""

    def __init__(self) -> None:
        self.pending: list[Json] = []
        self.replayed: list[Json] = []  # delivered once more by getUpdates, whatever its offset says
        self.made: list[Json] = []  # all there ever were
        self.allowed: set[str] | None = None  # None: all but BY_REQUEST
        self.conflicts = 0
        self.url = self.secret = ""
        self.tries: list[tuple[int, int]] = []  # (update id, status; 0: no answer) of each call of the webhook
        self._ids = itertools.count(731_000_001)
        self._news = asyncio.Event()
        self._poller: asyncio.Future[str] | None = None
        self._caller: asyncio.Task[None] | None = None
        self._error: Json = {}

    def add(self, kind: str, payload: Json) -> Json | None:
        """A new update; None where the bot did not ask for this kind."""
        allowed = kind not in BY_REQUEST if self.allowed is None else kind in self.allowed
        if not allowed:
            return None
        update = {"update_id": next(self._ids), kind: payload}
        self.made.append(update)
        self.pending.append(update)
        self._wake()
        return update

    @property
    def polled(self) -> bool:
        """Whether a long poll waits now."""
        return self._poller is not None and not self._poller.done()

    def again(self, update: Json) -> None:
        """Deliver an update that was delivered before, as after a confirmation that was lost."""
        (self.pending if self.url else self.replayed).append(update)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def get(self, params: Json) -> list[Json]:
        """getUpdates."""
        if self.url:
            raise Refusal(409, WEBHOOK_ACTIVE)
        self._allow(params)
        offset, limit = integer(params, "offset"), integer(params, "limit", MOST_UPDATES, 1, MOST_UPDATES)
        ends = time.monotonic() + integer(params, "timeout", 0, 0, LONGEST_POLL_S)
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.pending = [u for u in self.pending if u["update_id"] >= offset]
        if self._poller is not None and self.polled:
            self._poller.set_result(OTHER_POLLER)
        me = self._poller = asyncio.get_running_loop().create_future()
        try:
            while True:
                if me.done():
                    self.conflicts += 1
                    raise Refusal(409, me.result())
                left = ends - time.monotonic()
                if self.replayed:
                    again, self.replayed = self.replayed, []
                    return again
                if self.pending or left <= 0:
                    return self.pending[:limit]
                news = asyncio.ensure_future(self._news.wait())
                try:
                    await asyncio.wait({news, me}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    news.cancel()
        finally:
            if self._poller is me:
                self._poller = None

    def set_webhook(self, params: Json) -> None:
        """setWebhook; an empty url takes it away."""
        url, secret = webhook_of(params)
        self.drop_webhook(params)
        self._allow(params)
        self.url, self.secret = url, secret
        if url:
            if self._poller is not None and self.polled:
                self._poller.set_result(OTHER_WEBHOOK)
            self._caller = asyncio.create_task(self._call())

    def drop_webhook(self, params: Json) -> None:
        """deleteWebhook."""
        self.stop()
        self.url = self.secret = ""
        if str(params.get("drop_pending_updates", "")).lower() == "true":
            self.pending.clear()

    def info(self) -> Json:
        """getWebhookInfo."""
        names: Json = {} if self.allowed is None else {"allowed_updates": sorted(self.allowed)}
        return {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
            **(self._error if self.url else {}),
            **names,
        }

    def stop(self) -> None:
        if self._caller is not None:
            self._caller.cancel()
            self._caller = None

    def _allow(self, params: Json) -> None:
        """allowed_updates: not given keeps what was, an empty list means all but BY_REQUEST."""
        given: Any = decoded(params, "allowed_updates")
        if isinstance(given, list):
            self.allowed = set(given) or None

    async def _call(self) -> None:
        """Post the oldest update to the webhook until it is taken, then the next."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        pause = FIRST_PAUSE_S
        async with aiohttp.ClientSession(headers=headers) as session:
            while True:
                if not self.pending:
                    await self._news.wait()
                    continue
                update = self.pending[0]
                status, reason = 0, "Connection refused"
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.post(self.url, json=update, timeout=aiohttp.ClientTimeout(30)) as answer:
                        status = answer.status
                        reason = f"Wrong response from the webhook: {status} {answer.reason}"
                self.tries.append((update["update_id"], status))
                if 200 <= status < 300:
                    self.pending = [u for u in self.pending if u is not update]
                    pause = FIRST_PAUSE_S
                    continue
                self._error = {"last_error_date": int(time.time()), "last_error_message": reason}
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
