"""Events that the library cannot read: it would end its connection over one, and the host with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

NEEDED = {"READY", "RESUMED"}  # without these there is no session

Read = Callable[[Any], None]


def sieve(parsers: dict[str, Read]) -> None:
    """Leave out what cannot be read. parsers: the library's, by the event's name; they are replaced."""
    for name in parsers.keys() - NEEDED:
        parsers[name] = _patient(name, parsers[name])


def _patient(name: str, read: Read) -> Read:
    def parse(data: Any) -> None:
        try:
            read(data)
        except Exception as error:  # anything: what came is not of the form that the library was written for
            log.error("a %s could not be read and is left out: %s", name, type(error).__name__)

    return parse
