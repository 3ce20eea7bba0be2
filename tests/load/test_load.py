"""A short load: everybody is answered once, and a message asks no more of the database and of the platforms than it did.

Counted, not timed: a machine's mood changes none of these figures.
"""

import asyncio

from tests.load.measure import Load


def test_a_crowd_is_answered_once_and_no_message_costs_more_than_before(tmp_path, embedded_folder):
    async def main():
        async with Load(tmp_path, embedded_folder, people=40) as load:
            fixed = await load.run("fixed", 40, at_once=20)
            fresh = await load.run("fresh", 40, at_once=20)
            assert load.faults() == []
        # the note of Discord's session, each second, is in these figures too
        assert fixed.statements < 7 and fixed.transactions < 6 and fixed.requests < 2
        assert fresh.statements < 24 and fresh.transactions < 16 and fresh.requests < 5

    asyncio.run(main())
