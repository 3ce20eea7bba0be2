"""Hours and places in people's words, and when an hour comes next: by known cases, and for all zones by chance."""

from __future__ import annotations

import os
import subprocess
import sys
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots import hours, menu
from bots.hours import When
from tests.process import ROOT

DAY = 86_400.0
ZONES = sorted(z for z in zoneinfo.available_timezones() if z.startswith(hours.AREAS))


@pytest.mark.parametrize(
    ("said", "minute", "zone"),
    [
        ("", None, None),
        ("7", 420, None),
        ("7:30", 450, None),
        ("07.30", 450, None),
        ("0730", 450, None),
        ("7h30", 450, None),
        ("7am", 420, None),
        ("7:15 p.m.", 1155, None),
        ("12 am", 0, None),
        ("12pm", 720, None),
        ("0", 0, None),
        ("23:59", 1439, None),
        ("noon", 720, None),
        ("7 baje", 420, None),
        ("7:30 बजे दिल्ली", 450, "Asia/Kolkata"),
        ("at 7", 420, None),
        ("every day at 6:45 in Paris", 405, "Europe/Paris"),
        ("7 Asia/Kolkata", 420, "Asia/Kolkata"),
        ("7 asia/KOLKATA", 420, "Asia/Kolkata"),
        ("21:00 Berlin", 1260, "Europe/Berlin"),
        ("Berlin 21:00", 1260, "Europe/Berlin"),
        ("Berlin, Germany 9 pm", 1260, "Europe/Berlin"),
        ("7 new york", 420, "America/New_York"),
        ("7 America/Argentina/Buenos_Aires", 420, "America/Argentina/Buenos_Aires"),
        ("7 São Paulo", 420, "America/Sao_Paulo"),
        ("7 St. John's", 420, "America/St_Johns"),
        ("7 IST", 420, "Asia/Kolkata"),
        ("7 pst", 420, "America/Los_Angeles"),
        ("7 EST", 420, "America/New_York"),  # what people mean: with summer time, unlike IANA's own "EST"
        ("7 GMT", 420, "UTC"),
        ("7 UTC+5:30", 420, "UTC+05:30"),
        ("7 utc + 0530", 420, "UTC+05:30"),
        ("7 −3", 420, "UTC-03:00"),
        ("GMT-9:30 7", 420, "UTC-09:30"),
        ("7 UTC+0", 420, "UTC"),
        ("९:३० दिल्ली", 570, "Asia/Kolkata"),
        ("Tokyo time", None, "Asia/Tokyo"),
    ],
)
def test_what_people_write(said, minute, zone):
    assert hours.parse(said) == When(minute, zone)


@pytest.mark.parametrize("said", ["24:00", "25", "7:60", "7:5", "13 pm", "0am", "7:30:00", "99 Berlin", "7.5"])
def test_what_is_no_hour(said):
    with pytest.raises(hours.UnknownHour) as error:
        hours.parse(said)
    assert str(error.value) in said


@pytest.mark.parametrize("said", ["7 Atlantis", "soon", "7 UTC+15", "7 UTC-12:30", "7 UTC+5:75", "7 Etc", "/", "7 7"])
def test_what_is_no_place(said):
    with pytest.raises(hours.UnknownZone):
        hours.parse(said)


@settings(max_examples=400)
@given(st.text(max_size=30) | st.from_regex(r"\A[0-9:.apm+ utcUTC,/-]{1,14}\Z"))
def test_whatever_is_written_is_understood_or_refused(said):
    try:
        when = hours.parse(said)
    except (hours.UnknownHour, hours.UnknownZone) as error:
        assert str(error)
        return
    assert when.minute is None or 0 <= when.minute < 1440
    assert when.zone is None or hours.tz(when.zone).utcoffset(datetime(2026, 1, 1)) is not None


def test_every_name_of_ours_leads_to_a_zone_and_every_locale():
    for names in hours._known().values():
        for name, zone in names.items():
            assert zone == "UTC" or zone in ZONES, name
    for name, zone in hours._known()["names"].items():
        assert hours.zone(name) == zone


@pytest.mark.parametrize(
    ("locale", "zone"),
    [
        ("hi", "Asia/Kolkata"),
        ("en-IN", "Asia/Kolkata"),
        ("en-GB", "Europe/London"),
        ("de", "Europe/Berlin"),
        ("pt-br", "America/Sao_Paulo"),
        ("es-419", "America/Mexico_City"),
        ("es-ES", "Europe/Madrid"),
        ("zh-TW", "Asia/Taipei"),
        ("zh-hans", "Asia/Shanghai"),
        ("en", None),
        ("xx", None),
        ("", None),
        (None, None),
    ],
)
def test_a_locale_is_a_guess_at_a_place(locale, zone):
    assert hours.guess(locale) == zone


