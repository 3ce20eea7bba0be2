"""Which case a question is: a trouble that many bring, for which somebody wrote a whole counsel (cases.jsonl).

The words of a case answer what its phrasings ask, and no more; said to anybody else they would be beside the point. So a softmax
regression (softmax.py) learned from the phrasings and from questions of the index, of which readers said which case each is, or
that it is none; and a question is a case only where that is likely enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.text import Language
from core.wisdom.corpus import Case
from core.wisdom.meaning import Matrix
from core.wisdom.softmax import likely

SURE: dict[Language, float] = {"en": 0.4, "hi": 0.5, "hinglish": 0.5}  # how likely it has to be
ALIKE, BEST = 0.45, 3  # the cosine that a case's best phrasings have to have in the mean


class Cases:
    """The cases, and how a question is told to be one."""

    def __init__(self, cases: Sequence[Case], said: Sequence[str], learned: Matrix) -> None:
        """said: for each question of the index the id of its case, empty for none. learned: the regression's weights, of the cases
        and, last, of none."""
        places = {case.id: i for i, case in enumerate(cases)}
        self._cases, self._learned = cases, learned
        self._of = np.array([places[id] if id else -1 for id in said])

    def of(self, vector: Matrix, cosines: Matrix, tongue: Language) -> Case | None:
        """The case of one question in a language, by its vector, [384], and its cosines with each question of the index, [asked];
        None where it is none."""
        chances = likely(self._learned, vector)[:-1]
        best = int(np.argmax(chances))
        alike = np.mean(np.sort(cosines[self._of == best])[-BEST:])
        return self._cases[best] if chances[best] >= SURE[tongue] and alike >= ALIKE else None
