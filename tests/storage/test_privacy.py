import asyncio
import contextlib
import json
import random
import sqlite3
import time

import pytest

from storage import Subscription, privacy
from tests.storage.conftest import asked, is_sound, message, opened, rows_of, sql, traces

DAY = 86_400.0


# -- /forget ------------------------------------------------------------------------------------------------------


def test_forget_leaves_no_row_and_no_byte_of_a_person_and_says_how_many_rows_there_were(where):
    async def main():
        async with opened(where) as store:
            for number in range(3):
                await asked(store, f"a{number}", "ann", "ann-asked " * 900, "ann-heard " * 300, posts=(f"p{number}",))
            kept = await asked(store, "b", "bob", "bob-asked", "bob-heard", posts=("q",))
            await store.vote(kept.id, "ann", 1)
            await store.vote(1, "bob", 1)
            await store.optout("telegram", "ann")
            await store.receive(message("waiting", "ann", "ann-waits"))
            discord = await asked(store, "d", "ann", "same id, another person", platform="discord")
            assert traces(where, "ann-asked") and traces(where, "ann-heard") and traces(where, "ann-waits")

            # 3 turns, 4 messages of the inbox, 1 vote, 1 setting
            assert await store.forget("telegram", "ann") == 9
            assert [traces(where, f"ann-{word}") for word in ("asked", "heard", "waits")] == [0, 0, 0]
            left = rows_of(where, "ann")
            assert left.pop("turns") == left.pop("inbox") == 1 and not any(left.values())  # Discord's
            assert sql(where, "SELECT count(*) FROM posts") == [(1,)] and sql(where, "SELECT * FROM votes") == []
            assert await store.unfinished("telegram") == []
            assert await store.turn_of_message("telegram", "room", "p1") is None
            assert await store.turn(kept.id) == kept and await store.turn(discord.id) == discord
            assert is_sound(where)

            assert await store.forget("telegram", "ann") == 0
            assert await store.forget("telegram", "nobody") == 0
            assert not await store.receive(message("waiting", "ann", "ann-waits"))  # known, and not answered again

    asyncio.run(main())


def fill(file):
    """Rows of two people that grow and go in a mixed order, so that pages are split again and again."""
    rows = random.Random(1)

    def words(user):
        return f"{user}-words " * rows.choice([1, 2, 6, 30, 130, 1000])

    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA secure_delete = ON")
        other.execute("BEGIN")
        for number in range(1500):
            user, update_id = rows.choice(["ann", "bob"]), f"u{number}"
            other.execute(
                "INSERT INTO inbox (platform, update_id, user_id, kind, received_at, state, attempts, payload) VALUES ('telegram', ?, ?, 'text', ?, 'received', 0, ?)",
                (update_id, user, number, words(user)),
            )
            other.execute(
                "INSERT INTO turns (platform, update_id, chat_id, conversation, user_id, question, status, verses, "
                "created_at) VALUES ('telegram', ?, 'room', 'room', ?, ?, 'done', '[]', 1)",
                (update_id, user, words(user)),
            )
            other.execute("UPDATE turns SET answer = ? WHERE update_id = ?", (words(user), update_id))
            if rows.random() < 0.8:
                other.execute("UPDATE inbox SET payload = NULL, state = 'done' WHERE update_id = ?", (update_id,))
        other.execute("COMMIT")


@pytest.mark.parametrize("crash", [False, True])
def test_the_copies_that_the_file_kept_in_its_gaps_go_too_at_the_latest_after_a_restart(file, empty, crash):
    """SQLite's secure_delete leaves words in the gaps of pages that were split: in this file, a good many."""

    async def main():
        file.write_bytes(empty)
        fill(file)
        async with opened(file) as store:
            if crash:  # as forget() does it, up to a kill after its commit
                async with store._db.write() as session:
                    await privacy.forget(session, "telegram", "ann")
                    await store._db.erased(session)
            else:
                await store.forget("telegram", "ann")
                assert traces(file, "ann-words") == 0
        async with opened(file) as store:
            await store.prune(time.time())
            assert traces(file, "ann-words") == 0
            assert traces(file, "bob-words") > 0

    asyncio.run(main())


def test_forget_does_not_wait_for_a_backup_that_reads_and_prune_ends_its_work(file, child):
    async def main():
        async with opened(file) as store:
            await asked(store, 1, "ann", "ann-words")
            reader = child("read", file)
            assert reader.says() == "reading"
            start = time.monotonic()
            assert await store.forget("telegram", "ann") == 2
            assert time.monotonic() - start < 5  # the lock of a writer is waited for half a minute
            assert traces(file, "ann-words")  # the reader's own state of the file is not taken from it
            reader.go()
            assert reader.says() == "let go"
            await store.prune(time.time())
            assert traces(file, "ann-words") == 0

    asyncio.run(main())


def test_the_command_that_forgets_is_answered_and_then_goes_too(where):
    async def main():
        async with opened(where) as store:
            command = message("forget", "ann", "ann-words", kind="command", command="forget")
            await store.receive(command)
            await store.begin(command.key)
            assert await store.forget("telegram", "ann") == 0
            (pending,) = await store.unfinished("telegram")
            assert pending.inbound == command  # a crash now would not leave it unanswered
            await store.done(command.key)
            await store.prune(time.time())
            assert not any(rows_of(where, "ann").values()) and traces(where, "ann-words") == 0

    asyncio.run(main())


