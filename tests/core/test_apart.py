import asyncio
import threading

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
