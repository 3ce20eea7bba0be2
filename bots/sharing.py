"""Several hosts on one PostgreSQL: this one tells that it lives, hears who asked another to stop, and lets go in time.

A host that others take for dead must not answer beside them. So it lets go of its answers by its own clock before that
can be, and whoever lives takes them up: itself too, when the database is there again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator

from bots.dialogue import Dialogue
from storage import StoreError

log = logging.getLogger(__name__)

BEAT_S = 1.0
SURE_S = 10.0  # so long after the last beat that arrived nobody can think that we are dead (storage.hosts.LEASE_S: 15)


@contextlib.asynccontextmanager
async def sharing(dialogue: Dialogue) -> AsyncIterator[None]:
    """This host is one of those on the database. Raises StoreError when it cannot even be noted."""
    store = dialogue.store
    if not store.shared:
        yield
        return
    await store.hosts.beat()
    beating = asyncio.create_task(_beating(dialogue))
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait({beating})
        with contextlib.suppress(StoreError):  # then the others have to wait until it is dead to them
            await store.hosts.leave()


async def _beating(dialogue: Dialogue) -> None:
    sure, lost = time.monotonic(), False  # when the last beat that arrived was begun; whether it was too long ago
    while True:
        began = time.monotonic()
        if lost:
            await dialogue.let_go()
        beat = asyncio.create_task(dialogue.store.hosts.beat(anew=lost))
        in_time, _ = await asyncio.wait({beat}, timeout=None if lost else max(0.0, sure + SURE_S - began))
        if not in_time:
            await dialogue.let_go()
        try:
            if not await beat:
                await dialogue.let_go()
            sure, lost = began, not in_time
            await _errands(dialogue)
        except Exception as error:  # whatever it is, the beating goes on
            log.error("this host cannot tell the others that it lives: %s", error)
            lost = lost or time.monotonic() > sure + SURE_S
        await asyncio.sleep(BEAT_S)


async def _errands(dialogue: Dialogue) -> None:
    """Stop what another host was asked to stop; give up what not even an apology could be sent for."""
    if running := dialogue.replies.running:
        for turn_id in await dialogue.store.hosts.stopped(list(running)):
            if turn_id in running:
                running[turn_id].stopped.set()
    if dialogue.failed:
        await dialogue.store.hosts.release(dialogue.failed)
        dialogue.failed.clear()
