"""What the loopback Discord knows: people, guilds, channels, messages, interactions."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# Permission bits, https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags
VIEW_CHANNEL, SEND_MESSAGES, MANAGE_MESSAGES = 1 << 10, 1 << 11, 1 << 13
EMBED_LINKS, ATTACH_FILES, READ_MESSAGE_HISTORY, MENTION_EVERYONE = 1 << 14, 1 << 15, 1 << 16, 1 << 17
USE_APPLICATION_COMMANDS, SEND_MESSAGES_IN_THREADS = 1 << 31, 1 << 38
EVERYONE = (
    VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | READ_MESSAGE_HISTORY
    | USE_APPLICATION_COMMANDS | SEND_MESSAGES_IN_THREADS
)  # fmt: skip
# Channel and message types, and message flags, from the pages "Channel" and "Message" of the resources
TEXT, DM, GROUP_DM, PUBLIC_THREAD = 0, 1, 3, 11
DEFAULT, REPLY, CHAT_INPUT_COMMAND = 0, 19, 20
SUPPRESS_EMBEDS, EPHEMERAL, LOADING = 1 << 2, 1 << 6, 1 << 7
# Kinds of interactions, and where they come from: the page "Receiving and Responding"
COMMAND, COMPONENT = 2, 3
GUILD, BOT_DM, PRIVATE_CHANNEL = 0, 1, 2
MESSAGE_CONTENT = 1 << 15  # the intent; the page "Gateway", section Message Content Intent

EPOCH_MS = 1_420_070_400_000
_last_snowflake = 0


def snowflake() -> int:
    """An id that rises: the page "API Reference", section Snowflakes."""
    global _last_snowflake
    _last_snowflake = max(_last_snowflake + 1, (int(time.time() * 1000) - EPOCH_MS) << 22)
    return _last_snowflake


@dataclass(eq=False)
class User:
    name: str
    bot: bool = False
    accepts_dms: bool = True  # False: the bot's direct messages are refused with 50007
    locale: str = "en-US"
    id: int = field(default_factory=snowflake)

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(eq=False)
class Guild:
    name: str
    member: bool = True  # whether the bot's user is in it
    id: int = field(default_factory=snowflake)


@dataclass(eq=False)
class Channel:
    type: int
    name: str = ""
    guild: Guild | None = None
    parent: Channel | None = None  # of a thread
    people: tuple[User, ...] = ()  # of a direct or a group message
    denied: int = 0  # permission bits that the bot lacks here
    archived: bool = False
    locked: bool = False
    id: int = field(default_factory=snowflake)

    @property
    def permissions(self) -> int:
        """What the bot may do here."""
        return EVERYONE & ~self.denied & ~(self.parent.denied if self.parent else 0)


@dataclass(eq=False)
class File:
    name: str
    data: bytes
    content_type: str = "application/octet-stream"
    id: int = field(default_factory=snowflake)


class Version(NamedTuple):
    """A state that a message had. at: time.monotonic() seconds."""

    at: float
    content: str
    components: list[dict[str, Any]]


@dataclass(eq=False)
class Message:
    channel: Channel
    author: User
    content: str = ""
    type: int = DEFAULT
    flags: int = 0
    components: list[dict[str, Any]] = field(default_factory=list, repr=False)
    embeds: list[dict[str, Any]] = field(default_factory=list, repr=False)
    files: list[File] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    mention_everyone: bool = False
    allowed_mentions: dict[str, Any] | None = field(default=None, repr=False)  # as the bot sent it last
    reply_to: Message | None = field(default=None, repr=False)
    nonce: str | None = None
    interaction: Interaction | None = field(default=None, repr=False)  # that it answers
    deleted: bool = False
    edited_at: float | None = None  # Unix seconds; None until the first edit that people see as one
    created_at: float = field(default_factory=time.time)
    history: list[Version] = field(default_factory=list, repr=False)  # the first is how it was created
    id: int = field(default_factory=snowflake)

    @property
    def edits(self) -> int:
        return len(self.history) - 1

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """The "is thinking…" of a deferred answer."""
        return bool(self.flags & LOADING)

    @property
    def buttons(self) -> dict[str, dict[str, Any]]:
        """By custom_id, those that can be pressed and those that are disabled."""
        return {c["custom_id"]: c for row in self.components for c in row["components"] if c.get("custom_id")}

    def remember(self) -> None:
        self.history.append(Version(time.monotonic(), self.content, self.components))


@dataclass(eq=False)
class Interaction:
    """What a person did. Times are time.monotonic() seconds."""

    type: int
    user: User
    channel: Channel
    context: int
    owners: dict[str, str]  # authorizing_integration_owners
    data: dict[str, Any]
    message: Message | None = None  # whose button it was
    acked_at: float | None = None
    ack_type: int | None = None
    original: Message | None = None  # the answer; of a press that was acknowledged by an update, the pressed message
    followups: list[Message] = field(default_factory=list)  # also those deleted since
    created_at: float = field(default_factory=time.monotonic)
    id: int = field(default_factory=snowflake)
    token: str = field(default="", repr=False)

    @property
    def acked_after_s(self) -> float | None:
        return None if self.acked_at is None else self.acked_at - self.created_at

    @property
    def outside(self) -> bool:
        """Only the person installed the app, not this guild."""
        return set(self.owners) == {"1"}


@dataclass
class World:
    """Everything there is, by id."""

    bot: User
    owner: User
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    interactions: dict[str, Interaction] = field(default_factory=dict)  # by token
    commands: list[dict[str, Any]] = field(default_factory=list)  # the global ones, as stored

    @property
    def application_id(self) -> int:
        """Today an application and its bot share their id."""
        return self.bot.id

    def dm_channel(self, user: User) -> Channel:
        for channel in self.channels.values():
            if channel.type == DM and set(channel.people) == {user, self.bot}:
                return channel
        channel = Channel(DM, people=(user, self.bot))
        self.channels[channel.id] = channel
        return channel

    def context(self, channel: Channel) -> int:
        return GUILD if channel.guild else BOT_DM if self.bot in channel.people else PRIVATE_CHANNEL

    def reaches(self, channel: Channel) -> bool:
        """Whether the bot's user can see a channel."""
        if channel.guild:
            return channel.guild.member and bool(channel.permissions & VIEW_CHANNEL)
        return self.bot in channel.people

    def mentioned(self, content: str) -> list[User]:
        ids = dict.fromkeys(int(i) for i in re.findall(r"<@!?(\d+)>", content))
        return [self.users[i] for i in ids if i in self.users]
