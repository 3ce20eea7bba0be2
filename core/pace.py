"""How fast an engine goes, as people are told it: tokens a second, and how long a place in its queue takes."""

from __future__ import annotations

import time
from collections import deque

OVER_S = 10.0  # what a rate counts
UNKNOWN_S = 30.0  # said for a wait before anything was answered


class Pace:
    """One thread notes; any may read."""

    def __init__(self) -> None:
        self.answered = 0
        self._made: deque[tuple[float, int]] = deque()
        self._held_s = 0.0  # a running mean of how long a request holds a slot

    def made(self, tokens: int) -> None:
        """So many tokens came just now."""
        now = time.monotonic()
        self._made.append((now, tokens))
        while self._made[0][0] < now - OVER_S:
            self._made.popleft()

    def ended(self, held_s: float) -> None:
        """A request was answered, to its end or until whoever asked had heard enough, and held a slot for so long."""
        self._held_s = 0.9 * self._held_s + 0.1 * held_s if self.answered else held_s
        self.answered += 1

    @property
    def tokens_per_s(self) -> float:
        since = time.monotonic() - OVER_S
        return sum(tokens for at, tokens in list(self._made) if at > since) / OVER_S

    def wait_s(self, place: int, slots: int) -> float | None:
        """Seconds until the request at a place of the queue has one of the slots; None before any was answered."""
        return self._held_s * max(1, place) / max(1, slots) if self.answered else None
