"""The verse of the day: which verses come unasked, and in what order."""

from __future__ import annotations

from collections import Counter

from core.wisdom.corpus import corpus
from core.wisdom.daily import refs, verse_of

TODAY = 739_300  # a day of 2025


def test_only_counsel_comes_unasked():
    verses = [corpus().verse(ref) for ref in refs()]
    assert None not in verses and len(set(refs())) == len(refs()) > 200
    assert all(v.speaker == "Krishna" and v.chapter not in (1, 11) for v in verses)
    for v in verses:  # no battle, and nothing that could push somebody over an edge
        assert not {"kill", "slain", "weapon", "army", "fight", "enemies"} & set(v.text.lower().split()), v.ref


def test_no_verse_comes_twice_before_all_have_come():
    for person in ("telegram:7", "discord:1", "telegram:8"):
        seen = [verse_of(corpus(), person, TODAY + n).ref for n in range(2 * len(refs()))]
        assert Counter(seen[: len(refs())]) == Counter(refs())
        assert seen[: len(refs())] == seen[len(refs()) :]  # so any so many days in a row have no verse twice


def test_each_person_has_an_order_of_their_own_that_stays():
    days = range(TODAY, TODAY + 30)
    order = {p: [verse_of(corpus(), f"telegram:{p}", day).ref for day in days] for p in range(20)}
    assert len({tuple(o) for o in order.values()}) == 20
    assert len({o[0] for o in order.values()}) > 12  # on one day, many different verses
    assert order[7] == [verse_of(corpus(), "telegram:7", day).ref for day in days]
