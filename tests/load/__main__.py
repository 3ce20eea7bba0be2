"""What a message costs the host: `python -m tests.load`, a table for docs/benchmarks.md.

People write on both platforms at once. The host is a process of its own (tests/load/host.py) with the real adapters,
SQLite, dialogue and search; the loopback platforms are this process, whose own cost is told, so that nobody takes its
limits for the host's.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from core.resident.embedded import prepared
from core.settings import EngineSettings
from tests.load.measure import HEAD, KINDS, Load
from tests.postgres import Postgres, programs


async def measure(args: argparse.Namespace, database: str | None) -> int:
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        model = prepared(EngineSettings().cache, print)
        async with Load(Path(folder), model, people=args.people, database=database) as load:
            for kind in args.kinds:
                for rate in args.rates:
                    found = await load.run(kind, args.messages, per_s=rate, at_once=args.at_once)
                    pace = f"{rate:g} a second" if rate else f"{args.at_once} at once"
                    print(found.row(f"{args.messages:,} {kind}, {pace}"), flush=True)
            for fault in load.faults():
                print(fault, file=sys.stderr)
            return bool(load.faults())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--messages", type=int, default=2000, help="of each kind at each rate")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--rates", nargs="+", type=float, default=[0.0], help="a second; 0: as fast as it can")
    parser.add_argument("--at-once", type=int, default=200, help="messages under way, where no rate is given")
    parser.add_argument(
        "--postgres", action="store_true", help="in place of SQLite, on the same cores (tests/postgres.py)"
    )
    args = parser.parse_args()
    if not args.postgres:
        return asyncio.run(measure(args, None))
    there = programs()
    assert there, "no PostgreSQL is installed; install Debian's postgresql"
    server = Postgres(there)
    try:
        server.start()
        return asyncio.run(measure(args, server.new()))
    finally:
        server.stop()
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
