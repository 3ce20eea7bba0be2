"""Two hundred people on both platforms at once, through refusals, dropped sockets and a kill -9: each answered once.

The program is a process of its own with a real (tiny) model; the platforms are this process's loopback servers.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.platforms.discord_server import DiscordServer
from tests.platforms.discord_state import Interaction
from tests.platforms.telegram_server import TelegramServer
from tests.platforms.telegram_world import Message
from tests.process import Bots, on

ANSWER = "— Gita"  # the last line of every whole answer
SPAN_S = 24.0  # in which all of them write
KILL_S = 9.0
ACKNOWLEDGED_S = 3.0  # in which Discord wants to hear that a command was taken


@dataclass
class Away:
    """When nobody was there to take a command, by time.monotonic()."""

    since: float = math.inf
    until: float = math.inf

    def excuses(self, command: Interaction) -> bool:
        """Whether some of the time in which it was to be taken was then."""
        return self.since - ACKNOWLEDGED_S < command.created_at < self.until


@dataclass
class Asked:
    """A person's question, and where its answers show. command: the slash command that it is."""

    where: str
    texts: Callable[[], list[str]]
    press: Callable[[], None]  # the button under a note that something went wrong
    pressed: bool = field(default=False)
    command: Interaction | None = None

    def answers(self) -> int:
        return sum(ANSWER in text for text in self.texts())


def telegram_people(server: TelegramServer, dice: random.Random) -> list[tuple[float, Callable[[], Asked]]]:
    """70 in private chats, 30 in ten groups."""

    def private(person: int) -> Asked:
        server.private(person, f"I am person {person}, and I am afraid of what comes.")

        def press() -> None:
            note = server.messages(person)[-1]
            server.press(person, note, note.data[-1])

        return Asked(f"telegram {person}", lambda: [m.text for m in server.messages(person)], press)

    def group(person: int) -> Asked:
        chat = -1000 - person % 10
        question = server.group(chat, person, "My work is never enough. What should I do?")

        def mine() -> list[Message]:
            """Replies to the question, and to those: an answer that a button brought."""
            ids = {question.id}
            return [m for m in server.messages(chat) if m.reply_to in ids and not ids.add(m.id)]

        def press() -> None:
            note = mine()[-1]
            server.press(person, note, note.data[-1])

        return Asked(f"telegram group {person}", lambda: [m.text for m in mine()], press)

    acts = [lambda p=p: private(p) for p in range(1, 71)] + [lambda p=p: group(p) for p in range(71, 101)]
    return [(dice.uniform(0, SPAN_S), act) for act in acts]


def discord_people(
    server: DiscordServer, dice: random.Random, away: Away
) -> list[tuple[float, Callable[[], Asked | None]]]:
    """50 in private chats, 25 who mention the bot in five channels, 25 with the slash command."""
    guild = server.add_guild()
    channels = [server.add_channel(guild, f"room-{i}") for i in range(5)]

    def private(i: int) -> Asked:
        user = server.add_user(f"private-{i}")
        server.dm(user, "I lost a friend and cannot let go.")
        channel = server.dm_channel(user)
        ours = lambda: [m for m in server.messages(channel) if m.author.bot]  # noqa: E731

        def press() -> None:
            note = ours()[-1]
            server.press(user, note, list(note.buttons)[-1])

        return Asked(f"discord dm {i}", lambda: [m.content for m in ours()], press)

    def mention(i: int) -> Asked:
        question = server.say(server.add_user(f"mention-{i}"), channels[i % 5], "Why is anger so strong in me?")
        mine = lambda: [m for m in server.messages(channels[i % 5]) if m.author.bot and m.reply_to is question]  # noqa: E731
        return Asked(f"discord mention {i}", lambda: [m.content for m in mine()], lambda: None)

    def slash(i: int) -> Asked | None:
        user = server.add_user(f"slash-{i}")
        channel = server.dm_channel(user)
        try:
            asked = server.slash(user, channel, "ask", {"question": "How do I begin again?"})
        except (LookupError, ValueError):  # nobody is there to offer the command: Discord says so, nothing was sent
            return None
        texts = lambda: (  # noqa: E731
            [m.content for m in server.messages(channel) if m.author.bot and not m.loading]
            if asked.acked_at is not None or not away.excuses(asked)
            else [ANSWER]  # not taken in time: Discord tells the person, who asks again
        )
        return Asked(f"discord slash {i}", texts, lambda: None, command=asked)

    kinds = [private] * 50 + [mention] * 25 + [slash] * 25
    return [(dice.uniform(0, SPAN_S), lambda i=i, kind=kind: kind(i)) for i, kind in enumerate(kinds)]


