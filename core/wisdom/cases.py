"""Which case a question is: a trouble that many bring, for which somebody wrote a whole counsel (cases.jsonl).

The words of a case answer what its phrasings ask, and no more; said to anybody else they would be beside the point. So a softmax
regression (softmax.py) learned from the phrasings and from questions of the index, of which readers said which case each is, or
that it is none; and a question is a case only where that is likely enough. It sees a question's meaning and its letters, which
tell in Hindi what the meaning, by way of a glossary, does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from core.text import Language
from core.tiers import of_loss
from core.wisdom.corpus import Case
from core.wisdom.letters import letters
from core.wisdom.meaning import DIMENSIONS, Matrix, Places
from core.wisdom.softmax import softmax

SURE: dict[Language, float] = {"en": 0.35, "hi": 0.4, "hinglish": 0.35}  # how likely it has to be
# Words for a death where nobody speaks of one, and glad words, would hurt who is in another case.
GLAD, SURER = {"joy", "better-again"}, 0.6
DEATHS = {"grief", "grief-of-another", "a-dying-person", "own-dying"}
ABOUT = 0.4  # how likely all cases of a subject have to be together, if it is any case


class Learned(NamedTuple):
    """The regression: of the cases and, last, of none, what they get from the meaning, [384 + 1, answers] with the bias last, and
    from the letters, [BUCKETS, answers] int8, each answer in a unit of its own, [answers]."""

    meaning: Matrix
    letters: Places
    unit: Matrix

    @classmethod
    def of(cls, weights: Matrix) -> Learned:
        """What fit() gives, [answers, 384 + BUCKETS + 1]."""
        heard = weights[:, DIMENSIONS:-1]
        unit = np.abs(heard).max(axis=1) / 127
        return cls(
            np.delete(weights, np.s_[DIMENSIONS:-1], axis=1).T.astype(np.float16),
            np.round(heard / np.maximum(unit, 1e-9)[:, None]).T.astype(np.int8),
            unit.astype(np.float32),
        )

    def likely(self, question: str, vector: Matrix) -> Matrix:
        """[answers], in sum 1, for a question and its meaning, [384]."""
        places, values = letters(question)
        return softmax(vector @ self.meaning[:-1] + self.meaning[-1] + (values @ self.letters[places]) * self.unit)


def learned() -> Learned:
    """What was learned last: `python -m core.wisdom.vectors`."""
    with files(__package__).joinpath("cases.npz").open("rb") as f:
        kept = np.load(f)
        return Learned(kept["meaning"].astype(np.float32), kept["letters"], kept["unit"])


class Cases:
    """The cases, and how a question is told to be one."""

    def __init__(self, cases: Sequence[Case], learned: Learned) -> None:
        self._cases, self._learned = cases, learned
        self._subjects = list(dict.fromkeys(case.subject for case in cases))
        self._about = np.array([self._subjects.index(case.subject) for case in cases])

    def of(self, question: str, vector: Matrix, tongue: Language) -> tuple[Case | None, str]:
        """The case of a question in a language, by its words and its meaning, [384]; None where it is none. And its subject, which
        may be sure where the case is not; empty where it is not either."""
        chances = self._learned.likely(question, vector)[:-1]
        best = int(np.argmax(chances))
        case = self._cases[best]
        if chances[best] >= _least(case.subject, question, SURE[tongue]):
            return case, case.subject
        about = np.bincount(self._about, chances / chances.sum())
        subject = self._subjects[np.argmax(about)]
        return None, subject if about.max() >= _least(subject, question, ABOUT) else ""


def _least(subject: str, question: str, least: float) -> float:
    """How likely a subject has to be, or a case of it."""
    delicate = subject in GLAD or (subject in DEATHS and not of_loss(question))
    return max(least, SURER) if delicate else least
