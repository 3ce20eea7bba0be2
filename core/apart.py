"""Work of PyTorch beside the asyncio loop, in a thread that ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As asyncio.to_thread(), whose threads live on: OpenMP keeps workers for each thread that ever multiplied, and
    where there are more of them than cores it lets all sleep between two products (libgomp's throttled spin). One sum
    of a large tensor in such a thread makes every later step of the model a third slower. Who is cancelled goes at once,
    and the work ends by itself."""
    once = ThreadPoolExecutor(1, "apart")
    running = asyncio.get_running_loop().run_in_executor(once, lambda: work(*args, **kwargs))
    try:
        return await running
    finally:
        once.shutdown(wait=not running.cancelled())  # which would hold up everything else in the asyncio loop
