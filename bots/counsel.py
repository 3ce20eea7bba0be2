"""Making one answer: the model's counsel on the ground that was found for it (ground.py), checked as it grows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bots import care, guard, tongue, traces, words
from bots.delivery import Live
from bots.following import conversation
from bots.ground import Grounds, wants_deeper
from bots.settings import Settings
from bots.surface import Button
from core import answer, prompt, tiers
from core.adapters import Adapters
from core.engine import Delta, Engine, PromptTooLong, Request, Sampling, Voice, Waiting
from core.prompt import STOP, TRIES
from core.text import Language, readable
from core.wisdom import faithful
from core.wisdom.corpus import Story, Verse
from core.wisdom.search import Finder
from storage import Inbound, Store, Turn

log = logging.getLogger(__name__)

STEP = 20  # characters that a text grows by before it is weighed again, while no frame of it could be shown


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
        self._corpus, self._grounds = finder.corpus, Grounds(store, finder)
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
        question, voice, watch = guard.clean(turn.question), self._engine.voice(adapter), Watch()
        if not voice.fluent and not readable(question):
            unread = words.UNREAD[await tongue.of_person(self._store, inbound, question)]
            return Made(unread, "done", {"verses": (), "tier": None, "prompt_tokens": 0, **watch.figures()})
        with traces.span("wisdom"):
            on = await self._grounds.of(inbound, turn, question, voice)
        # No story is told to who may be hurt now, nor to who wants none.
        story = None if care.DANGER in on.cares or on.asks.brief else self._tell(turn, on.stories)
        verse = on.verses[0]  # the answer rests on it; the second is named to be read beside it
        with traces.span("prompt"):
            tokens = self._prompt(question, verse, on.history, voice)
        if tokens is None:
            raise PromptTooLong(f"a question of {len(question)} characters")
        tier = self._tier(inbound, turn, question, verse, len(on.history))
        request = self._request(inbound, tokens, tier, adapter)
        speech = on.asks.tongue or tongue.of(on.wanted) or tongue.of_app(inbound.locale) or "en"
        said = ""
        broken: list[str] = []
        # Beside words that somebody wrote for this very trouble, those of a model without sense are not waited for.
        for _ in range(TRIES if voice.fluent else 0 if on.case else 1):
            with traces.span("mend" if broken else "counsel", tier=tier, prompt_tokens=len(tokens)):
                said = await self._say(request, question, voice.fluent, stopped, live, turn, watch, speech)
                faults = self._faults(said, question, verse, voice, stopped.is_set())
                traces.note(faults=faults, stopped=stopped.is_set())
            broken += faults
            if faults:
                said = ""
            if stopped.is_set() or not faults:
                break
        figures = {
            "verses": tuple(v.ref for v in on.verses),
            "faults": broken or None,
            "tier": tier or None,
            "prompt_tokens": len(tokens),
            **watch.figures(),
        }
        if stopped.is_set():
            end = f"{said} {words.STOPPED[speech]}" if said and voice.fluent else words.STOPPED_EARLY[speech]
            return Made(end, "stopped", figures)
        figures["story"] = story and story.id
        if not said:
            said = (
                on.case.counsel[on.tongue] if on.case else answer.instead(self._corpus, on.verses, on.wanted, on.tongue)
            )
        notes = [c.in_(on.tongue, inbound.locale) for c in on.cares]
        if on.asks.other and not voice.fluent:
            notes.append(words.ONLY_THESE[on.tongue])
        whole = answer.compose(said, story, on.verses, " ".join(notes))
        return Made(whole, "done", figures, helplines=any(c in (care.DANGER, care.AFTER) for c in on.cares))

    async def _say(
        self,
        request: Request,
        question: str,
        fluent: bool,
        stopped: asyncio.Event,
        live: Live,
        turn: Turn,
        watch: Watch,
        speech: Language,
    ) -> str:
        """One try of the model: what it says, as it may be shown; all of it when it was stopped."""
        counsel, weighed, buttons = "", 0, [[Button(words.STOP[speech], f"stop:{turn.id}")]]
        stream = self._engine.generate(request)
        async with traces.Laps() as lap, contextlib.aclosing(stream), until(stopped):
            async for event in stream:
                match event:
                    case Waiting(place, seconds):
                        live.update(words.waiting(place, seconds)[speech], buttons)
                        watch.waited()
                        lap("queue wait")
                    case Delta(text):
                        watch.token()
                        lap("generation" if counsel else "first token")
                        counsel += text
                        if not live.due and len(counsel) < weighed + STEP:
                            continue
                        weighed = len(counsel)
                        if faithful.spoiled(counsel) or answer.enough(counsel):
                            break
                        if not live.due:
                            continue
                        so_far = counsel.rpartition(" ")[0]  # of the word that grows a name may be half there
                        if fluent and faithful.lasting(so_far, question):
                            break
                        # what may be without sense is weighed whole before anybody sees it
                        live.update(answer.tidy(counsel) if fluent else words.THINKING, buttons)
        return answer.tidy(counsel) if stopped.is_set() else answer.addressed(answer.whole(counsel))

    @staticmethod
    def _faults(counsel: str, question: str, verse: Verse, voice: Voice, stopped: bool) -> list[str]:
        """The rules that the model's words break; they are shown only where that is none."""
        found = [*(faithful.lasting if stopped else faithful.faults)(counsel, question)]
        if not voice.fluent and not stopped and not faithful.grounded(counsel, question, verse.text):
            found.append("astray")
        return found

    def _prompt(
        self, question: str, verse: Verse, history: Sequence[prompt.Exchange], voice: Voice
    ) -> tuple[int, ...] | None:
        return prompt.build(
            self._engine.tokenizer,
            question,
            verse.text,
            history,
            context=self._engine.context,
            reply_tokens=self._settings.reply_tokens,
            examples=() if voice.tuned else prompt.EXAMPLES,
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


class Watch:
    """The times of one answer, as the person who waits has them."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._waited = self._first = 0.0
        self._pieces = 0

    def waited(self) -> None:
        self._waited = time.monotonic() - self._start

    def token(self) -> None:
        self._first = self._first or time.monotonic() - self._start
        self._pieces += 1

    def figures(self) -> dict[str, Any]:
        """Seconds queued, to the first words and in all; pieces of text, of which a token gives about one."""
        total = time.monotonic() - self._start
        return {
            "wait_s": self._waited,
            "first_token_s": self._first or None,
            "total_s": total,
            "answer_tokens": self._pieces,
        }


@contextlib.asynccontextmanager
async def until(end: asyncio.Event) -> AsyncIterator[None]:
    """What is inside is broken off at once when `end` is set, even while it waits."""

    async def watch() -> None:
        await end.wait()
        limit.reschedule(0.0)

    try:
        async with asyncio.timeout(None) as limit:
            watching = asyncio.create_task(watch())
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError:
        if not limit.expired():
            raise
