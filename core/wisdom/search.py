"""Finding the verses and the stories that fit a question.

A question rarely shares words with the verse that answers it. So the search goes by way of other questions:
asked.jsonl holds questions that people ask, with the verses and stories that fit each (Nogueira et al. 2019,
arXiv:1904.08375, call this document expansion by query prediction). Four things are added up, each of which is right
where others are wrong: questions of like words (BM25), questions of like meaning, what a softmax regression learned from
all questions, and the meaning of its own text. Words of Hindi and Hinglish are read with a glossary.
Figures for each part: docs/benchmarks.md.
"""

from __future__ import annotations

import logging
import os
import re
from collections import OrderedDict
from collections.abc import Collection, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple

os.environ.setdefault("TQDM_DISABLE", "1")

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN

from core.text import language
from core.tiers import of_loss
from core.wisdom.cases import Cases, learned
from core.wisdom.corpus import Case, Corpus, Story, Verse, asked, corpus
from core.wisdom.meaning import Matrix, Meaning, Places, known, products
from core.wisdom.reading import english, in_english, literal
from core.wisdom.softmax import likely

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it makes itself louder when it is imported

NEARNESS, LIKENESS = 2.5, 8  # near questions outweigh many far ones: powers of BM25's score and of the cosine
MEANING, LEARNED, TEXT = 0.6, 1.0, 0.5  # the weights of the other three, where like words weigh 1
DECAY = 0.07  # of the regression: as little as still finds for questions that it was not drawn from
FALLOFF = 0.07  # of what stands first in a question's list, how much less each next one counts
COMMON = 0.15  # what fits every question a little is not always told: fits are divided by their number to this power
REMEMBERED = 2048  # questions whose order is kept
_LONG, _STOPWORDS = re.compile(r"\b\w\w+\b"), frozenset(STOPWORDS_EN)
_TELLERS = {"Sanjaya", "Dhritarashtra"}  # they tell of the battle; counsel is Krishna's


class Read(NamedTuple):
    """Of a question: all verses and all stories, best first, its vector [384], the case that it is, and its subject."""

    verses: Places
    stories: Places
    vector: Matrix
    case: Case | None
    subject: str


class Words:
    """BM25 over texts (Robertson and Zaragoza 2009), English stems, Hindi words through the glossary."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._bm25 = bm25s.BM25()
        self._bm25.index([self._stems(text) for text in texts], show_progress=False)
        self._vocabulary = set(self._bm25.vocab_dict)
        self._size = len(texts)

    def scores(self, question: str) -> Matrix:
        """One score a text, [texts] float32; 0 where nothing is shared."""
        words = self._stems(f"{question} {in_english(question)}")
        known = [w for w in words if w in self._vocabulary]
        return np.asarray(self._bm25.get_scores(known)) if known else np.zeros(self._size, dtype=np.float32)

    def _stems(self, text: str) -> list[str]:
        """As bm25s.tokenize() gives them, which is made for many texts and takes five times as long for one."""
        words = [word for word in _LONG.findall(text.lower()) if word not in _STOPWORDS]
        stems: list[str] = self._stemmer.stemWords(words)
        return stems


class Index:
    """What can be found (verses or stories), by the questions that each fits and by its own text."""

    def __init__(self, names: Sequence[str], key: str, texts: Matrix, learned: Matrix) -> None:
        """key: the field of asked.jsonl that names them. texts: vectors. learned: the regression's weights."""
        rows, columns, fits = fits_of(key, names)
        self._texts, self._learned = texts, learned
        self._common = np.maximum(np.bincount(columns, fits, len(names)), 1) ** COMMON
        self._rows, self._columns, self._fits = rows, columns, fits / self._common[columns]

    def scores(self, words: Matrix, likeness: Matrix, vectors: Matrix) -> Matrix:
        """One score for each, [questions, names].

        words, likeness [questions, asked]: BM25 scores and cosines with each asked question, each to its power. vectors
        [questions, 384]: what the questions mean.
        """
        return np.asarray(
            _share(self._by_question(words))
            + MEANING * _share(self._by_question(likeness))
            + LEARNED * _share((likely(self._learned, vectors) / self._common) ** 0.5)
            + TEXT * _share(_cosines(self._texts, vectors) ** 2)
        )

    def _by_question(self, scores: Matrix) -> np.ndarray[Any, np.dtype[Any]]:
        """Scores of the asked questions, added up for what fits each."""
        weights = self._fits * scores[:, self._rows]
        return np.stack([np.bincount(self._columns, row, len(self._texts)) for row in weights])


