"""Asking an engine what people ask, and making of its words what people get, with the same seeds for every system.

This is the way of one answer in bots/counsel.py without its platform: a test holds the two together. The fixed words for
danger and of care are the host's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bots import care, crisis
from core import answer, prompt
from core.engine import Delta, Engine, Request, Sampling
from core.prompt import STOP, TRIES
from core.settings import EngineSettings
from core.text import language
from core.wisdom import faithful
from core.wisdom.corpus import Case, Story, Verse, corpus
from core.wisdom.named import named, sought
from core.wisdom.search import finder
from training.dialogues import DATA, Dialogue


@dataclass(frozen=True, slots=True)
class Question:
    """kind: "test" for a turn of a held-out dialogue, else the kind of hard question. never, must: see measure.right()."""

    id: str
    text: str
    language: str
    kind: str
    history: tuple[prompt.Exchange, ...] = ()
    never: tuple[str, ...] = ()
    must: tuple[str, ...] = ()

    @property
    def hard(self) -> bool:
        return self.kind != "test"


@dataclass(frozen=True, slots=True)
class Answer:
    """verses: references, the first is the one the counsel rests on. said: the model's first words, as they came. shown:
    the counsel people get after checking and mending; empty where they get helplines in its place.

    own: whether `shown` is the model's. faults: the rules that `said` breaks. care: the fixed word under the counsel.
    story: empty where none is told. whole: all that people get: counsel, care, story and verse, or helplines.
    """

    question: str
    verses: tuple[str, ...]
    story: str
    said: str
    shown: str
    whole: str
    own: bool
    keeps: bool
    faults: tuple[str, ...]
    shown_faults: tuple[str, ...]
    tokens: int
    care: str = ""

    @property
    def helplines(self) -> bool:
        return not self.shown


@dataclass(slots=True)
class Round:
    """All answers of one system, and how long they took together, in seconds."""

    answers: list[Answer] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def tokens_per_s(self) -> float:
        return sum(a.tokens for a in self.answers) / max(self.seconds, 1e-9)


def questions(dialogues: Sequence[Dialogue], limit: int = 0) -> list[Question]:
    """The turns of the test split with their history, and the hard set; with a limit, so many of each, evenly spread."""
    test: list[Question] = []
    for dialogue in dialogues:
        past: list[prompt.Exchange] = []
        for i, turn in enumerate(dialogue.turns):
            if dialogue.split == "test":
                test.append(Question(f"{dialogue.id}.{i + 1}", turn.question, dialogue.language, "test", tuple(past)))
            past.append(prompt.Exchange(turn.question, turn.counsel))
    rules = json.loads((DATA / "hard_rules.json").read_text("utf-8"))
    hard = []
    for i, line in enumerate((DATA / "hard.jsonl").read_text("utf-8").splitlines()):
        row = json.loads(line)
        rule = rules[row["kind"]]
        found = (row["question"], row["language"], row["kind"], (), tuple(rule["never"]), tuple(rule["must"]))
        hard.append(Question(f"hard-{i + 1}", *found))
    return _spread(test, limit) + _spread(hard, limit)


def _spread(found: list[Question], limit: int) -> list[Question]:
    return [found[i * len(found) // limit] for i in range(min(limit, len(found)))] if limit else found


async def ask_all(
    engine: Engine,
    asked: Sequence[Question],
    settings: EngineSettings,
    *,
    shots: bool,
    seed: int,
    say: Callable[[str], None],
) -> Round:
    """Every question once, as many at a time as the engine has slots. shots: with the worked examples."""
    made = Round()
    gate, done, begun = asyncio.Semaphore(settings.slots), 0, time.monotonic()

    async def one(question: Question) -> Answer:
        nonlocal done
        async with gate:
            found = await _answer(engine, question, settings, shots, seed)
        done += 1
        if done % max(1, len(asked) // 5) == 0:
            say(f"{done} of {len(asked)} answers")
        return found

    made.answers = list(await asyncio.gather(*(one(q) for q in asked)))
    made.seconds = time.monotonic() - begun
    return made


async def _answer(engine: Engine, q: Question, settings: EngineSettings, shots: bool, seed: int) -> Answer:
    adapter = engine.adapters[-1] if engine.adapters else ""
    wanted, danger = prompt.in_full(q.text, q.history), crisis.detect(q.text)
    verses, story, case, subject, cared = await asyncio.to_thread(_wisdom, q.text, wanted, engine.fluent)
    verse = verses[0]
    tokens = prompt.build(
        engine.tokenizer,
        q.text,
        verse.text,
        q.history,
        context=engine.context,
        reply_tokens=settings.reply_tokens,
        examples=prompt.EXAMPLES if shots else (),
    )
    assert tokens is not None, f"{q.id} does not fit the context"
    first, shown, count = "", "", 0
    for attempt in range(TRIES if engine.fluent else 1):
        drawn = Sampling(
            settings.temperature,
            settings.top_p,
            settings.top_k,
            settings.repetition_penalty,
            seed=zlib.crc32(f"{seed} {q.id} {attempt}".encode()),
        )
        text = await _say(engine, Request(tokens, settings.reply_tokens, drawn, STOP, user=q.id, adapter=adapter))
        count += len(engine.tokenizer.encode(text))
        first = first or answer.whole(text)
        said = answer.addressed(answer.whole(text))
        keeps = faithful.grounded(said, q.text, verse.text)
        if not faithful.faults(said, q.text) and (engine.fluent or keeps):
            shown = said
            break
    before = [past.answer for past in q.history]
    written = (
        case.counsel[language(wanted)]
        if case
        else answer.instead(corpus(), verses, wanted, subject=subject, before=before)
    )
    if case and not engine.fluent:  # people are shown what is written; the model is asked for the measure alone
        shown = ""
    counsel = "" if danger else shown or written
    return Answer(
        question=q.id,
        verses=tuple(v.ref for v in verses),
        story=story.id if story else "",
        said=first,
        shown=counsel,
        whole=crisis.reply(danger, None) if danger else answer.compose(counsel, story, verses, cared),
        own=bool(shown) and not danger,
        keeps=faithful.grounded(first, q.text, verse.text),
        faults=faithful.faults(first, q.text),
        shown_faults=faithful.faults(counsel, q.text) if shown and not danger else (),
        tokens=count,
        care=cared,
    )


def _wisdom(question: str, wanted: str, fluent: bool) -> tuple[list[Verse], Story | None, Case | None, str, str]:
    """Two verses, the story, the case, the subject and the words of care, as the host has them for who asks first."""
    read = finder().look(wanted)
    known, doubts = care.all_of(question, wanted, read.vector)
    cares = [known, *doubts] if known else doubts
    told = {story for c in cares for story in c.away}
    found, stories = finder().find(sought(wanted, corpus()), 6, told=told | finder().untimely(wanted))
    if not fluent:  # what a verse says to a person may be shown in place of its words
        found.sort(key=lambda verse: not corpus().counsel(verse.ref, language(wanted)))
    leading = [known] if known else doubts
    first = [verse for c in leading for ref in c.verses if (verse := corpus().verse(ref))] + named(question, corpus())
    case = None if known not in (None, care.AFTER) or named(question, corpus()) else read.case
    if case:
        first = [verse for ref in case.verses if (verse := corpus().verse(ref))]
        stories = [story for s in case.stories if s not in told and (story := corpus().story(s))] + stories
    story = stories[0] if stories and care.DANGER not in cares else None
    subject = "" if cares else read.subject
    return list(dict.fromkeys([*first, *found]))[:2], story, case, subject, " ".join(c.said(wanted) for c in cares)


async def _say(engine: Engine, request: Request) -> str:
    text = ""
    stream: Any = engine.generate(request)
    async with contextlib.aclosing(stream) as events:
        async for event in events:
            if isinstance(event, Delta):
                text += event.text
                if faithful.spoiled(text) or answer.enough(text):
                    break
    return text
