"""The steps of a turn, and a process that kills itself at one of them: no code of the program is needed for it."""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import signal
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

ARMED = "armed"  # while such a file is in the process's folder

STORE, LIVE = "storage.store:Store", "bots.delivery:Live"
SURFACES = "bots.telegram.surface:TelegramSurface", "bots.discord.surface:DiscordSurface"

PARTS = "between the parts", "the second part is sent"  # of an answer that is too long for one message

# name: (whose method, its name, whether the process dies before it or after it), in the order of a turn
STEPS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "before it is stored": ((STORE,), "receive", "before"),
    "stored": ((STORE,), "receive", "after"),
    "begun": ((STORE,), "begin", "after"),
    "the turn is there": ((STORE,), "start_turn", "after"),
    "first words made": ((LIVE,), "update", "after"),
    "first words shown": (SURFACES, "show", "after"),
    "all words made": ((STORE,), "finish_turn", "before"),
    "the answer is stored": ((STORE,), "finish_turn", "after"),
    "before the send": (SURFACES, "finish", "before"),
    "between the parts": (SURFACES, "send", "before"),
    "the second part is sent": (SURFACES, "send", "after"),
    "sent, its id unknown": ((STORE,), "posted", "before"),
    "sent, its id known": ((STORE,), "posted", "after"),
    "before it is done": ((STORE,), "done", "before"),
    "done": ((STORE,), "done", "after"),
}


def arm(step: str) -> None:
    """While it is ARMED, this process dies at a step, by SIGKILL: nothing is flushed, closed or said."""
    owners, name, when = STEPS[step]
    for owner in owners:
        module, _, cls = owner.partition(":")
        _wrap(getattr(importlib.import_module(module), cls), name, when)


def _wrap(cls: type, name: str, when: str) -> None:
    method = getattr(cls, name)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            die()
            return method(*args, **kwargs)  # not armed yet; once its work is written, the test may arm the process
        result = method(*args, **kwargs)
        if inspect.isawaitable(result):
            return awaited(result)
        die()
        return result

    async def awaited(coming: Awaitable[Any]) -> Any:
        result = await coming
        die()
        return result

    setattr(cls, name, call)


def die() -> None:
    if Path(ARMED).exists():
        os.kill(os.getpid(), signal.SIGKILL)
