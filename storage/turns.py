"""The turns of conversations, a tree: how one begins, gets its answer and the messages that hold it, and is found again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Select, bindparam, func, select, update

from storage import statements
from storage.tables import HeadRow, PostRow, TurnRow, new
from storage.types import Inbound, Key, Turn

COLUMNS = [getattr(TurnRow, name) for name in Turn.__slots__ if name not in ("message_ids",)]


def start(
    connection: Connection,
    inbound: Inbound,
    conversation: str,
    parent_id: int | Literal["last"] | None,
    alternative_of: int | None,
    question: str,
) -> Turn:
    """A new turn at the end of its conversation; the one that is there already where this message began one."""
    last = parent_id == "last"
    values = {
        "platform": inbound.platform,
        "update_id": inbound.update_id,
        "chat_id": inbound.chat_id,
        "conversation": conversation,
        "user_id": inbound.user_id,
        "question": question,
        "created_at": time.time(),
        "other": alternative_of,
        **({"room": conversation} if last else {"before": parent_id}),
    }
    made = statements.run(connection, _start(connection.dialect.name, last), values)
    if not made:
        found = of_update(connection, inbound.key)
        assert found is not None
        return found
    turn = _turn(made[0], ())
    # It goes on from here; from another answer to an old question only if that was the last one.
    if alternative_of is None or not (was := statements.run(connection, _HEAD, {"name": conversation})):
        statements.run(connection, _lead(connection.dialect.name), {"conversation": conversation, "turn_id": turn.id})
    elif was[0].turn_id in (alternative_of, without(connection, turn.parent_id, turn.alternative_of)):
        move(connection, conversation, turn.id)
    return turn


def post(connection: Connection, turn_id: int, chat_id: str, message_ids: Sequence[str]) -> None:
    """Messages that hold an answer, in order; twice is once. Nothing happens for a turn that is erased."""
    for place, message_id in enumerate(message_ids):
        values = {"turn": turn_id, "chat": chat_id, "message": message_id, "place": place}
        statements.run(connection, _post(connection.dialect.name), values)


def finish(connection: Connection, turn_id: int, figures: dict[str, Any]) -> None:
    """The answer, or that there is none: then the conversation goes on from before the turn."""
    rows = statements.run(connection, _FINISH, {"turn": turn_id, "finished_at": time.time(), **figures})
    for row in rows if figures["answer"] is None else ():
        if head(connection, row.conversation) == turn_id:
            move(connection, row.conversation, without(connection, row.parent_id, row.alternative_of))


def move(connection: Connection, conversation: str, turn_id: int | None) -> None:
    """A conversation that is known goes on from a turn; from nowhere after None."""
    statements.run(connection, _MOVE, {"name": conversation, "turn": turn_id})


def without(connection: Connection, parent_id: int | None, alternative_of: int | None) -> int | None:
    """Where a conversation stands without a turn: at the answer that it is another of, else before its question."""
    while alternative_of is not None:
        [other] = statements.run(connection, _ONE, {"turn": alternative_of})
        if other.answer is not None:
            return int(other.id)
        parent_id, alternative_of = other.parent_id, other.alternative_of
    return parent_id


def head(connection: Connection, conversation: str) -> int | None:
    found = statements.run(connection, _HEAD, {"name": conversation})
    return found[0].turn_id if found else None


def of_id(connection: Connection, turn_id: int) -> Turn | None:
    return _whole(connection, _ONE, {"turn": turn_id})


def of_update(connection: Connection, key: Key) -> Turn | None:
    return _whole(connection, _OF_UPDATE, {"of": key[0], "update": key[1]})


def of_message(connection: Connection, platform: str, chat_id: str, message_id: str) -> Turn | None:
    return _whole(connection, _OF_MESSAGE, {"of": platform, "chat": chat_id, "message": message_id})


def history(connection: Connection, turn_id: int, limit: int) -> list[Turn]:
    """A turn and those before it on its branch, oldest first; without their message_ids, each a statement more."""
    return [_turn(row, ()) for row in statements.run(connection, _HISTORY, {"turn": turn_id, "most": limit - 1})]


def told(connection: Connection, platform: str, user_id: str, since: float) -> set[str]:
    """The stories that a person heard since a time."""
    found = statements.run(connection, _TOLD, {"of": platform, "who": user_id, "since": since})
    return {row.story for row in found if row.story}


def _whole(connection: Connection, which: Select[Any], values: dict[str, Any]) -> Turn | None:
    rows = statements.run(connection, which, values)
    return _turn(rows[0], _posts(connection, rows[0].id)) if rows else None


def _posts(connection: Connection, turn_id: int) -> tuple[str, ...]:
    return tuple(row.message_id for row in statements.run(connection, _POSTS, {"turn": turn_id}))


def _turn(row: Any, message_ids: tuple[str, ...]) -> Turn:
    """A row as the frozen value that leaves this room."""
    return Turn(**{**row._asdict(), "verses": tuple(row.verses), "message_ids": message_ids})


# The statements of every question are made once: to build one takes longer than to carry it out.
_ONE = select(*COLUMNS).where(TurnRow.id == bindparam("turn"))
_OF_UPDATE = select(*COLUMNS).where(TurnRow.platform == bindparam("of"), TurnRow.update_id == bindparam("update"))
_OF_MESSAGE = (
    select(*COLUMNS)
    .join(PostRow, PostRow.turn_id == TurnRow.id)
    .where(PostRow.platform == bindparam("of"), PostRow.chat_id == bindparam("chat"))
    .where(PostRow.message_id == bindparam("message"))
)
_POSTS = (
    select(PostRow.message_id).where(PostRow.turn_id == bindparam("turn")).order_by(PostRow.place, PostRow.message_id)
)
_HEAD = select(HeadRow.turn_id).where(HeadRow.conversation == bindparam("name"))
_FINISH = (
    update(TurnRow)
    .where(TurnRow.id == bindparam("turn"))
    .returning(TurnRow.conversation, TurnRow.parent_id, TurnRow.alternative_of)
)
_MOVE = update(HeadRow).where(HeadRow.conversation == bindparam("name")).values(turn_id=bindparam("turn"))
_TOLD = (
    select(TurnRow.story)
    .where(TurnRow.platform == bindparam("of"), TurnRow.user_id == bindparam("who"))
    .where(TurnRow.created_at > bindparam("since"), TurnRow.story.is_not(None))
)
_first = (
    select(TurnRow.id, TurnRow.parent_id, func.coalesce(0, 0).label("depth"))
    .where(TurnRow.id == bindparam("turn"))
    .cte(recursive=True)
)
_steps = _first.union_all(
    select(TurnRow.id, TurnRow.parent_id, _first.c.depth + 1)
    .join(_first, TurnRow.id == _first.c.parent_id)
    .where(_first.c.depth < bindparam("most"))
)
_HISTORY = select(*COLUMNS).join(_steps, TurnRow.id == _steps.c.id).order_by(_steps.c.depth.desc())


@cache
def _start(dialect: str, last: bool) -> Any:
    def still(name: str) -> Any:
        """A turn's id; nothing when it was erased since it was looked up."""
        return select(TurnRow.id).where(TurnRow.id == bindparam(name)).scalar_subquery()

    head = select(HeadRow.turn_id).where(HeadRow.conversation == bindparam("room")).scalar_subquery()
    made = new(TurnRow, dialect).values(
        parent_id=head if last else still("before"), alternative_of=still("other"), status="pending", verses=[]
    )
    return made.on_conflict_do_nothing().returning(*COLUMNS)


@cache
def _lead(dialect: str) -> Any:
    made = new(HeadRow, dialect)
    return made.on_conflict_do_update(index_elements=["conversation"], set_={"turn_id": made.excluded.turn_id})


@cache
def _post(dialect: str) -> Any:
    columns = {
        "platform": TurnRow.platform,
        "chat_id": bindparam("chat", type_=PostRow.chat_id.type),
        "message_id": bindparam("message", type_=PostRow.message_id.type),
        "turn_id": TurnRow.id,
        "place": bindparam("place", type_=PostRow.place.type),
    }
    row = select(*columns.values()).where(TurnRow.id == bindparam("turn"))
    return new(PostRow, dialect).from_select(list(columns), row).on_conflict_do_nothing()
