import asyncio
import re
import time
from pathlib import Path

import pytest

from tests.storage.conftest import asked, began, message, opened, sql


def test_a_turn_begins_once_for_a_message(where):
    async def main():
        async with opened(where) as store:

            def start(number):
                return began(store, message(number, text="Why?"))

            turns = await asyncio.gather(*(start(1) for _ in range(10)))
            assert len({turn.id for turn in turns}) == 1
            turn = turns[0]
            assert (turn.question, turn.answer, turn.status, turn.user_id) == ("Why?", None, "pending", "ann")
            assert await store.turn_of_update(("telegram", "1")) == turn == await store.turn(turn.id)
            assert await store.turn_of_update(("discord", "1")) is None
            assert (await start(2)).id != turn.id

    asyncio.run(main())


def test_a_reply_branches_and_each_branch_has_its_own_history(where):
    async def main():
        async with opened(where) as store:
            root = await asked(store, 1)
            left = await asked(store, 2, "bob", parent=root.id)
            right = await asked(store, 3, "cyd", parent=root.id)
            end = await asked(store, 4, parent=left.id)
            assert await store.history(end.id) == [root, left, end]
            assert await store.history(right.id) == [root, right]
            assert await store.history(999) == []

    asyncio.run(main())


def test_a_long_history_is_cut_at_its_beginning(where):
    async def main():
        async with opened(where) as store:
            turns = []
            for number in range(60):
                parent = turns[-1] if turns else None
                turn = await began(store, message(number), parent)
                turns.append(turn.id)
            assert [t.id for t in await store.history(turns[-1])] == turns[-50:]
            assert [t.id for t in await store.history(turns[-1], limit=3)] == turns[-3:]
            assert [t.id for t in await store.history(turns[2], limit=9)] == turns[:3]

    asyncio.run(main())


def test_a_conversation_goes_on_from_its_last_turn_until_a_new_one(where):
    async def main():
        async with opened(where) as store:
            assert await store.head("room") is None
            first = await asked(store, 1)
            second = await asked(store, 2, parent=first.id)
            await asked(store, 3, conversation="elsewhere")
            assert await store.head("room") == second.id
            await store.new_conversation("room")
            assert await store.head("room") is None
            assert await store.turn(second.id) == second
            third = await asked(store, 4)
            assert await store.head("room") == third.id

    asyncio.run(main())


def test_another_answer_takes_the_place_of_the_last_one_only(where):
    async def main():
        async with opened(where) as store:
            first = await asked(store, 1)
            second = await asked(store, 2, parent=first.id)
            old = await asked(store, 3, again=first.id)
            assert old.alternative_of == first.id and old.parent_id is None
            assert await store.head("room") == second.id
            new = await asked(store, 4, parent=first.id, again=second.id)
            assert await store.head("room") == new.id
            assert await store.history(new.id) == [first, new]

    asyncio.run(main())


def test_a_failed_turn_gives_the_head_back_to_what_it_followed(where):
    async def main():
        async with opened(where) as store:
            first = await asked(store, 1)
            await asked(store, 2, parent=first.id, answer=None)
            assert await store.head("room") == first.id
            await asked(store, 3, again=first.id, answer=None)  # no other answer came: the first one stands
            assert await store.head("room") == first.id
            last = await asked(store, 4, parent=first.id)
            await store.finish_turn(first.id, answer=None, status="failed")  # one that is not the last
            assert await store.head("room") == last.id

    asyncio.run(main())


@pytest.mark.parametrize("failures", [1, 2])
def test_when_a_failed_turn_is_tried_again_the_conversation_goes_on_from_there(where, failures):
    async def main():
        async with opened(where) as store:
            first = await asked(store, "first")
            failed = await asked(store, "failed", parent=first.id, answer=None)
            for number in range(failures - 1):
                failed = await asked(store, number, parent=first.id, again=failed.id, answer=None)
                assert await store.head("room") == first.id
            mended = await asked(store, "mended", parent=first.id, again=failed.id)
            assert await store.head("room") == mended.id
            # a late retry does not take a conversation back that went on
            later = await asked(store, "later", parent=mended.id)
            await asked(store, "late", parent=first.id, again=failed.id)
            assert await store.head("room") == later.id

    asyncio.run(main())


