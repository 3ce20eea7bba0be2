"""What people preferred, as pairs to learn from by DPO: two answers to one question, one better liked than the other.

Pairs come from votes, and from "another answer": who asked for another and left it at that preferred it. Nothing of
people who opted out is in them, no ids, and nothing that a rule of the product forbids is ever the better one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from core import answer, prompt
from core.resident.tokenizer import GemmaTokenizer
from core.wisdom import faithful
from core.wisdom.corpus import corpus
from storage import Store, Turn
from training.dialogues import Split
from training.errors import DataError

_IDS = re.compile(r"<[@#][!&]?\d+>|(?<!\w)@\w+|https?://\S+|\S+@\S+\.\w+|\+?\d[\d ()-]{6,}\d")


@dataclass(frozen=True, slots=True)
class Pair:
    """history: earlier (question, counsel) of the conversation. verse: the one the better answer rests on."""

    question: str
    verse: str
    history: tuple[tuple[str, str], ...]
    chosen: str
    rejected: str


async def collect(store: Store) -> list[Pair]:
    """All pairs of a store, each once."""
    found: dict[Pair, None] = {}
    for group in await store.compared():
        for (older, down), (newer, up) in combinations(group, 2):
            if up == down and up == 0 and newer is group[-1][0] and newer.alternative_of == older.id:
                better, worse = newer, older  # another was asked for, and then no other
            elif up != down:
                better, worse = (newer, older) if up > down else (older, newer)
            else:
                continue
            pair = await _pair(store, better, worse)
            if pair is not None:
                found[pair] = None
    return list(found)


async def _pair(store: Store, better: Turn, worse: Turn) -> Pair | None:
    verse = corpus().verse(better.verses[0]) if better.verses else None
    chosen, rejected = (answer.counsel_of(t.answer or "") for t in (better, worse))
    if verse is None or not rejected or chosen == rejected or faithful.faults(chosen, better.question):
        return None
    shown = [v for t in (better, worse) if t.verses and (v := corpus().verse(t.verses[0]))]
    written = any(answer.fixed(corpus(), v, said) for v in shown for said in (chosen, rejected))
    if written or any(map(corpus().told, (chosen, rejected))):
        return None  # the verse itself, or a case's: not the model's words
    past = await store.history(better.parent_id) if better.parent_id is not None else []
    for turn in past:
        if await store.is_optout(turn.platform, turn.user_id):
            return None
    history = tuple(
        (_clean(t.question), _clean(answer.counsel_of(t.answer))) for t in past if t.status == "done" and t.answer
    )
    return Pair(_clean(better.question), verse.ref, history, _clean(chosen), _clean(rejected))


def _clean(text: str) -> str:
    """Without mentions, addresses, links and long numbers."""
    return _IDS.sub("…", text)


def write(database: str, out: Path, say: Callable[[str], None]) -> int:
    """The pairs of a database as lines of JSON. Raises StoreError, DataError."""
    if "://" not in database and not Path(database).expanduser().is_file():
        raise DataError(f"there is no database {database}; set KRISHNA_DATABASE_URL or --database to the host's")

    async def read() -> list[Pair]:
        store = await Store.open(database)
        try:
            return await collect(store)
        finally:
            await store.close()

    pairs = asyncio.run(read())
    out.write_text("".join(json.dumps(asdict(p), ensure_ascii=False) + "\n" for p in pairs), "utf-8")
    say(f"{len(pairs)} pairs in {out}")
    return len(pairs)


def load(path: Path) -> list[Pair]:
    """Raises DataError."""
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return [Pair(**{**row, "history": tuple((q, a) for q, a in row["history"])}) for row in rows]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{path} holds no pairs ({error}); make them with: preferences {path}") from error


def rows(tokenizer: GemmaTokenizer, pairs: Sequence[Pair], longest: int) -> dict[Split, list[dict[str, Any]]]:
    """Pairs as token ids, 80 : 10 : 10 by their question. Raises DataError."""
    found: dict[Split, list[dict[str, Any]]] = {"train": [], "validation": [], "test": []}
    end = tokenizer.special("<end_of_turn>")
    for pair in pairs:
        verse = corpus().verse(pair.verse)
        chosen, rejected = ([*tokenizer.encode(text), end] for text in (pair.chosen, pair.rejected))
        ids = verse and prompt.build(
            tokenizer,
            pair.question,
            verse.text,
            [prompt.Exchange(q, a) for q, a in pair.history],
            context=longest,
            reply_tokens=max(len(chosen), len(rejected)),
            examples=(),
        )
        if ids:
            bucket = int(hashlib.sha256(pair.question.encode()).hexdigest(), 16) % 10
            split: Split = "validation" if bucket == 8 else "test" if bucket == 9 else "train"
            found[split].append({"prompt_ids": list(ids), "chosen_ids": chosen, "rejected_ids": rejected})
    for split, there in found.items():
        if not there:
            raise DataError(f"none of the {len(pairs)} pairs falls into the {split} split; fifty and more are wanted")
    return found
