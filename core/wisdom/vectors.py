"""python -m core.wisdom.vectors: meaning.npz anew, after a change of the corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core.wisdom.corpus import corpus
from core.wisdom.meaning import Meaning
from core.wisdom.search import asked, english


def make() -> dict[str, np.ndarray[Any, np.dtype[np.int8]]]:
    """The vectors in int8: a length of its own a row, which meaning.unit() takes away again."""
    meaning, source = Meaning(exact=True), corpus()
    texts = {
        "asked": [row.get("english") or english(row["question"]) for row in asked()],
        "verses": [v.text for v in source.verses],
        "stories": [f"{s.shows} {s.text}" for s in source.stories],
    }
    vectors = {name: meaning(lines) for name, lines in texts.items()}
    return {
        name: np.round(v / np.abs(v).max(axis=1, keepdims=True) * 127).astype(np.int8) for name, v in vectors.items()
    }


if __name__ == "__main__":
    file = Path(__file__).with_name("meaning.npz")
    np.savez_compressed(file, allow_pickle=False, **make())
    print(f"{file.name}: {file.stat().st_size:,} bytes")