def test_a_turn_keeps_its_figures_and_its_messages_in_order(where):
    figures = dict(
        story="s1", tier="e4b", wait_s=0.5, first_token_s=1.25, total_s=3.0, prompt_tokens=9, answer_tokens=4
    )

    async def main():
        async with opened(where) as store:
            turn = await asked(store, 1, verses=("2.47", "3.8"), posts=("z", "a", "m"), **figures)
            await store.posted(turn.id, "room", ["z"])
            await store.posted(999, "room", ["of a turn that is gone"])
        async with opened(where) as store:
            found = await store.turn_of_message("telegram", "room", "a")
            assert found == turn
            assert {name: getattr(found, name) for name in figures} == figures
            assert found.verses == ("2.47", "3.8") and found.message_ids == ("z", "a", "m")
            assert found.status == "done" and found.finished_at >= found.created_at
            for place in (("telegram", "elsewhere", "a"), ("discord", "room", "a"), ("telegram", "room", "none")):
                assert await store.turn_of_message(*place) is None

    asyncio.run(main())


def test_told_is_what_one_person_heard_lately(where):
    async def main():
        async with opened(where) as store:
            before = time.time()
            await asked(store, 1, story="s1")
            await asked(store, 2, story="s2")
            await asked(store, 3, story=None)
            await asked(store, 4, "bob", story="s4")
            await asked(store, 5, platform="discord", story="s5")
            assert await store.told("telegram", "ann", before - 1) == {"s1", "s2"}
            assert await store.told("telegram", "ann", time.time() + 1) == set()
            assert await store.chats("telegram", before - 1) == {"room": (await store.turn(4)).created_at}
            assert await store.chats("telegram", time.time() + 1) == {}

    asyncio.run(main())


def test_what_a_person_asked_last_comes_newest_first(where):
    async def main():
        async with opened(where) as store:
            for number, (who, text) in enumerate([("ann", "one"), ("bob", "no"), ("ann", "two"), ("ann", "three")]):
                await began(store, message(number, who, text))
            assert await store.asked("telegram", "ann", 2) == ["three", "two"]
            assert await store.asked("telegram", "bob", 2) == ["no"] and await store.asked("discord", "ann", 2) == []

    asyncio.run(main())


def test_of_a_persons_votes_on_an_answer_the_last_counts(where):
    async def main():
        async with opened(where) as store:
            turn = await asked(store, 1)
            await store.vote(turn.id, "ann", 1)
            await store.vote(turn.id, "ann", -1)
            await store.vote(turn.id, "bob", 1)
            await store.vote(999, "bob", 1)
            assert (await store.stats())["votes"] == "1 up, 1 down"

    asyncio.run(main())


def test_stats_are_words_about_the_last_day(where):
    async def main():
        async with opened(where) as store:
            assert await store.stats() == {
                "in a day": "questions 0, people 0, failed 0",
                "thrown away": "none",
                "unanswered now": "0",
                "votes": "0 up, 0 down",
                "first words": "–",
                "whole answer": "–",
            }
            for number in range(21):
                await asked(store, number, "ann" if number % 2 else "bob", first_token_s=number / 10)
            await asked(store, "same id elsewhere", platform="discord", total_s=2.0)
            await asked(store, "failed", answer=None, faults=["spoiled"])
            await asked(store, "mended", "bob", faults=["person", "spoiled"])
            await asked(store, "old", first_token_s=99.0)
            sql(where, "UPDATE turns SET created_at = ? WHERE update_id = 'old'", time.time() - 90_000)
            await store.receive(message("waiting"))
            assert await store.stats() == {
                "in a day": "questions 24, people 3, failed 1",
                "thrown away": "spoiled 2, person 1",
                "unanswered now": "1",
                "votes": "0 up, 0 down",
                "first words": "1.0 s (median), 1.9 s (95 %)",
                "whole answer": "2.0 s",
            }
            name = (
                r"SQLite 3[.\d]+, 25 turns, \d+\.\d MB"
                if isinstance(where, Path)
                else r"PostgreSQL \d\d[^,]*, 25 turns"
            )
            assert re.fullmatch(f"{name}, writable", await store.check())

    asyncio.run(main())


def test_a_note_is_the_last_that_was_taken(where):
    async def main():
        async with opened(where) as store:
            assert await store.note("discord session") is None
            await store.take_note("discord session", "one")
            await store.take_note("discord session", "two")
        async with opened(where) as store:
            assert await store.note("discord session") == "two"

    asyncio.run(main())


def test_the_chats_of_late_are_known_with_their_last_time(where):
    async def main():
        async with opened(where) as store:
            before = time.time()
            first = await asked(store, 1)
            assert await store.chats("telegram", before) == {first.chat_id: first.created_at}
            assert await store.chats("telegram", time.time() + 1) == {}
            assert await store.chats("discord", before) == {}

    asyncio.run(main())
