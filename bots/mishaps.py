"""What is said where an answer went wrong: it may not have arrived, or could not be made."""

from __future__ import annotations

import logging

from bots import metrics, tongue, words
from bots.delivery import insist, messages
from bots.following import conversation
from bots.replies import Replies
from bots.surface import Button, Surface
from storage import Inbound, Store, Turn

log = logging.getLogger(__name__)


async def parts_made(store: Store, inbound: Inbound, surface: Surface) -> int:
    """Of how many messages the answer is that was made to a message before a restart."""
    turn = await store.turn_of_update(inbound.key)
    return len(messages(surface, (turn and turn.answer) or "")) or 1


async def unsure(replies: Replies, inbound: Inbound, surface: Surface, turn: Turn) -> None:
    """The send of an answer broke off: say so, and let the person ask for it, unless all its messages are known. Of one
    message, that may still be a frame with the first words: it is edited again."""
    if turn.answer is None:
        await give_up(replies, inbound, surface)
    elif len(turn.message_ids) < len(parts := messages(surface, turn.answer)):
        log.warning("an answer may not have arrived; the person is asked whether they see it, with a button")
        if turn.message_ids:  # there may be a frame still, with its button
            surface.message_id = turn.message_ids[0]
            await insist(lambda: surface.finish(parts[0]))
        await _offer(replies, inbound, surface, turn)
    elif len(parts) == 1:
        await replies.send_made(inbound, surface, turn, turn.answer)


async def _offer(replies: Replies, inbound: Inbound, surface: Surface, turn: Turn) -> None:
    """An answer that is made and perhaps not seen, behind a button."""
    language = await tongue.of_person(replies.store, inbound, turn.question)
    said = words.by_button(words.UNSURE, surface.has_buttons)[language]
    button = Button(words.SHOW[language], f"show:{turn.id}")
    await insist(lambda: surface.send(said, [[button]]), twice=True)


async def give_up(replies: Replies, inbound: Inbound, surface: Surface) -> None:
    """A plain apology, with a button that asks the same again."""
    turn = await replies.store.turn_of_update(inbound.key)
    if turn is None and inbound.kind != "text":
        mishap = await replies.worded(inbound, words.MISHAP)
        await insist(lambda: surface.send(mishap))
        return
    if turn is None:
        turn = await replies.store.start_turn(inbound=inbound, conversation=conversation(inbound), parent_id=None)
    if turn is None:
        return
    if turn.answer is not None:  # made, and only its sending failed
        await _offer(replies, inbound, surface, turn)
        return
    metrics.answered(inbound.platform, None)
    await replies.store.finish_turn(turn.id, answer=None, status="failed")
    surface.message_id = surface.message_id or next(iter(turn.message_ids), None)  # in place of a frame
    language = await tongue.of_person(replies.store, inbound, turn.question)
    said = words.by_button(words.TROUBLE, surface.has_buttons)[language]
    retry = Button(words.RETRY[language], f"retry:{turn.id}")
    await insist(lambda: surface.finish(said, [[retry]]))
