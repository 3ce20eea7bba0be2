"""Short reads of SQLite's file at once, in the asyncio loop's own thread.

A reader of WAL mode waits for no writer, and such a read takes some 50 µs; by way of a thread (lane.py) it takes several times
as long, and the more the more the other threads have to do.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine

from storage.lane import T, Work


class Glance:
    """Use it from one thread. It keeps its connection, and waits for nobody."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: Connection | None = None
        self._driver: Any = None

    def __call__(self, work: Work[T]) -> T:
        """What the work reads, all of it of one moment. Raises sqlite3.Error, where the file is locked too."""
        if self._kept is None:
            self._kept = self._engine.connect()
            self._driver = self._kept.connection.driver_connection
            self._driver.execute("PRAGMA busy_timeout = 0")
        self._driver.execute("BEGIN")
        try:
            return work(self._kept)
        finally:
            self._driver.execute("ROLLBACK")

    def close(self) -> None:
        if self._kept is not None:
            self._kept.close()
