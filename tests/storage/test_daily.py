import asyncio
from dataclasses import replace

from storage import Subscription
from tests.storage.conftest import is_sound, opened, rows_of, sql, traces

ANN = Subscription("telegram", "ann", "71", 450, "Asia/Kolkata", 1000.0)


def test_a_subscription_is_kept_changed_and_ended(where):
    async def main():
        async with opened(where) as store:
            assert await store.daily.get("telegram", "ann") is None
            assert not await store.daily.remove("telegram", "ann")
            await store.daily.put(ANN)
            await store.daily.put(replace(ANN, platform="discord", minute=5))
        async with opened(where) as store:
            assert await store.daily.get("telegram", "ann") == ANN
            assert await store.daily.claim(ANN, 2000.0, 9, 1001.0)
            changed = replace(ANN, chat_id="72", minute=60, zone="UTC", due_at=1500.0)
            await store.daily.put(changed)  # the hour changes, not what was sent
            assert await store.daily.get("telegram", "ann") == replace(changed, day=9, sending_at=1001.0)
            assert await store.daily.remove("telegram", "ann")
            assert await store.daily.get("telegram", "ann") is None
            assert (await store.daily.get("discord", "ann")).minute == 5

    asyncio.run(main())


def test_those_who_are_due_come_in_the_order_of_their_waiting(where):
    async def main():
        async with opened(where) as store:
            for n in (3, 1, 2, 9):
                await store.daily.put(replace(ANN, user_id=f"u{n}", due_at=float(n)))
            await store.daily.put(replace(ANN, platform="discord", due_at=0.0))
            assert [s.user_id for s in await store.daily.due("telegram", 3.0, 10)] == ["u1", "u2", "u3"]
            assert [s.user_id for s in await store.daily.due("telegram", 3.0, 2)] == ["u1", "u2"]

    asyncio.run(main())


def test_of_many_who_claim_a_row_at_once_one_gets_it(where):
    async def main():
        async with opened(where) as store, opened(where) as other:
            await store.daily.put(ANN)
            won = await asyncio.gather(
                *(s.daily.claim(ANN, 2000.0 + n, 9, 1001.0) for n in range(8) for s in (store, other))
            )
            assert sum(won) == 1
            assert await store.daily.due("telegram", 1999.0, 10) == []
            [row] = await store.daily.under_way("telegram")
            assert (row.day, row.sending_at) == (9, 1001.0) and row.due_at >= 2000.0
            await store.daily.sent("telegram", "ann")
            assert await store.daily.under_way("telegram") == []

    asyncio.run(main())


def test_a_claim_that_is_given_back_is_as_it_was_unless_the_person_chose_anew(where):
    async def main():
        async with opened(where) as store:
            await store.daily.put(ANN)
            assert await store.daily.claim(ANN, 2000.0, 9, 1001.0)
            await store.daily.release(ANN, 2000.0)
            assert await store.daily.get("telegram", "ann") == ANN
            assert await store.daily.claim(ANN, 2000.0, 9, 1001.0)
            await store.daily.put(replace(ANN, minute=60, due_at=1700.0))
            await store.daily.release(ANN, 2000.0)
            assert await store.daily.get("telegram", "ann") == replace(ANN, minute=60, due_at=1700.0, day=9)
            # moved on without a send
            found = await store.daily.get("telegram", "ann")
            assert await store.daily.claim(found, 3000.0, None, 1800.0)
            assert await store.daily.get("telegram", "ann") == replace(found, due_at=3000.0)
            await store.daily.remove("telegram", "ann")
            assert not await store.daily.claim(found, 4000.0, 10, 1.0)
            await store.daily.release(found, 4000.0)
            assert sql(where, "SELECT count(*) FROM daily") == [(0,)]

    asyncio.run(main())


def test_a_person_sees_it_forgets_it_and_retention_leaves_it(where):
    async def main():
        async with opened(where, retention_days=1) as store:
            await store.daily.put(replace(ANN, zone="ann-lives-here"))
            await store.daily.put(replace(ANN, user_id="bob"))
            await store.prune(1e12)
            assert (await store.mydata("telegram", "ann"))["daily"] == [
                {
                    "platform": "telegram",
                    "user_id": "ann",
                    "chat_id": "71",
                    "minute": 450,
                    "zone": "ann-lives-here",
                    "due_at": 1000.0,
                    "day": 0,
                    "sending_at": None,
                }
            ]
            assert traces(where, "ann-lives-here") and await store.forget("telegram", "ann") == 1
            assert not any(rows_of(where, "ann").values()) and traces(where, "ann-lives-here") == 0
            assert await store.daily.get("telegram", "bob") is not None and is_sound(where)

    asyncio.run(main())
