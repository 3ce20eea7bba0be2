"""The people's side of the loopback Telegram: what they write, press, stop and block."""

from __future__ import annotations

import time

from tests.platforms.telegram_updates import Updates
from tests.platforms.telegram_world import Chat, Json, Message, Press, World, marked

# A message of each kind that holds no text ("Message").
MEDIA: dict[str, object] = {
    "photo": [{"file_id": "p", "file_unique_id": "p", "width": 90, "height": 90}],
    "voice": {"file_id": "v", "file_unique_id": "v", "duration": 3},
    "audio": {"file_id": "a", "file_unique_id": "a", "duration": 3},
    "video": {"file_id": "f", "file_unique_id": "f", "width": 90, "height": 90, "duration": 3},
    "video_note": {"file_id": "n", "file_unique_id": "n", "length": 90, "duration": 3},
    "animation": {"file_id": "g", "file_unique_id": "g", "width": 90, "height": 90, "duration": 3},
    "document": {"file_id": "d", "file_unique_id": "d"},
    "sticker": {
        "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 512, "height": 512,
        "is_animated": False, "is_video": False,
    },
    "location": {"latitude": 29.96, "longitude": 76.88},
    "contact": {"phone_number": "+10000000000", "first_name": "Somebody"},
    "dice": {"emoji": "🎲", "value": 4},
    # service messages, which nobody answers
    "new_chat_title": "Another title",
    "left_chat_member": {"id": 99, "is_bot": False, "first_name": "Person 99"},
}  # fmt: skip


class People:
    """Every method returns at once; what it did is on its way to the bot. Chats appear with their first message."""

    def __init__(self, world: World, updates: Updates) -> None:
        self.world, self.updates = world, updates

    def private(
        self,
        user_id: int,
        text: str,
        entities: list[Json] | None = None,
        reply_to: Message | int | None = None,
        language: str = "en",
    ) -> Message:
        """Somebody writes to the bot. Longer or emptier than a client would let them is let through."""
        self.world.languages[user_id] = language
        return self._said(self.world.chat(user_id), user_id, text, entities, reply_to, None)

    def group(
        self,
        chat_id: int,
        user_id: int,
        text: str,
        mention: bool = True,
        reply_to: Message | int | None = None,
        topic: int | None = None,
    ) -> Message:
        """Somebody writes in a supergroup (a negative id). mention: to the bot, "@bot text", or "/name@bot text".

        topic: any number that names a forum topic; it is opened by its first message.
        """
        assert chat_id < 0, "a group's id is negative"
        chat = self.world.chat(chat_id)
        name = "@" + self.world.bot["username"]
        if mention and text.startswith("/"):
            word, space, rest = text.partition(" ")
            text = f"{word}{name}{space}{rest}"
        elif mention:
            text = f"{name} {text}"
        thread = None if topic is None else self.world.topic(chat, topic, user_id).id
        return self._said(chat, user_id, text, None, reply_to, thread)

    def media(self, user_id: int, kind: str, caption: str = "", chat_id: int | None = None) -> Message:
        """Somebody sends a thing without text (MEDIA lists the kinds), in a private chat unless chat_id says where."""
        chat = self.world.chat(user_id if chat_id is None else chat_id)
        extra: Json = {kind: MEDIA[kind]} | ({"caption": caption} if caption else {})
        message = self.world.add(chat, self.world.person(user_id), extra=extra, entities=marked(caption))
        return self._told(message)

    def press(self, user_id: int, message: Message, data: str) -> Press:
        """Somebody presses a button: its data, or the beginning of its label. .answer is what the bot says to that.

        A button of a deleted message can still be pressed on a screen that has not heard of it; the bot is then told
        of an InaccessibleMessage.
        """
        data = data if data in message.data else message.button(data)
        press = self.world.press(user_id, message, data)
        chat = self.world.chat(message.chat)
        gone: Json = {"chat": self.world.chat_json(chat), "message_id": message.id, "date": 0}
        self.updates.add(
            "callback_query",
            {
                "id": press.id,
                "from": self.world.person(user_id),
                "message": gone if message.deleted else self.world.message_json(message),
                "chat_instance": str(hash(chat.id)),
                "data": data,
            },
        )
        return press

    def stop_generation(self, user_id: int) -> Json | None:
        """Somebody presses the stop button that can_stop puts beside a draft ("MessageGenerationStopped").

        Returns the update; None where the bot did not ask for such updates.
        """
        chat = self.world.chat(user_id)
        draft = self.world.seen_draft(chat)
        assert draft is not None and draft.can_stop, "there is no draft with a stop button"
        chat.stopped.add(draft.id)
        if not draft.keep_on_stop:
            chat.draft = None
        stopped = {"chat": self.world.chat_json(chat), "draft_id": draft.id}
        return self.updates.add("stopped_message_generation", stopped)

    def block(self, user_id: int, blocked: bool = True) -> None:
        """Somebody blocks the bot, or no longer. A negative id: a group throws it out."""
        self.world.chat(user_id).closed = blocked
        self.updates.add(
            "my_chat_member",
            {
                "chat": self.world.chat_json(self.world.chat(user_id)),
                "from": self.world.person(abs(user_id)),
                "date": int(time.time()),
                "old_chat_member": {"user": self.world.bot, "status": "member"},
                "new_chat_member": {"user": self.world.bot, "status": "kicked", "until_date": 0},
            },
        )

    def upgrade(self, chat_id: int) -> int:
        """A basic group becomes a supergroup, another chat in which messages count anew. Returns its id."""
        chat, new = self.world.chat(chat_id), self.world.chat(chat_id - 10**12)
        assert chat.basic and chat.upgraded is None, "only a basic group can be upgraded, once"
        chat.upgraded = new.id
        owner = self.world.person(1)
        self._told(self.world.add(chat, owner, extra={"migrate_to_chat_id": new.id}))
        self._told(self.world.add(new, owner, extra={"migrate_from_chat_id": chat.id}))
        return new.id

    def close_topic(self, chat_id: int, topic: int) -> None:
        """An admin closes a topic of a forum: who is no admin cannot write there any more."""
        chat = self.world.chat(chat_id)
        chat.closed_topics.add(chat.topics[topic].id)

    def delete(self, message: Message) -> None:
        """Somebody deletes a message for everybody; Telegram does not tell the bot."""
        message.deleted = True

    def replay(self, update: Json | Message) -> None:
        """Deliver an update again, as happens when a confirmation is lost."""
        again = update.update if isinstance(update, Message) else update
        assert again is not None, "the bot was never told of that"
        self.updates.again(again)

    def _said(
        self,
        chat: Chat,
        user_id: int,
        text: str,
        entities: list[Json] | None,
        reply_to: Message | int | None,
        topic: int | None,
    ) -> Message:
        quoted = reply_to.id if isinstance(reply_to, Message) else reply_to
        found = marked(text) if entities is None else entities
        message = self.world.add(chat, self.world.person(user_id), text, entities=found, reply_to=quoted, topic=topic)
        return self._told(message)

    def _told(self, message: Message) -> Message:
        message.update = self.updates.add("message", self.world.message_json(message))
        return message
