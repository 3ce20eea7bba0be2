"""Calls that run to their end also when the caller is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

Class = TypeVar("Class", bound=type)
T = TypeVar("T")


async def whole(work: Awaitable[T]) -> T:
    """What work gives, which is let run to its end also when the caller is cancelled, who hears of it only then.

    SQLAlchemy loses sight of a connection that is cancelled in the middle of a statement. The driver's thread goes on
    with it, and the lock that it took stays: "database is locked" for all who write after.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # the caller is gone: nobody else would take note of it
        raise


def uncancelled(cls: Class) -> Class:
    """A class whose coroutine functions are awaited whole()."""
    for name, method in list(vars(cls).items()):
        if inspect.iscoroutinefunction(method) and not name.startswith("_"):
            setattr(cls, name, _uncancelled(method))
    return cls


def _uncancelled(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await whole(method(*args, **kwargs))

    return call
