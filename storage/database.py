"""The connection: SQLite as one file with one writer, PostgreSQL for several hosts, and errors as sentences.

What the two do differently is in this file, and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, create_engine, event, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.ext.asyncio import AsyncSession as Session

from storage.glance import Glance
from storage.lane import Lane, Work
from storage.whole import whole

BUSY_S = 30.0
FROZEN_S = 10.0  # a server takes the locks from a host that says nothing for so long while it holds them
ALONE = 0x6B72_6973_686E_61  # PostgreSQL's advisory lock of those who write alone: "krishna"
LASTING = (
    DataError,
    IntegrityError,
    ProgrammingError,
    sqlite3.DataError,
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
)
T = TypeVar("T")


class StoreError(Exception):
    """The database did not do it. str() is one sentence that ends with the mend.

    lasting: it is about what was asked, not about the state of the database, so that waiting is no use.
    """

    lasting = False


class Database:
    """An engine with a lock: reads run side by side, writes one after the other, on a server those of all hosts."""

    def __init__(
        self, where: str, *, busy_s: float = BUSY_S, observe: Callable[[str, float], None] | None = None
    ) -> None:
        """observe: told the kind ("read" or "write") and the seconds of each session."""
        self.file = None if "://" in where else Path(where).expanduser()
        self._busy_s, self._observe = busy_s, observe or (lambda kind, seconds: None)
        try:
            url = make_url("sqlite+aiosqlite://").set(database=str(self.file)) if self.file else address(where)
            self.where = where if self.file else url.render_as_string()  # without the password
            self.sqlite = url.get_backend_name() == "sqlite"
            self.name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(url.get_backend_name())
            if url.drivername == "sqlite":
                raise StoreError(
                    f"{self.where}: a file is written as its path alone; set KRISHNA_DATABASE_URL=krishna.db"
                )
            if self.name is None:
                raise StoreError(
                    f"{self.where} is neither SQLite nor PostgreSQL; set KRISHNA_DATABASE_URL to a file, or to"
                    " postgresql://user:password@server/name"
                )
            options: dict[str, Any] = {"connect_args": {"timeout": busy_s}} if self.sqlite else _server(busy_s)
            # hide_parameters: an error would bring into the log what people wrote
            self.engine: AsyncEngine = create_async_engine(url, hide_parameters=True, **options)
        except (SQLAlchemyError, ImportError, ValueError) as error:  # a port that is no number is a ValueError
            if isinstance(error, ModuleNotFoundError) and error.name == "asyncpg":
                raise StoreError(
                    'PostgreSQL needs its driver; pip install "krishna[postgres]", or -e ".[postgres]" in its folder'
                ) from error
            raise StoreError(
                f"the database cannot be used ({str(error).splitlines()[0]}); "
                "check KRISHNA_DATABASE_URL and that its driver is installed"
            ) from error
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writing = asyncio.Lock()
        self.lanes: dict[str, Lane] = {}  # SQLite's, for what every message needs
        if self.sqlite:
            self.quick = create_engine(url.set(drivername="sqlite"), hide_parameters=True, **options)
            self.lanes["read"] = Lane(self.quick, contextlib.nullcontext())
            self.glance = Glance(self.quick)
            self.lanes["write"] = Lane(self.quick.execution_options(writing=True), self._writing)
            for engine in (self.engine.sync_engine, self.quick):
                event.listen(engine, "connect", self._prepare)
                event.listen(engine, "begin", self._begin)

    def _prepare(self, connection: Any, _: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours to say: the driver's own begins too late to be fair
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(self._busy_s * 1000)}")
        self._to_wal(cursor)
        # In WAL mode NORMAL loses nothing when the process dies, only, perhaps, when the power does.
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten
        cursor.close()

    def _to_wal(self, cursor: Any) -> None:
        """Of several programs that begin a new file at once one makes it WAL's; SQLite has the others wait for nothing there."""
        until = time.monotonic() + self._busy_s
        while True:
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
            time.sleep(0.01)

    def _begin(self, connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Session]:
        """A session that only reads. Raises StoreError."""
        with self.errors(), self._timed("read"):
            async with self._sessions() as session:
                yield session

    @contextlib.asynccontextmanager
    async def write(self, *, alone: bool = True) -> AsyncIterator[Session]:
        """A session in one transaction, committed at the end. Raises StoreError, and then nothing was written.

        alone: nobody else who writes alone does so meanwhile, on no host, so that what was read stays true. Without it
        a row is safe only by what its statements say; SQLite has one writer in any case.
        """
        with self.errors(), self._timed("write"):
            one_writer = self._writing if self.sqlite else contextlib.nullcontext()
            async with one_writer, self._sessions() as session:
                if self.sqlite:
                    await session.connection(execution_options={"writing": True})
                elif alone:
                    await session.execute(select(func.pg_advisory_xact_lock(ALONE)))
                yield session
                await session.commit()

    async def ask(self, work: Work[T]) -> T:
        """What short work reads, run to its end also when the caller is cancelled. Raises StoreError."""
        with self.errors(), self._timed("read"):
            if self.sqlite:
                try:
                    return self.glance(work)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                        raise
                return await self.lanes["read"](work)  # it waits for whoever has locked the file
            return await whole(self._on_server(work, self.engine.connect()))

    async def do(self, work: Work[T], *, alone: bool = False) -> T:
        """Short work in a transaction (see Lane), committed at the end also when the caller is cancelled. alone: as in
        write(). Raises StoreError."""
        with self.errors(), self._timed("write"):
            if self.sqlite:
                return await self.lanes["write"](work)
            return await whole(self._on_server(work, self.engine.begin(), alone=alone))

    async def _on_server(
        self, work: Work[T], connecting: contextlib.AbstractAsyncContextManager[AsyncConnection], *, alone: bool = False
    ) -> T:
        async with connecting as connection:
            if alone:
                await connection.execute(select(func.pg_advisory_xact_lock(ALONE)))
            return await connection.run_sync(work)

    async def lock(self, session: Session, name: str) -> None:
        """Until the end of the transaction nobody else holds this name, on no host."""
        if not self.sqlite:
            await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    async def migrate(self, upgrade: Callable[[Connection], bool]) -> None:
        """Run a change of the schema in one transaction. upgrade returns whether it changed anything.

        Tables may be rebuilt: foreign keys are off meanwhile (to drop a table would empty those that point at it, or
        fail) and checked at the end.
        """
        if self.file:  # a new one is for nobody else to read, and SQLite gives its log the same mode
            with contextlib.suppress(OSError):  # it is there, or SQLite says why it cannot be
                os.close(os.open(self.file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        async with self.engine.connect() as connection:
            if self.sqlite:
                await _outside(connection, "PRAGMA foreign_keys = OFF")
                await connection.execution_options(writing=True)
            try:
                async with connection.begin():
                    if not self.sqlite:  # of hosts that start at once, one changes the schema
                        await connection.execute(select(func.pg_advisory_xact_lock(ALONE)))
                        # between its statements a busy machine may read files for longer than FROZEN_S
                        patient = f"SET LOCAL idle_in_transaction_session_timeout = {int(self._busy_s * 1000)}"
                        await connection.execute(text(patient))
                    changed = await connection.run_sync(upgrade)
                    if changed and self.sqlite:
                        broken = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all()
                        if broken:
                            raise StoreError(f"the database {self.where} is damaged ({broken[0]}); restore a backup")
            finally:
                if self.sqlite:
                    await _outside(connection, "PRAGMA foreign_keys = ON")

    async def erased(self, session: Session) -> None:
        """Note, in the transaction that erases words, that scrub() has to follow, be it after a crash."""
        if self.sqlite:
            await session.execute(text("PRAGMA user_version = 1"))

    async def scrub(self) -> None:
        """Rewrite SQLite's file if words were erased, and empty its log into it: then they are in neither.

        secure_delete overwrites a row that goes, but not the copies of it that pages kept in their gaps when they were
        split. While another program reads the file, its log cannot be emptied: then the next call does it.
        PostgreSQL overwrites by itself, in its own time.
        """
        if not self.sqlite:
            return
        with self.errors():
            async with self._writing, self.engine.connect() as connection:
                if await _outside(connection, "PRAGMA user_version"):
                    await _outside(connection, "VACUUM")
                    await _outside(connection, "PRAGMA user_version = 0")
                # A checkpoint that waits for a reader makes every writer wait: not for long.
                await _outside(connection, "PRAGMA busy_timeout = 1000")
                await _outside(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
                await _outside(connection, f"PRAGMA busy_timeout = {int(self._busy_s * 1000)}")

    async def version(self) -> str:
        async with self.read() as session:
            name = func.sqlite_version() if self.sqlite else func.current_setting("server_version")
            return str((await session.execute(select(name))).scalar_one())

    async def close(self) -> None:
        for lane in self.lanes.values():
            await lane.close()
        if self.sqlite:
            self.glance.close()
            self.quick.dispose()
        await self.engine.dispose()

    @contextlib.contextmanager
    def _timed(self, kind: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self._observe(kind, time.monotonic() - start)

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """SQLAlchemy's errors as one sentence with the mend."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:  # SQLite's own while connecting and of statements.py
            failed = StoreError(self._sentence(str(error.orig if isinstance(error, DBAPIError) else error)))
            failed.lasting = isinstance(error, LASTING)
            raise failed from error
        except SQLAlchemyError as error:
            raise StoreError(f"the database {self.where} failed ({str(error).splitlines()[0]}); see the log") from error
        except OSError as error:
            raise StoreError(
                f"the database {self.where} cannot be reached ({error}); check KRISHNA_DATABASE_URL"
            ) from error

    def _sentence(self, cause: str) -> str:
        low = cause.lower()
        for sign, sentence in (
            ("lock timeout", f"is locked by another program for more than {self._busy_s:g} s; stop that program"),
            ("locked", f"is locked by another program for more than {self._busy_s:g} s; stop that program"),
            ("readonly", "cannot be written; give this user write permission on it and on its folder"),
            ("read-only", "cannot be written; give this user write permission on it and on its folder"),
            ("full", "cannot grow: the disk is full; free some space, nothing stored is lost"),
            ("disk i/o", "cannot be written: the disk is full or failing; free some space or look at the disk"),
            ("not a database", "is not a database; move the file away or point KRISHNA_DATABASE_URL elsewhere"),
            ("malformed", "is damaged; restore a backup"),
            ("authentication failed", "refuses this user or password; check KRISHNA_DATABASE_URL"),
            ("does not exist", "is not there, or its user is not; make it, or check KRISHNA_DATABASE_URL"),
            ("unable to open", "cannot be opened; check that its folder exists and that this user may write there"),
        ):
            if sign in low:
                return f"the database {self.where} {sentence}"
        return f"the database {self.where} failed ({cause.splitlines()[0]}); see the log"


def address(where: str) -> URL:
    """A database's URL as SQLAlchemy wants it: the driver named, and sslmode as that driver calls it."""
    url = make_url(where)
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+asyncpg")
    if url.drivername == "postgresql+asyncpg" and "sslmode" in url.query:
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
    return url


def _server(busy_s: float) -> dict[str, Any]:
    """PostgreSQL: nobody waits for ever, neither for a lock nor for a host that froze while it held one."""
    limits = {"lock_timeout": busy_s, "idle_in_transaction_session_timeout": min(busy_s, FROZEN_S)}
    settings = {name: str(int(seconds * 1000)) for name, seconds in limits.items()} | {"application_name": "krishna"}
    return {
        "pool_pre_ping": True,  # the server may have been started anew
        "connect_args": {"timeout": busy_s, "command_timeout": busy_s + 5, "server_settings": settings},
    }


async def _outside(connection: AsyncConnection, statement: str) -> Any:
    """Run a statement of SQLite's that wants no transaction around it. Returns the first value it gives."""
    raw = await connection.get_raw_connection()
    async with raw.driver_connection.execute(statement) as cursor:  # type: ignore[union-attr]
        row = await cursor.fetchone()
    return row and row[0]
