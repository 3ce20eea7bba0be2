"""Telegram's flood limits, from core.telegram.org/bots/faq ("My bot is hitting limits, how do I avoid this?").

Thirty messages a second in all; twenty a minute in a group; one a second in a private chat, where short bursts pass.
An edit counts as a message. Drafts have a count of their own: about two a second in a chat.
"""

from __future__ import annotations

import time
from collections import deque


class Window:
    """At most `most` events in any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds, self._times = most, seconds, deque[float]()

    def wait(self, now: float) -> float:
        """Seconds until there is room; 0 where there is."""
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        full = len(self._times) >= self.most
        return self._times[-self.most] + self.seconds - now if full else 0.0

    def take(self, now: float) -> None:
        self._times.append(now)


class Bucket:
    """One event in `seconds`, and up to `burst` at once after a rest."""

    def __init__(self, burst: int, seconds: float) -> None:
        self.burst, self.seconds, self._level, self._at = burst, seconds, 0.0, 0.0

    def wait(self, now: float) -> float:
        self._level = max(0.0, self._level - (now - self._at) / self.seconds)
        self._at = now
        return max(0.0, self._level + 1 - self.burst) * self.seconds

    def take(self, now: float) -> None:
        self._level += 1


class Flood:
    """A chat that went over is refused until its time has passed."""

    def __init__(self) -> None:
        self._all = Window(30, 1.0)
        self._chats: dict[int, Window | Bucket] = {}
        self._drafts: dict[int, Window] = {}
        self._until: dict[tuple[str, int], float] = {}

    def message(self, chat: int) -> int | None:
        """Take note of a message or an edit; seconds to wait where that is one too many."""
        limit = self._chats.get(chat)
        if limit is None:
            limit = self._chats[chat] = Bucket(5, 1.0) if chat > 0 else Window(20, 60.0)
        return self._count(("message", chat), [self._all, limit])

    def draft(self, chat: int) -> int | None:
        """The same for a frame of a draft."""
        return self._count(("draft", chat), [self._drafts.setdefault(chat, Window(2, 0.9))])

    def _count(self, key: tuple[str, int], limits: list[Window | Bucket] | list[Window]) -> int | None:
        now = time.monotonic()
        wait = max(self._until.get(key, 0.0) - now, *(limit.wait(now) for limit in limits))
        if wait > 1e-6:
            self._until[key] = now + wait
            return int(wait) + 1
        for limit in limits:
            limit.take(now)
        return None
