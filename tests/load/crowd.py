"""The people of the load: each in a private chat on a loopback platform, with one message under way at a time."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.platforms import discord_state
from tests.platforms.discord_server import DiscordServer
from tests.platforms.telegram_server import TelegramServer

KEPT = 20_000  # messages that the loopback Discord remembers


@dataclass
class Person:
    """Times: monotonic seconds."""

    write: Callable[[str], object]
    asked_at: float = 0.0
    needs: str = ""  # what its answer holds
    first_at: float | None = None
    messages: int = 0
    answers: Counter[int] = field(default_factory=Counter)  # whole ones, by the number of the message


class Crowd:
    """All people, told by the platforms of every word that the bot shows them."""

    def __init__(self) -> None:
        self.people: dict[int, Person] = {}  # by chat
        self.idle: deque[Person] = deque()
        self.firsts: list[float] = []  # seconds from a message to the first words on the screen
        self.answered = 0
        self._news = asyncio.Event()

    def add(self, chat: int, write: Callable[[str], object]) -> None:
        self.people[chat] = person = Person(write)
        self.idle.append(person)

    def ask(self, text: str, needs: str) -> None:
        """The person who was silent longest writes."""
        person = self.idle.popleft()
        person.messages += 1
        person.first_at, person.needs, person.asked_at = None, needs, time.monotonic()
        person.write(text)

    def shown(self, chat: int, text: str, *, kept: bool) -> None:
        """kept: it is a message, no draft."""
        person, now = self.people.get(chat), time.monotonic()
        if person is None or not text:  # "is thinking…" has no text
            return
        if person.first_at is None:
            person.first_at = now
            self.firsts.append(now - person.asked_at)
        if kept and person.needs in text:
            person.answers[person.messages] += 1
            if person.answers[person.messages] == 1:
                self.answered += 1
                self.idle.append(person)
                self._news.set()

    async def until(self, done: Callable[[], bool], within_s: float = 30.0) -> None:
        """Wait for answers. TimeoutError when none comes for so long."""
        while not done():
            self._news.clear()
            async with asyncio.timeout(within_s):
                await self._news.wait()

    def faults(self) -> list[str]:
        """Messages without an answer, or with two."""
        return [
            f"chat {chat}: message {n} has {person.answers[n]} answers"
            for chat, person in self.people.items()
            for n in range(1, person.messages + 1)
            if person.answers[n] != 1
        ]


class Telegram(TelegramServer):
    """It tells the crowd, keeps little and refuses nobody for writing much."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self.crowd, self.calls_made, self.refused = crowd, 0, list[str]()
        self.flood.message = self.flood.draft = lambda chat: None  # type: ignore[method-assign]

    def join(self, person: int) -> None:
        self.crowd.add(person, lambda text: self.private(person, text))

    def _note(self, method: str, params: dict[str, Any], code: int, description: str, *_: Any) -> None:
        self.calls_made += 1
        self.updates.made.clear()
        if code >= 400:
            self.refused.append(f"Telegram refuses {method}: {description}")
        elif method in ("sendMessage", "editMessageText", "sendMessageDraft"):
            chat = self.world.chat(int(params["chat_id"]))
            self.crowd.shown(chat.id, params["text"], kept=method != "sendMessageDraft")
            chat.frames.clear()
            while len(chat.messages) > 4:
                del chat.messages[next(iter(chat.messages))]


class Discord(DiscordServer):
    """The same. Its five messages in five seconds a channel stay; the limit for the whole bot does not."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self.crowd, self.calls_made = crowd, 0
        self.limits.global_per_s = 10**6

    def join(self, number: int) -> None:
        user = self.add_user(f"person-{number}")
        channel = discord_state.Channel(discord_state.DM, people=(user, self.bot))  # dm_channel() looks through all
        self.world.channels[channel.id] = channel

        def write(text: str) -> None:
            """A message, or with a slash before it a command."""
            name, _, rest = text[1:].partition(" ")
            if text[0] == "/":
                self.slash(user, channel, name, {"verse": rest} if rest else {})
            else:
                self.say(user, channel, text)

        self.crowd.add(channel.id, write)

    def heard(self, message: discord_state.Message) -> None:
        if message.author is self.bot:
            self.crowd.shown(message.channel.id, message.content, kept=True)
        self.calls_made += len(self.requests)
        self.requests.clear()
        while len(self.world.messages) > KEPT:
            del self.world.messages[next(iter(self.world.messages))]