class Finder:
    """Verses and stories for a question. Deterministic; safe to use from several threads."""

    def __init__(self, source: Corpus) -> None:
        self.corpus = source
        self._meaning = Meaning()
        self._questions, verses, stories, to_verses, to_stories = known()
        self._words = Words([f"{r['question']} {r.get('english', '')} {in_english(r['question'])}" for r in asked()])
        self._verses = Index([v.ref for v in source.verses], "verses", verses, to_verses)
        self._stories = Index([s.id for s in source.stories], "stories", stories, to_stories)
        self._verse_words = Words([v.text for v in source.verses])
        self._telling = np.array([v.speaker in _TELLERS or v.chapter in (1, 11) for v in source.verses])
        self._cases = Cases(source.cases, learned())
        self._of_loss = {story.id for story in source.stories if story.of_loss}
        self._orders: OrderedDict[bytes, Read] = OrderedDict()
        self._lock = Lock()

    def find(self, question: str, n: int = 3, *, told: Collection[str] = ()) -> tuple[list[Verse], list[Story]]:
        """The n best verses of counsel, and the n best stories that were not told yet (any, where all were)."""
        read = self.look(question)
        untold = islice((s for s in map(self.corpus.stories.__getitem__, read.stories) if s.id not in told), n)
        return (
            [self.corpus.verses[i] for i in read.verses[:n]],
            list(untold) or [self.corpus.stories[i] for i in read.stories[:n]],
        )

    def untimely(self, question: str) -> set[str]:
        """The stories of a death, by their ids, where a question speaks of none."""
        return set() if of_loss(question) else self._of_loss

    def look(self, question: str) -> Read:
        """All that is found for a question."""
        return self._order(question) or self.read([question])[0]

    def knows(self, question: str) -> bool:
        """Whether find() has nothing to read: this was asked lately ("Another answer" asks the same again)."""
        return self._order(question) is not None

    def read(self, questions: Sequence[str]) -> list[Read]:
        """What is found for each question. Together they take less time."""
        meant = [literal(question) for question in questions]
        vectors = self._meaning([english(question) for question in meant])
        # All questions in one go: each of NumPy's steps lets go of Python's lock, and has to wait for it again.
        words = np.stack([self._words.scores(question) for question in meant]) ** NEARNESS
        cosines = _cosines(self._questions, vectors)
        near = words, cosines**LIKENESS, vectors
        verses = _best(np.where(self._telling, -1.0, self._verses.scores(*near)))
        stories = _best(self._stories.scores(*near))
        cases = map(self._cases.of, questions, vectors, map(language, questions))
        orders = [Read(v, s, vector, *case) for v, s, vector, case in zip(verses, stories, vectors, cases, strict=True)]
        with self._lock:
            self._orders.update(zip(map(_key, questions), orders, strict=True))
            while len(self._orders) > REMEMBERED:
                self._orders.popitem(last=False)
        return orders

    def _order(self, question: str) -> Read | None:
        key = _key(question)
        with self._lock:
            if key in self._orders:
                self._orders.move_to_end(key)
            return self._orders.get(key)

    def search(self, words: str, n: int = 5) -> list[Verse]:
        """Verses for some words: three that fit what they mean, then any that hold them, battle and all; none for words that
        nobody here ever used."""
        held = self._verse_words.scores(english(words))
        if not held.any() and not self._words.scores(words).any():
            return []
        hold = [self.corpus.verses[i] for i in _best(held) if held[i] > 0]
        return list(dict.fromkeys([*self.find(words, 3)[0], *hold]))[:n]


def _key(question: str) -> bytes:
    """What is remembered of a question in place of its words."""
    return blake2b(question.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def fits_of(key: str, names: Sequence[str]) -> tuple[Places, Places, Matrix]:
    """Which asked question (its place), which name (its place in names), and how well it fits, from its place in the list."""
    column = {name: i for i, name in enumerate(names)}
    found = [
        (row, column[name], 1 / (1 + FALLOFF * place))
        for row, fitting in enumerate(asked())
        for place, name in enumerate(fitting[key])
    ]
    rows, columns, fits = zip(*found, strict=True)
    return np.array(rows), np.array(columns), np.array(fits, dtype=np.float32)


def _cosines(rows: Matrix, vectors: Matrix) -> Matrix:
    """[vectors, rows], what points away as 0."""
    return np.maximum(products(rows, vectors), 0)


def _share(scores: np.ndarray[Any, np.dtype[Any]]) -> Matrix:
    """Scores of each row as shares of its best; all 0 where nothing is found."""
    return np.asarray(scores / np.maximum(scores.max(axis=-1, keepdims=True), 1e-9))


def _best(scores: Matrix) -> Places:
    return np.argsort(-scores, kind="stable").astype(np.int16)


_MAKING = Lock()


def finder() -> Finder:
    """The finder over the corpus, made once, also where several threads ask for it first."""
    with _MAKING:
        return _finder()


@lru_cache(maxsize=1)
def _finder() -> Finder:
    return Finder(corpus())
