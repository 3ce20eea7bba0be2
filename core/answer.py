"""The shape of an answer: the model's counsel, then a true story, then the verse it rests on.

The story is the corpus's own text, word for word, and never the model's: a language model invents stories about
real people, and this product does not.
"""

from __future__ import annotations

import re
from collections import Counter

from core.wisdom.corpus import Story, Verse

MOST_SENTENCES = 4

# An end of sentence: its mark, closing quotes, then space or the end. "Dr." and the like are not met in counsel.
_END = re.compile(r"[.!?।॥…]+[\"'”’)\]]*(?=\s|$)")
_NAME = re.compile(r"\bArjun(?:a|)(?='s|’s|\b)", re.IGNORECASE)


def sentences(text: str) -> int:
    """How many sentences a text has; a last one without its mark counts."""
    ends = list(_END.finditer(text))
    tail = text[ends[-1].end() :] if ends else text
    return len(ends) + bool(tail.strip())


def tidy(counsel: str) -> str:
    """The model's words as they may be shown: one paragraph, at most four sentences, "Partha" for the other name."""
    text = " ".join(counsel.split())
    text = _NAME.sub("Partha", text).replace("अर्जुन", "पार्थ")
    ends = [m.end() for m in _END.finditer(text)]
    return text[: ends[MOST_SENTENCES - 1]] if len(ends) >= MOST_SENTENCES else text


def enough(counsel: str) -> bool:
    """Whether four sentences are complete: nothing after them would be shown."""
    return len(_END.findall(" ".join(counsel.split()))) >= MOST_SENTENCES


def whole(counsel: str) -> str:
    """Counsel at its end: an unfinished last sentence is dropped where a finished one stands before it."""
    text = tidy(counsel)
    ends = [m.end() for m in _END.finditer(text)]
    return text[: ends[-1]] if ends else text


def compose(counsel: str, story: Story | None, verse: Verse | None) -> str:
    """The whole answer: counsel, story, and "Gita 2.47"."""
    parts = [counsel]
    if story is not None:
        parts.append(story.text)
    if verse is not None:
        parts.append(f"— Gita {verse.ref}")
    return "\n\n".join(p for p in parts if p)


def counsel_of(text: str) -> str:
    """The counsel of a composed answer: its first paragraph."""
    return text.split("\n\n", 1)[0]


_DEVANAGARI = re.compile(r"[\u0900-\u097f]")
_FOREIGN = re.compile(r"[^\W\d_\u0000-\u024f\u0900-\u097f\u1e00-\u1eff]")
_QUOTED = re.compile(r"[\"“][^\"”]*(?:[\"”]|$)")
_OF_ITSELF = re.compile(
    r"\b(?:I|[Mm]yself|[Mm]ine|[Mm]y|[Mm]e)\b|(?<![\u0900-\u097f])(?:मैं|मेर[ाेी]|मुझे|मुझसे|मुझको)(?![\u0900-\u097f])"
)
_WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097f]+")  # \w alone cuts Devanagari at every vowel sign


def spoiled(counsel: str) -> bool:
    """Whether a growing text can no longer become counsel: it speaks of itself, strays into a third script, or loops.

    The speaker is not the subject: this program never says what it is or does as if it were God, and a model that
    begins to talk of itself has stopped answering. What stands in quotation marks is somebody else's "I".
    """
    if _FOREIGN.search(counsel) or _OF_ITSELF.search(_QUOTED.sub(" ", counsel)):
        return True
    said = _WORD.findall(counsel.lower())
    phrases = Counter(zip(said, said[1:], said[2:], strict=False))
    return max(phrases.values(), default=0) >= 3


def sound(counsel: str) -> bool:
    """Whether a finished text is counsel: not spoiled, and two sentences or more."""
    return not spoiled(counsel) and sentences(counsel) >= 2 and len(counsel) >= 60


def mended(counsel: str, verse: Verse) -> str:
    """The counsel, or the verse's own words where the model said nothing that can be shown; "Partha" in any case."""
    if not sound(counsel):
        return f"Hear this, Partha. {verse.text}"
    if "partha" in counsel.lower() or "पार्थ" in counsel:
        return counsel
    if _DEVANAGARI.search(counsel):
        return f"पार्थ, {counsel}"
    first = counsel.split(maxsplit=1)[0]
    lowered = counsel[0].lower() + counsel[1:] if first.istitle() else counsel
    return f"Partha, {lowered}"
