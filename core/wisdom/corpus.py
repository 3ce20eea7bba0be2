"""The verses and the stories: what an answer may rest on. Every one exists, every one happened."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from core.text import LANGUAGES, Language

CHAPTERS = (47, 72, 43, 42, 29, 47, 30, 28, 34, 42, 55, 20, 35, 27, 20, 24, 28, 78)  # verses in each, 701 in all


@dataclass(frozen=True, slots=True)
class Verse:
    """One verse. text is our own paraphrase; sanskrit (Devanagari) and transliteration (IAST) are the source's."""

    chapter: int
    verse: int
    speaker: str
    text: str
    themes: tuple[str, ...]
    sanskrit: str
    transliteration: str

    @property
    def ref(self) -> str:
        return f"{self.chapter}.{self.verse}"


@dataclass(frozen=True, slots=True)
class Story:
    """A true story of a known person, with a source that a reader can look up.

    checked: somebody else than its writer went over it for truth. region: a continent. woman: whether it is about one.
    """

    id: str
    person: str
    when: str
    where: str
    text: str
    shows: str
    themes: tuple[str, ...]
    source: str
    region: str
    woman: bool
    checked: bool = False
    text_hi: str = ""  # the same in Hindi, and in Hindi by Latin letters
    text_hinglish: str = ""
    shows_hi: str = ""
    shows_hinglish: str = ""
    of_loss: bool = False  # of a child, a wife, a father who dies: told only to who speaks of a death

    def told(self, tongue: Language) -> str:
        """The story in a language, where it is written in it; else in English."""
        return {"hi": self.text_hi, "hinglish": self.text_hinglish}.get(tongue) or self.text

    def shown(self, tongue: Language) -> str:
        """What it shows, as told()."""
        return {"hi": self.shows_hi, "hinglish": self.shows_hinglish}.get(tongue) or self.shows


@dataclass(frozen=True, slots=True)
class Case:
    """A trouble that many people bring, and a whole counsel for it: in each language, in our words.

    subject: what it is about, shared by many cases; empty for what is asked about the book. verses: it rests on the first; the
    second is to be read beside it. stories: ids, best first.
    """

    id: str
    subject: str
    verses: tuple[str, ...]
    stories: tuple[str, ...]
    counsel: Mapping[Language, str]


class Corpus:
    """All verses in order, all stories, and the cases. counsel: by verse and language, what it says to a person, in our words.
    openings: by subject, "" for any, and language, the sentences that stand before that."""

    def __init__(
        self,
        verses: list[Verse],
        stories: list[Story],
        counsel: Mapping[tuple[str, Language], Sequence[str]],
        cases: Sequence[Case],
        openings: Mapping[tuple[str, Language], Sequence[str]],
    ) -> None:
        self.verses, self.stories, self.cases = verses, stories, cases
        self._order = {v.ref: i for i, v in enumerate(verses)}
        self._stories = {s.id: s for s in stories}
        self._counsel = counsel
        self._told = {text: case for case in cases for text in case.counsel.values()}
        self._openings = openings
        self._subjects = {sentence: subject for (subject, _), said in openings.items() for sentence in said}

    def verse(self, ref: str) -> Verse | None:
        """The verse of a reference such as "2.47" or " 2:47"; None where there is none."""
        match = re.fullmatch(r"\s*(?:bg|gita)?\s*(\d{1,2})\s*[.:, ]\s*(\d{1,2})\s*", ascii_digits(ref), re.IGNORECASE)
        i = self._order.get(f"{int(match[1])}.{int(match[2])}") if match else None
        return None if i is None else self.verses[i]

    def beside(self, ref: str) -> tuple[str | None, str | None]:
        """The references before and after one; None past the ends."""
        i = self._order[ref]
        before = self.verses[i - 1].ref if i > 0 else None
        after = self.verses[i + 1].ref if i + 1 < len(self.verses) else None
        return before, after

    def counsel(self, ref: str, language: Language) -> Sequence[str]:
        """What a verse says to a person, each text by itself, none of them with a name; empty where nobody wrote any."""
        return self._counsel.get((ref, language), ())

    def openings(self, subject: str, language: Language) -> Sequence[str]:
        """What stands before the counsel of a verse, where somebody asks of a subject; each calls Partha."""
        return self._openings[subject, language]

    def subject(self, opening: str) -> str | None:
        """Of which subject a sentence is an opening; None for any other sentence."""
        return self._subjects.get(opening)

    def told(self, counsel: str) -> Case | None:
        """The case of which a counsel is the words; None where it is nobody's."""
        return self._told.get(counsel)

    def story(self, story_id: str) -> Story | None:
        return self._stories.get(story_id)


def ascii_digits(text: str) -> str:
    """Digits of any script (२.४७) as 0 to 9."""
    return "".join(str(int(c)) if c.isdecimal() else c for c in text)


@lru_cache(maxsize=1)
def corpus() -> Corpus:
    """The corpus of this package, read once."""
    counsel: dict[tuple[str, Language], list[str]] = {}
    for row in rows("counsel.jsonl"):
        counsel.setdefault((row["verse"], row["language"]), []).append(row["text"])
    return Corpus(
        [Verse(**{**row, "themes": tuple(row["themes"])}) for row in rows("verses.jsonl")],
        [Story(**{**row, "themes": tuple(row["themes"])}) for row in rows("stories.jsonl")],
        counsel,
        [
            Case(r["id"], r["subject"], tuple(r["verses"]), tuple(r["stories"]), r["counsel"])
            for r in rows("cases.jsonl")
        ],
        {(r["subject"], tongue): tuple(r[tongue]) for r in rows("openings.jsonl") for tongue in LANGUAGES},
    )


def rows(name: str) -> list[dict[str, Any]]:
    """The objects of a .jsonl file of this package."""
    lines = files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@lru_cache(maxsize=1)
def asked() -> list[dict[str, Any]]:
    """Questions that people ask: question, language, english where that is another, verses, stories (best first), case (empty where a
    reader said that it is none)."""
    return rows("asked.jsonl")


@lru_cache(maxsize=1)
def phrasings() -> dict[str, list[str]]:
    """How people say each case, by its id, as its writer heard them and then others; what tells the cases apart was learned from it."""
    return {row["case"]: row["asked"] + row["more"] for row in rows("phrasings.jsonl")}
