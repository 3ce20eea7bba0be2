"""Finding the verses and the stories that fit a question.

A question rarely shares words with the verse that answers it. So the search goes by way of other questions:
asked.jsonl holds questions that people ask, each with all the verses and stories that fit it. A new question takes
those of the questions it resembles (BM25 over their words); its own words in the texts of verses and stories help a
little. Words of Hindi and Hinglish are read with a glossary.
Figures: docs/benchmarks.md.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

os.environ.setdefault("TQDM_DISABLE", "1")

import bm25s
import numpy as np
import Stemmer

from core.wisdom.corpus import Corpus, Story, Verse, corpus, rows

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it makes itself louder when it is imported

NEARNESS = 2.5  # near questions outweigh many far ones
FALLOFF = 0.07  # of what stands first in a question's list, how much less each next one counts
COMMON = 0.15  # what fits every question a little is not always told: fits are divided by their number to this power
OWN_WORDS = 0.3  # the weight of the question's own words in a text, beside the questions it resembles
Matrix = np.ndarray[Any, np.dtype[np.float32]]
_TELLERS = {"Sanjaya", "Dhritarashtra"}  # they tell of the battle; counsel is Krishna's
_WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097f]+")


class Words:
    """BM25 over texts (Robertson and Zaragoza 2009), English stems, Hindi words through the glossary."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._bm25 = bm25s.BM25()
        tokens = bm25s.tokenize(list(texts), stopwords="en", stemmer=self._stemmer, show_progress=False)
        self._bm25.index(tokens, show_progress=False)
        self._vocabulary = set(self._bm25.vocab_dict)
        self._size = len(texts)

    def scores(self, question: str) -> Matrix:
        """One score a text, [texts] float32; 0 where nothing is shared."""
        words: list[str] = bm25s.tokenize(
            f"{question} {in_english(question)}",
            stopwords="en",
            stemmer=self._stemmer,
            return_ids=False,
            show_progress=False,
        )[0]
        known = [w for w in words if w in self._vocabulary]
        return np.asarray(self._bm25.get_scores(known)) if known else np.zeros(self._size, dtype=np.float32)


class Finder:
    """Verses and stories for a question. Deterministic."""

    def __init__(self, source: Corpus) -> None:
        self.corpus = source
        asked = rows("asked.jsonl")
        self._asked = Words([f"{r['question']} {r.get('english', '')} {in_english(r['question'])}" for r in asked])
        self._verse_words = Words([v.text for v in source.verses])
        self._story_words = Words([f"{s.shows} {s.text}" for s in source.stories])
        self._verse_fits = _fits([r["verses"] for r in asked], [v.ref for v in source.verses])
        self._story_fits = _fits([r["stories"] for r in asked], [s.id for s in source.stories])
        self._telling = np.array([v.speaker in _TELLERS or v.chapter in (1, 11) for v in source.verses])

    def verses(self, question: str, n: int = 3) -> list[Verse]:
        """The n best verses of counsel; those that fit most questions where this one is like no other."""
        scores = self._rank(question, self._verse_fits, self._verse_words)
        order = np.argsort(-np.where(self._telling, -1.0, scores), kind="stable")
        return [self.corpus.verses[i] for i in order[:n]]

    def search(self, words: str, n: int = 5) -> list[Verse]:
        """Any verses with these words, battle and all; empty where none has them."""
        scores = self._verse_words.scores(words)
        return [self.corpus.verses[i] for i in np.argsort(-scores, kind="stable")[:n] if scores[i] > 0]

    def stories(self, question: str, n: int = 3, *, told: Collection[str] = ()) -> list[Story]:
        """The n best stories that were not told yet; any where all were."""
        scores = self._rank(question, self._story_fits, self._story_words)
        order = [self.corpus.stories[i] for i in np.argsort(-scores, kind="stable")]
        return ([s for s in order if s.id not in told] or order)[:n]

    def _rank(self, question: str, fits: Matrix, words: Words) -> Matrix:
        near = self._asked.scores(question) ** NEARNESS
        if not near.any():
            near = np.ones_like(near)
        found, own = near @ fits, words.scores(question)
        return np.asarray(found / found.max() + OWN_WORDS * own / max(float(own.max()), 1e-9))


def _fits(lists: Sequence[Sequence[str]], names: Sequence[str]) -> Matrix:
    """[questions, names] float32: how well each fits, from its place in the question's list."""
    column = {name: i for i, name in enumerate(names)}
    matrix: Matrix = np.zeros((len(lists), len(names)), dtype=np.float32)
    for row, found in enumerate(lists):
        for place, name in enumerate(found):
            matrix[row, column[name]] = 1 / (1 + FALLOFF * place)
    matrix /= np.maximum(matrix.sum(axis=0), 1) ** COMMON
    return matrix


@lru_cache(maxsize=1)
def _glossary() -> dict[str, str]:
    found: dict[str, str] = json.loads(files(__package__).joinpath("glossary.json").read_text(encoding="utf-8"))
    return found


def in_english(text: str) -> str:
    """The words of Hindi and Hinglish in a text, in English: "naukri chali gayi" gives "job". Empty for English."""
    said = _WORD.findall(text.lower())
    spans = (" ".join(said[i : i + n]) for n in (3, 2, 1) for i in range(len(said) - n + 1))
    return " ".join(_glossary()[span] for span in spans if span in _glossary())


@lru_cache(maxsize=1)
def finder() -> Finder:
    return Finder(corpus())
