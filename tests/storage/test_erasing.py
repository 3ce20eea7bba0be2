import asyncio
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import privacy
from tests.storage.conftest import began, is_sound, many_turns, message, opened, rows_of, sql

DAY = 86_400.0


def test_forget_reaches_through_more_turns_than_a_statement_holds(where):
    async def main():
        async with opened(where) as store:
            sql(where, many_turns(1800, "CASE WHEN i % 600 = 0 THEN 'bob' ELSE 'ann' END"))
            sql(where, "INSERT INTO heads VALUES ('room', 1799)")
            assert await store.forget("telegram", "ann") == 1797
            assert [t.id for t in await store.history(1800)] == [600, 1200, 1800]
            assert await store.head("room") == 1200
            assert is_sound(where)

    asyncio.run(main())


def test_a_question_that_waited_while_its_person_was_erased_is_not_kept(where):
    async def main():
        async with opened(where) as store:
            question = message(1)
            await store.receive(question)
            async with store._db.write() as session:  # the middle of Store.forget()
                beginning = asyncio.create_task(store.start_turn(inbound=question, conversation="room", parent_id=None))
                await asyncio.sleep(0.05)
                assert await store.open_still(question.key) and not beginning.done()
                await privacy.forget(session, "telegram", "ann")
            assert await beginning is None
            assert not any(rows_of(where, "ann").values()) and await store.head("room") is None

    asyncio.run(main())


PEOPLE = ["ann", "bob", "cyd"]
# who asks; how many turns before is the one that it follows (0: none); whether it is another answer to that one
TREES = st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 6), st.booleans()), min_size=1, max_size=9)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=TREES, who=st.sampled_from(PEOPLE), old=st.sets(st.integers(0, 8)), prune=st.booleans())
def test_whatever_is_erased_the_rest_stays_whole_and_in_order(another, tree, who, old, prune):
    async def main(where):
        async with opened(where, retention_days=1) as store:
            turns = []
            for number, (user, back, other) in enumerate(tree):
                near = turns[number - back] if 0 < back <= number else None
                begun = await began(
                    store,
                    message(number, user),
                    near and (near.parent_id if other else near.id),
                    conversation=f"room {number % 2}",
                    alternative_of=near.id if near and other else None,
                )
                await store.posted(begun.id, "room", [f"p{number}"])
                await store.vote(begun.id, PEOPLE[number % 3], 1)
                turns.append(await store.turn(begun.id))
            histories = {t.id: [h.id for h in await store.history(t.id)] for t in turns}
            heads = {room: await store.head(room) for room in ("room 0", "room 1")}
            for number in old:
                sql(where, "UPDATE turns SET created_at = created_at - ? WHERE update_id = ?", 2 * DAY, str(number))

            gone = {t.id for n, t in enumerate(turns) if (n in old if prune else t.user_id == who)}
            if prune:
                assert await store.prune(time.time()) == len(gone)
            else:
                await store.forget("telegram", who)
                assert not any(rows_of(where, who).values())

            assert is_sound(where)
            for number, before in enumerate(turns):
                after = await store.turn(before.id)
                assert await store.turn_of_message("telegram", "room", f"p{number}") == after
                assert (after is None) == (before.id in gone)
                if after is not None:
                    assert [h.id for h in await store.history(after.id)] == [
                        h for h in histories[before.id] if h not in gone
                    ]
                    assert (after.user_id, after.question) == (before.user_id, before.question)
                    assert after.alternative_of == (None if before.alternative_of in gone else before.alternative_of)
            for room, head in heads.items():
                stays = [h for h in histories.get(head, []) if h not in gone]
                assert await store.head(room) == (stays[-1] if stays else None)

    asyncio.run(main(another()))
