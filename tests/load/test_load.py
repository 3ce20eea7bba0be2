"""A short load: everybody is answered once, and a message asks no more of the database and of the platforms than it did.

Counted, not timed: a machine's mood changes none of these figures. Nor does the host's memory grow with the messages.
"""

import asyncio

from tests.load.measure import Load

MOST_MIB = 8.0  # in 900 messages, where there is nothing to be seen: nine KB that each of them would leave behind


def test_a_crowd_is_answered_once_and_no_message_costs_more_than_before(tmp_path, embedded_folder):
    async def main():
        async with Load(tmp_path, embedded_folder, people=40) as load:
            fixed = await load.run("fixed", 40, at_once=20)
            fresh = await load.run("fresh", 40, at_once=20)
            many = await load.run("fixed", 1200, at_once=20)
            assert load.faults() == []
        # the note of Discord's session, each second, is in these figures too
        assert fixed.statements < 7 and fixed.transactions < 6 and fixed.requests < 2
        assert fresh.statements < 24 and fresh.transactions < 16 and fresh.requests < 5
        # what is made once, and kept, is there after the first quarter
        assert many.memory[-1] - many.memory[1] < MOST_MIB, many.memory

    asyncio.run(main())
