"""What the loopback Telegram knows: people, chats, messages, drafts, presses; and how each looks as JSON.

Field names and shapes: core.telegram.org/bots/api, "Available types".
"""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

# Telegram's clients mark these; the bot never looks for them in the text itself.
_MARKS = re.compile(r"(?<![\w/@<>])(?:(?P<bot_command>/\w{1,64}(?:@\w{3,32})?)(?![\w/@])|(?P<mention>@\w{4,32})(?!\w))")
ANONYMOUS = 1_087_968_824  # @GroupAnonymousBot, which stands in for an admin who writes as the group
DRAFT_LIFE_S = 30.0  # "an ephemeral 30-second preview": the page of sendMessageDraft


def utf16(text: str) -> int:
    """The length of a text as Telegram counts it ("MessageEntity"): UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def marked(text: str) -> list[Json]:
    """The bot_command and mention entities that a client would put into a text."""
    return [
        {"type": str(m.lastgroup), "offset": utf16(text[: m.start()]), "length": utf16(m.group())}
        for m in _MARKS.finditer(text)
    ]


@dataclass(frozen=True)
class Edit:
    """One change of a message."""

    at: float
    text: str
    buttons: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    """A file the bot sent."""

    name: str
    data: bytes
    caption: str


@dataclass
class Message:
    """A message as the people of its chat see it now. Times: unix seconds. keyboard: rows of InlineKeyboardButton."""

    chat: int
    id: int
    sender: Json
    at: float
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    keyboard: list[list[Json]] = field(default_factory=list)
    reply_to: int | None = None
    topic: int | None = None
    document: Document | None = None
    extra: Json = field(default_factory=dict)  # media and service fields
    edits: list[Edit] = field(default_factory=list)
    deleted: bool = False
    update: Json | None = None  # the update that told the bot of it: for replay()

    @property
    def buttons(self) -> tuple[str, ...]:
        """The labels, row after row."""
        return tuple(b["text"] for row in self.keyboard for b in row)

    @property
    def data(self) -> tuple[str, ...]:
        """What the buttons would send."""
        return tuple(b["callback_data"] for row in self.keyboard for b in row if "callback_data" in b)

    def button(self, start: str) -> str:
        """The data of the first button whose label or data begins so."""
        found = [b["callback_data"] for row in self.keyboard for b in row if (b["text"] + "\0").startswith(start)] or [
            d for d in self.data if d.startswith(start)
        ]
        assert found, f"no button {start!r} under {self.text[:60]!r}, but {self.buttons}"
        return str(found[0])


@dataclass(frozen=True)
class Draft:
    """One frame of a draft. shown: False after the person stopped it."""

    id: int
    text: str
    at: float
    can_stop: bool
    keep_on_stop: bool
    shown: bool = True
    entities: tuple[Json, ...] = ()


@dataclass
class Press:
    """A pressed button. answer: what answerCallbackQuery said; None until then."""

    id: str
    user: int
    chat: int
    message: int
    data: str
    at: float
    answer: str | None = None
    alert: bool = False
    answered_at: float | None = None


@dataclass
class Chat:
    """A private chat (its id is the person's), a supergroup (a negative id) or a basic group, which may become one."""

    id: int
    messages: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Message] = field(default_factory=dict)  # a forum's, by the id of the service message
    frames: list[Draft] = field(default_factory=list)  # every draft frame there ever was
    draft: Draft | None = None  # what is on the screen
    stopped: set[int] = field(default_factory=set)  # drafts that the person stopped
    actions: list[tuple[float, str]] = field(default_factory=list)
    closed: bool = False  # the person blocked the bot, or the group threw it out
    closed_topics: set[int] = field(default_factory=set)  # by their id
    basic: bool = False
    upgraded: int | None = None  # the supergroup that it has become

    @property
    def private(self) -> bool:
        return self.id > 0


