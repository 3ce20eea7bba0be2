"""kill -9 at every step of a turn, on both platforms: after the next start the person has one answer, and one only.

Hosts are real processes over a real file, one after the other, in front of the loopback platforms; each takes up what
the one before left, and kills itself at the next step. On Telegram nobody can know whether a send that was cut off
arrived: then the person is told so, once, with a button.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bots import words
from tests.bots.discord.talk import World, ask
from tests.faults.steps import ARMED, STEPS
from tests.hosts import Host, Hosts
from tests.platforms.telegram_server import TelegramServer

ANSWER = "— Gita"  # the last line of every whole answer
# On Telegram a send that is not noted may have arrived. Elsewhere the message can be found again: an edit of one whose
# id is known, or Discord's nonce.
UNKNOWN = {"before the send", "sent, its id unknown"}
STORE_ALONE = {"begun", "the turn is there", "first words made", "the answer is stored", "sent, its id known", "done"}
Texts = Callable[[], list[str]]


class Telegram:
    """A new person for each question, in a private chat or in a group of their own."""

    def __init__(self, *, group: bool) -> None:
        self.server, self.group = TelegramServer(), group

    def settings(self) -> dict[str, object]:
        return {"telegram_token": self.server.token, "telegram_api_base": self.server.base}

    def listens(self, _: Path) -> bool:
        return True

    def ask(self, n: int) -> Texts:
        chat, person, text = (-1000 - n if self.group else n), n, "What is duty?"
        asked = self.server.group(chat, person, text) if self.group else self.server.private(person, text)
        self.again = lambda: self.server.replay(asked)

        def press() -> None:
            note = next(m for m in self.server.messages(chat) if m.text == words.UNSURE["en"])
            self.server.press(person, note, note.data[-1])

        self.press = press
        return lambda: [m.text for m in self.server.messages(chat)]


class Discord:
    """A new person for each question, in a private chat or with the command in a channel of their own."""

    def __init__(self, *, command: bool) -> None:
        self.server, self.command = World(), command

    def settings(self) -> dict[str, object]:
        base, gateway = self.server.api_base, self.server.gateway_url
        return {"discord_token": self.server.token, "discord_api_base": base, "discord_gateway": gateway}

    def listens(self, database: Path) -> bool:
        """Commands are offered, and the session is noted, so that it can be resumed."""
        session = self.server.gateway.ready[-1].id if self.server.gateway.ready else "none"
        return bool(self.server.commands and session in str(sql(database, "SELECT value FROM notes")))

    def ask(self, n: int) -> Texts:
        person = self.server.add_user(f"person-{n}")
        place = self.server.add_channel(self.server.hall) if self.command else self.server.dm_channel(person)
        if self.command:
            ask(self.server, person, place)
        else:
            self.server.dm(person, "What is duty?")
        return lambda: [m.content for m in self.server.ours(place)]

    def again(self) -> None:
        """The next host resumes the session, and looks through the chats, by itself."""


async def lives(place: Telegram | Discord, steps: list[str], hosts: Hosts, database: Path) -> None:
    """A host for each step, and one more."""

    async def start(step: str) -> Host:
        host = await hosts.start(pace_s=0.003, dies_at=step, database_url=str(database), **place.settings())
        await server.wait_for(lambda: "listening" in host.log and place.listens(database), 60)
        return host

    async with place.server as server:
        people: list[tuple[str, Texts, int]] = []
        host = await start(steps[0])
        for n, (step, following) in enumerate(zip(steps, [*steps[1:], ""], strict=True), start=1):
            (host.folder / ARMED).touch()
            texts = place.ask(n)
            await server.wait_for(lambda host=host: not host.alive(), 30)
            shown = whole(texts)
            host = await start(following)
            place.again()  # that it was taken is not known on the other side
            people.append((step, texts, await answered(place, step, texts, shown, host)))
            await server.wait_for(lambda: sql(database, "SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)])
        host.sign(signal.SIGTERM)
        await server.wait_for(lambda: not host.alive(), 20)
        for step, texts, answers in people:  # also of the first ones, many starts later
            assert whole(texts) == answers and texts().count(words.UNSURE["en"]) <= 1, (step, texts())


async def answered(place: Telegram | Discord, step: str, texts: Texts, shown: int, host: Host) -> int:
    """How many whole answers a person has in the end."""
    server = place.server
    if step == "before it is stored" and isinstance(place, Discord) and place.command:
        return 0  # Discord tells the person that nobody took the command, who gives it again
    await server.wait_for(lambda: words.UNSURE["en"] in texts() or whole(texts), 30)
    if step in UNKNOWN and isinstance(place, Telegram) and not place.group:
        await server.wait_for(lambda: words.UNSURE["en"] in texts())
        place.press()
        await server.wait_for(lambda: whole(texts) == shown + 1)
        return shown + 1
    assert words.UNSURE["en"] not in texts(), (step, texts())
    assert " ERROR " not in host.log and "Traceback" not in host.log, host.log
    return 1


def whole(texts: Texts) -> int:
    return sum(ANSWER in text for text in texts())


def sql(database: Path, statement: str) -> list[Any]:
    with sqlite3.connect(database, timeout=10) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.slow  # thirty processes, one after the other on each platform
def test_after_a_kill_at_any_step_there_is_one_answer(tmp_path, embedded_folder):
    places = {
        "telegram, private": (Telegram(group=False), list(STEPS)),
        "telegram, group": (Telegram(group=True), ["first words shown", "all words made", "sent, its id unknown"]),
        "discord, private": (Discord(command=False), [step for step in STEPS if step not in STORE_ALONE]),
        "discord, command": (Discord(command=True), ["before it is stored", "stored", "before the send"]),
    }

    async def main():
        async with Hosts(tmp_path) as hosts, asyncio.TaskGroup() as group:
            for name, (place, steps) in places.items():
                group.create_task(lives(place, steps, hosts, tmp_path / f"{name}.db"))

    asyncio.run(main())
