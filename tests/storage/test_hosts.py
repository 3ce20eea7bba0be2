"""Hosts that share a server: who has a message, whose turn it is, and what becomes of what a dead one left."""

import asyncio
import contextlib
import random

import pytest

from storage import StoreError, Subscription, Taken
from tests.storage.conftest import began, message, opened, sql


@contextlib.asynccontextmanager
async def hosts(where, number):
    """Several that live."""
    async with contextlib.AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(opened(where)) for _ in range(number)]
        for store in stores:
            assert await store.hosts.beat()
        yield stores


def dies(where, store):
    """Its last word came longer ago than a lease."""
    sql(where, "UPDATE hosts SET seen = seen - 60 WHERE id = ?", store.hosts.id)


def test_with_one_file_all_that_an_earlier_run_left_is_the_next_ones(file):
    async def main():
        async with opened(file) as store:
            for number in range(40):
                await store.receive(message(number, received_at=number))
            await store.begin(("telegram", "3"))
            assert await store.hosts.take_up("telegram") == []  # its own is under way
        async with opened(file) as store:
            await store.receive(message("new"))
            assert await store.hosts.take_up("discord") == []
            left = await store.hosts.take_up("telegram")
            assert [p.inbound.update_id for p in left] == [str(n) for n in range(40)]
            assert [p.attempts for p in left[:5]] == [0, 0, 0, 1, 0]
            assert await store.hosts.take_up("telegram") == []

    asyncio.run(main())


def test_what_a_dead_host_left_is_taken_once_and_kept_from_it(on_server):
    async def main():
        where = on_server()
        async with hosts(where, 4) as (dead, *others):
            for number in range(60):
                await dead.receive(message(number))
            await dead.sending(("telegram", "0"))
            assert await others[0].hosts.take_up("telegram") == []
            dies(where, dead)
            taken = await asyncio.gather(*(store.hosts.take_up("telegram") for store in others for _ in range(3)))
            keys = [pending.inbound.key for some in taken for pending in some]
            assert len(keys) == len(set(keys)) == 60 and sum(map(bool, taken)) >= 4  # each a part
            assert [p.state for some in taken for p in some if p.inbound.update_id == "0"] == ["sending"]
            for late in (dead.begin, dead.sending, dead.hosts.my_turn):
                with pytest.raises(Taken):
                    await late(("telegram", "5"))
            was = dead.hosts.id
            assert not await dead.hosts.beat() and dead.hosts.id != was and await dead.hosts.beat()
            assert await dead.hosts.take_up("telegram") == []

    asyncio.run(main())


def test_what_a_host_leaves_in_good_order_or_under_an_old_name_is_anybodys_at_once(on_server):
    async def main():
        async with hosts(on_server(), 3) as (one, two, three):
            await one.receive(message(1))
            await two.receive(message(2))
            await one.hosts.leave()
            assert [p.inbound.update_id for p in await three.hosts.take_up("telegram")] == ["1"]
            assert await two.hosts.beat(anew=True)
            assert [p.inbound.update_id for p in await two.hosts.take_up("telegram")] == ["2"]

    asyncio.run(main())


def test_in_a_conversation_each_waits_for_what_came_before(on_server):
    def question(number, received_at):
        return message(number, received_at=received_at)

    async def main():
        async with hosts(on_server(), 3) as (one, two, three):
            await one.receive(question("first", 1.0), "room")
            await two.receive(question("second", 2.0), "room")
            await three.receive(question("elsewhere", 2.0), "another room")
            await three.receive(question("in no line", 3.0))
            assert not await two.hosts.my_turn(("telegram", "second"))
            for key in ("elsewhere", "in no line"):
                assert await three.hosts.my_turn(("telegram", key))
            assert await one.hosts.my_turn(("telegram", "first"))
            assert await one.hosts.my_turn(("telegram", "first"))  # it has it
            await three.receive(question("by a clock that is late", 0.5), "room")
            assert not await three.hosts.my_turn(("telegram", "by a clock that is late"))
            await one.done(("telegram", "first"))
            assert not await two.hosts.my_turn(("telegram", "second"))
            assert await three.hosts.my_turn(("telegram", "by a clock that is late"))
            await three.forget("telegram", "ann")
            assert await two.hosts.my_turn(("telegram", "second"))  # forgotten: there is nothing to wait for

    asyncio.run(main())


