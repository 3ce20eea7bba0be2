"""A PostgreSQL of our own: the real server in a temporary folder, on loopback, without care for a power cut."""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import asyncpg

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=200")


def programs() -> Path | None:
    """Where initdb and postgres are; None where they are not installed."""
    found = [Path(there).resolve().parent for there in [shutil.which("postgres")] if there]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -float(p.parent.name))
    return next((folder for folder in found if (folder / "initdb").exists()), None)


class Postgres:
    """One server. new() makes a database in it and returns its URL."""

    def __init__(self, programs: Path) -> None:
        self._programs, self._names = programs, itertools.count()
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "--username=krishna", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C").wait()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._running: subprocess.Popen[bytes] | None = None

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        """A program of the server's, as a user that it accepts; what it says goes into a file beside the data."""
        group = pwd.getpwnam(self._user).pw_gid if self._user else None
        groups = [] if self._user else None
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._programs / program, *("-D", self._folder / "data"), *arguments],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                user=self._user,
                group=group,
                extra_groups=groups,
            )

    def start(self) -> None:
        options = [f"port={self._port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *QUICK]
        self._running = self._run("postgres", *itertools.chain(*(("-c", option) for option in options)))
        ends = time.monotonic() + 30
        while True:
            try:
                return self.ask("postgres", "SELECT 1") and None
            except (OSError, asyncpg.CannotConnectNowError):
                log = (self._folder / "log").read_text()
                assert self._running.poll() is None and time.monotonic() < ends, log
                time.sleep(0.05)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: as for a restart, connections are cut off at once. SIGQUIT: as in a crash."""
        if self._running is not None:
            self._running.send_signal(sign)
            self._running.wait()
            self._running = None

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder)

    def url(self, database: str) -> str:
        """As an operator writes it."""
        return f"postgresql://krishna@127.0.0.1:{self._port}/{database}"

    def new(self, template: str = "template1") -> str:
        """The URL of a new database. template: the URL of one that it shall be like."""
        name = f"krishna{next(self._names)}"
        self.ask("postgres", f"CREATE DATABASE {name} TEMPLATE {template.rpartition('/')[2]}")
        return self.url(name)

    def ask(self, database: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return ask(self.url(database), statement, *values)


def ask(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Ask a database over a connection of its own, from a loop of its own: also where one runs already."""
    found: list[Any] = []

    async def main() -> None:
        connection = await asyncpg.connect(url)
        try:
            found.extend(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return [tuple(row.values()) for row in found]
