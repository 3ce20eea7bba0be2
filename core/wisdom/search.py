"""Finding the verses and the stories that fit a question.

A question rarely shares words with the verse that answers it. So the search goes by way of other questions:
asked.jsonl holds questions that people ask, with the verses and stories that fit each (Nogueira et al. 2019,
arXiv:1904.08375, call this document expansion by query prediction). Four things are added up, each of which is right
where others are wrong: questions of like words (BM25), questions of like meaning, what a softmax regression learned from
all questions, and the meaning of its own text. Words of Hindi and Hinglish are read with a glossary.
Figures for each part: docs/benchmarks.md.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections import OrderedDict
from collections.abc import Collection, Sequence
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from itertools import islice
from threading import Lock
from typing import Any
from unicodedata import normalize

os.environ.setdefault("TQDM_DISABLE", "1")

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN

from core.text import WORD, language
from core.wisdom.cases import Cases
from core.wisdom.corpus import Case, Corpus, Story, Verse, corpus, rows
from core.wisdom.meaning import Matrix, Meaning, Places, known, products
from core.wisdom.softmax import likely

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it makes itself louder when it is imported

NEARNESS, LIKENESS = 2.5, 8  # near questions outweigh many far ones: powers of BM25's score and of the cosine
MEANING, LEARNED, TEXT = 0.6, 1.0, 0.5  # the weights of the other three, where like words weigh 1
DECAY = 0.07  # of the regression: as little as still finds for questions that it was not drawn from
FALLOFF = 0.07  # of what stands first in a question's list, how much less each next one counts
COMMON = 0.15  # what fits every question a little is not always told: fits are divided by their number to this power
ENOUGH = 4  # words that a question must have beside "according to the gita" to be asked without it
REMEMBERED = 2048  # questions whose order is kept
# Death said of a day's work or a joke: read as what is meant, or it is answered with a deathbed.
_FIGURES = [
    (re.compile(pattern, re.IGNORECASE), meant)
    for pattern, meant in (
        (r"\bdie[ds]? (?:of )?laughing\b|\b(?:hans|has)te hanste mar\w* ga\w+", "laughed"),
        (r"\b(?:is|are|was|were) (?:literally |just |so )?killing me\b", "is wearing me out"),
        (r"\bkill for (?=an? |some )", "love to have "),
        (r"\bdying (?=to (?:see|know|meet|go|try|hear|have)\b)", "longing "),
        (r"\b(?:battery|phone|laptop|wifi) (?:is|keeps|was) dying\b", "battery is empty"),
        (
            r"\bmar\w? ga[iy]\w* (?=ya+r\b|bhai\b|itn[ai]\b)(?=.*\b(?:ka+m|office|pad\w*ai|exam\w*|match|garmi|assignment\w*)\b)",
            "thak gaya ",
        ),
        (r"\b((?:ka+m|office|pad\w*ai|exam\w*|match|garmi|bhoo?kh?)\b.{0,40}?)\bmar\w? ga[iy]\w*", r"\1thak gaya"),
    )
]
# Of a relative "is gone" is "died": "dadi chali gayi", "mera bhai accident me chala gaya", "papa ko gaye ek saal hua". A brother
# or a child who is gone without a cause named may be abroad.
_ELDERS = "dad[ai]|nan[ai]|maa|mummy|papa|pitaji|amma|दाद[ाी]|नान[ाी]|माँ|मां|मम्मी|पापा|पिता|पिताजी|अम्मा"
_KIN = f"{_ELDERS}|bhai|behe?n|bahan|bet[ai]|भाई|बहन|बेट[ाी]"
_CAUSE = "(?:accident|corona|covid|cancer|bimari|attack|हादसे|दुर्घटना|एक्सीडेंट|कोरोना|कैंसर|बीमारी)(?: (?:me|mein|se|में|से))?"
_WENT = r"(?:chal[aei] g\w+|चल[ाेी] ग[^\s।,.]+)"
_GONE = [
    re.compile(rf"(?<![\w\u0900-\u0963])({kin})(?: ji| जी)?{how}(?![\w\u0900-\u0963])", re.IGNORECASE)
    for kin, how in (
        (_ELDERS, rf"((?: (?:kal|aaj|raat|subah|कल|आज|रात|सुबह))*) {_WENT}"),
        (_KIN, rf"( {_CAUSE}) {_WENT}"),
        (_KIN, r"() (?:ko g(?:a?y|uzr)e|को (?:गए|गये|गुज़रे|गुजरे))"),
    )
]
_LONG, _STOPWORDS = re.compile(r"\b\w\w+\b"), frozenset(STOPWORDS_EN)
# Signs that are sent without a word.
_SIGNS = (
    ("😭😢🥺😿", "I am crying, I am so sad"),
    ("😔😞☹🙁😟😕", "I feel sad and low"),
    ("💔", "my heart is broken"),
    ("😡🤬😠", "I am so angry"),
    ("😰😨😱😥😖", "I am anxious and afraid"),
    ("😴🥱😩😫", "I am so tired"),
    ("😍💘", "I am in love"),
    ("🎉🥳🎊😀😄😁", "I am happy today and grateful"),
    ("🐶🐕🐾🐱🐈", "my pet"),
)
SAYING = frozenset("".join(signs for signs, _ in _SIGNS))
_BY_THE_BOOK = re.compile(  # said beside what is asked, it would find what is asked about the book
    r"\b(?:(?:as per|according to|against|in|by|from) (?:the |bhagavad |bhagwad )*gita|(?:does|do|kya) (?:the )?gita (?:says? (?:that )?|forbids? )|gita (?:ke hisab|ke anusar|me(?:in)?)(?: se)?)\b",
    re.IGNORECASE,
)
# Hindi as it is typed in chats, and the spelling that the glossary has.
_TYPED = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "nhi=nahi gya=gaya gyi=gayi gye=gaye gai=gayi rha=raha rhi=rahi rhe=rahe kr=kar krta=karta krti=karti "
        "krte=karte krna=karna krne=karne kro=karo kru=karu mna=mana pta=pata bna=bana hu=hoon hun=hoon "
        "chota=chhota choti=chhoti chote=chhote bht=bahut bhot=bahut lgta=lagta lgti=lagti smjh=samajh jyada=zyada "
        "fir=phir bhn=behen mummi=mummy glti=galti dhoka=dhokha muje=mujhe",
    )
)
_TELLERS = {"Sanjaya", "Dhritarashtra"}  # they tell of the battle; counsel is Krishna's


# Of a question: all verses and all stories, best first, its vector [384], and the case that it is.
Read = tuple[Places, Places, Matrix, Case | None]


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
        self._questions, verses, stories, *learned, cases = known()
        self._words = Words([f"{r['question']} {r.get('english', '')} {in_english(r['question'])}" for r in asked()])
        self._verses = Index([v.ref for v in source.verses], "verses", verses, learned[0])
        self._stories = Index([s.id for s in source.stories], "stories", stories, learned[1])
        self._verse_words = Words([v.text for v in source.verses])
        self._telling = np.array([v.speaker in _TELLERS or v.chapter in (1, 11) for v in source.verses])
        self._cases = Cases(source.cases, cases)
        self._orders: OrderedDict[bytes, Read] = OrderedDict()
        self._lock = Lock()

    def find(self, question: str, n: int = 3, *, told: Collection[str] = ()) -> tuple[list[Verse], list[Story]]:
        """The n best verses of counsel, and the n best stories that were not told yet (any, where all were)."""
        verses, stories, *_ = self._order(question) or self.read([question])[0]
        untold = islice((s for s in map(self.corpus.stories.__getitem__, stories) if s.id not in told), n)
        return (
            [self.corpus.verses[i] for i in verses[:n]],
            list(untold) or [self.corpus.stories[i] for i in stories[:n]],
        )

    def meaning(self, question: str) -> Matrix:
        """The vector of a question, [384] float32 of length 1."""
        return (self._order(question) or self.read([question])[0])[2]

    def case(self, question: str) -> Case | None:
        """The case that a question is; None where it is none."""
        return (self._order(question) or self.read([question])[0])[3]

    def knows(self, question: str) -> bool:
        """Whether find() has nothing to read: this was asked lately ("Another answer" asks the same again)."""
        return self._order(question) is not None

    def read(self, questions: Sequence[str]) -> list[Read]:
        """What is found for each question. Together they take less time."""
        meant = [_literal(question) for question in questions]
        vectors = self._meaning([english(question) for question in meant])
        # All questions in one go: each of NumPy's steps lets go of Python's lock, and has to wait for it again.
        words = np.stack([self._words.scores(question) for question in meant]) ** NEARNESS
        cosines = _cosines(self._questions, vectors)
        near = words, cosines**LIKENESS, vectors
        verses = _best(np.where(self._telling, -1.0, self._verses.scores(*near)))
        nearness = _share(words) + MEANING * _share(near[1])
        cases = map(self._cases.of, nearness, cosines, map(language, questions))
        orders = list(zip(verses, _best(self._stories.scores(*near)), vectors, cases, strict=True))
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


def _literal(question: str) -> str:
    for figure, meant in _FIGURES:
        question = figure.sub(meant, question)
    for gone in _GONE:
        question = gone.sub(r"\1\2 mar gaya", question)
    if len(WORD.findall(asked_for := _BY_THE_BOOK.sub(" ", question))) >= ENOUGH:
        question = asked_for
    if not WORD.search(question):
        question = ", ".join(meant for signs, meant in _SIGNS if set(signs) & set(question)) or question
    return question


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


@lru_cache(maxsize=1)
def asked() -> list[dict[str, Any]]:
    """Questions that people ask: question, language, english where that is another, verses, stories (best first). At the end those
    of the cases, which tell nothing but their case."""
    said = [question for case in corpus().cases for question in case.asked]
    return rows("asked.jsonl") + [{"question": q, "language": language(q), "verses": (), "stories": ()} for q in said]


@lru_cache(maxsize=1)
def _glossary() -> dict[str, str]:
    found: dict[str, str] = json.loads(files(__package__).joinpath("glossary.json").read_text(encoding="utf-8"))
    return {_usual(phrase): meant for phrase, meant in found.items()} | found


def _usual(phrase: str) -> str:
    """A phrase with its words in the usual spelling."""
    return " ".join(_TYPED.get(word, word) for word in phrase.split())


def in_english(text: str) -> str:
    """The words of Hindi and Hinglish in a text, in English: "naukri chali gayi" gives "job". Empty for English."""
    return " ".join(_glossary()[span] for span in _spans(text))


def english(question: str) -> str:
    """A question as the model of meaning can read it: Hindi and Hinglish by their words in English.

    Hinglish has English words of its own ("boss sabke samne gaali deta hai"), and they stay.
    """
    spans = _spans(question)
    known = {word for span in spans for word in span.split()}
    said = WORD.findall(question.lower())
    words = " ".join(dict.fromkeys(_glossary()[span] for span in spans))
    kept = [word for word in said if word in _plain() and word not in known]
    if language(question) == "en" and len(known) <= max(sum(word in STOPWORDS_EN for word in said), 1):
        return f"{question} {words}".strip()
    return " ".join([words, *dict.fromkeys(kept)]).strip() or question


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    """Words of the questions in English, of four letters or more: shorter ones ("me", "par", "the") are Hindi's too."""
    words = {word for row in asked() if row["language"] == "en" for word in WORD.findall(row["question"].lower())}
    return frozenset(word for word in words if len(word) > 3).difference(STOPWORDS_EN)


def _spans(text: str) -> list[str]:
    """The phrases of one to three words that the glossary has, longest first."""
    said = [_TYPED.get(word, word) for word in WORD.findall(normalize("NFC", text.lower()))]
    spans, words = (" ".join(said[i : i + n]) for n in (3, 2, 1) for i in range(len(said) - n + 1)), _glossary()
    return [span for span in spans if span in words]


_MAKING = Lock()


def finder() -> Finder:
    """The finder over the corpus, made once, also where several threads ask for it first."""
    with _MAKING:
        return _finder()


@lru_cache(maxsize=1)
def _finder() -> Finder:
    return Finder(corpus())