class World:
    """Everything there is. Ids of messages count in each chat, as Telegram's supergroups do."""

    def __init__(self, bot: Json) -> None:
        self.bot = bot
        self.chats: dict[int, Chat] = {}
        self.languages: dict[int, str] = {}
        self.presses: dict[str, Press] = {}
        self._press_ids = itertools.count(4_382_000_000_000_001)

    def chat(self, chat_id: int) -> Chat:
        return self.chats.setdefault(chat_id, Chat(chat_id))

    def person(self, user_id: int) -> Json:
        if user_id == ANONYMOUS:
            return {"id": user_id, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        return {
            "id": user_id,
            "is_bot": False,
            "first_name": f"Person {user_id}",
            "language_code": self.languages.get(user_id, "en"),
        }

    def chat_json(self, chat: Chat) -> Json:
        if chat.private:
            return {"id": chat.id, "type": "private", "first_name": f"Person {chat.id}"}
        forum: Json = {"is_forum": True} if chat.topics else {}
        if chat.basic:
            return {"id": chat.id, "type": "group", "title": f"Group {-chat.id}"}
        return {"id": chat.id, "type": "supergroup", "title": f"Group {-chat.id}", **forum}

    def add(self, chat: Chat, sender: Json, text: str = "", **fields: Any) -> Message:
        """A new message in a chat."""
        message_id = max(chat.messages, default=0) + 1
        message = chat.messages[message_id] = Message(chat.id, message_id, sender, time.time(), text, **fields)
        return message

    def topic(self, chat: Chat, name: int, creator: int) -> Message:
        """The service message that opened a forum topic; its id is the topic's message_thread_id."""
        if name not in chat.topics:
            made = self.add(
                chat,
                self.person(creator),
                extra={"forum_topic_created": {"name": f"Topic {name}", "icon_color": 7322096}},
            )
            made.topic = made.id
            chat.topics[name] = made
        return chat.topics[name]

    def press(self, user: int, message: Message, data: str) -> Press:
        press = Press(str(next(self._press_ids)), user, message.chat, message.id, data, time.time())
        self.presses[press.id] = press
        return press

    def seen_draft(self, chat: Chat) -> Draft | None:
        """The draft on the screen, if it has not faded yet."""
        if chat.draft is not None and time.time() - chat.draft.at > DRAFT_LIFE_S:
            chat.draft = None
        return chat.draft

    def message_json(self, message: Message, *, nested: bool = False) -> Json:
        """A Message object; in one that quotes it (nested) without what it quotes itself."""
        chat = self.chat(message.chat)
        found: Json = {
            "message_id": message.id,
            "from": message.sender,
            "chat": self.chat_json(chat),
            "date": int(message.at),
            **message.extra,
        }
        if message.sender["id"] == ANONYMOUS:
            found["sender_chat"] = self.chat_json(chat)
        if message.document is not None:
            size = len(message.document.data)
            found["document"] = {
                "file_id": f"file-{message.chat}-{message.id}",
                "file_unique_id": f"unique-{message.chat}-{message.id}",
                "file_name": message.document.name,
                "file_size": size,
            }
            found |= {"caption": message.document.caption} if message.document.caption else {}
        elif "caption" not in message.extra and not message.extra:
            found["text"] = message.text
        if message.entities:
            found["caption_entities" if "caption" in found else "entities"] = message.entities
        if message.keyboard:
            found["reply_markup"] = {"inline_keyboard": message.keyboard}
        if message.edits:
            found["edit_date"] = int(message.edits[-1].at)
        self._place(chat, message, found, nested)
        return found

    def _place(self, chat: Chat, message: Message, found: Json, nested: bool) -> None:
        """Topic and quoted message. A message in a topic that quotes nothing quotes the topic's first; in a group
        without topics a reply carries the thread's id too, though it is in no topic."""
        quoted = chat.messages.get(message.reply_to or 0)
        if message.topic is not None:
            found |= {"message_thread_id": message.topic, "is_topic_message": True}
            if quoted is None and message.id != message.topic:
                quoted = chat.messages.get(message.topic)
        elif quoted is not None and not chat.private:
            found["message_thread_id"] = _root(chat, message).id
        if quoted is not None and not quoted.deleted and not nested:
            found["reply_to_message"] = self.message_json(quoted, nested=True)


def _root(chat: Chat, message: Message) -> Message:
    """The message that a thread of replies began with."""
    while message.reply_to is not None and message.reply_to in chat.messages:
        message = chat.messages[message.reply_to]
    return message
