"""What stands between a request and its answer: rate limits, and faults that a test asks for."""

from __future__ import annotations

import math
import re
import time
from collections import deque
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any, NamedTuple


class Refusal(NamedTuple):
    """An answer of 429: the page "Rate Limits", section Exceeding A Rate Limit."""

    retry_after_s: float
    scope: str  # "user", "global" or "shared"

    @property
    def body(self) -> dict[str, Any]:
        text = "The resource is being rate limited." if self.scope == "shared" else "You are being rate limited."
        return {"message": text, "retry_after": self.retry_after_s, "global": self.scope == "global"}

    @property
    def headers(self) -> dict[str, str]:
        # discord.py takes a 429 without Via for a ban by Cloudflare and gives up
        headers = {
            "Retry-After": str(math.ceil(self.retry_after_s)),
            "X-RateLimit-Scope": self.scope,
            "Via": "1.1 google",
        }
        return headers | ({"X-RateLimit-Global": "true"} if self.scope == "global" else {})


@dataclass
class Bucket:
    """count requests in a window of per_s seconds, which begins with the first of them."""

    count: int
    per_s: float
    name: str
    used: int = 0
    ends: float = 0.0  # monotonic seconds

    def take(self) -> bool:
        now = time.monotonic()
        if now >= self.ends:
            self.used, self.ends = 0, now + self.per_s
        self.used += 1
        return self.used <= self.count

    @property
    def left_s(self) -> float:
        """To the end of the window, rounded up: a client that waits so long is never early."""
        return math.ceil(max(self.ends - time.monotonic(), 0) * 1000) / 1000

    @property
    def headers(self) -> dict[str, str]:
        """The page "Rate Limits", section Header Format."""
        return {
            "X-RateLimit-Limit": str(self.count),
            "X-RateLimit-Remaining": str(max(self.count - self.used, 0)),
            "X-RateLimit-Reset": f"{time.time() + self.left_s:.3f}",
            "X-RateLimit-Reset-After": f"{self.left_s:.3f}",
            "X-RateLimit-Bucket": self.name,
        }


class Limits:
    """Requests a second for the whole bot, and buckets for some routes. A refused request counts as well.

    rates: how many requests in how many seconds, by the name of a group of routes. Discord does not publish them;
    tests may change them before they begin.
    """

    def __init__(self) -> None:
        self.rates = {
            "create message": (5, 5.0),
            "edit message": (5, 5.0),
            "delete message": (5, 1.0),
            "typing": (5, 5.0),
            "webhook": (5, 2.0),  # one bucket for a token's follow-ups, its edits and its deletions
            "open dm": (10, 10.0),
            "commands": (5, 20.0),
        }
        self.global_per_s = 50
        self.violations: list[str] = []  # requests that came although the limit was reached
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._recent: deque[float] = deque()

    def take_global(self, request: str) -> Refusal | None:
        """At most 50 requests in any second: the page "Rate Limits", section Global Rate Limit."""
        now = time.monotonic()
        while self._recent and now - self._recent[0] >= 1:
            self._recent.popleft()
        if len(self._recent) >= self.global_per_s:
            self.violations.append(f"global: {request}")
            return Refusal(math.ceil((1 - (now - self._recent[0])) * 1000) / 1000, "global")
        self._recent.append(now)
        return None

    def take(self, group: str, major: str, request: str) -> tuple[Bucket, Refusal | None]:
        """major: the channel or the webhook that the limit is for."""
        key = group, major
        if key not in self._buckets:
            name = md5(group.encode(), usedforsecurity=False).hexdigest()
            self._buckets[key] = Bucket(*self.rates[group], name)
        bucket = self._buckets[key]
        if bucket.take():
            return bucket, None
        self.violations.append(f"{group}: {request}")
        return bucket, Refusal(bucket.left_s, "user")


@dataclass
class Fault:
    """What happens to the next requests whose "METHOD /path" matches."""

    pattern: re.Pattern[str]
    kind: str
    times: int
    after_s: float
    scope: str
    hits: list[float] = field(default_factory=list)  # when, in monotonic seconds
    hit: set[str] = field(default_factory=set)  # the requests, as "METHOD /path"

    def asked_to_wait(self, request: str, now: float) -> bool:
        """Whether this request was told to wait longer. What was under way at the time may still come."""
        told = self.kind == "429" and self.hits and (self.scope == "global" or request in self.hit)
        return bool(told) and self.hits[-1] + 0.1 < now < self.hits[-1] + self.after_s - 0.01


class Faults:
    KINDS = ("429", "500", "502", "drop_before", "drop_after", "500_after", "slow")

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self.impatient: list[str] = []

    def add(self, route: str, kind: str, times: int, after_s: float, scope: str) -> Fault:
        if kind not in self.KINDS:
            raise ValueError(f"{kind!r} is none of {self.KINDS}")
        fault = Fault(re.compile(route), kind, times, after_s, scope)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def next(self, request: str) -> Fault | None:
        now = time.monotonic()
        if any(fault.asked_to_wait(request, now) for fault in self._faults):
            self.impatient.append(request)
        for fault in self._faults:
            if len(fault.hits) < fault.times and fault.pattern.search(request):
                fault.hits.append(now)
                fault.hit.add(request)
                return fault
        return None
