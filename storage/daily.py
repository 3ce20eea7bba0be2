"""Who gets the verse of the day, and when the next one is due.

A verse is claimed before it is sent: in one commit its row moves on to the next time and notes that a send is under
way. So whatever comes after, a crash too, no second send can begin from the same row.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import CursorResult, delete, select, update

from storage.database import Database
from storage.hosts import Hosts
from storage.tables import DailyRow
from storage.types import Subscription
from storage.whole import uncancelled


@uncancelled
class Subscriptions:
    """The table of subscriptions, as Store.daily. Every method raises StoreError."""

    def __init__(self, database: Database, hosts: Hosts) -> None:
        self._db, self._hosts = database, hosts

    async def get(self, platform: str, user_id: str) -> Subscription | None:
        async with self._db.read() as session:
            row = await session.get(DailyRow, (platform, user_id))
            return None if row is None else _subscription(row)

    async def put(self, wanted: Subscription) -> None:
        """Begin a subscription, or change its hour, zone and chat. What was sent last is not changed."""
        async with self._db.write() as session:
            row = await session.get(DailyRow, (wanted.platform, wanted.user_id))
            if row is None:
                session.add(DailyRow(**asdict(wanted)))
            else:
                row.chat_id, row.minute, row.zone, row.due_at = (
                    wanted.chat_id, wanted.minute, wanted.zone, wanted.due_at,
                )  # fmt: skip

    async def remove(self, platform: str, user_id: str) -> bool:
        """End a subscription. False when there was none."""
        async with self._db.write() as session:
            result = await session.execute(
                delete(DailyRow).where(DailyRow.platform == platform, DailyRow.user_id == user_id)
            )
            assert isinstance(result, CursorResult)
            return result.rowcount > 0

    async def due(self, platform: str, now: float, limit: int) -> list[Subscription]:
        """Those whose time has come, the longest waiting first."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(DailyRow)
                .where(DailyRow.platform == platform, DailyRow.due_at <= now)
                .order_by(DailyRow.due_at, DailyRow.user_id)
                .limit(limit)
            )
            return [_subscription(row) for row in rows]

    async def claim(self, found: Subscription, due_at: float, day: int | None, now: float) -> bool:
        """Move a row on to its next time. day: for which one verse is about to be sent; None: none is.

        False when somebody else was first: the person, who changed it, or another host on the same database.
        """
        sending = {} if day is None else {"day": day, "sending_at": now, "host": self._hosts.id}
        return await self._change(found, found.due_at, due_at=due_at, **sending)

    async def release(self, before: Subscription, due_at: float) -> None:
        """Give back a claim of which nothing was sent, for certain: it is due again. due_at: as it was claimed with."""
        if not await self._change(before, due_at, due_at=before.due_at, day=before.day, sending_at=None):
            await self.sent(before.platform, before.user_id)  # the person chose another hour meanwhile

    async def sent(self, platform: str, user_id: str) -> None:
        """Nothing is under way any more."""
        async with self._db.write(alone=False) as session:
            await session.execute(
                update(DailyRow)
                .where(DailyRow.platform == platform, DailyRow.user_id == user_id)
                .values(sending_at=None)
            )

    async def under_way(self, platform: str) -> list[Subscription]:
        """What is being sent, whoever sends it."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(DailyRow).where(DailyRow.platform == platform, DailyRow.sending_at.is_not(None))
            )
            return [_subscription(row) for row in rows]

    async def left(self, platform: str) -> list[Subscription]:
        """What a kill left in the middle of a send; it is this host's now."""
        async with self._db.write(alone=False) as session:
            rows = await session.scalars(
                select(DailyRow)
                .where(DailyRow.platform == platform, DailyRow.sending_at.is_not(None))
                .where(self._hosts.left(DailyRow.host))
                .with_for_update(skip_locked=True)
            )
            found = rows.all()
            for row in found:
                row.host = self._hosts.id
            return [_subscription(row) for row in found]

    async def _change(self, found: Subscription, was_due_at: float, /, **values: Any) -> bool:
        async with self._db.write(alone=False) as session:
            result = await session.execute(
                update(DailyRow)
                .where(
                    DailyRow.platform == found.platform,
                    DailyRow.user_id == found.user_id,
                    DailyRow.due_at == was_due_at,
                )
                .values(**values)
            )
            assert isinstance(result, CursorResult)
            return result.rowcount > 0


def _subscription(row: DailyRow) -> Subscription:
    return Subscription(**{name: getattr(row, name) for name in Subscription.__slots__})
