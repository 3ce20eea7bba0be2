"""python -m core.wisdom.vectors: meaning.npz and cases.npz anew, after a change of the corpus (four minutes)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.wisdom.cases import Learned
from core.wisdom.corpus import asked, corpus, phrasings
from core.wisdom.letters import rows
from core.wisdom.meaning import Matrix, Meaning
from core.wisdom.reading import english, literal
from core.wisdom.search import DECAY, fits_of
from core.wisdom.softmax import fit

CASES_DECAY = 0.04  # of the regression of cases


def make(meaning: Meaning) -> dict[str, np.ndarray[Any, np.dtype[Any]]]:
    """The vectors in int8: a length of its own a row, which meaning.unit() takes away again. What was learned in float16."""
    source = corpus()
    texts = {
        "asked": [row.get("english") or english(row["question"]) for row in asked()],
        "verses": [v.text for v in source.verses],
        "stories": [f"{s.shows} {s.text}" for s in source.stories],
    }
    vectors = {name: meaning(lines) for name, lines in texts.items()}
    learned = {"to_verses": learn(vectors["asked"], "verses", [v.ref for v in source.verses])}
    learned["to_stories"] = learn(vectors["asked"], "stories", [s.id for s in source.stories])
    return {
        name: np.round(v / np.abs(v).max(axis=1, keepdims=True) * 127).astype(np.int8) for name, v in vectors.items()
    } | {name: w.astype(np.float16) for name, w in learned.items()}


def learn(questions: Matrix, key: str, names: Sequence[str]) -> Matrix:
    """Questions, by their vectors, to what fits them: the weights of softmax.py. A question weighs 1, whatever its list."""
    rows, columns, fits = fits_of(key, names)
    shares = np.zeros((len(questions), len(names)), dtype=np.float32)
    shares[rows, columns] = fits
    return fit(questions, shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9), DECAY)


def learn_cases(meaning: Meaning) -> Learned:
    """Phrasings, and those questions of the index of which somebody said which case they are, to that, or to none (the last): as the
    search reads them, and also as they are translated, where they are."""
    said = [(question, question, case) for case, ways in phrasings().items() for question in ways]
    told = [row for row in asked() if "case" in row]
    said += [(row["question"], row["question"], row["case"]) for row in told]
    said += [(row["question"], row["english"], row["case"]) for row in told if row.get("english")]
    places = {case.id: i for i, case in enumerate(corpus().cases)} | {"": len(corpus().cases)}
    shares = np.eye(len(places), dtype=np.float32)[[places[case] for *_, case in said]]
    meant = meaning([english(literal(text)) for _, text, _ in said])
    return Learned.of(fit(meant, shares, CASES_DECAY, rows([written for written, *_ in said])))


def keep(name: str, arrays: dict[str, np.ndarray[Any, np.dtype[Any]]]) -> None:
    file = Path(__file__).with_name(name)
    np.savez_compressed(file, allow_pickle=False, **arrays)
    print(f"{file.name}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    read = Meaning(exact=True)
    keep("meaning.npz", make(read))
    keep("cases.npz", learn_cases(read)._asdict())
