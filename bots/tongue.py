"""In which language a person is told fixed words: the one of their own words, else of their app, else of what they last asked."""

from __future__ import annotations

import re

from bots.patience import patiently
from core.prompt import FEW
from core.text import Language, language, plainly_english, readable
from storage import Inbound, Store

LOOK_BACK = 5  # questions; the last may be "why?", which every language borrows
# Courtesies that nobody says in English, alone too little for language().
_COURTEOUS = re.compile(r"\b(?:namaskar|prana+m|dhanyava+d|shukriya|alvida)\b", re.IGNORECASE)


def of(text: str) -> Language | None:
    """What a person's words tell; None where they are few, or in letters of no language that we know."""
    told = language(text)
    if told == "en" and _COURTEOUS.search(text) and len(text.split()) < FEW:
        return "hinglish"
    return told if told != "en" or (len(text.split()) >= FEW and readable(text)) or plainly_english(text) else None


def of_app(locale: str | None) -> Language | None:
    """What an app tells: Hindi, where somebody set it to that. English is what apps have that nobody set."""
    return "hi" if re.split("[-_]", locale or "")[0].lower() == "hi" else None


async def of_person(store: Store, inbound: Inbound, words: str | None = None) -> Language:
    """The language for what is said to somebody now. words: those that it is about, where the message holds others."""
    if words is None:
        words = "" if inbound.kind == "press" else inbound.text
    if told := of(words) or of_app(inbound.locale):
        return told
    asked = await patiently("a word", lambda: store.asked(inbound.platform, inbound.user_id, LOOK_BACK))
    return next((told for told in map(of, asked) if told), "en")
