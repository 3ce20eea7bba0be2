"""The verses that a text names: "what does Gita 2.47 mean", "chapter 2 verse 47", "अध्याय 2 श्लोक 47"."""

from __future__ import annotations

import re

from core.wisdom.corpus import Corpus, Verse, ascii_digits

_SPELLED = re.compile(
    r"(?:\b(?:chapter|ch|adhya+ya?)|अध्याय)\W{0,2}(\d{1,2})\W+(?:[^\W\d]+\W+){0,2}?(?:verse|v|shloka?|sloka|श्लोक)\W{0,2}(\d{1,2})\b"
)
_NUMBER = re.compile(
    r"(?<![\d.:])(\d{1,2}) ?[.:] ?(\d{1,2})(?![\d:]|\.\d| ?(?:am|pm|a\.m|p\.m|baje|%|lakhs?|lpa|crores?|c?gpa|kg|km|hrs?|hours?)\b| ?बजे)"
)
# Numbers with a dot are hours, prices and marks, but beside one of these.
_CUE = re.compile(
    r"\b(?:bg|g[ie]+ta|verses?|shlok\w*|slok\w*|expla?i?n\w*|meanings?|means?|matlab|arth)\b|गीता|श्लोक|मतलब|अर्थ|समझा"
)

ALONE = 8  # words; a longer text that names a verse says more beside it


def named(text: str, corpus: Corpus) -> list[Verse]:
    """In the order in which they are named, each once; numbers that no verse has are left out."""
    verses = map(corpus.verse, references(text))
    return list(dict.fromkeys(verse for verse in verses if verse is not None))


def references(text: str, *, of_verses: bool = False) -> list[str]:
    """The numbers in a text that mean verses, such as "2.47", in their order. of_verses: it is asked for verses as it is."""
    plain = ascii_digits(text.lower())
    found = list(_SPELLED.finditer(plain))
    if not found and (of_verses or _CUE.search(plain)):
        found = list(_NUMBER.finditer(plain))
    return [f"{match[1]}.{match[2]}" for match in found]


def sought(text: str, corpus: Corpus) -> str:
    """What to look up for a text: who asks what a verse means, and no more, is given what fits the verse's own words."""
    verses = named(text, corpus) if text.count(" ") < ALONE else []
    return verses[0].text if verses else text
