"""The verse of the day: which verse a person gets on which day.

daily.json lists the verses of counsel that may come unasked (chapter: verses), chosen by hand from those that answer
at least ten of the questions in asked.jsonl. They are Krishna's; left out is what tells of the battle, and what
comforts a mourner who asks but could weigh on somebody who did not (2.22 on death, say).

Each person has an order of their own, by a hash of who they are and of the verse, and each day has its place in it.
So nothing needs to be kept about what was sent: in as many days as there are verses no verse comes twice, and a day
that was missed leaves out its verse until the next round.
"""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from core.wisdom.corpus import Corpus, Verse


@lru_cache(maxsize=1)
def refs() -> tuple[str, ...]:
    """The verses that may come unasked, as "2.47"."""
    chapters = json.loads(files(__package__).joinpath("daily.json").read_text(encoding="utf-8"))
    return tuple(f"{chapter}.{verse}" for chapter, verses in chapters.items() for verse in verses)


def verse_of(corpus: Corpus, person: str, day: int) -> Verse:
    """The verse of a person ("telegram:123") on a day (datetime.date.toordinal())."""
    order = sorted(refs(), key=lambda ref: sha256(f"{person} {ref}".encode()).digest())
    verse = corpus.verse(order[day % len(order)])
    assert verse is not None  # a test holds the list to the corpus
    return verse
