"""What an operator sees of the last day, and of the days before it."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time
from statistics import quantiles

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession as Session

from storage.tables import InboxRow, TurnRow, VoteRow
from storage.types import Day

DAY_S = 86_400.0


async def days(session: Session, now: float, count: int) -> list[Day]:
    """The last `count` days, oldest first; the last one is today."""
    today, found = date.fromtimestamp(now).toordinal(), []
    for ordinal in range(today - count + 1, today + 1):
        begin, end = (datetime.combine(date.fromordinal(day), time()).timestamp() for day in (ordinal, ordinal + 1))
        row = await session.execute(
            select(func.count(func.distinct(TurnRow.conversation)), func.count()).where(
                TurnRow.created_at >= begin, TurnRow.created_at < end
            )
        )
        found.append(Day(ordinal, *row.one()))
    return found


async def stats(session: Session, now: float) -> dict[str, str]:
    """Name: value, in words. thrown away: the model's words, by the rule that they broke. Times are seconds from the question's turn to the first words and to the end."""
    today = TurnRow.created_at > now - DAY_S
    asked = await session.scalar(select(func.count()).select_from(TurnRow).where(today)) or 0
    people = await session.scalar(
        select(func.count(func.distinct(TurnRow.platform + ":" + TurnRow.user_id))).where(today)
    )
    failed = await session.scalar(select(func.count()).select_from(TurnRow).where(today, TurnRow.status == "failed"))
    broken = Counter(
        fault
        for faults in await session.scalars(select(TurnRow.faults).where(today, TurnRow.faults.is_not(None)))
        for fault in faults or ()
    )
    waiting = await session.scalar(select(func.count()).select_from(InboxRow).where(InboxRow.state != "done"))
    up, down = [
        await session.scalar(select(func.count()).select_from(VoteRow).where(VoteRow.value == value))
        for value in (1, -1)
    ]
    tiers = (
        await session.execute(
            select(TurnRow.tier, func.count())
            .where(today, TurnRow.tier.is_not(None))
            .group_by(TurnRow.tier)
            .order_by(TurnRow.tier)
        )
    ).all()
    times = {
        name: [t for t in await session.scalars(select(column).where(today, column.is_not(None))) if t is not None]
        for name, column in (("first words", TurnRow.first_token_s), ("whole answer", TurnRow.total_s))
    }
    return {
        "in a day": f"questions {asked}, people {people or 0}, failed {failed or 0}",
        "thrown away": ", ".join(f"{name} {times}" for name, times in broken.most_common()) or "none",
        "unanswered now": str(waiting or 0),
        **({"answered by": ", ".join(f"{tier} {count}" for tier, count in tiers)} if tiers else {}),
        "votes": f"{up or 0} up, {down or 0} down",
        **{name: _spread(values) for name, values in times.items()},
    }


def _spread(values: list[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.1f} s" if values else "–"
    cuts = quantiles(values, n=20, method="inclusive")
    return f"{cuts[9]:.1f} s (median), {cuts[18]:.1f} s (95 %)"
