"""Hours in seconds: an asyncio loop whose clock jumps to the next timer as soon as nothing else is to do."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.platforms import discord_state

IDLE_S = 0.01  # real time without an event, after which nobody (a thread, a socket of ours) has anything to say


class Warp(selectors.DefaultSelector):  # type: ignore[valid-type,misc]
    """What the loop waits in. passed: seconds that were not waited."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= IDLE_S:
            return super().select(timeout)
        found = super().select(IDLE_S)
        if not found:
            self.passed += timeout - IDLE_S
        return found


def run(main: Coroutine[Any, Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncio.run(), for the whole process: time.time() and time.monotonic() go along."""
    warp, real, monotonic = Warp(), time.time, time.monotonic
    with monkeypatch.context() as patch, asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(warp)) as runner:
        patch.setattr(time, "time", lambda: real() + warp.passed)
        patch.setattr(time, "monotonic", lambda: monotonic() + warp.passed)
        patch.setattr(discord_state, "_last_snowflake", 0)  # or all later ids would be of a time that never was
        runner.run(main)
