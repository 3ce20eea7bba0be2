"""Making one answer: what was said before, the verse and the story that fit, the model's counsel, checked as it grows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bots import care, guard, tongue, traces, wishes, words
from bots.delivery import Live
from bots.following import conversation
from bots.settings import Settings
from bots.surface import Button
from core import answer, prompt, tiers
from core.adapters import Adapters
from core.engine import Delta, Engine, PromptTooLong, Request, Sampling, Voice, Waiting
from core.prompt import STOP, TRIES
from core.text import Language, language, readable
from core.wisdom import faithful
from core.wisdom.corpus import Case, Story, Verse
from core.wisdom.desk import Desk
from core.wisdom.named import named, sought
from core.wisdom.search import Finder
from storage import Inbound, Store, Turn

log = logging.getLogger(__name__)

STEP = 20  # characters that a text grows by before it is weighed again, while no frame of it could be shown
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
        question, voice, watch = guard.clean(turn.question), self._engine.voice(adapter), Watch()
        if not voice.fluent and not readable(question):
            unread = words.UNREAD[await tongue.of_person(self._store, inbound, question)]
            return Made(unread, "done", {"verses": (), "tier": None, "prompt_tokens": 0, **watch.figures()})
        with traces.span("wisdom"):
            history, told, before, heard = await self._before(turn, voice)
            asks = wishes.lasting([question, *(past.question for past in reversed(history))])
            wanted = guard.clean(prompt.in_full(asks.question or question, history))
            written = asks.tongue or language(wanted)
            known, doubts = care.all_of(question, wanted, await self._desk.meaning(wanted))
            cares = [known, *doubts] if known else doubts
            told = told.union(*(c.away for c in cares))
            first = [v for c in cares for v in map(self._corpus.verse, c.verses) if v is not None]
            first.sort(key=lambda verse: heard.get(verse.ref, -1))  # what was said longest ago, or never, goes first
            if before is None:  # what belongs to a question, or is asked for, is told though it was heard
                first += named(question, self._corpus)
                heard = {ref: when for ref, when in heard.items() if ref not in {verse.ref for verse in first}}
            other = known not in (None, care.AFTER) or before is not None or named(question, self._corpus)
            case = None if other else await self._desk.case(wanted)
            if case is not None and case.verses[0] in heard:
                case = None
            verses, stories = await self._wisdom(
                inbound,
                sought(wanted, self._corpus),
                told,
                before,
                heard,
                first,
                case,
                None if voice.fluent else written,
            )
        # No story is told to who may be hurt now, nor to who wants none.
        story = None if care.DANGER in cares or asks.brief else self._tell(turn, stories)
        verse = verses[0]  # the answer rests on it; the second is named to be read beside it
        with traces.span("prompt"):
            tokens = self._prompt(question, verse, history, voice)
        if tokens is None:
            raise PromptTooLong(f"a question of {len(question)} characters")
        tier = self._tier(inbound, turn, question, verse, len(history))
        request = self._request(inbound, tokens, tier, adapter)
        speech = asks.tongue or tongue.of(wanted) or tongue.of_app(inbound.locale) or "en"
        said = ""
        broken: list[str] = []
        # Beside words that somebody wrote for this very trouble, those of a model without sense are not waited for.
        for _ in range(TRIES if voice.fluent else 0 if case else 1):
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
            "verses": tuple(v.ref for v in verses),
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
            said = case.counsel[written] if case else answer.instead(self._corpus, verses, wanted, asks.tongue)
        notes = [c.in_(written, inbound.locale) for c in cares]
        if asks.other and not voice.fluent:
            notes.append(words.ONLY_THESE[written])
        return Made(
            answer.compose(said, story, verses, " ".join(notes)),
            "done",
            figures,
            helplines=care.DANGER in cares,
        )

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

    async def _before(
        self, turn: Turn, voice: Voice
    ) -> tuple[list[prompt.Exchange], set[str], Turn | None, dict[str, int]]:
        """What was said before, the stories that the person heard lately, the turn that this is another answer of, and
        the verses on which no answer should rest once more, each with its place in the talk."""
        since = time.time() - STORY_DAYS * 86_400
        branch, told = await self._store.before(turn, since)
        # A model with words of its own may stay with a verse; fixed words would be the same again.
        heard = {} if voice.fluent else {ref: i for i, t in enumerate(branch) for ref in t.verses[:1]}
        other = earlier = None if turn.alternative_of is None else await self._store.turn(turn.alternative_of)
        heard.update(dict.fromkeys(other.verses if other is not None else (), len(branch)))
        while earlier is not None and earlier.alternative_of is not None:
            earlier = await self._store.turn(earlier.alternative_of)
            heard.update(dict.fromkeys(earlier.verses[:1] if earlier is not None else (), len(branch)))
        return [prompt.Exchange(t.question, said) for t in branch if (said := spoken(t))], told, other, heard

    def _prompt(
        self, question: str, verse: Verse, history: list[prompt.Exchange], voice: Voice
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

    async def _wisdom(
        self,
        inbound: Inbound,
        wanted: str,
        told: set[str],
        before: Turn | None,
        heard: Collection[str],
        first: list[Verse],
        case: Case | None,
        tongue: Language | None,
    ) -> tuple[list[Verse], list[Story]]:
        """Two verses and some stories: none heard before where others fit, the same for a deeper answer; no story heard lately.

        first: verses that go before those that are found; so do what belongs to the case. tongue: the language in which somebody should have written
        what a verse says; those where nobody did go last, or the next one's words would be said, and later once more.
        """
        found, stories = await self._desk.find(wanted, 6, told=told)
        if case is not None:
            first = [v for v in map(self._corpus.verse, case.verses) if v is not None]
            own = [s for s in map(self._corpus.story, case.stories) if s is not None and s.id not in told]
            stories = list(dict.fromkeys([*own, *stories]))
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
