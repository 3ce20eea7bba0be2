"""Copies of SQLite's file: made while a host writes, opened and looked through before they count, and put back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from storage import migrations
from storage.database import Database, StoreError

POSTGRES = (
    "backup and restore copy SQLite's file, and KRISHNA_DATABASE_URL names a server; use the server's own tools, which "
    "work while the host runs: for PostgreSQL `pg_dump --format=custom --file=krishna.dump DATABASE` and `pg_restore "
    "--clean --if-exists --dbname=DATABASE krishna.dump`"
)


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy holds. rows: by table. waiting: messages that had no answer yet when it was made."""

    schema: str
    rows: dict[str, int]
    waiting: int
    size: int  # bytes


async def backup(where: str, file: Path, *, replace: bool = False) -> Copy:
    """Copy the database to a file that holds nothing but what it held at one moment. Writers are not kept waiting.

    The schema is left as it is: the host that runs may be older than this program. Raises StoreError, and then no file
    was made nor changed.
    """
    source = sqlite_file(where)
    _check(source, f"there is no database at {source}; check KRISHNA_DATABASE_URL", file, replace)
    with _part(file) as part:
        rows = await _copied(where, part, file)
        found = await asyncio.to_thread(look, part)
        if found.rows != rows:
            raise StoreError(f"the copy of {source} is not like the database; look at the disk of {file.parent}")
        _place(part, file, replace)
    return found


async def restore(where: str, file: Path, *, replace: bool = False) -> tuple[Copy, Path | None]:
    """Put a copy in the database's place; no host may run. Returns what it holds and where the old file is kept.

    Raises StoreError, and then the database is as it was.
    """
    return await asyncio.to_thread(_restore, file, sqlite_file(where), replace)


