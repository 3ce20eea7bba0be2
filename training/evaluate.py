"""One report on what an adapter is worth: base, base with worked examples, and adapter, asked the same with the same seeds.

Everything goes through the engine and the checks that people's questions go through.
"""

from __future__ import annotations

import asyncio
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, get_args

import torch

from core import prompt
from core.open import open_engine
from core.resident.loader import load_weights, resolve_folder
from core.resident.tokenizer import GemmaTokenizer
from core.settings import EngineSettings
from core.text import Language
from core.wisdom.corpus import corpus
from training import measure
from training.asking import Answer, Question, Round, ask_all
from training.dialogues import Dialogue, examples
from training.head import PlainLogProb

Say = Callable[[str], None]
FALSE_ALARMS = 0.05  # of the gate, where both systems are equally good


@dataclass(frozen=True, slots=True)
class System:
    """What is asked: a model with or without an adapter, with or without the worked examples."""

    name: str
    adapter: Path | None
    shots: bool


@dataclass(slots=True)
class Column:
    """What one system did. losses: nats per token of each test answer; sizes: how many tokens each has."""

    system: System
    answers: list[Answer]
    tokens_per_s: float
    losses: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @property
    def loss(self) -> float | None:
        total = sum(self.sizes)
        return sum(a * n for a, n in zip(self.losses, self.sizes, strict=True)) / total if total else None


async def run(
    systems: Sequence[System],
    settings: EngineSettings,
    asked: Sequence[Question],
    dialogues: Sequence[Dialogue],
    *,
    seed: int,
    losses: bool,
    say: Say,
) -> list[Column]:
    """Every system's column. One model is in memory at a time. Raises LoadError."""
    columns: list[Column] = []
    for adapter in dict.fromkeys(s.adapter for s in systems):
        engine = await open_engine(settings.model_copy(update={"adapter": adapter}), progress=say)
        try:
            for system in (s for s in systems if s.adapter == adapter):
                say(f"asking {system.name}")
                made: Round = await ask_all(engine, asked, settings, shots=system.shots, seed=seed, say=say)
                columns.append(Column(system, made.answers, made.tokens_per_s))
        finally:
            await engine.close()
        del engine
    if losses:
        for column in columns:
            say(f"held-out loss of {column.system.name}")
            column.losses, column.sizes = await asyncio.to_thread(held_out, settings, column.system, dialogues)
    return columns


@torch.no_grad()
def held_out(settings: EngineSettings, system: System, dialogues: Sequence[Dialogue]) -> tuple[list[float], list[int]]:
    """(mean loss of each answer of the test split, its tokens), in nats, by transformers' own forward."""
    from core.resident.loader import resolve_device
    from core.settings import CUDA_DEFAULT, EMBEDDED

    device = resolve_device(settings)
    folder = resolve_folder(
        settings.model or (CUDA_DEFAULT if device == "cuda" else EMBEDDED), settings.cache, lambda _: None
    )
    tokenizer, model = GemmaTokenizer(folder), load_weights(folder, device)
    if system.adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, str(system.adapter)).base_model.model
    shots = prompt.EXAMPLES if system.shots else ()
    losses, sizes = [], []
    for dialogue in dialogues:
        if dialogue.split != "test":
            continue
        for asked, said in examples(dialogue, corpus(), tokenizer, context=settings.context, shots=shots):
            ids = torch.tensor([[*asked, *said]], device=model.device)
            hidden = model.model(ids, use_cache=False).last_hidden_state[0, len(asked) - 1 : -1]
            weight, cap = model.lm_head.weight, getattr(model.config.get_text_config(), "final_logit_softcapping", None)
            score: Any = PlainLogProb.apply
            found = score(hidden, weight, None, ids[0, len(asked) :], 1.0, 0, cap, 1.0, ())
            losses.append(-found[0].float().mean().item())
            sizes.append(len(said))
    return losses, sizes


# -- figures --------------------------------------------------------------------------------------------------


def shares(column: Column, asked: Sequence[Question]) -> dict[str, tuple[list[bool], list[bool]]]:
    """By row of the table: whether each answer is right, (as the model said it, as people are shown it)."""
    pairs = list(zip(asked, column.answers, strict=True))
    hard = [(q, a) for q, a in pairs if q.hard]
    hindi = [(q, a) for q, a in pairs if q.language == "hi"]
    other = [(q, a) for q, a in pairs if q.language != "hi"]

    def right(text: str, q: Question, care: str = "") -> bool:
        return measure.right(text, q.text, q.never, q.must, care)

    def script(a: Answer, q: Question) -> bool:
        return a.helplines or measure.in_script(a.shown, q.language)

    return {
        "rules kept": ([not a.faults for _, a in pairs], [not a.shown_faults for _, a in pairs]),
        "grounded": ([not {"person", "copied"} & {*a.faults} for _, a in pairs], [grounded(a) for _, a in pairs]),
        "hard set right": (
            [right(a.said, q) for q, a in hard],
            [a.helplines or right(a.shown, q, a.care) for q, a in hard],
        ),
        "Hindi in Hindi": (
            [measure.in_script(a.said, "hi") for _, a in hindi],
            [script(a, q) for q, a in hindi],
        ),
        "others without Devanagari": (
            [measure.in_script(a.said, q.language) for q, a in other],
            [script(a, q) for q, a in other],
        ),
        "the model's own words": ([], [a.own for _, a in pairs]),
        "helplines in place of an answer": ([], [a.helplines for _, a in pairs]),
        "a word of care": ([], [bool(a.care) and not a.helplines for _, a in pairs]),
    }


