"""The tables. Text in them is what people wrote: /forget and retention erase rows, never merely mark them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect, Float, ForeignKey, Index, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite counts its own row ids only for INTEGER; other databases get 64 bits.
ID = BigInteger().with_variant(Integer, "sqlite")


class Words(TypeDecorator[str]):
    """Text without the character zero, which PostgreSQL cannot hold and nobody can see."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value.replace("\0", "") if value else value


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {str: Words, float: Float(53), dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012


class InboxRow(Base):
    """The durable inbox. When a message is done, its words and its person are cleared and its id stays, so that a
    platform's second delivery of it is dropped."""

    __tablename__ = "inbox"
    platform: Mapped[str] = mapped_column(primary_key=True)
    update_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str | None]
    kind: Mapped[str]
    received_at: Mapped[float]
    state: Mapped[str] = mapped_column(default="received")
    attempts: Mapped[int] = mapped_column(default=0)
    payload: Mapped[str | None]
    host: Mapped[str | None]  # who answers it
    conversation: Mapped[str | None] = mapped_column(index=True)  # in whose line it waits
    __table_args__ = (
        Index("ix_inbox_state", "platform", "state"),
        Index("ix_inbox_person", "platform", "user_id", "received_at"),
        Index("ix_inbox_received_at", "received_at"),
    )


class TurnRow(Base):
    __tablename__ = "turns"
    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=True)
    platform: Mapped[str]
    update_id: Mapped[str]
    chat_id: Mapped[str]
    conversation: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id"), index=True)
    alternative_of: Mapped[int | None] = mapped_column(ForeignKey("turns.id"), index=True)
    question: Mapped[str]
    answer: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="pending")
    tier: Mapped[str | None]
    verses: Mapped[list[str]] = mapped_column(default=list)
    story: Mapped[str | None]
    faults: Mapped[list[str] | None]
    created_at: Mapped[float] = mapped_column(index=True)
    finished_at: Mapped[float | None]
    wait_s: Mapped[float | None]
    first_token_s: Mapped[float | None]
    total_s: Mapped[float | None]
    prompt_tokens: Mapped[int | None]
    answer_tokens: Mapped[int | None]
    __table_args__ = (
        Index("uq_turns_update", "platform", "update_id", unique=True),
        Index("ix_turns_person", "platform", "user_id", "created_at"),
        {"sqlite_autoincrement": True},  # an erased turn's id is never given to another: old buttons point nowhere
    )


class PostRow(Base):
    """Which messages of a platform hold which turn's answer, in order."""

    __tablename__ = "posts"
    platform: Mapped[str] = mapped_column(primary_key=True)
    chat_id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]


class HeadRow(Base):
    """The last turn of a conversation that goes in one line; none after /new."""

    __tablename__ = "heads"
    conversation: Mapped[str] = mapped_column(primary_key=True)
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id"), index=True)


class VoteRow(Base):
    __tablename__ = "votes"
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    platform: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
    __table_args__ = (Index("ix_votes_person", "platform", "user_id"),)


class PersonRow(Base):
    __tablename__ = "people"
    platform: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    optout: Mapped[bool] = mapped_column(default=False)
    since: Mapped[float]


class DailyRow(Base):
    """Who gets the verse of the day. due_at is the next time; day (an ordinal) the last that had its verse."""

    __tablename__ = "daily"
    platform: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    chat_id: Mapped[str]
    minute: Mapped[int]
    zone: Mapped[str]
    due_at: Mapped[float]
    day: Mapped[int] = mapped_column(default=0)
    sending_at: Mapped[float | None]
    host: Mapped[str | None]  # who sends it
    __table_args__ = (Index("ix_daily_due_at", "platform", "due_at"),)


class NoteRow(Base):
    """What an adapter wants to know again after a restart, by name. Nothing of what people wrote."""

    __tablename__ = "notes"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class HostRow(Base):
    """A host that lives, on a database that several share. seen: by the database's clock, unix seconds."""

    __tablename__ = "hosts"
    id: Mapped[str] = mapped_column(primary_key=True)
    seen: Mapped[float]


def new(row: type[Base], dialect: str) -> Any:
    """An INSERT that may say what it does where the row is there already (on_conflict_…)."""
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(row.__table__)
