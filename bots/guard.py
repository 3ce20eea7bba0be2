"""Before any model is asked: who may ask, how often, and what is no question at all."""

from __future__ import annotations

import unicodedata

from bots import words
from bots.settings import Settings
from bots.words import Said
from storage import Inbound, Store

MINUTE, DAY = 60.0, 86_400.0


def clean(text: str) -> str:
    """A person's words without control characters, marks of direction and zero-width padding, NFC.

    Joiners that scripts and emoji need (ZWJ, ZWNJ) stay; line breaks stay.
    """
    text = unicodedata.normalize("NFC", text)
    if text.isprintable():  # nothing of the kind is in it
        return text.strip()
    kept = (c for c in text if c in "\n\t\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return "".join(kept).strip("\u200c\u200d \n\t")


def user(inbound: Inbound) -> str:
    """The id that settings use: telegram:123."""
    return f"{inbound.platform}:{inbound.user_id}"


def allowed(settings: Settings, inbound: Inbound) -> bool:
    return permitted(settings, user(inbound))


def permitted(settings: Settings, who: str) -> bool:
    """Whether somebody ("telegram:123") may use this bot."""
    return who not in settings.block and (not settings.allow or who in settings.allow or who in settings.admins)


async def refusal(settings: Settings, store: Store, inbound: Inbound) -> Said | None:
    """Why this question, or this button that asks again, is not answered, in words for the person; None when it is."""
    text = clean(inbound.text)
    if not text:
        return words.EMPTY
    if len(text) > settings.question_chars:
        return words.too_long(settings.question_chars)
    day = await store.recent(inbound, DAY)
    if day >= settings.per_minute and await store.recent(inbound, MINUTE) >= settings.per_minute:
        return words.too_fast(MINUTE)
    return words.quota(settings.per_day) if day >= settings.per_day else None
