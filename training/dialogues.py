"""The dialogues as examples to learn from: what the model reads, and the counsel it should answer with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core import prompt
from core.engine import Tokenizer
from core.wisdom.corpus import Corpus
from training.errors import DataError

DATA = Path(__file__).parent / "data"
Split = Literal["train", "validation", "test"]


@dataclass(frozen=True, slots=True)
class Turn:
    """verses: references, the first is the one the model is shown. story: an id of the corpus."""

    question: str
    verses: tuple[str, ...]
    story: str
    counsel: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    """family: the situation behind it; all that are about one situation are in one split."""

    id: str
    family: str
    language: str
    tags: tuple[str, ...]
    turns: tuple[Turn, ...]

    @property
    def split(self) -> Split:
        """80 : 10 : 10 by the family's name, the same on every machine and when others are added."""
        bucket = int(hashlib.sha256(self.family.encode()).hexdigest(), 16) % 10
        return "validation" if bucket == 8 else "test" if bucket == 9 else "train"


def load(path: Path = DATA / "dialogues.jsonl") -> list[Dialogue]:
    """Raises DataError."""
    found = []
    try:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            turns = tuple(Turn(t["question"], tuple(t["verses"]), t["story"], t["counsel"]) for t in row["turns"])
            found.append(Dialogue(row["id"], row["family"], row["language"], tuple(row["tags"]), turns))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} holds no dialogues ({error!r}); write them as {DATA / 'dialogues.jsonl'} is"
        ) from error
    return found


def examples(
    dialogue: Dialogue,
    corpus: Corpus,
    tokenizer: Tokenizer,
    *,
    context: int = 1024,
    shots: Sequence[tuple[str, str, str]] = (),
) -> Iterator[tuple[list[int], list[int]]]:
    """(prompt ids, answer ids) of each turn, exactly as the host builds them: without shots for a trained model."""
    history: list[prompt.Exchange] = []
    for turn in dialogue.turns:
        verse = corpus.verse(turn.verses[0])
        assert verse is not None, turn.verses
        answer = [*tokenizer.encode(turn.counsel), tokenizer.special("<end_of_turn>")]
        ids = prompt.build(
            tokenizer, turn.question, verse.text, history, context=context, reply_tokens=len(answer), examples=shots
        )
        if ids is not None:
            yield list(ids), answer
        history.append(prompt.Exchange(turn.question, turn.counsel))
