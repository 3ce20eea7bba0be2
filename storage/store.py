"""The store: everything the rest of the program asks of the database. Every method raises StoreError."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession as Session

from storage import migrations, opinions, privacy, report
from storage.daily import Subscriptions
from storage.database import Database, StoreError, uncancelled
from storage.hosts import Hosts, pending
from storage.tables import HeadRow, InboxRow, NoteRow, PersonRow, PostRow, TurnRow, VoteRow
from storage.types import Day, Inbound, Key, Pending, Status, Turn

CLOCKS_S = 60.0  # so much the clocks of several hosts may differ


@uncancelled
class Store:
    """Open it with Store.open(). Safe for any number of tasks; writes go one after the other."""

    def __init__(self, database: Database, retention_days: int | None = None) -> None:
        self._db, self._retention_days = database, retention_days
        self.hosts = Hosts(database)
        self.daily = Subscriptions(database, self.hosts)

    @classmethod
    async def open(
        cls,
        where: str | Path,
        *,
        retention_days: int | None = None,
        busy_s: float = 30.0,
        observe: Callable[[str, float], None] | None = None,
    ) -> Store:
        """Open or make a database and bring it to the newest schema.

        where: a file, or an SQLAlchemy URL. busy_s: how long to wait for another program's lock.
        observe: told "read" or "write" and the seconds that it took.
        """
        database = Database(str(where), busy_s=busy_s, observe=observe)
        try:
            with database.errors():
                if database.file is not None:
                    database.file.parent.mkdir(parents=True, exist_ok=True)
                try:
                    await database.migrate(migrations.upgrade)
                except LookupError as newer:
                    raise StoreError(
                        f"the database {database.where} was made by a newer Krishna (schema {newer.args[0]}); update this program"
                    ) from newer
            store = cls(database, retention_days)
            await store.check()  # what cannot be written is refused now, not at the first message
            return store
        except BaseException:
            await database.close()
            raise

    @property
    def where(self) -> str:
        """The file or the URL, without a password."""
        return self._db.where

    @property
    def shared(self) -> bool:
        """Whether other hosts may work on this database."""
        return not self._db.sqlite

    async def close(self) -> None:
        await self._db.close()

    # -- the inbox --------------------------------------------------------------------------------------------

    async def receive(self, inbound: Inbound, conversation: str | None = None) -> bool:
        """Commit a message. False when it is known already; then nothing is to be done.

        conversation: in which it waits for what came before it (see Hosts.my_turn).
        """
        row = InboxRow(
            platform=inbound.platform,
            update_id=inbound.update_id,
            user_id=inbound.user_id,
            kind=inbound.kind,
            received_at=inbound.received_at,
            payload=inbound.to_json(),
            host=self.hosts.id,
            conversation=conversation,
        )
        async with self._db.write(alone=False) as session:
            if await session.get(InboxRow, inbound.key) is not None:
                return False
            session.add(row)
            try:
                await session.flush()
            except IntegrityError:  # another writer of a shared database was first
                await session.rollback()
                return False
            return True

    async def begin(self, key: Key) -> int:
        """An answer is begun; returns how often that happened for this message. Raises Taken."""
        async with self._db.write(alone=False) as session:
            row = await self.hosts.mine(session, key)
            if row is None:  # done before its time: the person was forgotten
                return 0
            row.attempts += 1
            row.state = "working"
            return row.attempts

    async def open_still(self, key: Key) -> bool:
        """Whether a message still waits for its answer: not after its person was forgotten. Raises Taken."""
        async with self._db.read() as session:
            return await self.hosts.mine(session, key) is not None

    async def sending(self, key: Key) -> None:
        """From here a crash leaves open whether the words arrived. Raises Taken."""
        async with self._db.write(alone=False) as session:
            row = await self.hosts.mine(session, key)
            if row is not None:
                row.state = "sending"

    async def done(self, key: Key) -> None:
        """Nothing more will be said. The words are cleared; who asked stays a day, for the quota (see prune).

        Raises Taken.
        """
        async with self._db.write(alone=False) as session:
            row = await self.hosts.mine(session, key)
            if row is not None:
                row.state, row.payload, row.conversation = "done", None, None
                if row.kind != "text":
                    row.user_id = None

    async def unfinished(self, platform: str) -> list[Pending]:
        """Messages that are not done, oldest first, whosever they are."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(InboxRow)
                .where(InboxRow.platform == platform, InboxRow.state != "done", InboxRow.payload.is_not(None))
                .order_by(InboxRow.received_at, InboxRow.update_id)
            )
            return [pending(row) for row in rows]

    async def recent(self, platform: str, user_id: str, since: float) -> int:
        """How many questions a person sent since a time (unix seconds): none of those of a clock that was ahead."""
        async with self._db.read() as session:
            found = await session.scalar(
                select(func.count())
                .select_from(InboxRow)
                .where(
                    InboxRow.platform == platform,
                    InboxRow.user_id == user_id,
                    InboxRow.kind == "text",
                    InboxRow.received_at > since,
                    InboxRow.received_at < time.time() + CLOCKS_S,
                )
            )
            return found or 0

    # -- turns ------------------------------------------------------------------------------------------------

    async def start_turn(
        self,
        *,
        inbound: Inbound,
        conversation: str,
        parent_id: int | None,
        alternative_of: int | None = None,
        question: str | None = None,
    ) -> Turn:
        """A question is taken up. Once for a message: a second call returns the first one's turn.

        The conversation goes on from here; from another answer to an old question only if that was the last one.
        """
        async with self._db.write() as session:
            found = await _turn_of_update(session, inbound.key)
            if found is None:
                found = TurnRow(
                    platform=inbound.platform,
                    update_id=inbound.update_id,
                    chat_id=inbound.chat_id,
                    conversation=conversation,
                    user_id=inbound.user_id,
                    parent_id=await _still_there(session, parent_id),
                    alternative_of=await _still_there(session, alternative_of),
                    question=inbound.text if question is None else question,
                    created_at=time.time(),
                    verses=[],
                )
                session.add(found)
                await session.flush()
                head = await session.get(HeadRow, conversation)
                if head is None:
                    session.add(HeadRow(conversation=conversation, turn_id=found.id))
                elif alternative_of is None or head.turn_id in (alternative_of, await _without(session, found)):
                    head.turn_id = found.id
            return await _turn(session, found)

    async def posted(self, turn_id: int, chat_id: str, message_ids: Sequence[str]) -> None:
        """Remember which messages hold an answer; twice is once. Nothing happens for a turn that is erased."""
        async with self._db.write() as session:
            row = await session.get(TurnRow, turn_id)
            if row is None:
                return
            for place, message_id in enumerate(message_ids):
                key = (row.platform, chat_id, message_id)
                if await session.get(PostRow, key) is None:
                    session.add(
                        PostRow(platform=key[0], chat_id=chat_id, message_id=message_id, turn_id=turn_id, place=place)
                    )

    async def finish_turn(
        self,
        turn_id: int,
        *,
        answer: str | None,
        status: Status,
        verses: Sequence[str] = (),
        **figures: Any,
    ) -> None:
        """Store an answer, or that there is none. figures: story, tier and the times and counts of Turn.

        Nothing happens for a turn that is erased.
        """
        async with self._db.write() as session:
            row = await session.get(TurnRow, turn_id)
            if row is None:
                return
            row.answer, row.status, row.verses, row.finished_at = answer, status, list(verses), time.time()
            for name, value in figures.items():
                setattr(row, name, value)
            head = await session.get(HeadRow, row.conversation)
            if answer is None and head is not None and head.turn_id == row.id:
                head.turn_id = await _without(session, row)

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

    async def turn(self, turn_id: int) -> Turn | None:
        async with self._db.read() as session:
            row = await session.get(TurnRow, turn_id)
            return None if row is None else await _turn(session, row)

    async def turn_of_message(self, platform: str, chat_id: str, message_id: str) -> Turn | None:
        """The turn whose answer a message of ours holds."""
        async with self._db.read() as session:
            post = await session.get(PostRow, (platform, chat_id, message_id))
            row = None if post is None else await session.get(TurnRow, post.turn_id)
            return None if row is None else await _turn(session, row)

    async def turn_of_update(self, key: Key) -> Turn | None:
        """The turn that a message began."""
        async with self._db.read() as session:
            row = await _turn_of_update(session, key)
            return None if row is None else await _turn(session, row)

    async def head(self, conversation: str) -> int | None:
        """The last turn of a conversation; None when it is new."""
        async with self._db.read() as session:
            row = await session.get(HeadRow, conversation)
            return None if row is None else row.turn_id

    async def chats(self, platform: str, since: float) -> dict[str, float]:
        """The chats with a turn since a time, each with the time (unix seconds) of its last one."""
        async with self._db.read() as session:
            found = await session.execute(
                select(TurnRow.chat_id, func.max(TurnRow.created_at))
                .where(TurnRow.platform == platform, TurnRow.created_at > since)
                .group_by(TurnRow.chat_id)
            )
            return {chat: last for chat, last in found}

    async def new_conversation(self, conversation: str) -> None:
        async with self._db.write() as session:
            row = await session.get(HeadRow, conversation)
            if row is not None:
                row.turn_id = None

    async def history(self, turn_id: int, limit: int = 50) -> list[Turn]:
        """A turn and those before it on its branch, oldest first, the last `limit` of them."""
        async with self._db.read() as session:
            steps = (
                select(TurnRow.id, TurnRow.parent_id, func.coalesce(0, 0).label("depth"))
                .where(TurnRow.id == turn_id)
                .cte(recursive=True)
            )
            steps = steps.union_all(
                select(TurnRow.id, TurnRow.parent_id, steps.c.depth + 1)
                .join(steps, TurnRow.id == steps.c.parent_id)
                .where(steps.c.depth < limit - 1)
            )
            rows = await session.scalars(
                select(TurnRow).join(steps, TurnRow.id == steps.c.id).order_by(steps.c.depth.desc())
            )
            return [await _turn(session, row) for row in rows.all()]

    async def told(self, platform: str, user_id: str, since: float) -> set[str]:
        """The stories that a person heard since a time (unix seconds)."""
        async with self._db.read() as session:
            found = await session.scalars(
                select(TurnRow.story)
                .where(TurnRow.platform == platform, TurnRow.user_id == user_id, TurnRow.created_at > since)
                .where(TurnRow.story.is_not(None))
            )
            return {story for story in found if story}

    async def vote(self, turn_id: int, user_id: str, value: int) -> None:
        """A person's word on an answer, 1 or -1; the last one counts."""
        async with self._db.write() as session:
            turn = await session.get(TurnRow, turn_id)
            if turn is not None:
                await session.merge(VoteRow(turn_id=turn_id, platform=turn.platform, user_id=user_id, value=value))

    async def compared(self) -> list[list[tuple[Turn, int]]]:
        """Questions that have several answers: of each answer (turn, votes up less votes down), oldest first. Nothing of
        people who opted out."""
        async with self._db.read() as session:
            found = await opinions.compared(session)
            return [
                [(await _turn(session, await session.get_one(TurnRow, id_)), score) for id_, score in group]
                for group in found
            ]

    # -- people -----------------------------------------------------------------------------------------------

    async def forget(self, platform: str, user_id: str) -> int:
        """Erase a person's rows for good, also from the log of the database. Returns how many there were.

        What others said in reply stays theirs, joined to what came before.
        """
        async with self._db.write() as session:
            rows = await privacy.forget(session, platform, user_id)
            if rows:
                await self._db.erased(session)
        await self._db.scrub()
        return rows

    async def mydata(self, platform: str, user_id: str) -> dict[str, Any]:
        """Everything kept about a person, ready for JSON."""
        async with self._db.read() as session:
            return await privacy.mydata(session, platform, user_id)

    async def optout(self, platform: str, user_id: str, out: bool = True) -> None:
        """Keep a person's words out of training, or no longer."""
        async with self._db.write() as session:
            if out:
                await session.merge(PersonRow(platform=platform, user_id=user_id, optout=True, since=time.time()))
            else:
                await session.execute(
                    delete(PersonRow).where(PersonRow.platform == platform, PersonRow.user_id == user_id)
                )

    async def is_optout(self, platform: str, user_id: str) -> bool:
        async with self._db.read() as session:
            row = await session.get(PersonRow, (platform, user_id))
            return row is not None and row.optout

    # -- notes ------------------------------------------------------------------------------------------------

    async def note(self, name: str) -> str | None:
        """What was noted last under a name."""
        async with self._db.read() as session:
            row = await session.get(NoteRow, name)
            return None if row is None else row.value

    async def take_note(self, name: str, value: str) -> None:
        async with self._db.write() as session:
            await session.merge(NoteRow(name=name, value=value))

    # -- upkeep -----------------------------------------------------------------------------------------------

    async def prune(self, now: float) -> int:
        """Erase what retention says and what the inbox no longer needs. Returns how many turns went."""
        async with self._db.write() as session:
            turns = await privacy.prune(session, now, self._retention_days)
            if turns:
                await self._db.erased(session)
        await self._db.scrub()
        return turns

    async def stats(self) -> dict[str, str]:
        """Figures of the last day for /stats, in words."""
        async with self._db.read() as session:
            return await report.stats(session, time.time())

    async def days(self, count: int = 14) -> list[Day]:
        """What was asked on each of the last days, oldest first, today included."""
        async with self._db.read() as session:
            return await report.days(session, time.time(), count)

    async def check(self) -> str:
        """One line for an operator, after proving that the database can be written."""
        async with self._db.write() as session:
            await session.execute(update(InboxRow).where(InboxRow.platform == "").values(attempts=0))
            turns = await session.scalar(select(func.count()).select_from(TurnRow)) or 0
        size = f", {self._db.file.stat().st_size / 2**20:.1f} MB" if self._db.file is not None else ""
        return (
            f"{self._db.name} {await self._db.version()}, {turns} {'turn' if turns == 1 else 'turns'}{size}, writable"
        )


async def _turn_of_update(session: Session, key: Key) -> TurnRow | None:
    found: TurnRow | None = await session.scalar(
        select(TurnRow).where(TurnRow.platform == key[0], TurnRow.update_id == key[1])
    )
    return found


async def _still_there(session: Session, turn_id: int | None) -> int | None:
    """A turn's id; None when it was erased since it was looked up."""
    return None if turn_id is None or await session.get(TurnRow, turn_id) is None else turn_id


async def _without(session: Session, row: TurnRow) -> int | None:
    """Where a conversation stands without a turn: at the answer that it is another of, else before its question."""
    while row.alternative_of is not None:
        other = await session.get_one(TurnRow, row.alternative_of)
        if other.answer is not None:
            return other.id
        row = other
    return row.parent_id


async def _turn(session: Session, row: TurnRow) -> Turn:
    """A row as the frozen value that leaves this room."""
    posts = await session.scalars(
        select(PostRow.message_id).where(PostRow.turn_id == row.id).order_by(PostRow.place, PostRow.message_id)
    )
    same = {name: getattr(row, name) for name in Turn.__slots__ if name not in ("verses", "message_ids")}
    return Turn(**same, verses=tuple(row.verses), message_ids=tuple(posts))
