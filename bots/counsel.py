"""Making one answer: what was said before, the verse and the story that fit, the prompt, the model's counsel (tries.py)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bots import care, guard, tongue, traces, words
from bots.delivery import Live
from bots.following import conversation
from bots.settings import Settings
from bots.tries import Tries
from core import answer, prompt, tiers
from core.adapters import Adapters
from core.engine import Engine, PromptTooLong, Request, Sampling
from core.prompt import STOP
from core.text import Language, language, readable
from core.wisdom.corpus import Story, Verse
from core.wisdom.desk import Desk
from core.wisdom.named import named, sought
from core.wisdom.search import Finder
from storage import Inbound, Store, Turn

log = logging.getLogger(__name__)

STORY_DAYS = 30  # nobody hears the same story twice within these


@dataclass(frozen=True, slots=True)
class Made:
    """An answer, as it is stored and sent. figures: what Store.finish_turn() keeps beside it. helplines: they stand in it."""

    text: str
    status: Literal["done", "stopped"]
    figures: dict[str, Any]
    helplines: bool = False


class Counsel:
    """Makes answers from an engine and a finder; asks the store only for what was said before."""

    def __init__(self, settings: Settings, store: Store, engine: Engine, adapters: Adapters, finder: Finder) -> None:
        self._settings, self._store, self._engine, self._adapters = settings, store, engine, adapters
        self._corpus, self._desk = finder.corpus, Desk(finder)
        self._telling: dict[tuple[str, str], dict[int, str]] = {}  # person: the story of each turn under way

    @contextlib.contextmanager
    def telling(self, turn: Turn) -> Iterator[None]:
        """While an answer is made and stored: its story is in no other answer to the same person."""
        try:
            yield
        finally:
            who = turn.platform, turn.user_id
            here = self._telling.get(who, {})
            here.pop(turn.id, None)
            if not here:
                self._telling.pop(who, None)

    def _tell(self, turn: Turn, stories: Sequence[Story]) -> Story | None:
        """The first that nobody tells the person just now, taken for this turn."""
        here = self._telling.setdefault((turn.platform, turn.user_id), {})
        story = next((s for s in stories if s.id not in here.values()), None)
        if story is not None:
            here[turn.id] = story.id
        return story

    async def make(self, inbound: Inbound, turn: Turn, stopped: asyncio.Event, live: Live) -> Made:
        """The answer of a turn, shown on `live` as it comes. Raises EngineError; PromptTooLong before all else."""
        # Held to the end of the last try: a prompt is made for one adapter and serves no other.
        with self._adapters.answering(turn.id, turn.alternative_of or turn.parent_id) as adapter:
            return await self._make(inbound, turn, stopped, live, adapter)

    async def _make(self, inbound: Inbound, turn: Turn, stopped: asyncio.Event, live: Live, adapter: str) -> Made:
        question, fluent = guard.clean(turn.question), self._engine.fluent
        tries = Tries(self._engine, turn, question, stopped, live)
        if not fluent and not readable(question):
            unread = words.UNREAD[await tongue.of_person(self._store, inbound, question)]
            return Made(unread, "done", {"verses": (), "tier": None, "prompt_tokens": 0, **tries.figures()})
        with traces.span("wisdom"):
            history, told, before, heard = await self._before(turn)
            wanted = guard.clean(prompt.in_full(question, history))
            cares = care.all_of(question, wanted, await self._desk.meaning(wanted))
            told = told.union(*(c.away for c in cares))
            first = [v for c in cares for v in map(self._corpus.verse, c.verses) if v is not None]
            first.sort(key=lambda verse: heard.get(verse.ref, -1))  # what was said longest ago, or never, goes first
            if before is None:  # what belongs to a question, or is asked for, is told though it was heard
                first += named(question, self._corpus)
                heard = {ref: when for ref, when in heard.items() if ref not in {verse.ref for verse in first}}
            verses, stories = await self._wisdom(
                inbound,
                sought(wanted, self._corpus),
                told,
                before,
                heard,
                first,
                None if fluent else language(wanted),
            )
        story = None if care.DANGER in cares else self._tell(turn, stories)  # none is told to who may be hurt now
        verse = verses[0]  # the answer rests on it; the second is named to be read beside it
        with traces.span("prompt"):
            tokens = self._prompt(question, verse, history, adapter)
        if tokens is None:
            raise PromptTooLong(f"a question of {len(question)} characters")
        tier = self._tier(inbound, turn, question, verse, len(history))
        request = self._request(inbound, tokens, tier, adapter)
        speech = tongue.of(wanted) or tongue.of_app(inbound.locale) or "en"
        said = await tries.counsel(request, verse, speech)
        figures = {
            "verses": tuple(v.ref for v in verses),
            "tier": tier or None,
            "prompt_tokens": len(tokens),
            **tries.figures(),
        }
        if stopped.is_set():
            end = f"{said} {words.STOPPED[speech]}" if said else words.STOPPED_EARLY[speech]
            return Made(end, "stopped", figures)
        figures["story"] = story and story.id
        return Made(
            answer.compose(
                said or answer.instead(self._corpus, verses, wanted),
                story,
                verses,
                " ".join(c.said(wanted, inbound.locale) for c in cares),
            ),
            "done",
            figures,
            helplines=care.DANGER in cares,
        )

    async def _before(self, turn: Turn) -> tuple[list[prompt.Exchange], set[str], Turn | None, dict[str, int]]:
        """What was said before, the stories that the person heard lately, the turn that this is another answer of, and
        the verses on which no answer should rest once more, each with its place in the talk."""
        since = time.time() - STORY_DAYS * 86_400
        branch, told = await self._store.before(turn, since)
        # A model with words of its own may stay with a verse; fixed words would be the same again.
        heard = {} if self._engine.fluent else {ref: i for i, t in enumerate(branch) for ref in t.verses[:1]}
        other = earlier = None if turn.alternative_of is None else await self._store.turn(turn.alternative_of)
        heard.update(dict.fromkeys(other.verses if other is not None else (), len(branch)))
        while earlier is not None and earlier.alternative_of is not None:
            earlier = await self._store.turn(earlier.alternative_of)
            heard.update(dict.fromkeys(earlier.verses[:1] if earlier is not None else (), len(branch)))
        return [prompt.Exchange(t.question, said) for t in branch if (said := spoken(t))], told, other, heard

    def _prompt(
        self, question: str, verse: Verse, history: list[prompt.Exchange], adapter: str
    ) -> tuple[int, ...] | None:
        return prompt.build(
            self._engine.tokenizer,
            question,
            verse.text,
            history,
            context=self._engine.context,
            reply_tokens=self._settings.reply_tokens,
            examples=() if self._engine.tuned(adapter) else prompt.EXAMPLES,
        )

    def _tier(self, inbound: Inbound, turn: Turn, question: str, verse: Verse, exchanges: int) -> str:
        choice = tiers.choose(
            self._engine.tiers,
            question,
            exchanges=exchanges,
            themes=verse.themes,
            deeper=wants_deeper(inbound),
            stats=self._engine.stats(),
            always=self._settings.tier,
        )
        log.debug("turn %d: tier %r (%s)", turn.id, choice.tier, choice.why)
        return choice.tier

    def _request(self, inbound: Inbound, tokens: tuple[int, ...], tier: str, adapter: str) -> Request:
        s = self._settings
        return Request(
            prompt=tokens,
            max_tokens=s.reply_tokens,
            sampling=Sampling(s.temperature, s.top_p, s.top_k, s.repetition_penalty),
            stop=STOP,
            user=guard.user(inbound),
            conversation=conversation(inbound),
            deadline_s=s.deadline_s,
            tier=tier,
            adapter=adapter,
        )

    async def _wisdom(
        self,
        inbound: Inbound,
        wanted: str,
        told: set[str],
        before: Turn | None,
        heard: Collection[str],
        first: list[Verse],
        tongue: Language | None,
    ) -> tuple[list[Verse], list[Story]]:
        """Two verses and some stories: none heard before where others fit, the same for a deeper answer; no story heard lately.

        first: verses that go before those that are found. tongue: the language in which somebody should have written
        what a verse says; those where nobody did go last, or the next one's words would be said, and later once more.
        """
        found, stories = await self._desk.find(wanted, 6, told=told)
        if tongue is not None:
            found.sort(key=lambda verse: not self._corpus.counsel(verse.ref, tongue))
        verses = list(dict.fromkeys([*first, *found]))
        if before is not None and wants_deeper(inbound):
            same = [v for v in map(self._corpus.verse, before.verses) if v is not None]
            return same or verses[:2], stories
        fresh = [v for v in verses if v.ref not in heard]
        return (fresh or verses)[:2], stories


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
