import asyncio
import random
import time
from dataclasses import replace
from pathlib import Path

from tests.storage.conftest import is_sound, many_turns, message, opened, rows_of, sql

STEPS = ["received", "started", "answered", "sending", "posted", "done"]


def killed_at(child, steps, moment):
    """Kill a child some seconds after it said a number of steps. Returns the last step of every message."""
    heard = [child.says() for _ in range(steps)]
    time.sleep(moment)
    child.kill()
    while (words := child.says()) is not None:
        heard.append(words)
    return {update_id: STEPS.index(step) for step, update_id in heard}


async def check(where, said):
    """All that was said is in the database. A child may have come one step further than it could say."""
    async with opened(where) as store:
        pending = {p.inbound.update_id: p for p in await store.hosts.take_up("telegram")}
        for update_id, step in said.items():
            left = pending.pop(update_id, None)
            assert step >= STEPS.index("posted") if left is None else step < STEPS.index("done")
            if left is not None:
                assert left.inbound.text.startswith("question ")
                assert left.attempts >= (step >= STEPS.index("started"))
                assert step < STEPS.index("sending") or left.state == "sending"
            turn = await store.turn_of_update(("telegram", update_id))
            if step >= STEPS.index("started"):
                assert turn.question.startswith("question ")
                assert (await store.history(turn.id))[-1] == replace(turn, message_ids=())
            if step >= STEPS.index("answered"):
                assert turn.answer == turn.question.replace("question", "answer") and turn.status == "done"
            if step >= STEPS.index("posted"):
                assert await store.turn_of_message("telegram", "room", f"post-{update_id}") == turn
            assert not await store.receive(message(update_id))
            await store.done(("telegram", update_id))
        assert len(pending) <= 1  # received, and not said any more
        for update_id in pending:
            await store.done(("telegram", update_id))


def test_after_a_kill_at_any_moment_all_that_was_committed_is_there(where, child):
    chance = random.Random(time.time_ns())
    messages, ends = 0, set()
    for life in range(12 if isinstance(where, Path) else 4):
        said = killed_at(child("work", where, str(life)), chance.randint(1, 30), chance.uniform(0, 0.01))
        assert is_sound(where)
        asyncio.run(check(where, said))
        messages += len(said)
        ends.add(list(said.values())[-1])
    # the kills fell where they should: in the middle of work, at more than one of its steps
    assert messages > 4 and len(ends) > 1


def test_a_kill_while_the_database_is_made_leaves_one_that_opens(bare, child):
    chance = random.Random(time.time_ns())

    async def check_empty(where):
        async with opened(where) as store:
            assert "0 turns" in await store.check()

    for _ in range(5):
        where = bare()
        killed = child("opening", where)
        assert killed.says() == "ready"
        killed.go()
        time.sleep(chance.uniform(0, 0.08))
        killed.kill()
        asyncio.run(check_empty(where))
        assert is_sound(where)


def test_a_kill_while_a_person_is_forgotten_leaves_all_of_them_or_nothing(another, child):
    chance = random.Random(time.time_ns())

    async def make(where):
        async with opened(where):
            sql(where, many_turns(1200, "CASE WHEN i % 2 = 0 THEN 'bob' ELSE 'ann' END"))
            sql(where, "INSERT INTO people VALUES ('telegram', 'ann', TRUE, 1.0)")

    async def check_ann_and_bob(where):
        async with opened(where) as store:
            left = rows_of(where, "ann")
            assert (left["turns"], left["people"]) in ((600, 1), (0, 0))
            assert rows_of(where, "bob")["turns"] == 600
            before = [t.user_id for t in await store.history(1200, limit=4)]
            assert before == (["ann", "bob"] * 2 if left["turns"] else ["bob"] * 4)
            assert await store.forget("telegram", "ann") == left["turns"] + left["people"]
        assert is_sound(where)

    for _ in range(4):
        where = another()
        asyncio.run(make(where))
        killed = child("forget", where, "ann")
        assert killed.says() == "ready"
        killed.go()
        time.sleep(chance.uniform(0, 0.1))
        killed.kill()
        asyncio.run(check_ann_and_bob(where))
