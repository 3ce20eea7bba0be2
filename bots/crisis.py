"""A person in crisis gets fixed warm words and helplines at once; no model is asked. What is listened for: danger.py,
abuse.py and emergency.py."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bots.abuse import ABUSE
from bots.danger import DANGER, FIGURATIVE, JOKES, LAUGH, SUICIDE, WORDS
from bots.emergency import MEDICAL
from core.text import DEVANAGARI, Language

Kind = Literal["suicide", "abuse", "danger", "medical"]
LONGEST = 32_000  # characters read; no platform sends more


@dataclass(frozen=True, slots=True)
class Crisis:
    """What was heard, and the language to answer in."""

    kind: Kind
    language: Language


HINGLISH = re.compile(
    r"\b(?:hai|hain|hun?|hon|mujhe|nahi|nhi|kya|kyu|mera|mere|meri|maine|mai|raha|rahi|karna|kar|bhai|aur|ko|ki|ka|ke|wo|woh|apn[aei]|gaya|gayi|tha|thi|yaar|yar)\b"
)


def _fold(text: str) -> str:
    """Letters that people write in two ways, written in one."""
    text = re.sub("[\u093c\u200c\u200d'’‘`´ʼ]", "", unicodedata.normalize("NFKC", text)).replace("ँ", "ं")
    return re.sub(r"([a-z])\1+", r"\1", text)


def for_patterns(text: str) -> str:
    """The text as patterns expect it."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"(?<=[a-z])[01345!*@$](?=[a-z])", lambda m: "oieasiias"["01345!*@$".index(m[0])], text)
    text = re.sub(r"(?<![a-z])(?:[a-z][ ._-]){3,}[a-z](?![a-z])", lambda m: re.sub(r"[ ._-]", "", m[0]), text)
    text = re.sub(r"\.{2,}|[-_/\"“”,()]+|\s+", " ", text)
    return re.sub(" +", " ", _fold(text)).strip()


def _compile(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression of them all; words of Latin letters are whole words, Devanagari has no such mark in `re`."""
    source = "|".join(patterns)
    while re.search("<[a-z]+>", source):
        source = re.sub("<([a-z]+)>", lambda m: WORDS[m[1]], source)
    if source.isascii():  # looked for where a word begins, not where one ends: a third of the time
        return re.compile(rf"\b(?=\w)(?:{_fold(source)})\b")
    return re.compile(f"(?:{_fold(source)})")


EXCEPT = [_compile(tuple(f for f in FIGURATIVE if f.isascii() is latin)) for latin in (True, False)]
JOKE = _compile(JOKES)
KINDS: dict[Kind, dict[str, tuple[str, ...]]] = {
    "danger": DANGER,
    "medical": MEDICAL,
    "suicide": SUICIDE,
    "abuse": ABUSE,
}
FOUND = [(kind, script, _compile(p)) for kind, lists in KINDS.items() for script, p in lists.items()]


def detect(text: str) -> Crisis | None:
    """What a message says of danger to somebody's life or body, the most urgent first; None if nothing."""
    text = for_patterns(text[:LONGEST])
    laughs = [JOKE] if LAUGH.search(text) else []
    devanagari = DEVANAGARI.search(text) is not None
    for figure in (EXCEPT if devanagari else EXCEPT[:1]) + laughs:
        text = figure.sub(" ~ ", text)
    for kind, script, pattern in FOUND:
        if (devanagari or script != "hi") and pattern.search(text):
            if devanagari:
                return Crisis(kind, "hi")
            return Crisis(kind, "hinglish" if script == "hinglish" or HINGLISH.search(text) else "en")
    return None


HELPLINES: dict[str, Any] = json.loads((Path(__file__).parent / "helplines.json").read_text(encoding="utf-8"))
REPLY: dict[str, dict[str, str]] = HELPLINES.pop("_replies")


def country(locale: str | None, language: Language) -> dict[str, Any] | None:
    """The entry of helplines.json for the region of a locale ("en-US"), else of an Indian language; None if unknown."""
    parts = re.split("[-_]", locale or "")
    region = next((p.upper() for p in parts[1:] if len(p) == 2), None)
    if region is None and (language != "en" or parts[0].lower() == "hi"):
        region = "IN"
    entry: dict[str, Any] | None = HELPLINES.get(region) if region else None
    return entry


def helplines(danger: Crisis, locale: str | None) -> tuple[str, list[str]]:
    """The emergency number, or words for it where the country is not known, and one to three lines that listen: none
    where an ambulance is wanted."""
    here = country(locale, danger.language)
    emergency = here["emergency"] if here else REPLY[danger.language]["local"]
    if danger.kind == "medical":
        return emergency, []
    if not here:
        return emergency, ["findahelpline.com"]
    lines = here["suicide"][:1] + here["abuse"][:1] if danger.kind == "danger" else here[danger.kind]
    return emergency, [f"{line['name']}: {line['contact']}" for line in lines] or ["findahelpline.com"]


def reply(danger: Crisis, locale: str | None) -> str:
    """The whole answer: words, the emergency number, helplines if there are, and what this program cannot do."""
    text, (emergency, lines) = REPLY[danger.language], helplines(danger, locale)
    call = text["call"].format(emergency=emergency)
    if danger.kind == "medical":  # the number before all else
        return "\n".join([call, "", text["medical"], "", text["end"]])
    return "\n".join([text[danger.kind], "", call, text["talk"], *(f"• {line}" for line in lines), "", text["end"]])
