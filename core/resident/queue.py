"""Who is next: a bounded queue that goes round the users, and bounds on what one user or conversation may hold."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from core.engine import EngineFull
from core.pace import UNKNOWN_S


class Queued(Protocol):
    @property
    def user(self) -> str: ...

    @property
    def conversation(self) -> str: ...


J = TypeVar("J", bound=Queued)


class FairQueue(Generic[J]):
    """Jobs wait here until a slot is free.

    capacity: how many may wait; of one user a quarter of them, but four in any case, so that nobody fills it alone.
    per_conversation: how many slots one conversation may hold at once.
    Users take turns; within one user the order is first come, first served.
    """

    def __init__(self, capacity: int, per_conversation: int) -> None:
        self.capacity, self.per_user, self.per_conversation = capacity, max(4, capacity // 4), per_conversation
        self._users: OrderedDict[str, deque[J]] = OrderedDict()
        self._running: Counter[str] = Counter()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(
        self,
        job: J,
        *,
        free: int,
        wait_s: Callable[[int], float | None],
        patience_s: float | None = None,
    ) -> None:
        """Raises EngineFull when so many wait already, of all or of its user, beside those that the free slots take, or
        when its turn would come after patience_s.

        wait_s: how long a place takes, as far as is known.
        """
        theirs = self._users.get(job.user, deque())
        if self._size >= self.capacity + free or len(theirs) >= self.per_user + free:
            raise EngineFull(wait_s(self._size) or UNKNOWN_S)
        self._users[job.user] = theirs
        theirs.append(job)
        self._size += 1
        if patience_s is not None and (place := self._place(job) - free) > 0:
            expected = wait_s(place)
            if expected is not None and expected > patience_s:
                self.remove(job)
                raise EngineFull(expected)

    def _place(self, job: J) -> int:
        return next(place for place, other in enumerate(self, start=1) if other is job)

    def remove(self, job: J) -> bool:
        """Take a waiting job out; False when it is not waiting."""
        jobs = self._users.get(job.user)
        if jobs is None or job not in jobs:
            return False
        jobs.remove(job)
        self._size -= 1
        if not jobs:
            del self._users[job.user]
        return True

    def pop(self) -> J | None:
        """The next job that may run; its user goes to the end of the round. Call done() when it ends."""
        for user, jobs in self._users.items():
            for job in jobs:
                if self._running[job.conversation] < self.per_conversation:
                    self.remove(job)
                    if user in self._users:
                        self._users.move_to_end(user)
                    self._running[job.conversation] += 1
                    return job
        return None

    def done(self, job: J) -> None:
        """A popped job has ended."""
        self._running[job.conversation] -= 1
        if self._running[job.conversation] <= 0:
            del self._running[job.conversation]

    def __iter__(self) -> Iterator[J]:
        """Waiting jobs in the order in which they would run, were no conversation at its bound."""
        round_ = [iter(jobs) for jobs in self._users.values()]
        while round_:
            still = []
            for jobs in round_:
                job = next(jobs, None)
                if job is not None:
                    yield job
                    still.append(jobs)
            round_ = still
