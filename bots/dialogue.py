"""One message, knowing no platform: stored, taken to whoever answers it, taken up again after a crash.

The order of commits is the promise of this program: what a person sent is stored before it is acknowledged, an
answer is stored before it is sent, and a send that cannot be repeated safely is marked before it is tried. So a
`kill -9` at any point loses nothing, and nothing is answered twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from bots import commands, courtesies, crisis, following, guard, menu, metrics, mishaps, traces, verses, words
from bots.daily import Daily
from bots.following import conversation
from bots.logs import about
from bots.patience import passes, patiently
from bots.replies import Replies
from bots.settings import Settings
from bots.surface import Gone, Surface, Uncertain
from core.adapters import Adapters
from core.engine import Engine
from core.wisdom.search import Finder
from storage import Inbound, Key, Pending, Store, Taken

log = logging.getLogger(__name__)

ATTEMPTS = 2  # a question, also by a button, is taken up again once after a crash; then come an apology and a button


class Dialogue:
    """What every adapter talks to. An adapter calls receive(), and when that is true, handle()."""

    def __init__(self, settings: Settings, store: Store, engine: Engine, finder: Finder) -> None:
        self.settings, self.store, self.engine = settings, store, engine
        self.adapters = Adapters(engine)  # LoRA's, not the platforms'
        self.daily = Daily(settings, store, finder.corpus)
        self.replies = Replies(settings, store, engine, self.adapters, finder)
        self.failed: set[Key] = set()  # messages whose apology failed too: of several hosts any may try again
        self._answering: set[asyncio.Task[None]] = set()

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
        await self._guarded(inbound, surface, self._route)

    async def resume(self, pending: Pending, surface: Surface) -> None:
        """Take up a message from before a restart."""
        inbound = pending.inbound
        log.info("a %s is taken up again; it was %s", inbound.kind, pending.state)
        sending = pending.state == "sending"
        if sending and not surface.repeatable(
            await patiently("an answer", lambda: mishaps.parts_made(self.store, inbound, surface))
        ):
            await self._guarded(inbound, surface, self._unsure)
        elif pending.attempts >= ATTEMPTS and inbound.kind in ("text", "press"):
            await self._guarded(inbound, surface, partial(mishaps.give_up, self.replies))
        else:
            await self._guarded(inbound, surface, self._route)

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
            await patiently("a word about an answer", lambda: self._unsure_still(inbound, surface))
        except Exception as error:
            if isinstance(error, Taken) or passes(error):
                raise
            log.exception("a message on %s failed", inbound.platform)
            try:
                if await self.store.open_still(inbound.key):
                    await mishaps.give_up(self.replies, inbound, surface)
            except Gone as gone:
                log.info("nobody to apologise to on %s: %s", inbound.platform, gone)

    async def _unsure_still(self, inbound: Inbound, surface: Surface) -> None:
        """As _unsure(), unless the person was forgotten meanwhile."""
        if await self.store.open_still(inbound.key):
            with contextlib.suppress(Gone, Uncertain):
                await self._unsure(inbound, surface)

    async def _unsure(self, inbound: Inbound, surface: Surface) -> None:
        """A send broke off and cannot be looked up. Fixed words are said again: helplines rather twice than never."""
        if (turn := await self.store.turn_of_update(inbound.key)) is None:
            await self._route(inbound, surface)
        else:
            await mishaps.unsure(self.replies, inbound, surface, turn)

    async def _route(self, inbound: Inbound, surface: Surface) -> None:
        """A message to whoever answers it."""
        # Before everything, and to everybody: also who is blocked or over a limit, also in a caption.
        said = inbound.text
        if inbound.command is not None and inbound.command not in menu.KNOWN:  # "/kms" is no command of ours
            said = f"{inbound.command} {said}"
        with traces.span("crisis"):
            danger = crisis.detect(guard.clean(said)) if inbound.kind != "press" else None
        if danger is not None:
            metrics.crisis()
            await self.replies.say(inbound, surface, crisis.reply(danger, inbound.locale))
        elif not guard.allowed(self.settings, inbound) and inbound.command not in commands.THEIRS:
            await self.replies.say(inbound, surface, words.BLOCKED)
        elif inbound.kind == "command":
            await commands.command(self.replies, self.daily, inbound, surface)
        elif inbound.kind == "press":
            await commands.press(self.replies, inbound, surface)
        elif inbound.kind == "media":
            await self.replies.say(inbound, surface, words.MEDIA)
        elif courtesy := courtesies.reply(guard.clean(inbound.text)):
            await self.replies.say(inbound, surface, courtesy)
        elif (topic := verses.wanted(guard.clean(inbound.text))) is not None:
            await commands.verse(self.replies, inbound, surface, topic)
        else:
            await self.replies.question(inbound, surface)
