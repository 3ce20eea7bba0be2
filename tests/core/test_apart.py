import asyncio
import threading
import time

import pytest

from core.apart import apart


def test_the_thread_ends_with_its_work_and_an_error_comes_back():
    seen = []

    def work(value, *, fail=False):
        seen.append(threading.current_thread())
        if fail:
            raise KeyError(value)
        return value

    async def main():
        assert await apart(work, 7) == 7
        with pytest.raises(KeyError):
            await apart(work, 8, fail=True)

    asyncio.run(main())
    assert len(seen) == 2 and threading.main_thread() not in seen
    assert not any(thread.is_alive() for thread in seen)


def test_who_no_longer_waits_does_not_hold_up_the_others():
    going_on, threads = threading.Event(), []

    def work():
        threads.append(threading.current_thread())
        going_on.wait(2)

    async def main():
        waiting = asyncio.create_task(apart(work))
        while not threads:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        since = time.monotonic()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert time.monotonic() - since < 1
        going_on.set()

    asyncio.run(main())
    threads[0].join(2)
    assert not threads[0].is_alive()
