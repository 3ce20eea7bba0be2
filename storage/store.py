"""The store: everything the rest of the program asks of the database. Every method raises StoreError."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, delete, func, select, update

from storage import inbox, migrations, opinions, privacy, report, turns
from storage.daily import Subscriptions
from storage.database import Database, StoreError
from storage.hosts import Hosts, pending
from storage.tables import InboxRow, NoteRow, PersonRow, PostRow, TurnRow, VoteRow
from storage.types import Day, Inbound, Key, Pending, State, Status, Turn
from storage.whole import uncancelled

T = TypeVar("T")
Coming = Coroutine[Any, Any, T]


@uncancelled
class Store:
    """Open it with Store.open(). Safe for any number of tasks; writes go one after the other.

    What every message needs is no coroutine function, but gives Database's do() or ask() to await.
    """

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

    def receive(self, inbound: Inbound, conversation: str | None = None) -> Coming[bool]:
        """Commit a message. False when it is known already; then nothing is to be done.

        conversation: in which it waits for what came before it (see Hosts.my_turn).
        """
        me = self.hosts.me
        return self._db.do(lambda connection: inbox.receive(connection, me, inbound, conversation))

    def begin(self, key: Key) -> Coming[int]:
        """An answer is begun; returns how often that happened for this message, 0 when it is done. Raises Taken."""
        return self._step(key, "working")

    def sending(self, key: Key) -> Coming[object]:
        """From here a crash leaves open whether the words arrived. Raises Taken."""
        return self._step(key, "sending")

    def done(self, key: Key) -> Coming[object]:
        """Nothing more will be said. The words are cleared; who asked stays a day, for the quota (see prune).

        Raises Taken.
        """
        return self._step(key, "done")

    def _step(self, key: Key, state: State) -> Coming[int]:
        me = self.hosts.me
        return self._db.do(lambda connection: inbox.step(connection, me, key, state))

    def open_still(self, key: Key) -> Coming[bool]:
        """Whether a message still waits for its answer: not after its person was forgotten. Raises Taken."""
        me = self.hosts.me
        return self._db.ask(lambda connection: inbox.is_open(connection, me, key))

    async def unfinished(self, platform: str) -> list[Pending]:
        """Messages that are not done, oldest first, whosever they are."""
        async with self._db.read() as session:
            rows = await session.scalars(
                select(InboxRow)
                .where(InboxRow.platform == platform, InboxRow.state != "done", InboxRow.payload.is_not(None))
                .order_by(InboxRow.received_at, InboxRow.update_id)
            )
            return [pending(row) for row in rows]

    def recent(self, inbound: Inbound, within_s: float) -> Coming[int]:
        """How many questions its person asked, by words or by a button, in so many seconds before a message."""
        return self._db.ask(lambda connection: inbox.recent(connection, inbound, within_s))

    # -- turns ------------------------------------------------------------------------------------------------

    def start_turn(
        self,
        *,
        inbound: Inbound,
        conversation: str,
        parent_id: int | Literal["last"] | None,
        alternative_of: int | None = None,
        question: str | None = None,
    ) -> Coming[Turn | None]:
        """A question is taken up. Once for a message: a second call returns the first one's turn.

        parent_id: the turn before it; "last": that of its conversation.
        None when the message is done: its person was forgotten meanwhile. Raises Taken.
        The conversation goes on from here; from another answer to an old question only if that was the last one.
        """
        asked, me = inbound.text if question is None else question, self.hosts.me

        def start(connection: Connection) -> Turn | None:
            if not inbox.is_open(connection, me, inbound.key):  # looked at in here, while nobody can be erased
                return None
            return turns.start(connection, inbound, conversation, parent_id, alternative_of, asked)

        return self._db.do(start, alone=True)

    def posted(self, turn_id: int, chat_id: str, message_ids: Sequence[str]) -> Coming[None]:
        """Remember which messages hold an answer; twice is once. Nothing happens for a turn that is erased."""
        return self._db.do(lambda connection: turns.post(connection, turn_id, chat_id, message_ids), alone=True)

    async def moved(self, inbound: Inbound, conversation: str, message_id: str) -> None:
        """The chat of a message has become another one, the inbound's, and there stands its answer. Nothing happens for a
        message that began no turn."""
        async with self._db.write(alone=False) as session:
            platform, update_id = inbound.key
            turn = await session.scalar(
                update(TurnRow)
                .where(TurnRow.platform == platform, TurnRow.update_id == update_id)
                .values(chat_id=inbound.chat_id, conversation=conversation)
                .returning(TurnRow.id)
            )
            await session.execute(
                update(PostRow)
                .where(PostRow.turn_id == turn, PostRow.message_id == message_id)
                .values(chat_id=inbound.chat_id)
            )

    def finish_turn(
        self,
        turn_id: int,
        *,
        answer: str | None,
        status: Status,
        verses: Sequence[str] = (),
        **figures: Any,
    ) -> Coming[None]:
        """Store an answer, or that there is none. figures: story, tier and the times and counts of Turn.

        Nothing happens for a turn that is erased.
        """
        kept = {"answer": answer, "status": status, "verses": list(verses), **figures}
        return self._db.do(lambda connection: turns.finish(connection, turn_id, kept), alone=True)

    def turn(self, turn_id: int) -> Coming[Turn | None]:
        return self._db.ask(lambda connection: turns.of_id(connection, turn_id))

    def turn_of_message(self, platform: str, chat_id: str, message_id: str) -> Coming[Turn | None]:
        """The turn whose answer a message of ours holds."""
        return self._db.ask(lambda connection: turns.of_message(connection, platform, chat_id, message_id))

    def turn_of_update(self, key: Key) -> Coming[Turn | None]:
        """The turn that a message began."""
        return self._db.ask(lambda connection: turns.of_update(connection, key))

    def head(self, conversation: str) -> Coming[int | None]:
        """The last turn of a conversation; None when it is new."""
        return self._db.ask(lambda connection: turns.head(connection, conversation))

    async def asked(self, platform: str, user_id: str, most: int) -> list[str]:
        """What a person asked last, newest first."""
        async with self._db.read() as session:
            found = await session.scalars(
                select(TurnRow.question)
                .where(TurnRow.platform == platform, TurnRow.user_id == user_id)
                .order_by(TurnRow.created_at.desc())
                .limit(most)
            )
            return list(found)

    async def chats(self, platform: str, since: float) -> dict[str, float]:
        """The chats with a turn since a time, each with the time (unix seconds) of its last one."""
        async with self._db.read() as session:
            found = await session.execute(
                select(TurnRow.chat_id, func.max(TurnRow.created_at))
                .where(TurnRow.platform == platform, TurnRow.created_at > since)
                .group_by(TurnRow.chat_id)
            )
            return {chat: last for chat, last in found}

    def new_conversation(self, conversation: str) -> Coming[None]:
        return self._db.do(lambda connection: turns.move(connection, conversation, None), alone=True)

    def history(self, turn_id: int, limit: int = 50) -> Coming[list[Turn]]:
        """A turn and those before it on its branch, oldest first, the last `limit` of them; without their message_ids."""
        return self._db.ask(lambda connection: turns.history(connection, turn_id, limit))

    def before(self, turn: Turn, since: float) -> Coming[tuple[list[Turn], set[str]]]:
        """What history() gives of what came before a turn, and the stories that its person heard since a time."""

        def look(connection: Connection) -> tuple[list[Turn], set[str]]:
            branch = turns.history(connection, turn.parent_id, 50) if turn.parent_id is not None else []
            return branch, turns.told(connection, turn.platform, turn.user_id, since)

        return self._db.ask(look)

    def told(self, platform: str, user_id: str, since: float) -> Coming[set[str]]:
        """The stories that a person heard since a time (unix seconds)."""
        return self._db.ask(lambda connection: turns.told(connection, platform, user_id, since))

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
            connection = await session.connection()
            return [
                [(turn, score) for id_, score in group if (turn := await connection.run_sync(turns.of_id, id_))]
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
        """Erase what retention says and what the inbox no longer needs. Returns how many turns and messages that
        were never answered went."""
        async with self._db.write() as session:
            gone = await privacy.prune(session, now, self._retention_days)
            if gone:
                await self._db.erased(session)
        await self._db.scrub()
        return gone

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
