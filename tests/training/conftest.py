"""Short dialogues for tiny models: what is tested is the machinery, and a vocabulary of 262,144 makes tokens dear."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.dialogues import Dialogue, Turn


@pytest.fixture(autouse=True)
def _one_thread():
    """Matrices this small are slower on many threads, and a resumed run must add up in the same order."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


WORDS = ("river", "lamp", "field", "stone", "bread", "road", "tree", "boat", "door", "bell")


def few(train: int = 6) -> list[Dialogue]:
    """Dialogues of a few words: so many to learn, two held out, one for the test."""
    found: dict[str, list[Dialogue]] = {"train": [], "validation": [], "test": []}
    most = {"train": train, "validation": 2, "test": 1}
    i = 0
    while any(len(found[split]) < most[split] for split in most):
        word = WORDS[i % len(WORDS)]
        turn = Turn(
            f"What of the {word}?", ("2.47",), "julia-child-failed-exam", f"Tend the {word}, Partha. Then rest."
        )
        dialogue = Dialogue(f"t{i}", f"family-{i}", "en", (), (turn,))
        if len(found[dialogue.split]) < most[dialogue.split]:
            found[dialogue.split].append(dialogue)
        i += 1
    return [d for group in found.values() for d in group]


@pytest.fixture(scope="session")
def dialogues_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "dialogues.jsonl"
    lines = []
    for d in few():
        turns = [{"question": t.question, "verses": t.verses, "story": t.story, "counsel": t.counsel} for t in d.turns]
        lines.append(
            json.dumps({"id": d.id, "family": d.family, "language": d.language, "tags": d.tags, "turns": turns})
        )
    path.write_text("\n".join(lines), "utf-8")
    return path
