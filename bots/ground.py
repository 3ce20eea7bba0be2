"""What an answer rests on: what was said before, what is asked, and the verses, the stories, the case and the words of care
that belong to it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bots import care, followups, guard, wishes, words
from bots.care import Care
from bots.wishes import Wishes
from core import answer, prompt, tiers
from core.text import Language, language
from core.wisdom.corpus import Case, Story, Verse
from core.wisdom.desk import Desk
from core.wisdom.named import named, sought
from core.wisdom.search import Finder
from storage import Inbound, Store, Turn

STORY_DAYS = 30  # nobody hears the same story twice within these


@dataclass(frozen=True, slots=True)
class Ground:
    """said: the counsels before, in the talk and of what this is another answer of. wanted: what was looked up, the question with
    what it goes on about and without its wishes. tongue: in which the answer is to be. verses: two. stories: best first. case: None
    for a question that is none; subject: what it is about all the same, "" where nobody can tell. bare: a story is all that is
    asked for."""

    history: Sequence[prompt.Exchange]
    said: Sequence[str]
    asks: Wishes
    wanted: str
    tongue: Language
    cares: Sequence[Care]
    case: Case | None
    subject: str
    verses: Sequence[Verse]
    stories: Sequence[Story]
    bare: bool = False


class Grounds:
    """Looks for it, in the store and by a finder."""

    def __init__(self, store: Store, finder: Finder, *, fluent: bool) -> None:
        """fluent: whether the engine has words of its own (Engine.fluent); else people are told what somebody wrote."""
        self._store, self._finder, self._fluent = store, finder, fluent
        self._corpus, self._desk = finder.corpus, Desk(finder)

    async def of(self, inbound: Inbound, turn: Turn, question: str) -> Ground:
        """What the answer of a turn rests on."""
        branch, others, told, heard = await self._before(turn)
        history = [prompt.Exchange(t.question, said) for t in branch if (said := spoken(t))]
        before = others[0] if others else None
        asks = wishes.lasting([question, *(past.question for past in reversed(history))])
        wanted = await self._wanted(guard.clean(asks.question or question), history)
        tongue = asks.tongue or language(wanted)
        read = await self._desk.look(wanted)
        known, doubts = care.all_of(question, wanted, read.vector)
        cares = [known, *doubts] if known else doubts
        told = told.union(*(c.away for c in cares))
        asked_for = named(question, self._corpus) if before is None else []
        case = None
        bare = before is not None and inbound.kind == "text" and followups.another_story(inbound.text)
        bare = bare and care.DANGER not in cares  # no story is told there
        if known in (None, care.AFTER) and (before is None or bare) and not asked_for:
            case = read.case
        if case is not None and case.verses[0] in heard and not bare:  # its words were said, or would sound as if
            case = None
        # What is told by words has its verses; what is guessed beside it adds a line.
        first = [v for c in ([known] if known else doubts) for v in map(self._corpus.verse, c.verses) if v is not None]
        first.sort(key=lambda verse: heard.get(verse.ref, -1))  # what was said longest ago, or never, goes first
        if case is not None:
            first = [v for v in map(self._corpus.verse, case.verses) if v is not None]
        elif before is None:  # what belongs to a question, or is asked for, is told though it was heard
            first += asked_for
            heard = {ref: when for ref, when in heard.items() if ref not in {verse.ref for verse in first}}
        away = told | self._finder.untimely(wanted)
        found, stories = await self._desk.find(sought(wanted, self._corpus), 6, told=away)
        if case is not None:
            own = [s for s in map(self._corpus.story, case.stories) if s is not None and s.id not in told]
            stories = list(dict.fromkeys([*own, *stories]))
        if not self._fluent:
            # Where nobody wrote what a verse says, the next one's words would be said, and once more later.
            found.sort(key=lambda verse: not self._corpus.counsel(verse.ref, tongue))
        verses = self._two(
            list(dict.fromkeys([*first, *found])), heard, before if bare or wants_deeper(inbound) else None
        )
        subject = "" if cares else read.subject
        counsels = [past.answer for past in history] + [spoken(t) for t in others]
        return Ground(history, counsels, asks, wanted, tongue, cares, case, subject, verses, stories, bare)

    async def _wanted(self, question: str, history: Sequence[prompt.Exchange]) -> str:
        """What to look up: with a few words that say a trouble of their own ("I failed my exam") nothing of what was said before."""
        whole = prompt.in_full(question, history)
        alone = whole != question and (await self._desk.look(question)).case
        return question if alone else guard.clean(whole)

    def _two(self, verses: list[Verse], heard: Collection[str], before: Turn | None) -> list[Verse]:
        """None that was heard where others fit; those of the answer before, where this one goes on about it."""
        same = [v for v in map(self._corpus.verse, before.verses) if v is not None] if before is not None else []
        return same or ([v for v in verses if v.ref not in heard] or verses)[:2]

    async def _before(self, turn: Turn) -> tuple[list[Turn], list[Turn], set[str], dict[str, int]]:
        """What was said before, oldest first; what this is another answer of, the latest first; the stories that the person heard
        lately; and the verses on which no answer should rest once more, each with its place in the talk."""
        since = time.time() - STORY_DAYS * 86_400
        branch, told = await self._store.before(turn, since)
        # A model with words of its own may stay with a verse; fixed words would be the same again.
        heard = {} if self._fluent else {ref: i for i, t in enumerate(branch) for ref in t.verses[:1]}
        others, last = list[Turn](), turn
        while last.alternative_of is not None and (other := await self._store.turn(last.alternative_of)) is not None:
            heard.update(dict.fromkeys(other.verses[:1] if others else other.verses, len(branch)))
            others.append(other)
            last = other
        return branch, others, told, heard


def spoken(turn: Turn) -> str:
    """The counsel of a turn, without our own word that it was stopped; empty where there is none."""
    said = answer.counsel_of(turn.answer or "")
    if said in words.STOPPED_EARLY.values():
        return ""
    for stopped in words.STOPPED.values():
        said = said.removesuffix(stopped)
    return said.rstrip()


def wants_deeper(inbound: Inbound) -> bool:
    """Whether a person asks for more than the small model gave: by the button, or in words."""
    return inbound.text.startswith("deeper:") if inbound.kind == "press" else tiers.asks_deeper(inbound.text)
