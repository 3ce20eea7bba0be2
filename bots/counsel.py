"""Making one answer: the model's counsel (tries.py) on the ground that was found for it (ground.py)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bots import care, guard, tongue, traces, words
from bots.delivery import Live
from bots.following import conversation
from bots.ground import Grounds, wants_deeper
from bots.settings import Settings
from bots.tries import Tries
from core import answer, prompt, tiers
from core.adapters import Adapters
from core.engine import Engine, PromptTooLong, Request, Sampling
from core.prompt import STOP
from core.text import readable
from core.wisdom.corpus import Story, Verse
from core.wisdom.search import Finder
from storage import Inbound, Store, Turn

log = logging.getLogger(__name__)


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
        self._corpus, self._grounds = finder.corpus, Grounds(store, finder, fluent=engine.fluent)
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
        unasked = {"tier": None, "prompt_tokens": 0}  # the model was asked for nothing
        if not fluent and not readable(question):
            unread = words.UNREAD[await tongue.of_person(self._store, inbound, question)]
            return Made(unread, "done", {"verses": (), **unasked, **tries.figures()})
        with traces.span("wisdom"):
            on = await self._grounds.of(inbound, turn, question)
        verses = tuple(v.ref for v in on.verses)
        # No story is told to who may be hurt now, nor to who wants none.
        story = None if care.DANGER in on.cares or on.asks.brief else self._tell(turn, on.stories)
        if on.bare and story is not None:
            figures = {"verses": verses, "story": story.id, **unasked, **tries.figures()}
            return Made(answer.compose("", story, on.verses, tongue=on.tongue), "done", figures)
        verse = on.verses[0]  # the answer rests on it; the second is named to be read beside it
        with traces.span("prompt"):
            tokens = self._prompt(question, verse, on.history, adapter)
        if tokens is None:
            raise PromptTooLong(f"a question of {len(question)} characters")
        tier = self._tier(inbound, turn, question, verse, len(on.history))
        request = self._request(inbound, tokens, tier, adapter)
        speech = on.asks.tongue or tongue.of(on.wanted) or tongue.of_app(inbound.locale) or "en"
        # Beside words that somebody wrote for this very trouble, those of a model without sense are not waited for.
        said = await tries.counsel(request, verse, speech) if fluent or not on.case else ""
        figures = {
            "verses": verses,
            "tier": tier or None,
            "prompt_tokens": len(tokens),
            **tries.figures(),
        }
        if stopped.is_set():
            end = f"{said} {words.STOPPED[speech]}" if said else words.STOPPED_EARLY[speech]
            return Made(end, "stopped", figures)
        figures["story"] = story and story.id
        if not said:
            said = (
                on.case.counsel[on.tongue]
                if on.case
                else answer.instead(self._corpus, on.verses, on.wanted, on.tongue, on.subject, on.said)
            )
        notes = [c.in_(on.tongue, inbound.locale) for c in on.cares]
        if on.asks.other and not fluent:
            notes.append(words.ONLY_THESE[on.tongue])
        whole = answer.compose(said, story, on.verses, " ".join(notes))
        return Made(whole, "done", figures, helplines=any(c in (care.DANGER, care.AFTER) for c in on.cares))

    def _prompt(
        self, question: str, verse: Verse, history: Sequence[prompt.Exchange], adapter: str
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
