"""An hour and a time zone in a person's own words, and when that hour comes next.

Days are the person's own: a day is its ordinal in their calendar (datetime.date.toordinal). Instants are unix seconds.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from importlib.resources import files

from core.wisdom.corpus import ascii_digits

AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
MORNING = 7 * 60  # where no hour is said
WEST, EAST = -12 * 60, 14 * 60  # minutes from UTC: the ends of the world's clocks
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.h]?(?P<minute>\d\d))? ?(?:(?P<half>[ap])\.?m\.?|h|hrs|o'?clock|uhr|baje|बजे)?(?![\w:.+])"
)
_FIRST = re.compile(rf"(?:(?:every ?day|each day|daily) )?(?:at )?(?:(?P<word>noon|midnight)\b|{_CLOCK})")
_LAST = re.compile(rf"[ ,]+(?:at )?(?:(?P<word>noon|midnight)|{_CLOCK})$")
_OFFSET = re.compile(r"(?:utc|gmt)? ?([+-]) ?(\d{1,2})(?::?(\d\d))?")
_FIXED = re.compile(r"UTC([+-])(\d\d):(\d\d)")


class UnknownHour(ValueError):
    """str() is what cannot be an hour of the day."""


class UnknownZone(ValueError):
    """str() is what is neither a time zone nor a place that is known."""


@dataclass(frozen=True, slots=True)
class When:
    """What a person said. minute: of the day, 0 to 1439. zone: as tz() takes it. None: not said."""

    minute: int | None
    zone: str | None


def parse(text: str) -> When:
    """ "7:30", "7 pm Berlin", "Asia/Kolkata", "21:00 UTC+5:30". Raises UnknownHour or UnknownZone."""
    said = " ".join(ascii_digits(text).replace("−", "-").split())
    found = _FIRST.match(said.lower())
    if found:
        place = said[found.end() :]
    elif said[:1].isdecimal():
        raise UnknownHour(said.split()[0])
    else:
        found = _LAST.search(said.lower())
        place = said[: found.start()] if found else said
    place = re.sub(r"^[ ,]*(?:in )?|[ ,]*(?: time)?$", "", place, flags=re.IGNORECASE)
    return When(_minute(found) if found else None, zone(place) if place else None)


def _minute(found: re.Match[str]) -> int:
    if found["word"]:
        return 12 * 60 if found["word"] == "noon" else 0
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found["half"] == "p" else 0)
    elif found["half"]:
        hour = 24  # no 13 pm
    if hour > 23 or minute > 59:
        raise UnknownHour(found[0].strip(" ,"))
    return 60 * hour + minute


def zone(place: str) -> str:
    """The time zone of a place, an abbreviation, an IANA name or an offset such as UTC+5:30. Raises UnknownZone."""
    offset = _OFFSET.fullmatch(place.lower())
    if offset:
        minutes = 60 * int(offset[2]) + int(offset[3] or 0)
        if not WEST <= (minutes if offset[1] == "+" else -minutes) <= EAST or int(offset[3] or 0) > 59:
            raise UnknownZone(place)
        return f"UTC{offset[1]}{minutes // 60:02}:{minutes % 60:02}" if minutes else "UTC"
    for part in (place, place.partition(",")[0]):  # "Berlin, Germany"
        if (found := _names().get(_folded(part))) is not None:
            return found
    raise UnknownZone(place)


def tz(name: str) -> tzinfo:
    """The rules of a zone that zone() or guess() gave."""
    fixed = _FIXED.fullmatch(name)
    if fixed:
        shift = timedelta(hours=int(fixed[2]), minutes=int(fixed[3]))
        return timezone(shift if fixed[1] == "+" else -shift)
    try:
        return UTC if name == "UTC" else zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError:  # it was there when it was chosen; better at an odd hour than never again
        return UTC


def guess(locale: str | None) -> str | None:
    """The zone where most people of a locale ("hi", "en-GB") live; None where it says nothing of a place ("en")."""
    parts = (locale or "").replace("_", "-").split("-")
    region = next((p.upper() for p in parts[1:] if len(p) == 2), "")
    known = _known()
    named = known["locales"]
    return named.get("-".join(parts).lower()) or known["regions"].get(region) or named.get(parts[0].lower())


def day_of(instant: float, zone: str) -> int:
    """The day that it is in a zone."""
    return datetime.fromtimestamp(instant, tz(zone)).toordinal()


def at(day: int, minute: int, zone: str) -> float:
    """When a minute of a day comes. One that the clocks leave out comes as much later as they leap; of one that they
    show twice, the first (PEP 495, fold=0)."""
    return datetime.combine(date.fromordinal(day), time(*divmod(minute, 60)), tz(zone)).timestamp()


def next_due(minute: int, zone: str, after: float, last_day: int = 0) -> float:
    """The next time a minute of the day comes after an instant, on a day later than last_day."""
    day = max(day_of(after, zone), last_day + 1)
    # the day is read from the instant: a leap over midnight can push a time into the next one
    while (due := at(day, minute, zone)) <= after or day_of(due, zone) <= last_day:
        day += 1
    return due


def clock(minute: int) -> str:
    """7:05"""
    return f"{minute // 60}:{minute % 60:02}"


def clock_in(instant: float, zone: str) -> str:
    """What the clocks of a zone show."""
    now = datetime.fromtimestamp(instant, tz(zone))
    return clock(60 * now.hour + now.minute)


@lru_cache(maxsize=1)
def _known() -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = json.loads(files(__package__).joinpath("zones.json").read_text("utf-8"))
    return known


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Every name that is known, folded: IANA's, the cities in them, and ours, which come before those."""
    names: dict[str, str] = {}
    for key in sorted(zoneinfo.available_timezones()):
        area, _, city = key.partition("/")
        if city and area != "Etc":  # whose signs are the other way round
            names[_folded(key)] = key
    for key in list(names.values()):
        if key.startswith(AREAS):
            names.setdefault(_folded(key.rpartition("/")[2]), key)
    return names | {_folded(name): key for name, key in _known()["names"].items()}


def _folded(name: str) -> str:
    """ "São_Paulo" and "sao paulo" are one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(re.split(r"[\s_,-]+", re.sub(r"[.'’]", "", plain))).strip()
