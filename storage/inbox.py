"""The durable inbox: a message's steps from its receipt to its end, each one statement, for every message takes them all.

A step is for the host that has the message, and its statement finds the row only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from storage import statements
from storage.database import StoreError
from storage.tables import HostRow, InboxRow, TurnRow, new
from storage.types import Inbound, Key, State

NOW = cast(func.extract("epoch", func.clock_timestamp()), Float(53))


class Taken(StoreError):
    """Another host has this message: this one was taken for dead."""


@dataclass(frozen=True, slots=True)
class Me:
    """The host that asks. lease_s: it lives for so long after its last beat; None where none could think it dead."""

    id: str
    lease_s: float | None

    def has(self, key: Key) -> dict[str, Any]:
        """The values of _ours()."""
        lease = {} if self.lease_s is None else {"lease_s": self.lease_s}
        return {"of": key[0], "message": key[1], "me": self.id} | lease


def receive(connection: Connection, me: Me, inbound: Inbound, conversation: str | None) -> bool:
    """False when it is known already."""
    values = {
        "platform": inbound.platform,
        "update_id": inbound.update_id,
        "user_id": inbound.user_id,
        "kind": inbound.kind,
        "received_at": inbound.received_at,
        "payload": inbound.to_json(),
        "host": me.id,
        "conversation": conversation,
    }
    return bool(statements.run(connection, _receive(connection.dialect.name), values))


def step(connection: Connection, me: Me, key: Key, state: State) -> int:
    """Bring a message to a state. Returns how often its answer was begun; 0 when it is done already. Raises Taken."""
    row = next(iter(statements.run(connection, _step(state, me.lease_s is None), me.has(key))), None)
    if row is None:
        is_open(connection, me, key)
    return row.attempts if row is not None else 0


def is_open(connection: Connection, me: Me, key: Key) -> bool:
    """Whether a message still waits for its answer. Raises Taken."""
    found = statements.run(connection, _look(me.lease_s is None), me.has(key))
    if found and not found[0].ours:
        raise Taken("another host answers this message; this one was silent for too long")
    return bool(found)


def recent(connection: Connection, inbound: Inbound, within_s: float) -> int:
    """How many questions its person asked in so many seconds before a message.

    A press counts while it is being answered, and after that where it began a turn (see _step).
    """
    who = {"of": inbound.platform, "who": inbound.user_id}
    when = {"at": inbound.received_at, "message": inbound.update_id, "since": inbound.received_at - within_s}
    return int(statements.run(connection, _RECENT, who | when)[0].questions)


_KEY = and_(InboxRow.platform == bindparam("of"), InboxRow.update_id == bindparam("message"))
_RECENT = (
    select(func.count().label("questions"))
    .select_from(InboxRow)
    .where(InboxRow.platform == bindparam("of"), InboxRow.user_id == bindparam("who"))
    .where(or_(InboxRow.kind == "text", InboxRow.kind == "press"), InboxRow.received_at > bindparam("since"))
    .where(tuple_(InboxRow.received_at, InboxRow.update_id) < tuple_(bindparam("at"), bindparam("message")))
)


def _ours(alone: bool) -> ColumnElement[bool]:
    living = select(HostRow.id).where(HostRow.id == bindparam("me"), HostRow.seen > NOW - bindparam("lease_s"))
    return and_(InboxRow.host == bindparam("me"), true() if alone else living.exists())


@cache
def _receive(dialect: str) -> Any:
    made = new(InboxRow, dialect).values(state="received", attempts=0)
    return made.on_conflict_do_nothing().returning(InboxRow.platform)


@cache
def _look(alone: bool) -> Select[Any]:
    return select(_ours(alone).label("ours")).where(_KEY, InboxRow.state != "done")


@cache
def _step(state: State, alone: bool) -> ReturningUpdate[Any]:
    values: dict[str, Any] = {"state": state}
    if state == "working":
        values["attempts"] = InboxRow.attempts + 1
    if state == "done":  # the words are cleared; who asked a question stays a day, for the quota (see privacy.prune)
        values |= {"payload": None, "conversation": None}
        turn = select(TurnRow.id).where(TurnRow.platform == bindparam("of"), TurnRow.update_id == bindparam("message"))
        asked = or_(InboxRow.kind == "text", and_(InboxRow.kind == "press", turn.exists()))
        values["user_id"] = case((asked, InboxRow.user_id), else_=None)
    return (
        update(InboxRow).where(_KEY, InboxRow.state != "done", _ours(alone)).values(values).returning(InboxRow.attempts)
    )
