"""What the scheduler decides, without a platform: when, for which day, and never twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bots import daily, hours, menu, terminal
from bots.daily import Daily
from bots.dialogue import Dialogue
from bots.settings import Settings
from core.wisdom.corpus import corpus
from core.wisdom.daily import refs, verse_of
from core.wisdom.search import finder
from storage import Store, Subscription
from tests.bots.engines import ScriptedEngine

HOUR, DAY = 3600.0, 86_400.0
ZONES = ["Asia/Kolkata", "America/New_York", "Europe/Berlin", "Pacific/Apia", "Pacific/Pago_Pago", "Australia/Lord_Howe",
         "America/St_Johns", "Africa/Cairo", "UTC", "UTC-12:00", "UTC+14:00"]  # fmt: skip


def utc(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()


def planner(now: float, **given: str) -> Daily:
    return Daily(Settings(_env_file=None, **given), None, corpus(), clock=lambda: now)


def subscribed(due_at: float, zone: str = "UTC", minute: int = 420, day: int = 0) -> Subscription:
    return Subscription("telegram", "7", "7", minute, zone, due_at, day)


def test_in_time_late_or_left_out():
    due = utc(2026, 5, 4, 7)
    monday = datetime(2026, 5, 4).toordinal()
    tomorrow = utc(2026, 5, 5, 7)
    plan = lambda now, **of: planner(now).plan(subscribed(due, **of))  # noqa: E731
    assert plan(due + 1) == (monday, tomorrow)
    assert plan(utc(2026, 5, 4, 23, 59)) == (monday, tomorrow)  # down for hours, the same day
    assert plan(utc(2026, 5, 5, 6)) == (None, tomorrow)  # another day, before its hour: Monday's is left out
    assert plan(utc(2026, 5, 5, 9)) == (monday + 1, utc(2026, 5, 6, 7))  # after it: Tuesday's, late
    assert plan(utc(2026, 6, 1, 9)) == (datetime(2026, 6, 1).toordinal(), utc(2026, 6, 2, 7))  # weeks later: one
    assert plan(due + 1, day=monday) == (None, tomorrow)  # it had Monday's, at another hour


def test_the_day_is_the_persons_own():
    due = utc(2026, 5, 4, 22, 30)  # Tuesday, 4:00, in Kolkata
    tuesday = datetime(2026, 5, 5).toordinal()
    kolkata = subscribed(due, "Asia/Kolkata", 240)
    assert planner(utc(2026, 5, 5, 18)).plan(kolkata) == (tuesday, due + DAY)  # 23:30 there
    assert planner(utc(2026, 5, 5, 19)).plan(kolkata) == (None, due + DAY)  # 0:30 there


def test_who_waits_in_line_over_midnight_gets_that_days_verse():
    due = utc(2026, 5, 4, 23, 59)
    monday = datetime(2026, 5, 4).toordinal()
    late = subscribed(due, minute=1439)
    assert planner(due + 5 * 60).plan(late) == (monday, due + DAY)
    assert planner(due + daily.GRACE_S).plan(late) == (None, due + DAY)


def test_who_is_blocked_gets_none_and_keeps_the_place():
    due = utc(2026, 5, 4, 7)
    assert planner(due, block="telegram:7").plan(subscribed(due)) == (None, due + DAY)
    assert planner(due, allow="telegram:8").plan(subscribed(due)) == (None, due + DAY)
    assert planner(due, allow="telegram:7").plan(subscribed(due))[0] is not None


STEPS = st.lists(
    st.tuples(
        st.sampled_from([HOUR, 5 * HOUR, 11 * HOUR, 26 * HOUR, 3 * DAY]),  # how long until something happens
        st.none() | st.tuples(st.sampled_from(ZONES), st.integers(0, 1439)),  # a journey, or another hour
        st.booleans(),  # whether the host is down meanwhile
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(start=st.floats(utc(2026, 1, 1), utc(2027, 1, 1)), steps=STEPS)
def test_whatever_hosts_and_travellers_do_no_day_and_no_verse_comes_twice(start, steps):
    now = start
    row = subscribed(hours.next_due(420, "Europe/Berlin", now), "Europe/Berlin")
    sent: list[tuple[int, float]] = []
    for span, change, down in steps:
        until = now + span
        while row.due_at <= until:
            now = until if down else max(now, row.due_at) + 5  # the loop looks every few seconds
            day, due_at = planner(now).plan(row)
            assert due_at > now
            if day is not None:
                sent.append((day, now))
            row = replace(row, due_at=due_at, day=row.day if day is None else day)
        now = max(now, until)
        if change is not None:  # as /daily does it
            zone, minute = change
            row = replace(row, zone=zone, minute=minute, due_at=hours.next_due(minute, zone, now, row.day))
    assert all(one[0] < other[0] for one, other in pairwise(sent))
    verses = [verse_of(corpus(), "telegram:7", day).ref for day, _ in sent]
    assert len(set(verses)) == len(verses) or sent[-1][0] - sent[0][0] >= len(refs())


def test_a_key_fits_where_nonces_are_short():
    keys = {daily.key(f"discord:{n}", day) for n in range(100) for day in range(100)}
    assert len(keys) == 10_000 and all(k.isdecimal() and len(f"{k}-0") <= 25 for k in keys)


def test_in_the_terminal_it_says_where_it_works(tmp_path, tokenizer, capsys):
    async def main():
        store = await Store.open(tmp_path / "krishna.db")
        dialogue = Dialogue(Settings(_env_file=None), store, ScriptedEngine(tokenizer), finder())
        await terminal.ask(dialogue, "/daily 7 Kolkata")
        await store.close()

    asyncio.run(main())
    assert menu.DAILY_ELSEWHERE["en"] in " ".join(capsys.readouterr().out.split())
