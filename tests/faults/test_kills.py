"""kill -9 at every step of a turn, on both platforms: after the next start the person has one answer, and one only.

Hosts are real processes over a real file, one after the other, in front of the loopback platforms; each takes up what
the one before left, and kills itself at the next step. On Telegram nobody can know whether a send that was cut off
arrived: then the person is told so, once, with a button.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bots import words
from tests.bots.discord.talk import World, ask, button
from tests.bots.discord.test_messages import sentences
from tests.bots.engines import COUNSEL
from tests.faults.steps import ARMED, PARTS, STEPS
from tests.hosts import Host, Hosts
from tests.platforms.telegram_server import TelegramServer

ANSWER = "— Gita"  # the last line of every whole answer
# On Telegram a send that is not noted may have arrived. Elsewhere the message can be found again: an edit of one whose
# id is known, or Discord's nonce.
UNKNOWN = {"before the send", "sent, its id unknown"}
NOT_BEGUN = {"before it is stored", "done"}  # nothing is to be taken up
MENDED = ["Прости.", COUNSEL] * 9  # what the model says at first is thrown away before anybody reads it
STORE_ALONE = {"begun", "the turn is there", "first words made", "the answer is stored", "sent, its id known", "done"}
Texts = Callable[[], list[str]]


@dataclass
class Case:
    """What people do, each in a chat of their own, and what the engine says to it."""

    steps: Sequence[str]
    press: bool = False  # the button for another answer; else a question is asked
    says: Sequence[str] = ()
    pace_s: float = 0.003


class Telegram:
    """A new person for each question, in a private chat or in a group of their own."""

    def __init__(self, *, group: bool) -> None:
        self.server, self.group = TelegramServer(), group

    def settings(self) -> dict[str, object]:
        return {"telegram_token": self.server.token, "telegram_api_base": self.server.base}

    def listens(self, _: Path) -> bool:
        return True

    def person(self, n: int) -> Texts:
        self.n, self.chat = n, -1000 - n if self.group else n
        return lambda chat=self.chat: [m.text for m in self.server.messages(chat)]

    def ask(self) -> None:
        said = self.server.group if self.group else lambda _, *what: self.server.private(*what)
        self.asked = said(self.chat, self.n, "What is duty?")

    def press(self, action: str) -> None:
        for message in reversed(self.server.messages(self.chat)):
            for data in message.data:
                if data.startswith(action):
                    self.server.press(self.n, message, data)
                    return

    def unsure(self, step: str) -> bool:
        """Whether nobody can know after a crash there if all of the answer arrived."""
        return step in PARTS or (step in UNKNOWN and not self.group)

    def again(self) -> str:
        """The question comes once more: that it was taken is not known on the other side."""
        self.server.replay(self.asked)
        return "a text came again"


class Discord:
    """A new person for each question, in a private chat or with the command in a channel of their own.

    member: whether the bot is one there; else an interaction's token is the only way.
    """

    def __init__(self, *, command: bool, member: bool = True) -> None:
        self.server, self.command, self.member = World(), command, member

    def settings(self) -> dict[str, object]:
        base, gateway = self.server.api_base, self.server.gateway_url
        return {"discord_token": self.server.token, "discord_api_base": base, "discord_gateway": gateway}

    def listens(self, database: Path) -> bool:
        """Commands are offered, and the session is noted, so that it can be resumed."""
        session = self.server.gateway.ready[-1].id if self.server.gateway.ready else "none"
        return bool(self.server.commands and session in str(sql(database, "SELECT value FROM notes")))

    def person(self, n: int) -> Texts:
        self.who = self.server.add_user(f"person-{n}")
        hall = self.server.hall if self.member else self.server.add_guild(member=False)
        self.place = self.server.add_channel(hall) if self.command else self.server.dm_channel(self.who)
        return lambda place=self.place: [m.content for m in self.server.ours(place)]

    def ask(self) -> None:
        if self.command:
            ask(self.server, self.who, self.place, guild_installed=self.member)
        else:
            self.server.dm(self.who, "What is duty?")

    def press(self, action: str) -> None:
        message = self.server.ours(self.place)[-1]
        self.server.press(self.who, message, button(message, action))

    def unsure(self, step: str) -> bool:
        return step in PARTS and not self.member

    def again(self) -> str:
        """The next host resumes the session, and looks through the chats, by itself."""
        return ""


async def lives(place: Telegram | Discord, case: Case, hosts: Hosts, database: Path) -> None:
    """A host for each step, and one more."""

    def done() -> bool:
        return sql(database, "SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]

    async def start(step: str) -> Host:
        host = await hosts.start(
            pace_s=case.pace_s, says=case.says, dies_at=step, database_url=str(database), **place.settings()
        )
        await server.wait_for(lambda: "listening" in host.log and place.listens(database), 60)
        return host

    async with place.server as server:
        people: list[tuple[str, Texts, int]] = []
        host = await start(case.steps[0])
        for n, (step, following) in enumerate(zip(case.steps, [*case.steps[1:], ""], strict=True), start=1):
            texts = place.person(n)
            if case.press:
                place.ask()
                await server.wait_for(lambda texts=texts: whole(texts) and done())
                texts = after(texts)
            (host.folder / ARMED).touch()
            place.press("again") if case.press else place.ask()
            await server.wait_for(lambda host=host: not host.alive(), 30)
            if case.says == MENDED:  # in the middle of the second try
                assert [made.ended is None for made in host.made()[-2:]] == [False, True]
            shown = whole(texts)
            host = await start(following)
            again = "" if case.press else place.again()
            people.append((step, texts, await answered(place, step, texts, shown, host)))
            await server.wait_for(done)
            kind = "press" if case.press else "text"
            assert (f"a {kind} is taken up again; it was" in host.log) == (step not in NOT_BEGUN), host.log
            if step != "before it is stored":
                await server.wait_for(lambda host=host, again=again: again in host.log)
        host.sign(signal.SIGTERM)
        await server.wait_for(lambda: not host.alive(), 20)
        for step, texts, answers in people:  # also of the first ones, many starts later
            assert whole(texts) == answers and texts().count(words.UNSURE["en"]) <= 1, (step, texts())


def after(texts: Texts) -> Texts:
    """What comes after all that is there now."""
    seen = len(texts())
    return lambda: texts()[seen:]


async def answered(place: Telegram | Discord, step: str, texts: Texts, shown: int, host: Host) -> int:
    """How many whole answers a person has in the end."""
    server = place.server
    if step == "before it is stored" and isinstance(place, Discord) and place.command:
        return 0  # Discord tells the person that nobody took the command, who gives it again
    await server.wait_for(lambda: words.UNSURE["en"] in texts() or whole(texts), 30)
    if place.unsure(step):
        await server.wait_for(lambda: words.UNSURE["en"] in texts())
        assert len({*texts()}) == len(texts()), texts()
        place.press("show")
        await server.wait_for(lambda: whole(texts) == shown + 1)
        return shown + 1
    assert words.UNSURE["en"] not in texts() and len({*texts()}) == len(texts()), (step, texts())
    assert " ERROR " not in host.log and "Traceback" not in host.log, host.log
    return 1


def whole(texts: Texts) -> int:
    return sum(ANSWER in text for text in texts())


def sql(database: Path, statement: str) -> list[Any]:
    with sqlite3.connect(database, timeout=10) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.slow  # fifty processes, one after the other in each place
def test_after_a_kill_at_any_step_there_is_one_answer(tmp_path, embedded_folder):
    one_message = [step for step in STEPS if step not in PARTS]
    presses = ["stored", "first words shown", "the answer is stored", "sent, its id unknown"]
    long = Case(PARTS, says=[sentences(220)], pace_s=0.0)
    mended = Case(["first words made", "first words shown"], says=MENDED)
    places = {
        "telegram, private": (Telegram(group=False), Case(one_message)),
        "telegram, group": (
            Telegram(group=True),
            Case(["first words shown", "all words made", "sent, its id unknown"]),
        ),
        "telegram, press": (Telegram(group=False), Case(presses, press=True)),
        "telegram, parts": (Telegram(group=True), long),
        "telegram, second try": (Telegram(group=True), mended),
        "discord, private": (Discord(command=False), Case([s for s in one_message if s not in STORE_ALONE])),
        "discord, command": (Discord(command=True), Case(["before it is stored", "stored", "before the send"])),
        "discord, press": (Discord(command=False), Case(presses[:2], press=True)),
        "discord, parts": (Discord(command=False), long),
        "discord, parts by token": (
            Discord(command=True, member=False),
            Case(PARTS[1:], says=[sentences(110)], pace_s=0.0),
        ),
    }

    async def main():
        async with Hosts(tmp_path) as hosts, asyncio.TaskGroup() as group:
            for name, (place, case) in places.items():
                group.create_task(lives(place, case, hosts, tmp_path / f"{name}.db"))

    asyncio.run(main())
