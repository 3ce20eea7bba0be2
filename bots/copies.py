"""python -m bots backup FILE and restore FILE: what the operator is told of it."""

from __future__ import annotations

from pathlib import Path

import storage
from bots.settings import Settings
from storage import Copy


async def backup(settings: Settings, file: Path, *, replace: bool) -> str:
    """Copy the database to a file. Raises StoreError."""
    made = await storage.backup(settings.database_url, file, replace=replace)
    return f"{file} holds {_contents(made)}; it was opened and is whole. Keep it as you keep what people tell you."


async def restore(settings: Settings, file: Path, *, replace: bool) -> str:
    """Put a copy in the database's place. Raises StoreError."""
    found, kept = await storage.restore(settings.database_url, file, replace=replace)
    lines = [f"the database is as it was in {file}: {_contents(found)}. Start the host."]
    if found.waiting:
        some = "1 message" if found.waiting == 1 else f"{found.waiting} messages"
        lines.append(f"{some} had no answer yet and will get one then, perhaps for the second time.")
    if kept is not None:
        lines.append(f"What was there before is kept in {kept}; delete it when all is well.")
    return "\n".join(lines)


def _contents(copy: Copy) -> str:
    turns = copy.rows["turns"]
    return f"{turns} {'turn' if turns == 1 else 'turns'}, schema {copy.schema}, {copy.size / 2**20:.1f} MB"
