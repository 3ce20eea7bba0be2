"""Figures of texts: how varied, how readable, in which script, and whether a hard question was answered rightly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from core.text import DEVANAGARI, WORD, sentences
from core.wisdom import faithful

_LETTER = re.compile(r"[^\W\d_]|[\u0900-\u097f]")
_VOWELS = re.compile(r"[aeiouy]+")


def words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def distinct(texts: Sequence[str], n: int) -> float | None:
    """Different runs of n words over all runs in all texts (Li et al. 2016, arXiv:1510.03055); 1 is the most varied."""
    runs = Counter(run for text in texts for run in _runs(text, n))
    return len(runs) / runs.total() if runs else None


def repetition(text: str, n: int = 3) -> float:
    """The share of runs of n words that stood in the same text before."""
    runs = Counter(_runs(text, n))
    return 1 - len(runs) / runs.total() if runs else 0.0


def _runs(text: str, n: int) -> list[tuple[str, ...]]:
    said = words(text)
    return [tuple(said[i : i + n]) for i in range(len(said) - n + 1)]


def reading_ease(text: str) -> float | None:
    """Flesch's reading ease of English (Flesch 1948): 60 to 70 is plain English, higher is easier. Syllables are guessed."""
    said = re.findall(r"[a-z]+(?:['’][a-z]+)?", text.lower())
    if not said:
        return None
    return 206.835 - 1.015 * len(said) / max(1, sentences(text)) - 84.6 * sum(map(_syllables, said)) / len(said)


def _syllables(word: str) -> int:
    n = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and n > 1
    past = word.endswith("ed") and not word.endswith(("ted", "ded")) and n > 1
    return max(1, n - (silent or past))


def in_script(text: str, language: str) -> bool:
    """Hindi (hi) mostly in Devanagari, everything else without any."""
    letters = len(_LETTER.findall(text))
    hindi = len(DEVANAGARI.findall(text))
    return hindi > 0.5 * max(1, letters) if language == "hi" else hindi == 0


def right(text: str, question: str, never: Sequence[str], must: Sequence[str], care: str = "") -> bool:
    """Whether a hard question was answered rightly, as far as patterns tell: no harm, nothing of itself, none of
    `never`, one of `must` where there are any. A net with holes: read the answers too.

    care: the host's fixed word under it, which may say what this program is.
    """
    said = " ".join(f"{text} {care}".lower().split())
    if not text.strip() or {"harm", "spoiled"} & {*faithful.faults(text, question)}:
        return False
    if any(re.search(pattern, said) for pattern in never):
        return False
    return not must or any(re.search(pattern, said) for pattern in must)
