"""python -m core.wisdom.vectors: meaning.npz anew, after a change of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.wisdom.corpus import asked, corpus
from core.wisdom.meaning import Matrix, Meaning
from core.wisdom.reading import english
from core.wisdom.search import DECAY, fits_of
from core.wisdom.softmax import fit

CASES_DECAY = 0.02  # of the regression of cases


def make() -> dict[str, np.ndarray[Any, np.dtype[Any]]]:
    """The vectors in int8: a length of its own a row, which meaning.unit() takes away again. What was learned in float16."""
    meaning, source = Meaning(exact=True), corpus()
    texts = {
        "asked": [row.get("english") or english(row["question"]) for row in asked()],
        "verses": [v.text for v in source.verses],
        "stories": [f"{s.shows} {s.text}" for s in source.stories],
    }
    vectors = {name: meaning(lines) for name, lines in texts.items()}
    learned = {"to_verses": learn(vectors["asked"], "verses", [v.ref for v in source.verses])}
    learned["to_stories"] = learn(vectors["asked"], "stories", [s.id for s in source.stories])
    learned["to_cases"] = learn_cases(meaning, vectors["asked"], [case.id for case in source.cases])
    return {
        name: np.round(v / np.abs(v).max(axis=1, keepdims=True) * 127).astype(np.int8) for name, v in vectors.items()
    } | {name: w.astype(np.float16) for name, w in learned.items()}


def learn(questions: Matrix, key: str, names: Sequence[str]) -> Matrix:
    """Questions, by their vectors, to what fits them: the weights of softmax.py. A question weighs 1, whatever its list."""
    rows, columns, fits = fits_of(key, names)
    shares = np.zeros((len(questions), len(names)), dtype=np.float32)
    shares[rows, columns] = fits
    return fit(questions, shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9), DECAY)


def learn_cases(meaning: Meaning, questions: Matrix, ids: Sequence[str]) -> Matrix:
    """Questions, by their vectors, to the case that they are, or to none (the last): those of which somebody said it, as they are
    translated and also as the search reads them, where that is not the same."""
    names = [*ids, ""]
    told = [(row, names.index(said["case"])) for row, said in enumerate(asked()) if "case" in said]
    rows, columns = map(list, zip(*told, strict=True))
    read = [(english(asked()[row]["question"]), column) for row, column in told if asked()[row].get("english")]
    vectors = np.concatenate([questions[rows], meaning([text for text, _ in read])])
    columns += [column for _, column in read]
    return fit(vectors, np.eye(len(names), dtype=np.float32)[columns], CASES_DECAY)


if __name__ == "__main__":
    file = Path(__file__).with_name("meaning.npz")
    np.savez_compressed(file, allow_pickle=False, **make())
    print(f"{file.name}: {file.stat().st_size:,} bytes")
