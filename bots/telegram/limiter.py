"""Telegram's flood limits, kept before they are met.

The library's own limiter counts typing as a message and pauses every chat on one refusal; this one counts what
Telegram counts (core.telegram.org/bots/faq: one message a second in a chat, twenty a minute in a group, thirty a
second in all) and a refusal pauses the chat that was refused.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bots import metrics

os.environ.setdefault("PTB_TIMEDELTA", "true")  # or each refusal warns that this will be the library's way one day

MESSAGES = {"sendMessage", "editMessageText", "editMessageReplyMarkup", "sendDocument"}
DRAFT = "sendMessageDraft"  # no message, yet three streams in one chat at once would be refused
DRAFTS = 2, 1.0
FRAME = "frame"  # rate_limit_args of what is stale in a second: refused at once rather than waited for
QUIET = "quiet"  # rate_limit_args of what nobody waits for: it goes only where answers leave room, and never insists
ANSWERS = 10  # of the thirty a second are kept from both
RESERVE = 5  # a group's frames leave this many of the minute's messages for answers
MOST_CHATS = 10_000
SLACK_S = 0.25  # what leaves us evenly may arrive a little closer together


class Window:
    """At most `most` calls in any `seconds`; those that wait go in the order in which they came.

    Not a leaky bucket: that lets through twice as many in its first period.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._times: deque[float] = deque(maxlen=most)
        self._most, self._seconds = most, seconds + SLACK_S
        self._queue = asyncio.Lock()

    def has_room(self, calls: int = 1) -> bool:
        """Whether so many calls could go now."""
        since = time.monotonic() - self._seconds
        return not self._queue.locked() and sum(at > since for at in self._times) + calls <= self._most

    async def acquire(self) -> None:
        async with self._queue:
            if len(self._times) == self._most:
                await asyncio.sleep(self._times[0] + self._seconds - time.monotonic())
            self._times.append(time.monotonic())


class Limiter(BaseRateLimiter[str]):
    """process_request waits for its turn; a frame raises RetryAfter instead of waiting; what is quiet waits longest."""

    def __init__(self, *, group: tuple[int, float] = (20, 60), private: tuple[int, float] = (3, 3)) -> None:
        self._group, self._private = group, private
        self._all = Window(30, 1)
        self._chats: dict[tuple[Any, bool], Window] = {}
        self._clear: dict[Any, float] = {}  # chat: when it may be written to again

    async def initialize(self) -> None:
        """Nothing to start."""

    async def shutdown(self) -> None:
        """Nothing to stop."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> Any:
        chat = data.get("chat_id")
        if chat is not None:
            await self._turn(chat, endpoint, rate_limit_args)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as refused:
            metrics.refused("telegram")
            if chat is not None:
                self._pause(chat, time.monotonic() + seconds(refused))
            raise

    def _pause(self, chat: Any, until: float) -> None:
        """Leave a chat alone; of two refusals the one that lasts longer counts."""
        until = max(until, self._clear.pop(chat, 0.0))
        if len(self._clear) >= MOST_CHATS:  # forget the chat that refused longest ago
            del self._clear[next(iter(self._clear))]
        self._clear[chat] = until

    async def _turn(self, chat: Any, endpoint: str, kind: str | None) -> None:
        frame, quiet, draft = kind == FRAME, kind == QUIET, endpoint == DRAFT
        while True:
            while (left := self._clear.get(chat, 0.0) - time.monotonic()) > 0:  # it may have grown meanwhile
                if frame or quiet:
                    raise RetryAfter(round(left + 0.5))
                await asyncio.sleep(left)
            self._clear.pop(chat, None)
            if not draft and endpoint not in MESSAGES:
                return
            window, group = self._window(chat, draft), isinstance(chat, int) and chat < 0
            room = window.has_room(1 + (RESERVE if group else 0)) and (draft or self._all.has_room(1 + ANSWERS))
            if frame and not room:
                raise RetryAfter(2 if group else 1)
            while quiet and not self._all.has_room(1 + ANSWERS):  # noqa: ASYNC110 (room comes with time, not with an event)
                await asyncio.sleep(0.05)
            await window.acquire()
            if not draft:
                await self._all.acquire()
            if self._clear.get(chat, 0.0) <= time.monotonic():  # else it refused while this one stood in line
                return

    def _window(self, chat: Any, draft: bool) -> Window:
        """What a chat may still take, of messages or of drafts."""
        key = chat, draft
        found = self._chats.pop(key, None)
        if found is None:
            group = isinstance(chat, int) and chat < 0
            found = Window(*(DRAFTS if draft else self._group if group else self._private))
            if len(self._chats) >= MOST_CHATS:  # forget the chat that was quiet longest
                del self._chats[next(iter(self._chats))]
        self._chats[key] = found
        return found


def seconds(refused: RetryAfter) -> float:
    """How long a refusal lasts; the library gives a number or a timedelta."""
    wait = refused.retry_after
    return float(wait) if isinstance(wait, int | float) else wait.total_seconds()
