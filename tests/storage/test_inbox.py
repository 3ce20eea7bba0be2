import asyncio

from storage import Inbound
from tests.storage.conftest import began, message, opened, sql

KEY = ("telegram", "1")


def test_a_second_delivery_is_dropped_also_after_a_restart_and_after_the_answer(where):
    async def main():
        async with opened(where) as store:
            assert await store.receive(message(1, text="first"))
            assert not await store.receive(message(1, text="second"))
            assert await store.receive(message(1, platform="discord"))  # ids are the platform's own
            assert await store.receive(message(2))
        async with opened(where) as store:
            assert not await store.receive(message(1))
            assert len(await store.hosts.take_up("telegram")) == 2
            await store.done(KEY)
            assert not await store.receive(message(1))
            assert [p.inbound.update_id for p in await store.unfinished("telegram")] == ["2"]

    asyncio.run(main())


def test_of_many_deliveries_by_tasks_and_processes_at_once_one_is_new(where, child):
    async def main():
        async with opened(where) as store:
            others = [child("deliver", where, 12, 20) for _ in range(2)]
            assert [other.says() for other in others] == ["ready", "ready"]
            for other in others:
                other.go()

            async def deliver():
                return sum([await store.receive(message(n)) for n in range(12)])

            here = sum(await asyncio.gather(*(deliver() for _ in range(20))))
            there = await asyncio.gather(*(asyncio.to_thread(other.says) for other in others))
            assert here + sum(there) == 12
            assert len(await store.unfinished("telegram")) == 12

    asyncio.run(main())


def test_what_comes_out_of_the_inbox_is_what_went_in(where):
    whole = Inbound(
        platform="discord",
        update_id="9/a",
        kind="press",
        chat_id="-100",
        private=True,
        user_id="7",
        user_name="Añjali 🪷",
        text="मैं क्या करूँ?\n\x00\u200d\"'",
        thread_id="5",
        reply_to="m-3",
        locale="hi",
        command="verse",
        address={"token": "t", "linear": True, "nested": [1, None, 2.5]},
        received_at=1234.5,
    )

    async def main():
        async with opened(where) as store:
            await store.receive(whole)
        async with opened(where) as store:
            (pending,) = await store.unfinished("discord")
            assert pending.inbound == whole

    asyncio.run(main())


def test_unfinished_comes_oldest_first_with_its_state_and_attempts(where):
    async def main():
        async with opened(where) as store:
            for number, when in (("late", 30.0), ("early", 10.0), ("middle", 20.0), ("gone", 5.0)):
                await store.receive(message(number, received_at=when))
            await store.receive(message("elsewhere", platform="discord", received_at=1.0))
            assert await store.begin(("telegram", "middle")) == 1
            assert await store.begin(("telegram", "middle")) == 2
            assert await store.begin(("telegram", "late")) == 1
            await store.sending(("telegram", "late"))
            await store.done(("telegram", "gone"))
            assert await store.begin(("telegram", "nobody's")) == 0
        async with opened(where) as store:
            found = [(p.inbound.update_id, p.state, p.attempts) for p in await store.unfinished("telegram")]
            assert found == [("early", "received", 0), ("middle", "working", 2), ("late", "sending", 1)]

    asyncio.run(main())


def test_what_is_done_has_no_words_and_stays_done(where):
    async def main():
        async with opened(where) as store:
            for kind in ("text", "command", "press"):
                await store.receive(message(kind, text="these words", kind=kind))
                await store.begin(("telegram", kind))
                await store.done(("telegram", kind))
            # who asked stays for the quota; whose press asked nothing is nobody's business
            await store.receive(again := message("press again", kind="press"))
            await began(store, again)
            await store.done(again.key)
            rows = sql(where, "SELECT update_id, state, payload, user_id FROM inbox ORDER BY update_id DESC")
            assert rows == [
                ("text", "done", None, "ann"),
                ("press again", "done", None, "ann"),
                ("press", "done", None, None),
                ("command", "done", None, None),
            ]
            await store.sending(("telegram", "text"))
            assert await store.begin(("telegram", "text")) == 0
            assert await store.unfinished("telegram") == []
            assert (await store.stats())["unanswered now"] == "0"

    asyncio.run(main())


def test_the_quota_counts_what_a_person_asked_in_a_time_before_a_question(where):
    async def main():
        async with opened(where) as store:
            for number, when in enumerate((10.0, 20.0, 30.0, 30.0, 40.0)):
                await store.receive(message(number, received_at=when))
            await store.receive(message("other", user="bob", received_at=25.0))
            for kind in ("command", "press"):
                await store.receive(other := message(kind, kind=kind, received_at=25.0))
                await store.done(other.key)
            await store.receive(message("discord", platform="discord", received_at=25.0))
            await store.done(("telegram", "2"))
            third, fourth = (message(number, received_at=30.0) for number in (2, 3))
            assert await store.recent(third, 15.0) == 1 and await store.recent(third, 20.0) == 1
            assert await store.recent(third, 21.0) == 2 and await store.recent(fourth, 21.0) == 3
            assert await store.recent(message(2, user="nobody"), 1e9) == 0
            await store.receive(again := message("again", kind="press", received_at=26.0))
            assert await store.recent(third, 15.0) == 2  # while it is being answered, and then
            await began(store, again)
            await store.done(again.key)
            assert await store.recent(third, 15.0) == 2 and await store.recent(again, 15.0) == 1

    asyncio.run(main())
