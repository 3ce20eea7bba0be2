"""What goes into the store and comes out of it."""

from __future__ import annotations

import json
import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["text", "command", "press", "media"]
State = Literal["received", "working", "answering", "sending", "done"]
Status = Literal["pending", "done", "stopped", "failed"]
Key = tuple[str, str]  # (platform, update id)
UNSTORABLE = re.compile("[\ud800-\udfff\0]")


@dataclass(frozen=True, slots=True)
class Inbound:
    """Something a person sent: a message, a command or a press of a button, the same for every platform.

    reply_to: the platform's id of our message that it replies to, or whose button was pressed.
    command: the name without the slash; text is then what follows it. For a press, text is the button's data.
    address: what the platform's adapter needs to answer, also after a restart.
    received_at: unix seconds, by the platform's clock where it tells when something was sent (Telegram: in whole ones).
    """

    platform: str
    update_id: str
    kind: Kind
    chat_id: str
    private: bool
    user_id: str
    user_name: str
    text: str
    thread_id: str | None = None
    reply_to: str | None = None
    locale: str | None = None
    command: str | None = None
    address: dict[str, Any] = field(default_factory=dict)
    received_at: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        """Halves of surrogate pairs and NULs leave: no database takes them all, and who sent them is to be answered."""
        for name in ("text", "user_name", "command", "locale"):
            value = getattr(self, name)
            if isinstance(value, str) and UNSTORABLE.search(value):
                object.__setattr__(self, name, UNSTORABLE.sub("", value))

    @property
    def key(self) -> Key:
        return self.platform, self.update_id

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Inbound:
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that was not answered when the program ended. attempts: how often an answer was begun."""

    inbound: Inbound
    state: State
    attempts: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """A person's verse of the day. minute: of their own day, 0 to 1439. zone: of which place's clocks.

    due_at: when the next one goes out, unix seconds. day: the last day that had one (datetime.date.toordinal() in the
    person's calendar). sending_at: since when one is under way, unix seconds; None when none is.
    """

    platform: str
    user_id: str
    chat_id: str
    minute: int
    zone: str
    due_at: float
    day: int = 0
    sending_at: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, a node of a conversation's tree. Times: unix seconds; durations: seconds.

    question may be empty in no turn; answer is None until it is made, and stays None when it failed.
    alternative_of: the turn that this is another answer to.
    """

    id: int
    platform: str
    update_id: str
    chat_id: str
    conversation: str
    user_id: str
    parent_id: int | None
    alternative_of: int | None
    question: str
    answer: str | None
    status: Status
    tier: str | None
    verses: tuple[str, ...]
    story: str | None
    message_ids: tuple[str, ...]
    created_at: float
    finished_at: float | None
    wait_s: float | None
    first_token_s: float | None
    total_s: float | None
    prompt_tokens: int | None
    answer_tokens: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """What was asked on a day of this machine's time zone, as far as it is kept. ordinal: datetime.date's."""

    ordinal: int
    conversations: int
    questions: int
