"""A message's words as they are written, in one spelling for Hindi and Hinglish: what MiniLM, which knows English, cannot read.

Devanagari goes into Latin letters, and what people type in many ways ("nahi", "nahin", "nhi"; "zyada", "jyada") comes near to
one. Of that the words, the pairs of them and their pieces of three and four letters, hashed (Weinberger et al. 2009,
arXiv:0902.2206).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from unicodedata import normalize
from zlib import crc32

import numpy as np

from core.wisdom.meaning import Matrix, Places
from core.wisdom.softmax import Sparse

BUCKETS = 8192
LONGEST = 1000  # characters that are read; the meaning has fewer
WEIGHT = 1.25  # what the letters weigh, where the meaning weighs 1 (docs/benchmarks.md)
_CONSONANTS = dict(zip("कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह", "kkggnccjjnttddnttddnpfbbmyrlvsssh", strict=True))
_VOWELS = dict(zip("अआइईउऊएऐओऔऑ", "aaiiuueeooo", strict=True)) | {"ऋ": "ri"}
_SIGNS = dict(zip("ािीुूेैोौॉंँ", "aiiuueeooonn", strict=True)) | {"ृ": "ri"}
_LATIN = str.maketrans({**_CONSONANTS, **_VOWELS, **_SIGNS} | dict.fromkeys("़ः्", ""))
# The "a" that a consonant has by itself, but for the end of a word; and where it is not spoken: "naukri", "ladka".
_C = "".join(_CONSONANTS)
_OWN = re.compile(rf"([{_C}]़?)(?=[{_C}ंँः{''.join(_VOWELS)}])")
_SILENT = re.compile(r"(?<=[aeiouə][^aeiouə\s])ə(?=[^aeiouə\s][aeiou])")
_ALIKE = [
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"[^a-z]+", " "),
        ("ph", "f"),
        ("sh", "s"),
        ("ch", "c"),
        ("ck", "k"),
        ("w", "v"),
        ("z", "j"),
        ("q", "k"),
        ("x", "ks"),
        ("y(?=[ie])", ""),
        ("ee", "i"),
        ("oo", "u"),
        ("a[iy]", "e"),
        ("au", "o"),
        ("(?<=[kgjtdbpcf])h", ""),
        (r"(.)\1+", r"\1"),
        (r"(?<=\S)m\b", "n"),
        (r"y\b", "i"),
    )
]


def spelling(text: str) -> list[str]:
    """The words of a text in that one spelling, in Latin letters."""
    text = _OWN.sub(r"\1ə", normalize("NFC", text).lower()).translate(_LATIN)
    text = _SILENT.sub("", text).replace("ə", "a")
    for pattern, instead in _ALIKE:
        text = pattern.sub(instead, text)
    return text.split()


def letters(text: str) -> tuple[Places, Matrix]:
    """Which of BUCKETS a text has, and how much of each: a vector of length WEIGHT as [pieces] places and [pieces] float32; of a text
    without letters nothing."""
    words = spelling(text[:LONGEST])
    marked = [f"<{word}>" for word in words]
    pieces = {*marked, *map(" ".join, pairwise(words))}
    pieces.update(word[i : i + n] for word in marked for n in (3, 4) for i in range(len(word) - n + 1))
    hashed = np.array([crc32(piece.encode()) for piece in sorted(pieces)], dtype=np.uint32)
    signs = np.where(hashed >> 31, 1, -1).astype(np.float32)  # pieces that share a bucket by chance add up to nothing
    return (hashed % BUCKETS).astype(np.int64), WEIGHT * signs / max(len(signs), 1) ** 0.5


def rows(texts: Sequence[str]) -> Sparse:
    """The vectors of many texts."""
    found = [letters(text) for text in texts]
    begins = np.cumsum([0, *(len(places) for places, _ in found[:-1])])
    return Sparse(begins, np.concatenate([p for p, _ in found]), np.concatenate([v for _, v in found]), BUCKETS)
