"""The verse of the day: one loop that looks every few seconds who is due, and sends each person their verse once.

A row is claimed before its verse goes out (storage/daily.py), so a verse is rather lost than sent twice: nobody waits
for it as they wait for an answer, and there is another tomorrow. After a kill in the middle of a send Telegram cannot
say whether it arrived, so that day is over; to Discord it is sent again with the same nonce while Discord remembers
nonces. What certainly was not sent is due again, as long as the person's day lasts.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from bots import guard, hours, verses
from bots.settings import Settings
from bots.surface import Gone, RetryAfter, Surface, Uncertain, Unreachable
from core.wisdom.corpus import Corpus
from core.wisdom.daily import verse_of
from storage import Store, StoreError, Subscription

log = logging.getLogger(__name__)

TICK_S = 5.0
JUMP_S = 30.0  # a clock that is put right by less is nobody's concern
BATCH = 200  # so many are looked up at a time; the other platform's turn comes in between
PACE_S = 0.05  # twenty a second: Telegram takes thirty messages and Discord fifty requests, and answers go first
IN_FLIGHT = 8
GRACE_S = 900.0  # who is due at 23:59 among thousands still gets that day's verse a little after midnight
FAILURES, REST_S = 3, 30.0  # so many in a row mean that the platform is away; it is left alone for so long


@dataclass(eq=False)
class Door:
    """A platform that can be written to.

    letter(chat id, key): where a message appears that nobody asked for. repeat_s: for how long a second try with the
    same key shows nothing twice. apart: an answer to a command goes another way than a letter, and does not prove that
    letters arrive.
    """

    platform: str
    letter: Callable[[str, str], Surface]
    repeat_s: float = 0.0
    apart: bool = False
    sending: set[asyncio.Task[None]] = field(default_factory=set)
    failures: int = 0
    rests_until: float = 0.0  # unix seconds
    looked: bool = False  # for what an earlier run left in the middle of a send


class Daily:
    """The subscriptions and who delivers them. clock: unix seconds."""

    def __init__(
        self, settings: Settings, store: Store, corpus: Corpus, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings, self._store, self._corpus, self.clock = settings, store, corpus, clock
        self.doors: dict[str, Door] = {}

    def open(self, door: Door) -> None:
        """From now on a platform can be written to."""
        self.doors[door.platform] = door

    async def close(self, platform: str) -> None:
        """No more letters there; what is under way has the time that answers have."""
        door = self.doors.pop(platform, None)
        if door is not None and door.sending:
            _, late = await asyncio.wait(door.sending, timeout=self._settings.drain_s)
            for task in late:
                task.cancel()

    async def run(self, stop: asyncio.Event) -> None:
        """Until stop is set."""
        before = self.clock() - time.monotonic()
        while not stop.is_set():
            now = self.clock() - time.monotonic()
            jumped, before = now - before, now
            if abs(jumped) > JUMP_S:
                log.warning(
                    "the clock was put %s by %.0f s, or this machine slept", "on" if jumped > 0 else "back", abs(jumped)
                )
            swept = await asyncio.gather(*map(self._sweep, list(self.doors.values())), return_exceptions=True)
            for error in swept:
                if isinstance(error, StoreError):
                    log.error("verses of the day wait: %s", error)
                elif isinstance(error, Exception):
                    log.error("verses of the day failed", exc_info=error)
            if True in swept:
                continue
            try:
                async with asyncio.timeout(TICK_S):
                    await stop.wait()
            except TimeoutError:
                pass

    async def _sweep(self, door: Door) -> bool:
        """Send to all who are due now, up to a batch. True when there may be more."""
        if not door.looked or self._store.shared:  # other hosts may die at any time
            await self._left(door)
        found = await self._store.daily.due(door.platform, self.clock(), BATCH)
        more = len(found) == BATCH
        random.shuffle(found)  # or a few that fail would always be tried before all others
        for subscription in found:
            while len(door.sending) >= IN_FLIGHT:
                await asyncio.wait(door.sending, return_when=asyncio.FIRST_COMPLETED)
            resting = 0 < door.rests_until - self.clock() <= REST_S  # not for hours, where the clock was put back
            if self.doors.get(door.platform) is not door or resting:
                more = False
                break
            day, due_at = self.plan(subscription)
            if not await self._store.daily.claim(subscription, due_at, day, self.clock()) or day is None:
                continue
            if self.doors.get(door.platform) is not door:  # closed while the claim was written
                await self._store.daily.release(subscription, due_at)
                more = False
                break
            self._spawn(door, subscription, due_at, day)
            await asyncio.sleep(PACE_S)
        if door.sending:  # wait() does not cancel them when we are cancelled
            await asyncio.wait(door.sending)
        return more

    def plan(self, found: Subscription) -> tuple[int | None, float]:
        """For which day a verse goes out now, None for none, and when the next one is due.

        After hours away: today's verse late, what belongs to days gone by not at all.
        """
        now, zone = self.clock(), found.zone
        due_day, today = hours.day_of(found.due_at, zone), hours.day_of(now, zone)
        day: int | None = None
        if due_day == today or now - found.due_at < GRACE_S:
            day = due_day
        elif hours.at(today, found.minute, zone) <= now:
            day = today
        if day is not None and day <= found.day:
            day = None  # that day had its verse; the hour was changed since
        if not guard.permitted(self._settings, f"{found.platform}:{found.user_id}"):
            day = None
        return day, hours.next_due(found.minute, zone, now, max(day or 0, found.day))

    async def _left(self, door: Door) -> None:
        """What an earlier run left in the middle of a send: sent again where that shows nothing twice, else over."""
        for left in await self._store.daily.left(door.platform):
            if 0 <= self.clock() - (left.sending_at or 0.0) < door.repeat_s:
                due_at = hours.at(left.day, left.minute, left.zone)
                self._spawn(door, replace(left, due_at=due_at, day=left.day - 1), left.due_at, left.day)
            else:
                log.info("a verse of the day on %s may not have arrived; the next one comes tomorrow", door.platform)
                await self._store.daily.sent(left.platform, left.user_id)
        door.looked = True

    def _spawn(self, door: Door, before: Subscription, due_at: float, day: int) -> None:
        task = asyncio.create_task(self._send(door, before, due_at, day))
        door.sending.add(task)
        task.add_done_callback(door.sending.discard)

    async def _send(self, door: Door, before: Subscription, due_at: float, day: int) -> None:
        """One verse. before: the row as it was before the claim; due_at: as it was claimed with."""
        person = f"{before.platform}:{before.user_id}"
        store = self._store.daily
        try:
            verse = verse_of(self._corpus, person, day)
            surface = door.letter(before.chat_id, key(person, day))
            await surface.finish(verses.show(verse), verses.beside(self._corpus, verse))
        except Gone as gone:
            log.info("a verse of the day has nobody to go to on %s any more: %s", door.platform, gone)
            await _kept(store.remove(before.platform, before.user_id))
        except (RetryAfter, Unreachable) as error:
            log.info("a verse of the day on %s waits: %s", door.platform, error)
            await _kept(store.release(before, due_at))
            door.failures += 1
            if door.failures >= FAILURES:
                door.failures, door.rests_until = 0, self.clock() + REST_S
        except Uncertain as error:
            log.warning("a verse of the day on %s may not have arrived: %s", door.platform, error)
            await _kept(store.sent(before.platform, before.user_id))
        except Exception:
            log.exception("a verse of the day on %s failed", door.platform)
            await _kept(store.sent(before.platform, before.user_id))
        else:
            door.failures = 0
            await _kept(store.sent(before.platform, before.user_id))


async def _kept(change: Awaitable[object]) -> None:
    """What became of a verse, into the database. Where it has no room the mark stays, and the next start clears it."""
    try:
        await change
    except StoreError as error:
        log.error("what became of a verse of the day is not noted: %s", error)


def key(person: str, day: int) -> str:
    """The same for every try of a person's verse of a day, in 19 digits at most: Discord's nonces are short."""
    return str(int.from_bytes(sha256(f"{person} {day}".encode()).digest()[:8]) >> 1)
