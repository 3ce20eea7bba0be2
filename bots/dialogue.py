"""One turn of a conversation, knowing no platform: message in, guard, history, wisdom, engine, answer out, stored.

The order of commits is the promise of this program: what a person sent is stored before it is acknowledged, an
answer is stored before it is sent, and a send that cannot be repeated safely is marked before it is tried. So a
`kill -9` at any point loses nothing, and nothing is answered twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from weakref import WeakValueDictionary

from bots import (
    commands,
    courtesies,
    crisis,
    following,
    followups,
    guard,
    menu,
    metrics,
    mishaps,
    tongue,
    traces,
    words,
)
from bots.counsel import Counsel, Made, conversation
from bots.daily import Daily
from bots.delivery import Live, deliver, messages
from bots.following import Parent
from bots.logs import about
from bots.patience import passes, patiently
from bots.settings import Settings
from bots.surface import Button, Buttons, Gone, Surface, Uncertain
from bots.words import Said
from core import tiers
from core.adapters import Adapters
from core.answer import counsel_of
from core.engine import DeadlineExceeded, Engine, EngineError, EngineFull, ModelFailed, PromptTooLong
from core.wisdom.search import Finder
from storage import Inbound, Key, Pending, Store, Taken, Turn

log = logging.getLogger(__name__)

ATTEMPTS = 2  # a question, also by a button, is taken up again once after a crash; then come an apology and a button
TURN_S = 0.2  # between two looks whether what came before is answered, where several hosts may have it


@dataclass
class Running:
    """An answer being made."""

    turn: Turn
    stopped: asyncio.Event = field(default_factory=asyncio.Event)


class Dialogue:
    """What every adapter talks to. An adapter calls receive(), and when that is true, handle()."""

    def __init__(self, settings: Settings, store: Store, engine: Engine, finder: Finder) -> None:
        self.settings, self.store, self.engine, self.finder = settings, store, engine, finder
        self.adapters = Adapters(engine)  # LoRA's, not the platforms'
        self.counsel = Counsel(settings, store, engine, self.adapters, finder)
        self.daily = Daily(settings, store, finder.corpus)
        self.running: dict[int, Running] = {}
        self.failed: set[Key] = set()  # messages whose apology failed too: of several hosts any may try again
        self._answering: set[asyncio.Task[None]] = set()
        self._order: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    # -- the inbox --------------------------------------------------------------------------------------------

    async def receive(self, inbound: Inbound) -> bool:
        """Commit a message; False when it came before. Only after this may the platform be told it arrived."""
        in_line = inbound.kind == "text" and following.linear(inbound)
        return await self.store.receive(inbound, conversation(inbound) if in_line else None)

    async def take_up(self, platform: str, user_id: str | None = None) -> list[Pending]:
        """What a stop or a crash, of this or another host, left without an answer: hand each to resume()."""
        return await self.store.hosts.take_up(platform, user_id)

    async def let_go(self) -> None:
        """Break off all answers under way; what is unfinished is taken up again, by whichever host lives."""
        if broken := set(self._answering):
            log.error("this host was silent for too long; its answers under way are left to whoever lives")
            for task in broken:
                task.cancel()
            await asyncio.wait(broken)

    async def handle(self, inbound: Inbound, surface: Surface) -> None:
        """Answer a message that receive() accepted. Never raises but for cancellation, which leaves it unfinished."""
        await self._guarded(inbound, surface, self.route)

    async def resume(self, pending: Pending, surface: Surface) -> None:
        """Take up a message from before a restart."""
        inbound = pending.inbound
        log.info("a %s is taken up again; it was %s", inbound.kind, pending.state)
        sending = pending.state == "sending"
        if sending and not surface.repeatable(
            await patiently("an answer", lambda: mishaps.parts_made(self, inbound, surface))
        ):
            await self._guarded(inbound, surface, partial(mishaps.unsure, self))
        elif pending.attempts >= ATTEMPTS and inbound.kind in ("text", "press"):
            await self._guarded(inbound, surface, partial(mishaps.give_up, self))
        else:
            await self._guarded(inbound, surface, self.route)

    @about
    async def _guarded(
        self, inbound: Inbound, surface: Surface, act: Callable[[Inbound, Surface], Awaitable[None]]
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            await patiently("an answer", lambda: self.store.begin(inbound.key))
            await patiently("an answer", lambda: self._tried(inbound, surface, act))
            await patiently("the end of an answer", lambda: self.store.done(inbound.key))
        except Taken as taken:
            log.warning("a message on %s is left alone: %s", inbound.platform, taken)
        except Exception:
            log.exception("and the apology failed too; the message is taken up again at the next start")
            self.failed.add(inbound.key)
        finally:
            self._answering.discard(task)
            with contextlib.suppress(Exception):
                await surface.close()

    async def _tried(
        self, inbound: Inbound, surface: Surface, act: Callable[[Inbound, Surface], Awaitable[None]]
    ) -> None:
        """An answer, or what is said in its place. Raises what keeps even that from being said.

        A StoreError that passes comes out only before anything was sent, so that all of it can be tried again.
        """
        try:
            await act(inbound, surface)
        except Gone as gone:
            log.info("nobody to answer on %s: %s", inbound.platform, gone)
        except Uncertain as error:
            log.warning("an answer on %s may not have arrived: %s", inbound.platform, error)
            await patiently("a word about an answer", lambda: mishaps.unsure_still(self, inbound, surface))
        except Exception as error:
            if isinstance(error, Taken) or passes(error):
                raise
            log.exception("a message on %s failed", inbound.platform)
            try:
                if await self.store.open_still(inbound.key):
                    await mishaps.give_up(self, inbound, surface)
            except Gone as gone:
                log.info("nobody to apologise to on %s: %s", inbound.platform, gone)

    async def route(self, inbound: Inbound, surface: Surface) -> None:
        """A message to whoever answers it."""
        # Before everything, and to everybody: also who is blocked or over a limit, also in a caption.
        said = inbound.text
        if inbound.command is not None and inbound.command not in menu.KNOWN:  # "/kms" is no command of ours
            said = f"{inbound.command} {said}"
        with traces.span("crisis"):
            danger = crisis.detect(guard.clean(said)) if inbound.kind != "press" else None
        if danger is not None:
            metrics.crisis()
            await self.say(inbound, surface, crisis.reply(danger, inbound.locale))
        elif not guard.allowed(self.settings, inbound) and inbound.command not in commands.THEIRS:
            await self.say(inbound, surface, words.BLOCKED)
        elif inbound.kind == "command":
            await commands.command(self, inbound, surface)
        elif inbound.kind == "press":
            await commands.press(self, inbound, surface)
        elif inbound.kind == "media":
            await self.say(inbound, surface, words.MEDIA)
        elif courtesy := courtesies.reply(guard.clean(inbound.text)):
            await self.say(inbound, surface, courtesy)
        else:
            await self.question(inbound, surface)

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
        """What is said to "who was she?" and the like, about the answer before it; None for any other question."""
        text = guard.clean(inbound.text)
        turn = await following.turn(self.store, inbound, parent) if followups.wish(text) else None
        return followups.reply(text, turn, self.finder.corpus, inbound.locale) if turn else None

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
        with self.counsel.telling(turn):
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
            made = await self.counsel.make(inbound, turn, running.stopped, live)
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
            made = words.TROUBLE
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
        if self.store.shared or not surface.repeatable(len(messages(surface, text))):
            await patiently("an answer", lambda: self.store.sending(inbound.key))
        ids = await deliver(surface, text, buttons)
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
        return here or (self.store.shared and await self.store.stop(platform, chat_id, user_id))

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
        return self.store.shared and await self.store.stop_turn(turn_id)
