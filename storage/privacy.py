"""A person's rights over what is kept: erasing it, seeing it, and its end by retention."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import CursorResult, Delete, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession as Session

from storage.tables import DailyRow, HeadRow, InboxRow, PersonRow, PostRow, TurnRow, VoteRow

DAY_S = 86_400.0
INBOX_DAYS = 7  # a platform delivers an update again within a day or so; after these, its id is not needed
_WORDLESS = {"user_id": None, "payload": None, "conversation": None, "state": "done"}  # a message's id alone stays
CHUNK = 500  # ids in one statement: SQLite's oldest limit is 999


async def forget(session: Session, platform: str, user_id: str) -> int:
    """Erase a person. Returns the number of rows that are gone or empty of them."""
    turns = await session.execute(
        select(TurnRow.id, TurnRow.parent_id).where(TurnRow.platform == platform, TurnRow.user_id == user_id)
    )
    rows = await erase(session, {id_: parent for id_, parent in turns})
    rows += await _count(session, delete(VoteRow).where(VoteRow.platform == platform, VoteRow.user_id == user_id))
    rows += await _count(session, delete(PersonRow).where(PersonRow.platform == platform, PersonRow.user_id == user_id))
    rows += await _count(session, delete(DailyRow).where(DailyRow.platform == platform, DailyRow.user_id == user_id))
    # Ids of messages stay, without person or words, so that nothing is answered twice. A command that is being
    # answered (this one) keeps its words until it is done.
    rows += await _count(
        session,
        update(InboxRow)
        .where(InboxRow.platform == platform, InboxRow.user_id == user_id)
        .where((InboxRow.kind != "command") | (InboxRow.state == "done"))
        .values(_WORDLESS),
    )
    return rows


async def erase(session: Session, turns: dict[int, int | None]) -> int:
    """Erase turns (id: parent's id). What followed them is joined to the nearest turn before that stays."""

    def stays(id_: int | None) -> int | None:
        while id_ in turns:
            id_ = turns[id_]
        return id_

    for ids in _chunks(turns):
        children = await session.execute(select(TurnRow.id, TurnRow.parent_id).where(TurnRow.parent_id.in_(ids)))
        moved = [{"id": child, "parent_id": stays(parent)} for child, parent in children if child not in turns]
        if moved:
            await session.execute(update(TurnRow), moved)
        heads = await session.execute(select(HeadRow.conversation, HeadRow.turn_id).where(HeadRow.turn_id.in_(ids)))
        for conversation, turn_id in heads.all():
            await session.execute(
                update(HeadRow).where(HeadRow.conversation == conversation).values(turn_id=stays(turn_id))
            )
    for ids in _chunks(turns):  # first no row may point at them, not even each other
        await session.execute(update(TurnRow).where(TurnRow.alternative_of.in_(ids)).values(alternative_of=None))
        await session.execute(update(TurnRow).where(TurnRow.id.in_(ids)).values(parent_id=None))
    gone = 0
    for ids in _chunks(turns):
        await session.execute(delete(PostRow).where(PostRow.turn_id.in_(ids)))
        await session.execute(delete(VoteRow).where(VoteRow.turn_id.in_(ids)))
        gone += await _count(session, delete(TurnRow).where(TurnRow.id.in_(ids)))
    await session.execute(delete(HeadRow).where(HeadRow.turn_id.is_(None)))
    return gone


async def mydata(session: Session, platform: str, user_id: str) -> dict[str, Any]:
    """Every row about a person as plain values."""

    async def rows(table: Any, *skip: str) -> list[dict[str, Any]]:
        found = await session.scalars(select(table).where(table.platform == platform, table.user_id == user_id))
        names = [c.key for c in table.__table__.columns if c.key not in skip]
        return [{name: getattr(row, name) for name in names} for row in found]

    return {
        "turns": await rows(TurnRow),
        "votes": await rows(VoteRow),
        "settings": await rows(PersonRow),
        "daily": await rows(DailyRow, "host"),
        "inbox": await rows(InboxRow, "host"),
    }


async def prune(session: Session, now: float, retention_days: int | None) -> int:
    """Erase what is past retention, and from the inbox what it no longer needs. Returns how many turns and messages that
    were never answered went."""
    gone, finished = 0, InboxRow.state == "done"
    if retention_days is not None:
        since = now - retention_days * DAY_S
        old = await session.execute(select(TurnRow.id, TurnRow.parent_id).where(TurnRow.created_at < since))
        gone = await erase(session, {id_: parent for id_, parent in old})
        gone += await _count(session, update(InboxRow).where(~finished, InboxRow.received_at < since).values(_WORDLESS))
    await session.execute(
        update(InboxRow)
        .where(finished, InboxRow.received_at < now - DAY_S, InboxRow.user_id.is_not(None))
        .values(user_id=None)
    )
    await session.execute(delete(InboxRow).where(finished, InboxRow.received_at < now - INBOX_DAYS * DAY_S))
    return gone


async def _count(session: Session, statement: Delete | Update) -> int:
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount


def _chunks(ids: Iterable[int]) -> list[Sequence[int]]:
    every = list(ids)
    return [every[i : i + CHUNK] for i in range(0, len(every), CHUNK)]
