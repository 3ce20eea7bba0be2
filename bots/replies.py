"""What people are told: the answer to a question, from its turn to its last message; and fixed words, which are no turn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from bots import following, followups, guard, metrics, tongue, traces, wishes, words
from bots.counsel import Counsel, Made
from bots.delivery import Live, deliver, deliver_all, messages
from bots.following import Parent, conversation
from bots.patience import patiently
from bots.settings import Settings
from bots.surface import Button, Buttons, Surface
from bots.words import Said
from core import tiers
from core.adapters import Adapters
from core.answer import counsel_of
from core.engine import DeadlineExceeded, Engine, EngineError, EngineFull, ModelFailed, PromptTooLong
from core.wisdom.search import Finder
from storage import Inbound, Store, Turn

log = logging.getLogger(__name__)

TURN_S = 0.2  # between two looks whether what came before is answered, where several hosts may have it


@dataclass
class Running:
    """An answer being made."""

    turn: Turn
    stopped: asyncio.Event = field(default_factory=asyncio.Event)


class Replies:
    """Says to people what there is to say; what they sent, and what becomes of it, is Dialogue's."""

    def __init__(self, settings: Settings, store: Store, engine: Engine, adapters: Adapters, finder: Finder) -> None:
        self.settings, self.store, self.engine, self.adapters, self.finder = settings, store, engine, adapters, finder
        self.running: dict[int, Running] = {}
        self._counsel = Counsel(settings, store, engine, adapters, finder)
        self._order: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    # -- a question -------------------------------------------------------------------------------------------

    async def question(self, inbound: Inbound, surface: Surface) -> None:
        """From a person's words to the answer on their screen."""
        with traces.span("guard"):
            turn, refusal = await asyncio.gather(
                self.store.turn_of_update(inbound.key), guard.refusal(self.settings, self.store, inbound)
            )
        if turn is not None and turn.answer is not None:  # made before a restart, and not sent yet
            await self.send_made(inbound, surface, turn, turn.answer)
            return
        if turn is None and refusal:
            await self.say(inbound, surface, refusal)
            return
        async with self._in_order(inbound):
            if turn is None:
                with traces.span("turn"):
                    parent = await following.parent(self.store, inbound)
                    said = await self._of_the_last(inbound, parent)
                    turn = None if said else await self._begin(inbound, parent)
                if said:
                    await self.say(inbound, surface, said)
                    return
            elif not await self.store.open_still(inbound.key):
                turn = None
            if turn is not None:  # else /forget came while it waited for its turn
                await self.answer(inbound, surface, turn)

    async def _of_the_last(self, inbound: Inbound, parent: Parent) -> str | None:
        """What is said to "who was she?" and the like, about the answer before it, and to "in Hindi please" where there is none;
        None for any other question."""
        text = guard.clean(inbound.text)
        asks, wish = wishes.of(text), followups.wish(text)
        if not wish and asks.question:
            return None
        turn = await following.turn(self.store, inbound, parent)
        said = followups.reply(text, turn, self.finder.corpus, inbound.locale) if turn else None
        if said is None and (not asks.question or (turn is None and wish == "short")):
            said = words.GLADLY[asks.tongue] if asks.tongue else await self.worded(inbound, words.GLADLY)
        return said

    async def _begin(self, inbound: Inbound, parent: Parent) -> Turn | None:
        """The turn of a new question; for words like "go deeper" or "another" another answer to the one before them.

        None, as from again(), when the person was forgotten meanwhile.
        """
        text = guard.clean(inbound.text)
        deeper = tiers.only_deeper(text)
        if deeper or followups.another(text):
            before = await following.turn(self.store, inbound, parent)
            if before is not None and before.answer is not None and (not deeper or self.shallow(before)):
                return await self.again(inbound, before)
        return await self.store.start_turn(inbound=inbound, conversation=conversation(inbound), parent_id=parent)

    async def again(self, inbound: Inbound, turn: Turn) -> Turn | None:
        """A turn that is another answer to the question of an earlier one."""
        return await self.store.start_turn(
            inbound=inbound,
            conversation=turn.conversation,
            parent_id=turn.parent_id,
            alternative_of=turn.id,
            question=turn.question,
        )

    def shallow(self, turn: Turn) -> bool:
        """Whether a smaller model than the whole one answered, which may still be asked."""
        return turn.tier in self.engine.tiers[:-1]

    async def answer(self, inbound: Inbound, surface: Surface, turn: Turn) -> None:
        """Make the answer of a turn and deliver it."""
        with self._counsel.telling(turn):
            await self._answer(inbound, surface, turn)

    async def _answer(self, inbound: Inbound, surface: Surface, turn: Turn) -> None:
        if turn.message_ids:
            surface.message_id = turn.message_ids[0]
        place = turn.id, inbound.chat_id
        surface.on_posted = lambda message_id: patiently(
            "an answer's place", lambda: self.store.posted(*place, [message_id])
        )
        running = self.running[turn.id] = Running(turn)
        live = Live(surface)
        made: Made | Said
        again = True
        try:
            made = await self._counsel.make(inbound, turn, running.stopped, live)
        except PromptTooLong:  # asked again it would be as long
            made, again = words.too_long(self.settings.question_chars // 4), False
        except EngineFull as full:
            log.info("no answer: %s", full)
            made = words.full(full.retry_after_s)
        except DeadlineExceeded as late:
            log.warning("no answer: %s", late)
            made = words.full(self.engine.stats().wait_s)
        except ModelFailed:
            made = words.BROKEN
        except EngineError as error:
            log.warning("no answer: %s", error)
            made = words.by_button(words.TROUBLE, surface.has_buttons)
        finally:
            del self.running[turn.id]
            await live.stop()
        if not isinstance(made, Made):
            metrics.answered(inbound.platform, None)
            traces.note(end="failed")
            await patiently("an answer", lambda: self.store.finish_turn(turn.id, answer=None, status="failed"))
            language = await tongue.of_person(self.store, inbound, turn.question)
            retry = [[Button(words.RETRY[language], f"retry:{turn.id}")]] if again else ()
            await self._send(inbound, surface, turn, made[language], retry)
        else:
            metrics.answered(inbound.platform, made)
            traces.note(end=made.status)
            await patiently(
                "an answer",
                lambda: self.store.finish_turn(turn.id, answer=made.text, status=made.status, **made.figures),
            )
            turn = replace(turn, answer=made.text, verses=made.figures["verses"], tier=made.figures["tier"])
            await self._send(inbound, surface, turn, made.text, self.under(turn))

    @contextlib.asynccontextmanager
    async def _in_order(self, inbound: Inbound) -> AsyncIterator[None]:
        """Where talk is one line, its questions are answered one after the other, whichever hosts have them."""
        if self.store.shared:
            while not await self.store.hosts.my_turn(inbound.key):  # noqa: ASYNC110 (another process has it)
                await asyncio.sleep(TURN_S)
            yield
            return
        key = conversation(inbound) if following.linear(inbound) else f"{inbound.platform}:{inbound.update_id}"
        async with self._order.setdefault(key, asyncio.Lock()):
            yield

    # -- the end ----------------------------------------------------------------------------------------------

    async def _send(self, inbound: Inbound, surface: Surface, turn: Turn, text: str, buttons: Buttons) -> None:
        """Deliver the words of a turn, once."""
        parts = messages(surface, text)
        if self.store.shared or not surface.repeatable(len(parts)):
            await patiently("an answer", lambda: self.store.sending(inbound.key))
        ids = await deliver_all(surface, parts, buttons)
        if surface.on_posted is None or len(ids) > 1:  # else the surface has told of its only message
            await patiently("an answer's place", lambda: self.store.posted(turn.id, inbound.chat_id, ids))

    async def send_made(self, inbound: Inbound, surface: Surface, turn: Turn, answer: str) -> None:
        """An answer from before a restart, into its message where that is known."""
        surface.message_id = turn.message_ids[0] if turn.message_ids else None
        await self._send(inbound, surface, turn, answer, self.under(turn))

    async def worded(self, inbound: Inbound, said: Said, about: str | None = None) -> str:
        """Fixed words in a person's language. about: the words that it is about, where the message holds others."""
        return said[await tongue.of_person(self.store, inbound, about)]

    async def say(self, inbound: Inbound, surface: Surface, said: Said | str) -> None:
        """Fixed words that belong to no turn; marked before they go out."""
        text = said if isinstance(said, str) else await self.worded(inbound, said)
        await patiently("a word", lambda: self.store.sending(inbound.key))
        await deliver(surface, text)

    def under(self, turn: Turn) -> Buttons:
        """The buttons under an answer, in the language of its question; that of the answer where the question is short."""
        language = tongue.of(turn.question) or tongue.of(counsel_of(turn.answer or "")) or "en"
        row = [
            Button(words.AGAIN[language], f"again:{turn.id}"),
            Button("👍", f"up:{turn.id}"),
            Button("👎", f"down:{turn.id}"),
        ]
        more = [Button(words.DEEPER[language], f"deeper:{turn.id}")] if self.shallow(turn) else []
        more += [Button(words.GITA[language].format(ref=ref), f"verse:{ref}") for ref in turn.verses[:2]]
        return [row, more] if more else [row]

    async def stop(self, platform: str, chat_id: str, user_id: str) -> bool:
        """End what is being answered to a person in a chat, on any host, keeping what is there. False when nothing is."""
        here = self.stop_here(platform, chat_id, user_id)
        return here or (self.store.shared and await self.store.hosts.stop(platform, chat_id, user_id))

    def stop_here(self, platform: str, chat_id: str, user_id: str) -> bool:
        """As stop(), on this host alone."""
        mine = [
            r
            for r in self.running.values()
            if (r.turn.platform, r.turn.chat_id, r.turn.user_id) == (platform, chat_id, user_id)
        ]
        for running in mine:
            running.stopped.set()
        return bool(mine)

    async def stop_turn(self, turn_id: int) -> bool:
        """End one answer, on any host. False when it is not being made."""
        if (running := self.running.get(turn_id)) is not None:
            running.stopped.set()
            return True
        return self.store.shared and await self.store.hosts.stop_turn(turn_id)
