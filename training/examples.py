"""Dialogues as rows for a trainer: token ids, and labels that count the answer alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from core.resident.tokenizer import GemmaTokenizer
from core.wisdom.corpus import corpus
from training.dialogues import Dialogue, Split, examples
from training.errors import DataError

IGNORED = -100  # a label that no loss counts
Row = dict[str, list[int]]


def rows(tokenizer: GemmaTokenizer, dialogues: Sequence[Dialogue], longest: int) -> dict[Split, list[Row]]:
    """The rows of each split: input_ids and labels of one length, at most `longest`. Raises DataError."""
    found: dict[Split, list[Row]] = {"train": [], "validation": [], "test": []}
    for dialogue in dialogues:
        for prompt, answer in examples(dialogue, corpus(), tokenizer, context=longest):
            row = {"input_ids": prompt + answer, "labels": [IGNORED] * len(prompt) + answer}
            if len(row["input_ids"]) <= longest:
                found[dialogue.split].append(row)
    for split, there in found.items():
        if not there:
            raise DataError(
                f"no dialogue falls into the {split} split (a hash of its family decides); add dialogues of other"
                " families, or raise max_seq_length"
            )
    return found


def fingerprint(value: Any) -> str:
    """Sixteen hex digits that change with the data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def collate(batch: list[Row]) -> dict[str, Any]:
    """Rows of several lengths as tensors [batch, longest], padded on the right with <pad>, which is 0 in Gemma."""
    import torch

    longest = max(len(row["input_ids"]) for row in batch)

    def padded(name: str, fill: int) -> torch.Tensor:
        return torch.tensor([row[name] + [fill] * (longest - len(row[name])) for row in batch])

    mask = [[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in batch]
    return {
        "input_ids": padded("input_ids", 0),
        "labels": padded("labels", IGNORED),
        "attention_mask": torch.tensor(mask),
    }
