"""The methods of the Bot API that the loopback server knows, each as core.telegram.org/bots/api describes it.

A method takes the server and the parameters and returns the result, or raises Refusal.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.platforms import telegram_rules as rules
from tests.platforms.telegram_rules import Refusal, bad, decoded, integer, too_many, yes
from tests.platforms.telegram_world import Chat, Document, Draft, Edit, Json, Message

if TYPE_CHECKING:
    from tests.platforms.telegram_server import TelegramServer

PRESS_LIFE_S = 60.0  # how long a pressed button waits for its answer


async def get_me(server: TelegramServer, params: Json) -> Json:
    return server.world.bot


async def get_updates(server: TelegramServer, params: Json) -> list[Json]:
    return await server.updates.get(params)


async def set_webhook(server: TelegramServer, params: Json) -> bool:
    server.updates.set_webhook(params)
    return True


async def delete_webhook(server: TelegramServer, params: Json) -> bool:
    server.updates.drop_webhook(params)
    return True


async def get_webhook_info(server: TelegramServer, params: Json) -> Json:
    return server.updates.info()


async def set_my_commands(server: TelegramServer, params: Json) -> bool:
    server.menus[_scope(params)] = rules.commands_of(params)
    return True


async def get_my_commands(server: TelegramServer, params: Json) -> list[Json]:
    return server.menus.get(_scope(params), [])


def _scope(params: Json) -> tuple[str, str]:
    scope = decoded(params, "scope") or {"type": "default"}
    return scope["type"] + "".join(f":{scope[k]}" for k in ("chat_id", "user_id") if k in scope), str(
        params.get("language_code") or ""
    )


async def send_message(server: TelegramServer, params: Json) -> Json:
    text, entities = rules.text_of(params)
    keyboard = rules.keyboard_of(params)
    chat, topic, reply_to = _place(server, params)
    _flood(server, chat)
    message = server.world.add(
        chat, server.world.bot, text, entities=entities, keyboard=keyboard, topic=topic, reply_to=reply_to
    )
    chat.draft = None  # "sendMessageDraft": the message takes the preview's place
    return server.world.message_json(message)


async def send_document(server: TelegramServer, params: Json) -> Json:
    caption, entities = rules.text_of(params, "caption", "caption_entities", rules.MOST_CAPTION, empty=True)
    keyboard = rules.keyboard_of(params)
    chat, topic, reply_to = _place(server, params)
    upload = params.get("document")
    if isinstance(upload, str) and upload.startswith("attach://"):
        upload = params.get(upload.removeprefix("attach://"))
    if not isinstance(upload, tuple):
        raise bad("there is no document in the request")
    if not upload[1]:
        raise bad("file must be non-empty")
    _flood(server, chat)
    message = server.world.add(
        chat, server.world.bot, entities=entities, keyboard=keyboard, topic=topic, reply_to=reply_to
    )
    message.document = Document(upload[0], upload[1], caption)
    chat.draft = None
    return server.world.message_json(message)


async def send_message_draft(server: TelegramServer, params: Json) -> bool:
    """Private chats only, draft_id not 0, 0 to 4,096 characters; the newest text alone is kept ("sendMessageDraft")."""
    text, entities = rules.text_of(params, empty=True)
    chat = _chat(server, params)
    if not chat.private:
        raise bad("TEXTDRAFT_PEER_INVALID")
    draft_id = integer(params, "draft_id")
    if draft_id == 0:
        raise bad("RANDOM_ID_INVALID")
    _topic(chat, params)
    if wait := server.flood.draft(chat.id):
        server.violations.append(("sendMessageDraft", chat.id, time.time()))
        raise too_many(wait)
    draft = Draft(
        draft_id,
        text,
        time.time(),
        yes(params, "can_stop"),
        yes(params, "keep_on_stop"),
        draft_id not in chat.stopped,
        tuple(entities),
    )
    chat.frames.append(draft)
    if draft.shown:
        chat.draft = draft
    return True


async def edit_message_text(server: TelegramServer, params: Json) -> Json:
    text, entities = rules.text_of(params)
    keyboard = rules.keyboard_of(params)
    message = _own(server, params)
    if message.document is not None:
        raise bad("there is no text in the message to edit")
    return _edited(server, message, text, entities, keyboard)


async def edit_message_reply_markup(server: TelegramServer, params: Json) -> Json:
    keyboard = rules.keyboard_of(params)
    message = _own(server, params)
    return _edited(server, message, message.text, message.entities, keyboard)


def _edited(
    server: TelegramServer, message: Message, text: str, entities: list[Json], keyboard: list[list[Json]]
) -> Json:
    if (text, entities, keyboard) == (message.text, message.entities, message.keyboard):
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same as a "
            "current content and reply markup of the message"
        )
    _flood(server, server.world.chat(message.chat))
    message.text, message.entities, message.keyboard = text, entities, keyboard
    message.edits.append(Edit(time.time(), text, message.buttons))
    return server.world.message_json(message)


async def delete_message(server: TelegramServer, params: Json) -> bool:
    chat = _chat(server, params)
    message = _message(chat, integer(params, "message_id"), "message to delete")
    if message.sender["id"] != server.world.bot["id"] and not chat.private:
        raise bad("message can't be deleted")
    message.deleted = True
    return True


async def send_chat_action(server: TelegramServer, params: Json) -> bool:
    chat = _chat(server, params)
    action = str(params.get("action", ""))
    if action not in rules.ACTIONS:
        raise bad("wrong parameter action in request")
    chat.actions.append((time.time(), action))
    return True


async def answer_callback_query(server: TelegramServer, params: Json) -> bool:
    """Once, within the time; up to 200 characters ("answerCallbackQuery")."""
    press = server.world.presses.get(str(params.get("callback_query_id", "")))
    text = str(params.get("text") or "")
    if press is None or press.answer is not None or time.time() - press.at > PRESS_LIFE_S:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(text) > 200:
        raise bad("MESSAGE_TOO_LONG")
    press.answer, press.alert, press.answered_at = text, yes(params, "show_alert"), time.time()
    return True


def _chat(server: TelegramServer, params: Json) -> Chat:
    """The chat of chat_id, if the bot may write there."""
    given = str(params.get("chat_id", ""))
    if not given:
        raise bad("chat_id is empty")
    chat = server.world.chats.get(integer(params, "chat_id"))
    if chat is None:
        raise bad("chat not found")
    if chat.upgraded is not None:
        raise rules.upgraded(chat.upgraded)
    if chat.closed:
        words = "blocked by the user" if chat.private else "kicked from the supergroup chat"
        raise Refusal(403, f"Forbidden: bot was {words}")
    return chat


def _topic(chat: Chat, params: Json) -> int | None:
    thread = integer(params, "message_thread_id")
    if thread and all(topic.id != thread for topic in chat.topics.values()):
        raise bad("message thread not found")
    if thread in chat.closed_topics:
        raise bad("TOPIC_CLOSED")
    return thread or None


def _place(server: TelegramServer, params: Json) -> tuple[Chat, int | None, int | None]:
    """Chat, topic and quoted message of a new message ("ReplyParameters")."""
    chat = _chat(server, params)
    topic = _topic(chat, params)
    reply: Any = decoded(params, "reply_parameters") or {}
    quoted = int(reply.get("message_id", 0)) or None
    found = chat.messages.get(quoted or 0)
    if quoted is not None and (found is None or found.deleted):
        if not reply.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        quoted = None
    return chat, topic, quoted


def _message(chat: Chat, message_id: int, role: str) -> Message:
    message = chat.messages.get(message_id)
    if message is None or message.deleted:
        raise bad(f"{role} not found")
    return message


def _own(server: TelegramServer, params: Json) -> Message:
    """The bot's own message, to be edited."""
    message = _message(_chat(server, params), integer(params, "message_id"), "message to edit")
    if message.sender["id"] != server.world.bot["id"]:
        raise bad("message can't be edited")
    return message


def _flood(server: TelegramServer, chat: Chat) -> None:
    if wait := server.flood.message(chat.id):
        server.violations.append(("message", chat.id, time.time()))
        raise too_many(wait)


Method = Callable[["TelegramServer", Json], Awaitable[Any]]
# Names are compared without regard to case, as the Bot API server does.
METHODS: dict[str, Method] = {
    f.__name__.replace("_", ""): f  # type: ignore[attr-defined]
    for f in (
        get_me, get_updates, set_webhook, delete_webhook, get_webhook_info, set_my_commands, get_my_commands,
        send_message, send_document, send_message_draft, edit_message_text, edit_message_reply_markup,
        delete_message, send_chat_action, answer_callback_query,
    )
}  # fmt: skip
