"""The connection: SQLite as one file with one writer, other databases as they are, and errors as sentences."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.ext.asyncio import AsyncSession as Session

BUSY_S = 30.0


class StoreError(Exception):
    """The database did not do it. str() is one sentence that ends with the mend."""


class Database:
    """An engine with a lock: reads run side by side, writes one after the other."""

    def __init__(self, where: str, *, busy_s: float = BUSY_S) -> None:
        self.where = where
        self.file = None if "://" in where else Path(where).expanduser()
        self._busy_s = busy_s
        url = make_url(where) if self.file is None else make_url("sqlite+aiosqlite://").set(database=str(self.file))
        self.sqlite = url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"connect_args": {"timeout": busy_s}} if self.sqlite else {}
        self.engine: AsyncEngine = create_async_engine(url, **options)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writing = asyncio.Lock()
        if self.sqlite:
            event.listen(self.engine.sync_engine, "connect", self._prepare)
            event.listen(self.engine.sync_engine, "begin", self._begin)

    def _prepare(self, connection: Any, _: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours to say: the driver's own begins too late to be fair
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(self._busy_s * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        # In WAL mode NORMAL loses nothing when the process dies, only, perhaps, when the power does.
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten
        cursor.close()

    def _begin(self, connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """A session that only reads. Raises StoreError."""
        with self.errors():
            async with self._sessions() as session:
                yield session

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """A session in one transaction, committed at the end. Raises StoreError, and then nothing was written."""
        with self.errors():
            one_writer = self._writing if self.sqlite else contextlib.nullcontext()
            async with one_writer, self._sessions() as session:
                if self.sqlite:
                    await session.connection(execution_options={"writing": True})
                yield session
                await session.commit()

    async def migrate(self, upgrade: Callable[[Connection], None]) -> None:
        """Run a change of the schema in one transaction. Foreign keys are checked at its end: tables may be rebuilt."""
        async with self.engine.connect() as connection:
            if self.sqlite:
                await connection.execution_options(writing=True)
            async with connection.begin():
                if self.sqlite:
                    await connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                await connection.run_sync(upgrade)

    async def shrink_log(self) -> None:
        """Write SQLite's log into the file and empty it, so that erased words are in neither."""
        if self.sqlite:
            async with self._writing, self.engine.connect() as connection:
                raw = await connection.get_raw_connection()
                cursor = await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
                await cursor.close()

    async def version(self) -> str:
        async with self.read() as session:
            name = "sqlite_version()" if self.sqlite else "version()"
            return str((await session.execute(text(f"select {name}"))).scalar_one())

    async def close(self) -> None:
        await self.engine.dispose()

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """SQLAlchemy's errors as one sentence with the mend."""
        try:
            yield
        except DBAPIError as error:
            raise StoreError(self._sentence(str(error.orig))) from error
        except sqlite3.Error as error:  # while connecting, before SQLAlchemy wraps it
            raise StoreError(self._sentence(str(error))) from error
        except SQLAlchemyError as error:
            raise StoreError(f"the database {self.where} failed ({str(error).splitlines()[0]}); see the log") from error
        except OSError as error:
            raise StoreError(
                f"the database {self.where} cannot be reached ({error}); check KRISHNA_DATABASE_URL"
            ) from error

    def _sentence(self, cause: str) -> str:
        low = cause.lower()
        for sign, sentence in (
            ("locked", f"is locked by another program for more than {self._busy_s:.0f} s; stop that program"),
            ("readonly", "cannot be written; give this user write permission on it and on its folder"),
            ("read-only", "cannot be written; give this user write permission on it and on its folder"),
            ("full", "cannot grow: the disk is full; free some space, nothing stored is lost"),
            ("disk i/o", "cannot be written: the disk is full or failing; free some space or look at the disk"),
            ("not a database", "is not a database; move the file away or point KRISHNA_DATABASE_URL elsewhere"),
            ("malformed", "is damaged; restore a backup"),
            ("unable to open", "cannot be opened; check that its folder exists and that this user may write there"),
        ):
            if sign in low:
                return f"the database {self.where} {sentence}"
        return f"the database {self.where} failed ({cause.splitlines()[0]}); see the log"
