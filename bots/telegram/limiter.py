"""Telegram's flood limits, kept before they are met.

The library's own limiter counts typing as a message and pauses every chat on one refusal; this one counts what
Telegram counts (core.telegram.org/bots/faq: one message a second in a chat, twenty a minute in a group, thirty a
second in all) and a refusal pauses the chat that was refused.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from aiolimiter import AsyncLimiter
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

MESSAGES = {"sendMessage", "editMessageText", "editMessageReplyMarkup", "sendDocument"}
FRAME = "frame"  # rate_limit_args of what is stale in a second: refused at once rather than waited for
RESERVE = 5  # a group's frames leave this many of the minute's messages for answers
MOST_CHATS = 10_000


class Limiter(BaseRateLimiter[str]):
    """process_request waits for its turn; a frame raises RetryAfter instead of waiting."""

    def __init__(self, *, group: tuple[float, float] = (20, 60), private: tuple[float, float] = (3, 3)) -> None:
        self._group, self._private = group, private
        self._all = AsyncLimiter(30, 1)
        self._chats: dict[Any, AsyncLimiter] = {}
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
            await self._turn(chat, endpoint, frame=rate_limit_args == FRAME)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as refused:
            if chat is not None:
                self._clear[chat] = time.monotonic() + seconds(refused)
            raise

    async def _turn(self, chat: Any, endpoint: str, *, frame: bool) -> None:
        left = self._clear.get(chat, 0.0) - time.monotonic()
        if left > 0:
            if frame:
                raise RetryAfter(round(left + 0.5))
            await asyncio.sleep(left)
        self._clear.pop(chat, None)
        if endpoint not in MESSAGES:
            return
        limiter = self._limiter(chat)
        group = isinstance(chat, int) and chat < 0
        if frame and not limiter.has_capacity(1 + (RESERVE if group else 0)):
            raise RetryAfter(2)
        await limiter.acquire()
        await self._all.acquire()

    def _limiter(self, chat: Any) -> AsyncLimiter:
        found = self._chats.pop(chat, None)
        if found is None:
            group = isinstance(chat, int) and chat < 0
            found = AsyncLimiter(*(self._group if group else self._private))
            if len(self._chats) >= MOST_CHATS:  # forget the chat that was quiet longest
                del self._chats[next(iter(self._chats))]
        self._chats[chat] = found
        return found


def seconds(refused: RetryAfter) -> float:
    """How long a refusal lasts; the library gives a number or a timedelta."""
    wait = refused.retry_after
    return float(wait) if isinstance(wait, int | float) else wait.total_seconds()