def test_an_answer_under_way_is_not_stored_for_a_person_who_is_forgotten(where):
    async def main():
        async with opened(where) as store:
            inbound = message(1, "ann")
            await store.receive(inbound)
            await store.begin(inbound.key)
            turn = await store.start_turn(inbound=inbound, conversation="room", parent_id=None)
            await store.forget("telegram", "ann")
            await store.finish_turn(turn.id, answer="ann-words", status="done", story="s")
            await store.posted(turn.id, "room", ["p"])
            await store.sending(inbound.key)
            assert not any(rows_of(where, "ann").values()) and traces(where, "ann-words") == 0
            assert (await store.stats())["unanswered now"] == "0"
            # who replied to it in the same moment is answered, at the beginning of a conversation
            reply = await asked(store, 2, "bob", parent=turn.id, again=turn.id)
            assert (reply.parent_id, reply.alternative_of) == (None, None)
            assert reply.id > turn.id  # a number is never used again: old buttons point nowhere

    asyncio.run(main())


# -- /mydata and /optout ------------------------------------------------------------------------------------------


def test_mydata_is_every_row_of_a_person_and_nothing_of_others(where):
    async def main():
        async with opened(where) as store:
            mine = await asked(store, 1, "ann", "मेरा प्रश्न", "ann-heard", verses=("2.47",), story="s")
            theirs = await asked(store, 2, "bob", "bob-asked", "bob-heard", parent=mine.id)
            await store.vote(theirs.id, "ann", -1)
            await store.vote(mine.id, "bob", 1)
            await store.optout("telegram", "ann")
            await store.optout("telegram", "bob")
            for person in ("ann", "bob"):
                await store.daily.put(Subscription("telegram", person, f"{person}'s room", 450, "UTC", 1.0))
            await store.receive(message("waiting", "ann", "ann-waits"))
            await asked(store, 3, "ann", "on Discord", platform="discord")

            data = await store.mydata("telegram", "ann")
            text = json.dumps(data, ensure_ascii=False)
            assert json.loads(text) == data
            counted = {"turns": 1, "votes": 1, "people": 1, "daily": 1, "inbox": 2}
            assert {name: len(rows) for name, rows in data.items()} == {
                ("settings" if table == "people" else table): number for table, number in counted.items()
            }
            # every table that knows persons is in it (ann on Discord is somebody else)
            assert rows_of(where, "ann") == {**counted, "turns": 2, "inbox": 3}
            assert all(word in text for word in ("मेरा प्रश्न", "ann-heard", "2.47", "ann-waits"))
            assert "bob" not in text and "Discord" not in text
            assert data["votes"][0]["value"] == -1 and data["settings"][0]["optout"] is True

            await store.forget("telegram", "ann")
            assert not any((await store.mydata("telegram", "ann")).values())

    asyncio.run(main())


def test_who_opted_out_can_come_back(where):
    async def main():
        async with opened(where) as store:
            assert not await store.is_optout("telegram", "ann")
            for _ in range(2):
                await store.optout("telegram", "ann")
            assert not await store.is_optout("discord", "ann") and not await store.is_optout("telegram", "bob")
        async with opened(where) as store:
            assert await store.is_optout("telegram", "ann")
            for _ in range(2):
                await store.optout("telegram", "ann", out=False)
                assert not await store.is_optout("telegram", "ann")
            assert rows_of(where, "ann")["people"] == 0

    asyncio.run(main())


# -- retention ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [None, 30])
def test_retention_erases_what_is_older_and_only_when_it_is_set(where, days):
    async def main():
        async with opened(where, retention_days=days) as store:
            old = await asked(store, 1, text="old-words", posts=("p",))
            new = await asked(store, 2, text="new-words", parent=old.id)
            sql(where, "UPDATE turns SET created_at = ? WHERE id = ?", time.time() - 31 * DAY, old.id)
            assert await store.prune(time.time()) == (0 if days is None else 1)
            assert (traces(where, "old-words") == 0) == (days is not None) and traces(where, "new-words")
            assert len(await store.history(new.id)) == (2 if days is None else 1)
            assert await store.prune(time.time()) == 0

    asyncio.run(main())


@pytest.mark.parametrize("days", [None, 30])
def test_what_was_never_answered_goes_with_retention_too(where, days):
    """Of any platform: also of one whose token was removed, or of the terminal."""

    async def main():
        now = time.time()
        async with opened(where, retention_days=days) as store:
            for platform in ("telegram", "terminal"):
                for name, age in (("old", 31), ("new", 29)):
                    words = f"{platform}-{name}-words"
                    await store.receive(message(name, text=words, platform=platform, received_at=now - age * DAY))
            await store.begin(("telegram", "old"))
            await store.prune(now)
            for platform in ("telegram", "terminal"):
                waiting = [p.inbound.update_id for p in await store.unfinished(platform)]
                assert waiting == (["old", "new"] if days is None else ["new"])
                assert bool(traces(where, f"{platform}-old-words")) == (days is None)
                assert traces(where, f"{platform}-new-words")
            open_ones = sql(where, "SELECT count(*) FROM inbox WHERE state <> 'done'")[0][0]
            assert open_ones == (4 if days is None else 2)

    asyncio.run(main())


def test_the_inbox_keeps_who_asked_for_a_day_an_id_for_a_week_and_what_waits_for_ever(where):
    async def main():
        now = time.time()
        async with opened(where) as store:
            for name, days in (("hour", 0.04), ("days", 2), ("weeks", 8), ("waits", 99)):
                await store.receive(message(name, received_at=now - days * DAY))
                if name != "waits":
                    await store.done(("telegram", name))
            await store.prune(now)
            rows = sql(where, "SELECT update_id, user_id FROM inbox ORDER BY received_at DESC")
            assert rows == [("hour", "ann"), ("days", None), ("waits", "ann")]
            assert [p.inbound.update_id for p in await store.unfinished("telegram")] == ["waits"]

    asyncio.run(main())