def utc(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("zone", "minute", "after", "due"),
    [
        ("Asia/Kolkata", 450, utc(2026, 5, 4, 1, 59), utc(2026, 5, 4, 2, 0)),
        ("Asia/Kolkata", 450, utc(2026, 5, 4, 2, 0), utc(2026, 5, 5, 2, 0)),  # later than, never at
        ("UTC+05:30", 450, utc(2026, 5, 4, 2, 0), utc(2026, 5, 5, 2, 0)),
        ("Europe/Berlin", 420, utc(2026, 3, 28, 12), utc(2026, 3, 29, 5)),  # summer time began: an hour sooner
        # 2:30 is not there on 29 March: it comes at what the clocks call 3:30, once
        ("Europe/Berlin", 150, utc(2026, 3, 28, 12), utc(2026, 3, 29, 1, 30)),
        ("Europe/Berlin", 150, utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)),
        # 2:30 is there twice on 25 October: the first counts, once
        ("Europe/Berlin", 150, utc(2026, 10, 24, 12), utc(2026, 10, 25, 0, 30)),
        ("Europe/Berlin", 150, utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)),
        ("America/New_York", 150, utc(2026, 3, 7, 12), utc(2026, 3, 8, 7, 30)),
        ("America/New_York", 90, utc(2026, 10, 31, 12), utc(2026, 11, 1, 5, 30)),
        ("America/New_York", 90, utc(2026, 11, 1, 5, 30), utc(2026, 11, 2, 6, 30)),
        ("Australia/Lord_Howe", 135, utc(2026, 10, 3, 0), utc(2026, 10, 3, 15, 45)),  # a leap of half an hour
        ("Africa/Cairo", 15, utc(2026, 4, 23, 12), utc(2026, 4, 23, 22, 15)),  # a leap at midnight, 0:00 to 1:00
        ("Africa/Cairo", 15, utc(2026, 4, 23, 22, 15), utc(2026, 4, 24, 21, 15)),
        # Samoa had no 30 December 2011
        ("Pacific/Apia", 420, utc(2011, 12, 29, 17), utc(2011, 12, 30, 17)),
        ("Pacific/Apia", 420, utc(2011, 12, 30, 17), utc(2011, 12, 31, 17)),
    ],
)
def test_the_next_time_is_the_one_on_the_persons_own_clock(zone, minute, after, due):
    assert datetime.fromtimestamp(hours.next_due(minute, zone, after), UTC) == datetime.fromtimestamp(due, UTC)


def test_a_day_that_had_its_verse_is_passed_over():
    noon = utc(2026, 5, 4, 12)
    today = date(2026, 5, 4).toordinal()
    assert hours.next_due(13 * 60, "UTC", noon, today - 1) == utc(2026, 5, 4, 13)
    assert hours.next_due(13 * 60, "UTC", noon, today) == utc(2026, 5, 5, 13)
    # who flies west has the same date again
    assert hours.next_due(7 * 60, "America/Los_Angeles", noon, today) == utc(2026, 5, 5, 14)


def exists(day: int, minute: int, zone: str) -> bool:
    """Whether the clocks of a zone show a minute of a day."""
    return hours.day_of(hours.at(day, minute, zone), zone) == day and hours.clock_in(
        hours.at(day, minute, zone), zone
    ) == hours.clock(minute)


@settings(max_examples=300, deadline=None)
@given(
    zone=st.sampled_from(ZONES) | st.sampled_from(["UTC", "UTC+05:30", "UTC-12:00", "UTC+14:00"]),
    minute=st.integers(0, 1439),
    after=st.floats(utc(1995, 1, 1), utc(2037, 1, 1)),
)
def test_in_every_zone_each_day_has_the_hour_once(zone, minute, after):
    due, days = after, []
    for _ in range(6):
        before, due = due, hours.next_due(minute, zone, due)
        assert before < due
        days.append(hours.day_of(due, zone))
        if exists(days[-1], minute, zone):
            assert hours.clock_in(due, zone) == hours.clock(minute)
        # one instant before, the next time is the same; and it is the soonest
        assert hours.next_due(minute, zone, due - 1e-3) == due
    for one, other in pairwise(days):
        assert other > one
        assert all(not exists(day, minute, zone) for day in range(one + 1, other))  # no day is left out that has it


@settings(max_examples=60, deadline=None)
@given(zone=st.sampled_from(ZONES), minute=st.integers(0, 1439), year=st.integers(2000, 2036))
def test_around_every_leap_of_a_year_the_times_are_about_a_day_apart(zone, minute, year):
    start = utc(year, 1, 1)
    offsets = [datetime.fromtimestamp(start + n * DAY, hours.tz(zone)).utcoffset() for n in range(366)]
    for leap in (n for n in range(365) if offsets[n] != offsets[n + 1]):
        if abs(offsets[leap] - offsets[leap + 1]) > timedelta(hours=3):
            continue  # over the date line: a day more or less
        due = hours.next_due(minute, zone, start + (leap - 2) * DAY)
        for _ in range(4):
            before, due = due, hours.next_due(minute, zone, due)
            assert abs(due - before - DAY) <= 3 * 3600


def test_without_the_systems_data_the_package_has_all_zones():
    code = "from bots import hours; print(hours.parse('7 Kolkata').zone, hours.parse('7 us/pacific').zone, hours.at(739300, 420, 'Europe/Kyiv'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONTZPATH": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split()[:2] == ["Asia/Kolkata", "US/Pacific"]


def test_the_sentence_says_when_where_and_how_to_change_it():
    noon = utc(2026, 5, 4, 12)
    said = menu.daily(450, "Asia/Kolkata", noon, utc(2026, 5, 5, 2))["en"]
    assert "7:30, time of Asia/Kolkata, where it is 17:30 now; the next one tomorrow." in said
    assert "/daily 21:00 London" in said and "/daily off" in said
    assert "the next one today" in menu.daily(1140, "Asia/Kolkata", noon, utc(2026, 5, 4, 13, 30))["en"]
    wednesday = menu.daily(420, "UTC", noon, utc(2026, 5, 6, 7))
    assert "the next one on Wednesday" in wednesday["en"] and "अगला श्लोक बुधवार को" in wednesday["hi"]
    assert "agla shlok Wednesday ko" in wednesday["hinglish"]
