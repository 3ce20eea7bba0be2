from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from core.engine import EngineFull
from core.resident.queue import FairQueue


@dataclass(eq=False)
class Job:
    user: str
    conversation: str


def test_users_take_turns_however_much_one_asks():
    queue = FairQueue(200, 100)
    flood = [Job("loud", f"c{i}") for i in range(50)]
    for job in flood:
        queue.add(job, free=0, wait_s=lambda _: 1)
    quiet = Job("quiet", "q")
    queue.add(quiet, free=0, wait_s=lambda _: 1)
    assert [queue.pop(), queue.pop()] == [flood[0], quiet]


def test_a_full_queue_says_when_to_come_back():
    queue = FairQueue(2, 1)
    for _ in range(2):
        queue.add(Job("a", "a"), free=0, wait_s=lambda _: 7)
    with pytest.raises(EngineFull) as full:
        queue.add(Job("b", "b"), free=0, wait_s=lambda _: 7)
    assert full.value.retry_after_s == 7
    queue.add(Job("b", "b"), free=1, wait_s=lambda _: 7)  # a free slot will take one at once


def test_who_would_wait_longer_than_they_can_is_told_so_at_once():
    queue, ten_s_each = FairQueue(200, 1), {"wait_s": lambda place: 10.0 * place, "patience_s": 25.0}
    for i in range(2):
        queue.add(Job("loud", f"c{i}"), free=0, **ten_s_each)
    with pytest.raises(EngineFull) as full:
        queue.add(Job("loud", "c"), free=0, **ten_s_each)
    assert full.value.retry_after_s == 30 and len(queue) == 2
    queue.add(Job("loud", "c"), free=1, **ten_s_each)  # a free slot will take one at once
    queue.add(Job("quiet", "q"), free=0, **ten_s_each)  # whose turn comes second: people take turns
    queue.add(Job("who waits", "w"), free=0, wait_s=lambda place: 10.0 * place)
    queue.add(Job("unknown", "u"), free=0, wait_s=lambda _: None, patience_s=0.1)


def test_who_fills_their_part_of_the_queue_is_told_so_and_nobody_else():
    queue = FairQueue(256, 1)
    for i in range(64):
        queue.add(Job("loud", f"c{i}"), free=0, wait_s=lambda _: 7)
    with pytest.raises(EngineFull):
        queue.add(Job("loud", "c"), free=0, wait_s=lambda _: 7)
    queue.add(Job("quiet", "q"), free=0, wait_s=lambda _: 7)
    queue.add(Job("loud", "c"), free=1, wait_s=lambda _: 7)
    for _ in range(3):
        queue.pop()
    queue.add(Job("loud", "c"), free=0, wait_s=lambda _: 7)  # as soon as one has begun


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=30))
def test_the_told_order_is_the_order_of_running(people):
    queue = FairQueue(200, 100)
    for user, conversation in people:
        queue.add(Job(user, conversation), free=0, wait_s=lambda _: 1)
    told = list(queue)
    assert [queue.pop() for _ in told] == told
    assert queue.pop() is None and len(queue) == 0


class Machine(RuleBasedStateMachine):
    """Any mix of adding, running, ending and giving up keeps the counts and the bounds."""

    waiting, running = Bundle("waiting"), Bundle("running")

    def __init__(self) -> None:
        super().__init__()
        self.queue = FairQueue(20, 2)
        self.in_queue: set[Job] = set()
        self.held: Counter[str] = Counter()

    @rule(target=waiting, user=st.sampled_from("aaaabcde"), conversation=st.sampled_from("xy"))
    def add(self, user, conversation):
        job = Job(user, conversation)
        try:
            self.queue.add(job, free=0, wait_s=lambda _: 1)
        except EngineFull:
            assert len(self.in_queue) == 20 or sum(j.user == user for j in self.in_queue) == 5
        else:
            self.in_queue.add(job)
        return job

    @rule(target=running)
    def pop(self):
        job = self.queue.pop()
        if job is None:
            assert all(self.held[j.conversation] >= 2 for j in self.in_queue)
        else:
            self.in_queue.remove(job)
            self.held[job.conversation] += 1
        return job

    @rule(job=consumes(running))
    def end(self, job):
        if job is not None:
            self.queue.done(job)
            self.held[job.conversation] -= 1

    @rule(job=consumes(waiting))
    def give_up(self, job):
        assert self.queue.remove(job) == (job in self.in_queue)
        self.in_queue.discard(job)

    @invariant()
    def bounds_hold(self):
        assert len(self.queue) == len(self.in_queue) <= 20
        assert max(Counter(j.user for j in self.in_queue).values(), default=0) <= 5  # a quarter
        assert max(self.held.values(), default=0) <= 2


TestMachine = Machine.TestCase
