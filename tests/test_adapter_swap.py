"""Adapters swapped in a host that answers: `python -m bots adapter ...` beside `python -m bots`, as an operator does."""

from __future__ import annotations

import asyncio
import itertools

from bots.control import tell
from bots.settings import Settings
from tests.core.loras import make
from tests.platforms.telegram_server import TelegramServer
from tests.process import Bots

ANSWER = "— Gita"  # the last line of every whole answer


async def operator(folder, *words):
    """(exit code, lines) of one `adapter` command."""
    async with Bots(folder, "adapter", *map(str, words)) as bots:
        return await bots.ended(60), bots.output


def table(text):
    """{name: (whether current, being answered, answered)} of what `list` says."""
    rows = {}
    for line in text.splitlines():
        name, _, counts = line[2:].partition(": ")
        under_way, answered = (int(part.split()[0]) for part in counts.split(", "))
        rows[name] = line[0] == "*", under_way, answered
    return rows


def test_every_message_is_answered_while_adapters_come_and_go(gemma3_folder, embedded_folder, tmp_path):
    one, two = make(gemma3_folder, tmp_path / "one", 1, tuned=True), make(gemma3_folder, tmp_path / "two", 2)
    other = make(embedded_folder, tmp_path / "other", target_modules=["q_proj"])
    beside = Settings(_env_file=None, database_url=str(tmp_path / "krishna.db"))
    people = iter(range(1, 1000))
    asked = []

    async def main():
        async with TelegramServer() as server:

            def ask(n):
                for person in itertools.islice(people, n):
                    server.private(person, f"I am person {person}, and I am afraid of what comes.")
                    asked.append(person)

            whole = lambda person: [m for m in server.messages(person) if ANSWER in m.text]  # noqa: E731
            settings = {"TELEGRAM_TOKEN": server.token, "TELEGRAM_API_BASE": server.base, "MODEL": gemma3_folder}
            async with Bots(tmp_path, SLOTS=4, REPLY_TOKENS=24, **settings) as host:
                await host.says("ready")
                for folder, says in ((tmp_path, "no readable adapter_config.json"), (other, "does not fit this model")):
                    code, lines = await operator(tmp_path, "load", folder)
                    assert code == 2 and says in lines[-1] and len(lines) == 1
                overlaps = 0
                for words in (["load", one], ["load", two], ["unload"], ["load", one]):
                    ask(16)
                    await server.wait_for(lambda: whole(asked[-16]), 30)  # the first of them; others are under way
                    await tell(beside, dict(zip(("do", "path"), map(str, words), strict=False)))
                    rows = table(await tell(beside, {"do": "list"}))
                    overlaps += any(under_way and not current for current, under_way, _ in rows.values())
                    ask(3)
                assert overlaps >= 2, "hardly a swap came while an answer was made"
                await server.wait_for(lambda: all(whole(person) for person in asked), 90)
                await asyncio.sleep(1)  # time for anything that would come twice
                assert all(len(server.messages(person)) == len(whole(person)) == 1 for person in asked)
                code, lines = await operator(tmp_path, "list")
                rows = table("\n".join(lines))
                assert code == 0 and set(rows) == {"(the base)", "one", "two", "one#2"}, lines
                assert all(answered for _, _, answered in rows.values()), lines
                assert sum(answered for _, _, answered in rows.values()) == len(asked) == 76
                assert [name for name, (current, _, _) in rows.items() if current] == ["one#2"]
                assert await host.stop() == 0
                assert not [line for line in host.output if "Traceback" in line or "ERROR" in line], host.output
            assert not beside.socket_path.exists()
            code, lines = await operator(tmp_path, "list")
            assert code == 2 and lines[-1].startswith("krishna: no host runs here") and len(lines) == 1

    asyncio.run(main())
