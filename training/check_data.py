"""Whether the data is what docs/data.md says: schema, counts, balance, copies, and the rules on every answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from math import ceil
from typing import Any

from core.text import WORD, language
from core.wisdom import faithful
from core.wisdom.corpus import corpus, rows
from training.dialogues import DATA, Dialogue, load

LONG = range(600, 1901)  # characters of a message in long.jsonl
NEAR = 0.8  # two texts that share so much of their words (Jaccard) are one
TAGS = frozenset(
    ("hard", "long", "misspelt", "multi", "old", "other-faith", "parent", "sceptic", "short", "teen", "worker")
)


def check() -> tuple[list[str], list[tuple[str, str]]]:
    """(what is wrong, a line each; figures for the table)."""
    dialogues, labels, long = load(), _lines("labels.jsonl"), _lines("long.jsonl")
    problems = [*_dialogues(dialogues), *_labels([*labels, *long], dialogues), *_copies(dialogues), *_lengths(long)]
    turns = [t for d in dialogues for t in d.turns]
    tags = Counter(tag for d in dialogues for tag in d.tags)
    families = {d.family: d.split for d in dialogues}
    splits = Counter(d.split for d in dialogues)
    languages = Counter(d.language for d in dialogues)
    lengths = sorted(len(WORD.findall(t.counsel)) for t in turns)
    figures = [
        ("dialogues, turns", f"{len(dialogues)}, {len(turns)}"),
        ("families", str(len(families))),
        ("train, validation, test", f"{splits['train']}, {splits['validation']}, {splits['test']}"),
        ("languages", ", ".join(f"{k} {v}" for k, v in languages.most_common())),
        ("of several turns", str(sum(len(d.turns) > 1 for d in dialogues))),
        ("hard", str(tags["hard"])),
        ("other tags", ", ".join(f"{k} {v}" for k, v in tags.most_common() if k not in ("hard", "multi"))),
        ("verses used", str(len({ref for t in turns for ref in t.verses}))),
        ("stories used", str(len({t.story for t in turns}))),
        ("words of counsel (least, median, most)", f"{lengths[0]}, {lengths[len(lengths) // 2]}, {lengths[-1]}"),
        ("asked twice in one split", ", ".join(_twice(dialogues)) or "none"),
        ("labelled questions", str(len(labels))),
        ("labelled long messages", str(len(long))),
        ("indexed questions", str(len(rows("asked.jsonl")))),
    ]
    for least, what, there in (
        (700, "dialogues", len(dialogues)),
        (60, "dialogues of several turns", sum(len(d.turns) > 1 for d in dialogues)),
        (60, "dialogues in Hindi", languages["hi"]),
        (60, "hard dialogues", tags["hard"]),
        (250, "labelled questions", len(labels)),
        (40, "labelled long messages", len(long)),
    ):
        if there < least:
            problems.append(f"{there} {what}, and {least} are wanted")
    return problems, figures


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def _dialogues(dialogues: list[Dialogue]) -> Iterator[str]:
    """The rules of an answer, on every turn."""
    if len({d.id for d in dialogues}) != len(dialogues):
        yield "two dialogues have one id"
    for d in dialogues:
        if unknown := {*d.tags} - TAGS:
            yield f"dialogue {d.id}: nobody knows the tag {', '.join(sorted(unknown))}"
        if len({t.story for t in d.turns}) < len(d.turns):
            yield f"dialogue {d.id}: a story is told twice"
        for t in d.turns:
            where, story = f"dialogue {d.id}", corpus().story(t.story)
            verses = [corpus().verse(ref) for ref in t.verses]
            if not t.question.strip() or not verses or None in verses or story is None:
                yield f"{where}: an empty question, or a verse or story that does not exist"
                continue
            for fault in faithful.faults(t.counsel, t.question):
                yield f"{where}: {fault}"
            if (said := language(t.counsel)) != d.language:
                yield f"{where}: its language is {d.language}, and an answer's {said}"
            if story.person.lower() in t.counsel.lower():
                yield f"{where}: names {story.person}, whom the story will name"


def _labels(labels: list[dict[str, Any]], dialogues: list[Dialogue]) -> Iterator[str]:
    """The labelled questions are well formed, and none is (nearly) a question that the search or the model saw."""
    seen = [
        _words(q)
        for q in [t.question for d in dialogues for t in d.turns] + [r["question"] for r in rows("asked.jsonl")]
    ]
    for row in labels:
        if not row["verses"] or not row["stories"]:
            yield f"label {row['question']!r} has no verse or no story"
        for name in [r for r in row["verses"] if not corpus().verse(r)] + [
            s for s in row["stories"] if not corpus().story(s)
        ]:
            yield f"label {row['question']!r}: {name} does not exist"
        mine = _words(row["question"])
        if any(_near(mine, other) for other in seen):
            yield f"label {row['question']!r} is also in the dialogues or the index"


def _lengths(long: list[dict[str, Any]]) -> Iterator[str]:
    """Long messages are long, and what fits one is a choice and no list of all that might."""
    for row in long:
        if len(row["question"]) not in LONG:
            yield f"long message {row['question'][:50]!r} has {len(row['question'])} characters"
        if not all(3 <= len(row[key]) <= 8 for key in ("verses", "stories")):
            yield f"long message {row['question'][:50]!r}: three to eight verses and stories are wanted"


def _copies(dialogues: list[Dialogue]) -> Iterator[str]:
    """No counsel twice or nearly so, no near-twin questions in different splits."""
    counsels = [(d, t.counsel) for d in dialogues for t in d.turns]
    for (a, said), (b, _) in _twins(counsels):
        yield f"dialogues {a.id} and {b.id}: counsel {said[:50]!r} stands twice"
    for (a, _), (b, _) in _twins(_questions(dialogues)):
        if a.split != b.split:
            yield f"dialogues {a.id} ({a.split}) and {b.id} ({b.split}) ask the same"


def _twice(dialogues: list[Dialogue]) -> list[str]:
    """Near-twin questions of one split: no leak, but one of the two teaches little."""
    return [f"{a.id} and {b.id}" for (a, _), (b, _) in _twins(_questions(dialogues)) if a.split == b.split]


def _questions(dialogues: list[Dialogue]) -> list[tuple[Dialogue, str]]:
    """The first question of each, where it is long enough to be known again."""
    return [(d, q) for d in dialogues if len(_words(q := d.turns[0].question)) >= 4]


Text = tuple[Dialogue, str]


def _twins(texts: list[Text]) -> Iterator[tuple[Text, Text]]:
    """Every two that are near. Such two share one of the rarest words of each, so only those are compared."""
    words = [_words(text) for _, text in texts]
    often = Counter(word for mine in words for word in mine)
    having: dict[str, list[int]] = {}
    for i, mine in enumerate(words):
        rare = sorted(mine, key=lambda word: (often[word], word))[: len(mine) - ceil(NEAR * len(mine)) + 1]
        for j in sorted({j for word in rare for j in having.get(word, ())}):
            if _near(mine, words[j]):
                yield texts[j], texts[i]
        for word in rare:
            having.setdefault(word, []).append(i)


def _words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text.lower()))


def _near(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a) and len(a & b) >= NEAR * len(a | b)
