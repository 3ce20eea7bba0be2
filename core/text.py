"""What several rooms ask of a text."""

from __future__ import annotations

import re

WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097f]+")  # \w alone cuts Devanagari at every vowel sign
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
OF_ITSELF = re.compile(  # the speaker speaks of himself, in English or Hindi
    r"\b(?:I|[Mm]yself|[Mm]ine|[Mm]y|[Mm]e)\b|(?<![\u0900-\u097f])(?:मैं|मेर[ाेी]|मुझे|मुझसे|मुझको)(?![\u0900-\u097f])"
)


def first_line(error: BaseException) -> str:
    """What an error says, in one line of at most 300 characters; its name where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
