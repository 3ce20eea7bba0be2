"""What people thought of answers, for training: nobody who opted out is in it, neither as asker nor as voter."""

from __future__ import annotations

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession as Session

from storage.tables import PersonRow, TurnRow, VoteRow


async def compared(session: Session) -> list[list[tuple[int, int]]]:
    """Questions that have several finished answers: of each answer (turn id, votes up less votes down), oldest first."""
    out = select(PersonRow.platform, PersonRow.user_id).where(PersonRow.optout)
    rows = await session.execute(
        select(TurnRow.id, TurnRow.alternative_of)
        .where(TurnRow.status == "done", tuple_(TurnRow.platform, TurnRow.user_id).not_in(out))
        .order_by(TurnRow.id)
    )
    first: dict[int, int] = {}  # a turn: the first answer to its question
    groups: dict[int, list[int]] = {}
    for id_, other in rows:
        first[id_] = id_ if other is None else first.get(other, id_)
        groups.setdefault(first[id_], []).append(id_)
    votes = await session.execute(
        select(VoteRow.turn_id, VoteRow.value).where(tuple_(VoteRow.platform, VoteRow.user_id).not_in(out))
    )
    scores: dict[int, int] = {}
    for turn_id, value in votes:
        scores[turn_id] = scores.get(turn_id, 0) + value
    return [[(id_, scores.get(id_, 0)) for id_ in ids] for ids in groups.values() if len(ids) > 1]
