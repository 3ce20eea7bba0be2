"""Schema versions, run at every start. No alembic.ini: the program knows where its own migrations are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def config(connection: Any = None) -> Config:
    """Alembic's settings, for a connection that is already open."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Any) -> bool:
    """Bring a database to the newest schema. False when it was there. Raises LookupError when it is newer than this."""
    settings = config(connection)
    scripts = ScriptDirectory.from_config(settings)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == scripts.get_current_head():
        return False
    if current is not None and current not in {s.revision for s in scripts.walk_revisions()}:
        raise LookupError(current)
    command.upgrade(settings, "head")
    return True