def disturb(telegram: TelegramServer, discord: DiscordServer) -> None:
    """What the platforms do to the program while the people talk."""
    telegram.fault("sendMessage", "429", 6, retry_after=2)
    telegram.fault("sendMessageDraft", "429", 10, retry_after=3)
    telegram.fault("sendMessage|editMessageText", "502", 8)
    telegram.fault("sendMessage|editMessageText|sendMessageDraft", "drop_before", 8)
    telegram.fault("sendMessage", "drop_after", 3)
    telegram.fault("getUpdates", "502", 2)
    discord.fault(r"(POST|PATCH) /channels/\d+/messages", "429", 6, retry_after=1.0)
    discord.fault(r"(POST|PATCH) /channels/\d+/messages", "502", 4)
    discord.fault(r"(POST|PATCH) /channels/\d+/messages", "drop_before", 4)
    discord.fault(r"POST /channels/\d+/messages", "drop_after", 4)


@pytest.mark.slow
def test_two_hundred_people_are_answered_once(gemma3_folder, tmp_path):
    async def main():
        dice = random.Random(73)
        async with TelegramServer() as telegram, DiscordServer() as discord:

            def bots() -> Bots:
                return Bots(
                    tmp_path,
                    **on(telegram, discord),
                    MODEL=gemma3_folder,
                    REPLY_TOKENS=24,
                    SLOTS=8,
                )

            asked: list[Asked] = []
            away = Away()
            async with bots() as host:
                await discord.wait_ready(90)
                await telegram.wait_for(lambda: telegram.called("getUpdates"), 30)
                people = [*telegram_people(telegram, dice), *discord_people(discord, dice, away)]
                talking = asyncio.create_task(talk(people, asked))
                disturb(telegram, discord)
                await asyncio.sleep(KILL_S / 2)
                discord.drop_sockets()
                await asyncio.sleep(KILL_S / 2)
                away.since = time.monotonic()
                await host.kill()
            async with bots() as host:
                await discord.wait_ready(90)
                away.until = time.monotonic()
                await talking
                await everybody_is_answered(asked, host)
                await asyncio.sleep(3)  # time for anything that would come twice
                code = await host.stop()
            twice = [(a.where, a.texts()) for a in asked if a.answers() > 1]
            assert not twice, twice
            assert len(asked) >= 180
            commands = [a.command for a in asked if a.command and not away.excuses(a.command)]
            late = [c for c in commands if (c.acked_after_s or math.inf) >= ACKNOWLEDGED_S]
            assert commands and not late, late
            assert code == 0, host.output[-5:]
            for line in host.output:
                assert telegram.token not in line and discord.token not in line

    asyncio.run(main())


async def talk(people: list[tuple[float, Callable[[], Asked | None]]], asked: list[Asked]) -> None:
    """Everybody says what they have to say when their time comes."""
    clock = asyncio.get_running_loop().time
    start = clock()
    for at, act in sorted(people, key=lambda pair: pair[0]):
        await asyncio.sleep(max(0.0, start + at - clock()))
        if (question := act()) is not None:
            asked.append(question)


async def everybody_is_answered(asked: list[Asked], host: Bots, within_s: float = 150.0) -> None:
    deadline = time.monotonic() + within_s
    while left := [a for a in asked if not a.answers()]:
        late = "\n".join([*(f"{a.where}: {a.texts()}" for a in left), *host.output[-40:]])
        assert time.monotonic() < deadline, late
        for a in left:  # a note that the answer may be lost, with a button: press it as a person would
            if not a.pressed and any("press the button" in t.lower() for t in a.texts()):
                a.pressed = True
                a.press()
        await asyncio.sleep(0.5)
