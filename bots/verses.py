"""A verse as it is shown by itself, the buttons to those beside it, and who asks for one in words: "a verse about fear"."""

from __future__ import annotations

import re
from unicodedata import normalize

from bots.surface import Button, Buttons
from core.text import spoken
from core.wisdom.corpus import Corpus, Verse

_POLITE = r"(?:(?:hi|hey|hello|ok|okay|krishna|please|pls|plz|just|only|can|could|you|u|i|want|need|would|like|do|have|is|there|give|show|tell|send|share|find|quote|read|say|me|us|mujhe|muje|bhai|yaar|aaj|ap|aap|मुझे|आप|आज|कृपया) )*"
_SOME = r"(?:(?:an?|any|some|one|the|another|good|short|gita|bhagavad|bhagwad|geeta|ka|ki|se|koi|ek|aur|गीता|का|से|कोई|एक|और) )*"
_VERSE = r"(?:verses?|shlok(?:a|as|s)?|slok(?:a|as)?|श्लोक)"
_FROM = r"(?: (?:from|of|in) (?:the )?(?:bhagavad |bhagwad )?(?:gita|geeta)| (?:of|for) (?:the day|today)| today| now| please| pls| krishna)*"
_SAY = r"(?: (?:batao|bataiye|bata|sunao|sunaiye|suna|dijiye|do|hai|h|kya|chahiye|please|pls|bhai|बताओ|बताइए|सुनाओ|सुनाइए|दो|दीजिए|है|क्या|चाहिए|कहो|कहिए))*"
_TOPIC = r"(?P<{}>\S+(?: \S+){{0,3}}?)"
_ABOUT = r"(?:about|on|for|regarding|related to|dealing with|that (?:talks|speaks|tells) (?:about|of))"
_PAR = r"(?:par|pe|pr|ke bare (?:me|mein)|ke baare (?:me|mein)|ke liye|wala|पर|के बारे में|के लिए|वाला)"
_WANTED = re.compile(
    normalize(
        "NFC",
        rf"{_POLITE}(?:{_SOME}{_VERSE}{_FROM}(?: {_ABOUT} {_TOPIC.format('about')})?{_FROM}{_SAY}"
        rf"|{_TOPIC.format('on')} {_PAR} {_SOME}{_VERSE}{_SAY})",
    )
)
# Who says for whom, or what happened, wants to be heard.
_TOLD = re.compile(
    r"\b(?:i|im|me|my|mine|we|our|us|who|when|he|she|they|his|her|their|someone|mer[aeio]|mujhe|ham\w*|jab|jo|died|dead|lost)\b|मेर|मुझ|हमार|जब|जो"
)


def show(verse: Verse) -> str:
    """Sanskrit, transliteration, our paraphrase and who speaks."""
    return f"Gita {verse.ref}\n\n{verse.sanskrit}\n\n{verse.transliteration}\n\n{verse.speaker}: {verse.text}"


def beside(corpus: Corpus, verse: Verse) -> Buttons:
    before, after = corpus.beside(verse.ref)
    row = [Button(f"‹ {before}", f"page:{before}")] if before else []
    return [[*row, *([Button(f"{after} ›", f"page:{after}")] if after else [])]]


def wanted(text: str) -> str | None:
    """What verses are to be about, where a message asks for verses alone; empty where any will do; None for other messages."""
    found = _WANTED.fullmatch(spoken(text))
    topic = (found["about"] or found["on"] or "") if found else None
    return None if topic is None or _TOLD.search(topic) else topic
