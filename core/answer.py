"""The shape of an answer: the model's counsel, then a true story, then the verse it rests on.

The story is the corpus's own text, word for word, and never the model's: a language model invents stories about
real people, and this product does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

from core.text import DEVANAGARI, END, LANGUAGES, MARK, OF_ITSELF, Language, language
from core.wisdom.corpus import Corpus, Story, Verse
from core.wisdom.faithful import MOST_SENTENCES

_OVER = re.compile(rf"{MARK}(?=\s)")
_CAPITAL = re.compile(r"(?:I|God|Krishna|Gita)\b")  # inside a sentence too; faithful.py knows who says "I" by it
_NAME = re.compile(r"\bArjun(?:a|)(?='s|’s|\b)", re.IGNORECASE)


def tidy(counsel: str) -> str:
    """The model's words as they may be shown: one paragraph, at most four sentences, "Partha" for the other name."""
    text = " ".join(counsel.split())
    text = _NAME.sub("Partha", text).replace("अर्जुन", "पार्थ")
    ends = [m.end() for m in END.finditer(text)]
    return text[: ends[MOST_SENTENCES - 1]] if len(ends) >= MOST_SENTENCES else text


def enough(counsel: str) -> bool:
    """Whether four sentences of a growing text are complete: nothing after them would be shown.

    At its very end a mark may be followed by a closing quote, or by the verse in "2.47".
    """
    return len(_OVER.findall(counsel)) >= MOST_SENTENCES


def whole(counsel: str) -> str:
    """Counsel at its end: an unfinished last sentence is dropped where a finished one stands before it."""
    text = tidy(counsel)
    ends = [m.end() for m in END.finditer(text)]
    return text[: ends[-1]] if ends else text


def compose(
    counsel: str, story: Story | None, verses: Sequence[Verse], care: str = "", tongue: Language | None = None
) -> str:
    """The whole answer: counsel, a word of care, story and "Gita 2.47, 6.5". tongue: of the story; without it that of the
    counsel."""
    parts = [counsel, care]
    if story is not None:
        parts.append(story.told(tongue or language(counsel)))
    if verses:
        parts.append(f"— Gita {', '.join(v.ref for v in verses)}")
    return "\n\n".join(p for p in parts if p)


def counsel_of(text: str) -> str:
    """The counsel of a composed answer: its first paragraph."""
    return text.split("\n\n", 1)[0]


def addressed(counsel: str) -> str:
    """Counsel that calls Partha: by name in front where it does not."""
    if not counsel or "partha" in counsel.lower() or "पार्थ" in counsel:
        return counsel
    if DEVANAGARI.search(counsel):
        return f"पार्थ, {counsel}"
    first = counsel.split(maxsplit=1)[0]
    small = (first.istitle() or first[1:].islower()) and not _CAPITAL.match(first)  # "Another's" is no title
    return f"Partha, {counsel[0].lower() + counsel[1:] if small else counsel}"


def instead(
    corpus: Corpus,
    verses: Sequence[Verse],
    question: str,
    tongue: Language | None = None,
    subject: str = "",
    before: Sequence[str] = (),
) -> str:
    """Counsel where the model has none that can be shown: what somebody wrote that the first verse says to a person, after a
    sentence on what is asked about (Corpus.openings), one that none of the counsels before began with.

    In that language, else in the question's, if need be of the next verse; else in English; else the verse's own words.
    """
    tongue = tongue or language(question)
    for where, which in ((tongue, verses if tongue != "en" else ()), ("en", verses[:1])):
        for verse in which:
            if said := corpus.counsel(verse.ref, where):
                draw = crc32(f"{question} {verse.ref}".encode())  # the same again for the same, another for others
                openings = corpus.openings(subject, where)
                openings = [o for o in openings if not any(c.startswith(o) for c in before)] or openings
                return f"{openings[draw % len(openings)]} {said[draw % len(said)]}"
    return verbatim(verses[0])


def subject_of(corpus: Corpus, counsel: str) -> str | None:
    """The subject whose opening counsel begins with; None where it begins with none."""
    end = END.search(counsel)
    return corpus.subject(counsel[: end.end()]) if end else None


def fixed(corpus: Corpus, verse: Verse, counsel: str) -> bool:
    """Whether somebody wrote a counsel for a verse, as `instead` gives it."""
    written = [text for tongue in LANGUAGES for text in corpus.counsel(verse.ref, tongue)]
    return counsel == verbatim(verse) or (counsel.endswith(tuple(written)) and subject_of(corpus, counsel) is not None)


def verbatim(verse: Verse) -> str:
    """The verse's own words as counsel, where the model has none that can be shown.

    Where the speaker speaks of himself he is named: this program never says "I" as if it were God.
    """
    if OF_ITSELF.search(verse.text):
        return f"Hear what {verse.speaker} says in the Gita, Partha: “{verse.text}”"
    return f"Hear this. {verse.text}" if "Partha" in verse.text else f"Hear this, Partha. {verse.text}"
