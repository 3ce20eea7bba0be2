"""Hosts that share a server: who lives, whose a message is, whose turn it is in a conversation, which answer shall stop.

A host tells again and again that it lives, by the server's clock. One that was silent for LEASE_S is dead, and stays so
under that name: what it left is anybody's. With SQLite there is one host, and all that is not its own was left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, CursorResult, case, delete, func, insert, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession as Session
from sqlalchemy.orm import InstrumentedAttribute

from storage.database import Database
from storage.inbox import NOW, Me, is_open
from storage.tables import HostRow, InboxRow, TurnRow
from storage.types import Inbound, Key, Pending
from storage.whole import uncancelled

LEASE_S = 15.0
MANY = 16  # messages of the dead that one host takes at a time, so that the others have their part
ATTEMPTS = 2  # a message that failed oftener waits for the next start


@uncancelled
class Hosts:
    """This host among the others, as Store.hosts. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.id = uuid4().hex
        self._joined = False

    @property
    def me(self) -> Me:
        return Me(self.id, LEASE_S if self._joined else None)

    async def beat(self, *, anew: bool = False) -> bool:
        """Tell that this host lives. False when it was dead to the others: it has a new name from now on.

        anew: take a new name in any case, and leave what belongs to the old one.
        """
        living = update(HostRow).where(HostRow.id == self.id, HostRow.seen > NOW - LEASE_S).values(seen=NOW)
        async with self._db.write(alone=False) as session:
            lives = not self._joined or anew or await _count(session, living) > 0
            if self._joined and lives and not anew:
                return True
            new = uuid4().hex
            await session.execute(delete(HostRow).where((HostRow.id == self.id) | (HostRow.seen < NOW - LEASE_S)))
            await session.execute(insert(HostRow).values(id=new, seen=NOW))
        self.id, self._joined = new, True
        return lives

    async def leave(self) -> None:
        """What this host left undone is anybody's at once."""
        async with self._db.write(alone=False) as session:
            await session.execute(delete(HostRow).where(HostRow.id == self.id))

    def left(self, host: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
        """Whether what belongs to a host was left by it."""
        others = host != self.id
        if not self._db.sqlite:
            others &= host.not_in(select(HostRow.id).where(HostRow.seen > NOW - LEASE_S))
        return or_(host.is_(None), others)

    async def take_up(self, platform: str, user_id: str | None = None) -> list[Pending]:
        """Make messages that were left unfinished this host's own, oldest first; on a server so many at a time.

        user_id: only those of a person.
        """
        async with self._db.write(alone=False) as session:
            rows = await session.scalars(
                select(InboxRow)
                .where(InboxRow.platform == platform, InboxRow.state != "done", InboxRow.payload.is_not(None))
                .where(self.left(InboxRow.host), true() if user_id is None else InboxRow.user_id == user_id)
                .order_by(InboxRow.received_at, InboxRow.update_id)
                .limit(None if self._db.sqlite else MANY)
                .with_for_update(skip_locked=True)
            )
            taken = []
            for row in rows.all():
                row.host = self.id
                taken.append(pending(row))
            return taken

    async def release(self, keys: Iterable[Key]) -> None:
        """Give up messages that could not even be apologised for: another try is anybody's, and nobody waits for them."""
        async with self._db.write(alone=False) as session:
            for platform, update_id in keys:
                await session.execute(
                    update(InboxRow)
                    .where(InboxRow.platform == platform, InboxRow.update_id == update_id, InboxRow.host == self.id)
                    .values(conversation=None, host=case((InboxRow.attempts <= ATTEMPTS, None), else_=InboxRow.host))
                )

    async def my_turn(self, key: Key) -> bool:
        """Take a question's turn in its conversation: when all that came before it is done. Raises Taken."""
        async with self._db.write(alone=False) as session:
            row = await session.get(InboxRow, key, with_for_update=True)
            connection = await session.connection()
            if not await connection.run_sync(is_open, self.me, key) or row is None or row.conversation is None:
                return True
            await self._db.lock(session, row.conversation)
            ahead = await session.scalar(
                select(func.count())
                .select_from(InboxRow)
                .where(InboxRow.conversation == row.conversation, InboxRow.update_id != row.update_id)
                .where(
                    InboxRow.state.in_(("answering", "sending"))
                    | (tuple_(InboxRow.received_at, InboxRow.update_id) < (row.received_at, row.update_id))
                )
            )
            if not ahead:
                row.state = "answering"
            return not ahead

    async def stop(self, platform: str, chat_id: str, user_id: str) -> bool:
        """Ask whichever host makes a person's answers in a chat to stop. False when none is being made."""
        mine = (TurnRow.platform == platform, TurnRow.chat_id == chat_id, TurnRow.user_id == user_id)
        return await self._stop(*mine)

    async def stop_turn(self, turn_id: int) -> bool:
        """Ask whichever host makes an answer to stop. False when it is not being made."""
        return await self._stop(TurnRow.id == turn_id)

    async def _stop(self, *which: ColumnElement[bool]) -> bool:
        async with self._db.write(alone=False) as session:
            stopped = await session.scalars(
                update(TurnRow)
                .where(*which, TurnRow.status == "pending")
                .values(status="stopped")
                .returning(TurnRow.id)
            )
            return bool(stopped.all())

    async def stopped(self, turn_ids: Sequence[int]) -> set[int]:
        """Those of the answers under way that shall stop, or that are erased."""
        async with self._db.read() as session:
            go_on = await session.scalars(
                select(TurnRow.id).where(TurnRow.id.in_(turn_ids), TurnRow.status != "stopped")
            )
            return set(turn_ids) - set(go_on)


def pending(row: InboxRow) -> Pending:
    return Pending(Inbound.from_json(row.payload or ""), row.state, row.attempts)  # type: ignore[arg-type]


async def _count(session: Session, statement: Any) -> int:
    result = await session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount
