"""Which case a question is: a trouble that many bring, for which somebody wrote a whole counsel (cases.jsonl).

The words of a case answer what its phrasings ask, and no more; said to anybody else they would be beside the point. So a question
is a case only where most of what stands nearest to it, among all questions of the index, is said of that case.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.wisdom.corpus import Case
from core.wisdom.meaning import Matrix

NEAREST = 10  # questions of the index that are asked
SHARE = 0.30  # of their nearness that has to be the case's
ALIKE, BEST = 0.45, 3  # the cosine that a case's best phrasings have to have in the mean


class Cases:
    """The cases, and the place of each phrasing in the index: they stand at its end, in the order of the cases."""

    def __init__(self, cases: Sequence[Case], asked: int) -> None:
        """asked: how many questions the index has, those of the cases among them."""
        of = [i for i, case in enumerate(cases) for _ in case.asked]
        self._cases, self._of = cases, np.array([-1] * (asked - len(of)) + of)

    def of(self, near: Matrix, cosines: Matrix) -> Case | None:
        """The case of one question, [asked] its nearness to each question of the index and the cosines; None where it is none."""
        nearest = np.argpartition(-near, NEAREST)[:NEAREST]
        shares = np.bincount(self._of[nearest] + 1, near[nearest])
        if len(shares) < 2 or (best := int(np.argmax(shares[1:]))) < 0:
            return None
        alike = np.mean(np.sort(cosines[self._of == best])[-BEST:])
        sure = shares[best + 1] >= SHARE * shares.sum() and alike >= ALIKE
        return self._cases[best] if sure else None
