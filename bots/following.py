"""Which turn a message goes on from."""

from __future__ import annotations

from typing import Literal

from storage import Inbound, Store, Turn

Parent = int | Literal["last"] | None


def conversation(inbound: Inbound) -> str:
    """The key of a conversation: no private chat and no group share one."""
    kind = "private" if inbound.private else "group"
    return f"{inbound.platform}:{kind}:{inbound.chat_id}:{inbound.thread_id or ''}"


def linear(inbound: Inbound) -> bool:
    """Whether talk in this place is one line (a private chat, a thread) and not many side by side (a group)."""
    return inbound.private or bool(inbound.address.get("linear"))


async def parent(store: Store, inbound: Inbound) -> Parent:
    """The turn that a message continues: the one it replies to, else the last one where talk is one line."""
    if inbound.reply_to is not None:
        replied = await store.turn_of_message(inbound.platform, inbound.chat_id, inbound.reply_to)
        if replied is not None:
            return replied.id if replied.answer is not None else replied.parent_id
    return "last" if linear(inbound) else None


async def turn(store: Store, inbound: Inbound, before: Parent) -> Turn | None:
    """The turn itself, if any. before: as parent() names it."""
    last = await store.head(conversation(inbound)) if before == "last" else before
    return await store.turn(last) if last else None