def test_however_many_ask_at_once_one_has_the_turn(on_server):
    answering, order = set(), []

    async def answer(store, number, dice):
        key = ("telegram", str(number))
        await asyncio.sleep(dice.random() / 20)
        while not await store.hosts.my_turn(key):  # noqa: ASYNC110
            await asyncio.sleep(dice.random() / 50)
        assert not answering, (answering, number)
        answering.add(number)
        order.append(number)
        await asyncio.sleep(0.01)
        answering.discard(number)
        await store.done(key)

    async def main():
        async with hosts(on_server(), 3) as stores:
            dice = random.Random(7)
            for number in range(15):
                await stores[number % 3].receive(message(number, received_at=number), "room")
            await asyncio.gather(*(answer(stores[n % 3], n, dice) for n in range(15)))
            assert order == list(range(15))

    asyncio.run(main())


def test_a_message_that_failed_keeps_nobody_waiting_and_is_tried_again(on_server):
    async def main():
        async with hosts(on_server(), 2) as (one, two):
            key = ("telegram", "bad")
            await one.receive(message("bad", received_at=1.0), "room")
            await two.receive(message("next", received_at=2.0), "room")
            for attempts, store, other in ((1, one, two), (2, two, one)):
                assert await store.begin(key) == attempts
                await store.hosts.release([key])
                [again] = await other.hosts.take_up("telegram")
                assert (again.inbound.key, again.attempts) == (key, attempts)
            assert await two.hosts.my_turn(("telegram", "next"))
            await one.begin(key)
            await one.hosts.release([key])
            assert await two.hosts.take_up("telegram") == []  # it waits for the next start
            await one.hosts.leave()
            assert len(await two.hosts.take_up("telegram")) == 1

    asyncio.run(main())


def test_an_answer_is_stopped_by_whoever_is_asked(on_server):
    async def main():
        async with hosts(on_server(), 2) as (one, two):
            begun = {}
            for number, user in enumerate(("ann", "bob", "ann")):
                inbound = message(number, user, chat_id="room" if number < 2 else "elsewhere")
                begun[number] = (await began(one, inbound)).id
            ids = list(begun.values())
            assert await one.hosts.stopped(ids) == set()
            assert not await two.hosts.stop("telegram", "nowhere", "ann")
            assert await two.hosts.stop("telegram", "room", "ann") and await one.hosts.stopped(ids) == {begun[0]}
            assert await two.hosts.stop_turn(begun[1]) and await one.hosts.stopped(ids) == {begun[0], begun[1]}
            await one.finish_turn(begun[1], answer="so far", status="stopped")
            assert not await two.hosts.stop_turn(begun[1])
            await two.forget("telegram", "ann")
            assert await one.hosts.stopped(ids) == set(ids)

    asyncio.run(main())


def test_a_verse_of_the_day_that_a_dead_host_was_sending_is_taken_once(on_server):
    async def main():
        where = on_server()
        async with hosts(where, 3) as (dead, *others):
            found = Subscription("telegram", "ann", "71", 450, "UTC", 1000.0)
            await dead.daily.put(found)
            assert await dead.daily.claim(found, 2000.0, 9, 1001.0)
            assert [await store.daily.left("telegram") for store in others] == [[], []]
            dies(where, dead)
            left = await asyncio.gather(*(store.daily.left("telegram") for store in others for _ in range(3)))
            assert [s.day for some in left for s in some] == [9]

    asyncio.run(main())


def test_a_host_that_cannot_reach_the_server_is_told_so(postgres, on_server):
    async def main():
        async with hosts(on_server(), 1) as (store,):
            postgres.stop()
            with pytest.raises(StoreError):
                await store.hosts.beat()
            postgres.start()
            assert await store.hosts.beat()

    asyncio.run(main())