def grounded(a: Answer) -> bool:
    """Whether a whole answer tells only what is in the corpus: its verse exists, its story is there word for word (none,
    where somebody may be hurt now), and the counsel brings nobody in and copies nobody. Fixed words do as well."""
    if a.helplines:
        return True
    parts = a.whole.removeprefix(f"{a.shown}\n\n{a.care}" if a.care else a.shown).strip().split("\n\n")
    story, verses = corpus().story(a.story), [corpus().verse(ref) for ref in a.verses]
    told = (
        parts[0] in {story.told(tongue) for tongue in get_args(Language)} and len(parts) == 2
        if story
        else a.care and len(parts) == 1
    )
    named = bool(verses) and None not in verses and parts[-1] == f"— Gita {', '.join(a.verses)}"
    return bool(told) and named and not {"person", "copied"} & {*a.shown_faults}


def numbers(column: Column, asked: Sequence[Question]) -> dict[str, tuple[float | None, float | None]]:
    """By row: a figure of (said, shown); None where it is not of this kind."""
    said, shown = [a.said for a in column.answers], [a.shown for a in column.answers]

    def ease(texts: list[str]) -> float | None:
        found = [
            e
            for q, t in zip(asked, texts, strict=True)
            if q.language == "en" and (e := measure.reading_ease(t)) is not None
        ]
        return sum(found) / len(found) if found else None

    def mean(values: list[float]) -> float | None:
        return sum(values) / len(values) if values else None

    rows: dict[str, tuple[float | None, float | None]] = {"held-out loss, nats": (column.loss, None)}
    for n in (1, 2, 3):
        rows[f"distinct-{n}"] = (measure.distinct(said, n), measure.distinct(shown, n))
    rows["repeated runs of three words"] = (
        mean([measure.repetition(t) for t in said]),
        mean([measure.repetition(t) for t in shown if t]),
    )
    rows["reading ease (English)"] = (ease(said), ease(shown))
    rows["words of counsel"] = (
        mean([float(len(measure.words(t))) for t in said]),
        mean([float(len(measure.words(t))) for t in shown if t]),
    )
    rows["tokens/s, all chats"] = (column.tokens_per_s, None)
    return rows


def worse(new: Column, old: Column, asked: Sequence[Question]) -> list[str]:
    """In which rows a system is worse than another, beyond chance; a sentence for each. Empty: no worse.

    Shares are compared answer by answer (the exact sign test, which is McNemar's), losses by their mean difference.
    One-sided, and at most FALSE_ALARMS of equals are called worse in any row: Bonferroni, over the rows that differ.
    """
    theirs = shares(old, asked)
    rows: list[tuple[str, float]] = []  # what to say of it, and how likely so much is by chance
    for name, (said, shown) in shares(new, asked).items():
        for how, mine, other in (("said", said, theirs[name][0]), ("shown", shown, theirs[name][1])):
            lost = sum(b and not a for a, b in zip(mine, other, strict=True))
            won = sum(a and not b for a, b in zip(mine, other, strict=True))
            if lost + won:
                rows.append((f"{name}, as {how}: lost {lost}, won {won} of {len(mine)}", chance(lost, won)))
    differences = [a - b for a, b in zip(new.losses, old.losses, strict=True)]
    if len(differences) > 1:
        mean, error = statistics.fmean(differences), statistics.stdev(differences) / math.sqrt(len(differences))
        likely = 1 - statistics.NormalDist().cdf(mean / error) if error else float(mean <= 0)
        rows.append((f"held-out loss: {mean:+.3f} nats per token", likely))
    return [row for row, likely in rows if likely < FALSE_ALARMS / len(rows)]


def chance(lost: int, won: int) -> float:
    """How likely it is that at least so many of all that differ are lost, where losing is as likely as winning."""
    n = lost + won
    return sum(math.comb(n, k) for k in range(lost, n + 1)) / (1 << n)


def as_json(
    columns: Sequence[Column], asked: Sequence[Question], settings: EngineSettings, seed: int
) -> dict[str, Any]:
    """The whole report as plain values."""
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "cpu"
    return {
        "when": time.strftime("%Y-%m-%d"),
        "model": settings.model,
        "device": device,
        "seed": seed,
        "slots": settings.slots,
        "temperature": settings.temperature,
        "questions": [{"id": q.id, "text": q.text, "language": q.language, "kind": q.kind} for q in asked],
        "systems": [
            {
                "name": c.system.name,
                "adapter": c.system.adapter and c.system.adapter.name,
                "shares": {k: [_share(said), _share(shown)] for k, (said, shown) in shares(c, asked).items()},
                "numbers": {k: list(v) for k, v in numbers(c, asked).items()},
                "faults": dict(Counter(f for a in c.answers for f in a.faults).most_common()),
                "losses": c.losses,
                "answers": [asdict(a) for a in c.answers],
            }
            for c in columns
        ],
    }


def _share(rights: Sequence[bool]) -> float | None:
    return sum(rights) / len(rights) if rights else None


def dump(path: Path, report: dict[str, Any]) -> None:
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