def _restore(file: Path, target: Path, replace: bool) -> tuple[Copy, Path | None]:
    _check(file, f"there is no backup at {file}", target, replace, "; it is kept beside the new one")
    found = look(file)
    with _said(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    with _part(target) as part:
        _copy_file(file, part, target)
        if look(part).rows != found.rows:
            raise StoreError(f"the copy of {file} is not like it; look at the disk of {target.parent}")
        return found, _swap(part, target)


def sqlite_file(where: str) -> Path:
    """The file of a database. Raises StoreError where it has none."""
    if "://" not in where:
        return Path(where).expanduser()
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise StoreError(
            f"KRISHNA_DATABASE_URL is neither a file nor a URL ({error}); README.md tells how it looks"
        ) from error
    if url.get_backend_name() != "sqlite":
        raise StoreError(POSTGRES)
    if not url.database or url.database == ":memory:":
        raise StoreError("a database in memory has no file to copy; point KRISHNA_DATABASE_URL at one")
    return Path(url.database)


def look(file: Path) -> Copy:
    """Open a copy read-only and look through all of it. Raises StoreError when anything about it is wrong."""
    try:
        with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            faults = [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
            faults += [f"a row of {row[0]} points at nothing" for row in copy.execute("PRAGMA foreign_key_check")]
            tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not {"alembic_version", "inbox", "turns"} <= tables:
                raise StoreError(f"{file} is a database, but none of Krishna's")
            schema = str(copy.execute("SELECT version_num FROM alembic_version").fetchone()[0])
            rows = {t: copy.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in sorted(tables)}
            waiting = copy.execute("SELECT count(*) FROM inbox WHERE state != 'done' AND payload IS NOT NULL")
            found = Copy(schema, rows, waiting.fetchone()[0], file.stat().st_size)
    except (sqlite3.Error, TypeError) as error:
        raise StoreError(f"{file} cannot be read as a backup ({error}); use another one") from error
    if faults:
        raise StoreError(f"{file} is damaged ({faults[0]}); use an earlier backup")
    known = {script.revision for script in ScriptDirectory.from_config(migrations.config()).walk_revisions()}
    if schema not in known:
        raise StoreError(f"{file} was made by a newer Krishna (schema {schema}); update this program")
    return found


async def _copied(where: str, part: Path, file: Path) -> dict[str, int]:
    """Fill a new file with the database as it is at one moment. Returns the rows of its tables at that moment."""
    database = Database(where)
    copy = sqlite3.connect(part, check_same_thread=False, isolation_level=None)
    try:
        with database.errors():
            async with database.engine.connect() as connection:
                rows = await connection.run_sync(_count)  # begins the transaction whose view is copied
                raw = await connection.get_raw_connection()
                try:
                    await raw.driver_connection.backup(copy)  # type: ignore[union-attr]
                    await asyncio.to_thread(_settle, copy)
                except sqlite3.Error as error:
                    if "malformed" in str(error):
                        raise
                    raise StoreError(
                        f"the backup cannot be written to {file} ({error}); is there room, and may you write there?"
                    ) from error
        return rows
    finally:
        copy.close()
        await database.close()


def _count(connection: Connection) -> dict[str, int]:
    tables = sorted({*inspect(connection).get_table_names(), "sqlite_sequence"})
    return {t: connection.exec_driver_sql(f'SELECT count(*) FROM "{t}"').scalar_one() for t in tables}


def _settle(copy: sqlite3.Connection) -> None:
    """One file without a log beside it, and without words that were erased but not yet overwritten."""
    if copy.execute("PRAGMA user_version").fetchone() != (0,):
        copy.execute("VACUUM")
        copy.execute("PRAGMA user_version = 0")
    copy.execute("PRAGMA journal_mode = DELETE")


def _copy_file(file: Path, part: Path, target: Path) -> None:
    """Like cp, through SQLite: also what a log beside the file holds comes along."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(part, isolation_level=None)) as copy,
        ):
            source.backup(copy)
            _settle(copy)
    except sqlite3.Error as error:
        raise StoreError(f"the database {target} cannot be written ({error}); is there room?") from error


def _swap(part: Path, target: Path) -> Path | None:
    """Put a new file in the database's place at one stroke. Returns the name under which the old one is kept."""
    with _said(target):
        if os.geteuid() == 0:  # the host runs as whoever owns the folder
            owner = target.parent.stat()
            os.chown(part, owner.st_uid, owner.st_gid)
        kept = None
        with _alone(target):
            # A log that is still there belongs to the old file and would be laid over the new one.
            stamp = time.strftime("%Y%m%d-%H%M%S")
            for suffix in ("-wal", "-shm"):
                log = target.with_name(target.name + suffix)
                if log.exists():
                    log.rename(log.with_name(f"{target.name}.{stamp}{suffix}"))
            if target.exists():
                kept = target.with_name(f"{target.name}.{stamp}")
                try:
                    os.link(target, kept)
                except OSError:  # a file system without links: for a moment there is no database
                    target.rename(kept)
            os.replace(part, target)
        return kept


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """While nobody else has the database open, its log written into it. A damaged one is let pass."""
    if not target.exists():
        yield
        return
    with contextlib.closing(sqlite3.connect(target, timeout=1.0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StoreError(f"a host or another program has {target} open; stop it, then restore") from error
        except sqlite3.DatabaseError:
            pass
        yield


def _check(source: Path, missing: str, target: Path, replace: bool, more: str = "") -> None:
    """Raises StoreError where there is nothing to copy, or no place for it."""
    if not source.is_file():
        raise StoreError(missing)
    if target.is_dir():
        raise StoreError(f"{target} is a folder; name a file in it")
    if target.exists() and target.samefile(source):
        raise StoreError(f"{target} is the database itself; name another file")
    if target.exists() and not replace:
        raise StoreError(f"{target} exists already; add --force to replace it{more}")


@contextlib.contextmanager
def _part(file: Path) -> Iterator[Path]:
    """A new file beside another that only this user may read; gone at the end unless it was moved."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    with _said(file):
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
    finally:
        for left in (part, part.with_name(f"{part.name}-journal")):
            left.unlink(missing_ok=True)


def _place(part: Path, file: Path, replace: bool) -> None:
    """Give a finished file its name. Raises StoreError when another came to have it meanwhile."""
    with _said(file):
        if not replace:
            try:
                os.link(part, file)
                return
            except FileExistsError as error:
                raise StoreError(f"{file} came to be meanwhile; add --force to replace it") from error
            except OSError:  # a file system without links
                pass
        os.replace(part, file)


@contextlib.contextmanager
def _said(file: Path) -> Iterator[None]:
    """The system's errors as one sentence."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise StoreError(f"{file} cannot be written ({why}); check its folder, its space and your rights") from error
