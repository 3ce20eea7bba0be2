"""The host: opens storage and engine, starts the adapters that have a token, drains and stops them all."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Protocol

from bots import metrics, traces
from bots.control import alone, listening
from bots.dialogue import Dialogue
from bots.page import Page
from bots.settings import ConfigurationError, Settings
from bots.sharing import sharing
from bots.web import watched
from core import prompt
from core.engine import Engine
from core.open import open_engine
from core.wisdom.corpus import Corpus
from storage import Store

log = logging.getLogger(__name__)

PRUNE_EVERY_S = 3600.0
ASKING_S = 5.0  # a platform, before the model is loaded
SHORT = "My brother and I have not spoken for years. How do I begin?"  # there has to be room for such a question
ANSWER = 64  # tokens; the smallest limit of an answer that anybody is advised to set
PATIENCE_S = 600.0  # with servers that start beside the host: a large model loads for minutes


class Adapter(Protocol):
    """A platform. run() returns when stop was set and nothing of it is under way, or raises ConfigurationError."""

    async def run(self, stop: asyncio.Event) -> None: ...


@contextlib.asynccontextmanager
async def open_dialogue(
    settings: Settings,
    *,
    progress: Callable[[str], None] = log.info,
    on_failure: Callable[[str], None] = log.critical,
) -> AsyncIterator[Dialogue]:
    """Storage, engine and wisdom, ready to answer. Raises StoreError, LoadError or ConfigurationError."""
    from core.wisdom.search import finder

    store = await Store.open(settings.database_url, retention_days=settings.retention_days, observe=metrics.database)
    try:
        with at_once():
            engine = await open_engine(settings, progress=progress, on_failure=on_failure, patience_s=PATIENCE_S)
        try:
            wisdom = finder()
            make_sure_of_room(settings, engine, wisdom.corpus)
            dialogue = Dialogue(settings, store, engine, wisdom)
            async with sharing(dialogue):
                yield dialogue
        finally:
            await engine.close()
    finally:
        await store.close()


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """Ctrl-C ends the process meanwhile as SIGTERM does: asyncio would wait for the thread that loads a model, which no word
    reaches. Nothing is held yet, and what a preparation leaves the next one clears away."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def make_sure_of_room(settings: Settings, engine: Engine, corpus: Corpus) -> None:
    """Raises ConfigurationError where people would be told of every question that it is too long."""
    tuned = engine.tuned("".join(engine.adapters))  # by the adapter of the settings, if any
    longest = max((verse.text for verse in corpus.verses), key=len)
    examples = () if tuned else prompt.EXAMPLES
    asked = prompt.build(engine.tokenizer, SHORT, longest, (), context=sys.maxsize, reply_tokens=0, examples=examples)
    assert asked is not None  # so much context holds it
    least, room = len(asked) + settings.reply_tokens, engine.context - len(asked)
    if least > engine.context:
        theirs = " (and the servers' own limit)" if engine.context < settings.context else ""
        shorter = f", or KRISHNA_REPLY_TOKENS to at most {room}" if room >= ANSWER else ""
        raise ConfigurationError(
            f"{engine.context} tokens of context have no room for a question beside what stands in every prompt and an"
            f" answer of {settings.reply_tokens}; set KRISHNA_CONTEXT to at least {least}{theirs}{shorter}"
        )


async def platforms_answer(settings: Settings) -> None:
    """Show each platform its token before the model is loaded: an operator who mistyped one learns it at once. A network
    that is away is no fault here, the adapters wait for it. Raises ConfigurationError."""
    asks: list[Callable[[Settings], Awaitable[str]]] = []
    if settings.telegram_token is not None:
        from bots.telegram import adapter as telegram

        asks.append(telegram.who)
    if settings.discord_token is not None:
        from bots.discord import client as discord

        asks.append(discord.who)
    for who in asks:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ASKING_S):
                await who(settings)


def adapters(settings: Settings, dialogue: Dialogue) -> list[Adapter]:
    """The platforms whose tokens are set."""
    found: list[Adapter] = []
    if settings.telegram_token is not None:
        from bots.telegram.adapter import TelegramAdapter

        found.append(TelegramAdapter(settings, dialogue))
    if settings.discord_token is not None:
        from bots.discord.adapter import DiscordAdapter

        found.append(DiscordAdapter(settings, dialogue))
    return found


async def serve(settings: Settings, progress: Callable[[str], None] = log.info) -> None:
    """Run the platforms until a signal asks to stop. Raises ConfigurationError, StoreError or LoadError."""
    stop = asyncio.Event()
    alone(settings)
    await platforms_answer(settings)
    async with (
        traces.sending(settings),
        watched(settings) as (watch, page),
        open_dialogue(settings, progress=progress) as dialogue,
        watch.telling(dialogue),
        listening(settings, dialogue.adapters, page.link),
        asyncio.TaskGroup() as group,
    ):
        # Not sooner: a model may load for minutes, and whoever stops the host meanwhile shall not wait for it.
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, stop.set)
        for adapter in adapters(settings, dialogue):
            group.create_task(adapter.run(stop))
        group.create_task(dialogue.daily.run(stop))
        pruning = group.create_task(_prune(dialogue.store))
        sys.setswitchinterval(0.0005)  # the other threads leave the loop sooner: 5 ms by itself
        gc.collect()
        gc.freeze()  # what is here stays: to look through it for garbage takes a tenth of a second each time
        gc.set_threshold(5_000, 20, 20)  # most of what a message makes is gone by then, and is not looked through
        progress("ready; Ctrl-C stops")
        _invite(settings, page, progress)
        await stop.wait()
        watch.stopping = True
        progress("stopping: answers under way are finished first")
        pruning.cancel()


def _invite(settings: Settings, page: Page, progress: Callable[[str], None]) -> None:
    """The way to the operator's page. Logs in JSON are made to be sent elsewhere: a link stands beside them at most, on a
    terminal."""
    with contextlib.suppress(ConfigurationError):  # it listens nowhere, or elsewhere than on loopback
        link, later = f"{page.link()} (once, within 10 minutes)", "`python -m bots page` prints a link"
        if settings.log_format == "text":
            progress(f"the operator's page: {link}; later {later}")
            return
        progress(f"the operator's page: {later}")
        if sys.stderr.isatty():
            print(f"· the operator's page: {link}", file=sys.stderr, flush=True)


async def _prune(store: Store) -> None:
    """Erase what retention says, now and every hour."""
    while True:
        try:
            await store.prune(time.time())
        except Exception:
            log.exception("pruning failed; it is tried again in an hour")
        await asyncio.sleep(PRUNE_EVERY_S)
