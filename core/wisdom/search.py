"""Finding the verses and the stories that fit a question: BM25 over paraphrases, themes and what stories show."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Sequence
from functools import lru_cache

os.environ.setdefault("TQDM_DISABLE", "1")

import bm25s
import numpy as np
import Stemmer

from core.wisdom.corpus import Corpus, Story, Verse, corpus
from core.wisdom.themes import themes_of

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it makes itself louder when it is imported

_THEME_WEIGHT = 1.5  # a theme the question speaks of counts as much as a rare word
# Verses that carry counsel by themselves rather than the telling of the battle.
_TELLER = {"Sanjaya", "Dhritarashtra"}


class Index:
    """Documents with themes, ranked against a question."""

    def __init__(self, texts: Sequence[str], themes: Sequence[Collection[str]]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._themes = themes
        self._bm25 = bm25s.BM25()
        self._bm25.index(
            bm25s.tokenize(list(texts), stopwords="en", stemmer=self._stemmer, show_progress=False), show_progress=False
        )
        self._vocabulary = set(self._bm25.vocab_dict)

    def scores(self, question: str) -> np.ndarray:
        """One score a document, 0 where nothing fits."""
        words = bm25s.tokenize(question, stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False)[
            0
        ]
        known = [w for w in words if w in self._vocabulary]
        size = len(self._themes)
        scores = self._bm25.get_scores(known) if known else np.zeros(size, dtype=np.float32)
        wanted = themes_of(question)
        if wanted:
            scores = scores + _THEME_WEIGHT * np.array([sum(wanted.get(t, 0.0) for t in ts) for ts in self._themes])
        return np.asarray(scores)


class Finder:
    """find(question, n) over a corpus. Deterministic; about a millisecond."""

    def __init__(self, source: Corpus) -> None:
        self.corpus = source
        self._verses = Index([v.text for v in source.verses], [v.themes for v in source.verses])
        self._stories = Index([f"{s.shows} {s.text}" for s in source.stories], [s.themes for s in source.stories])
        self._telling = np.array([v.speaker in _TELLER or v.chapter in (1, 11) for v in source.verses])

    def verses(self, question: str, n: int = 3) -> list[Verse]:
        """The n best verses of counsel; 2.47 leads where nothing fits."""
        scores = np.where(self._telling, 0.0, self._verses.scores(question))
        found = [self.corpus.verses[i] for i in np.argsort(-scores, kind="stable")[:n] if scores[i] > 0]
        return found or [v for v in self.corpus.verses if v.ref == "2.47"][:n]

    def search(self, words: str, n: int = 5) -> list[Verse]:
        """Any verses with these words, battle and all; empty where none has them."""
        scores = self._verses.scores(words)
        return [self.corpus.verses[i] for i in np.argsort(-scores, kind="stable")[:n] if scores[i] > 0]

    def stories(self, question: str, n: int = 3, *, told: Collection[str] = ()) -> list[Story]:
        """The n best stories that were not told yet; any untold one where nothing fits, then any."""
        scores = self._stories.scores(question)
        order = [self.corpus.stories[i] for i in np.argsort(-scores, kind="stable")]
        return ([s for s in order if s.id not in told] or order)[:n]


@lru_cache(maxsize=1)
def finder() -> Finder:
    return Finder(corpus())
