"""python -m bots simulate: how long people wait for so many GPUs, by an event simulation; tables for docs/scale.md.

People ask at random (Poisson), more of them in the evening. An engine works as core/resident/loop.py does: each step
reads a piece of one prompt and says one token of every answer under way; who finds no free slot queues, in order. As long
as nobody comes or goes all steps take the same time, so an event jumps over them: an hour of a quarter of a million
questions takes seconds. Not simulated: an answer that its deadline cuts short, and a second try of thrown-away words,
which counts as one more question.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path

from bots.settings import ConfigurationError, Settings
from bots.speeds import ENGINES, Speeds, capacity, read_bench
from core.resident.prefixes import PIECE

DAY_S, EVENING_S = 86_400.0, 20 * 3600.0  # most people ask at eight
MOST_GPUS = 1024


@dataclass(order=True, slots=True)
class Chat:
    """A question. at, and wait to a slot, first to the first token, both since `at`: seconds; never is infinite."""

    at: float
    prompt: int
    answer: int
    wait: float = math.inf
    first: float = math.inf


@dataclass(eq=False, slots=True)
class Engine:
    """Its loop, from one step at which something changes to the next. `at` and `step` are those of the last change."""

    read_s: float  # of a token of a prompt
    say_s: Sequence[float]  # of a token of each answer, by how many there are
    at: float = 0.0
    step: int = 0
    held: int = 0  # slots
    held_s: float = 0.0  # all of them together
    joining: list[Chat] = field(default_factory=list)  # they have a slot from the next step on
    join_at: int = 0
    reading: deque[Chat] = field(default_factory=deque)
    read_at: int = 0  # the step at whose end the first of them is read
    speaking: list[tuple[int, Chat]] = field(default_factory=list)  # a heap by the step at whose end they are done
    _step_s: float = 0.0

    def join(self, chat: Chat, now: float) -> None:
        """Give a chat a slot: at once where nothing runs or a step just ended, else from the next step on."""
        self.held += 1
        if self.held == 1 or now == self.at:
            self.at = now
            self._begin(chat)
        else:
            if not self.joining:
                self.join_at = self.step + math.ceil((now - self.at) / self._step_s)
            self.joining.append(chat)
        self._time()

    def next_at(self) -> float:
        """When something changes by itself."""
        return self.at + (self._next() - self.step) * self._step_s if self.held else math.inf

    def advance(self) -> None:
        """Go to the end of the step at which something changes."""
        step = self._next()
        self.at += (step - self.step) * self._step_s
        self.step = step
        if self.reading and step == self.read_at:
            chat = self.reading.popleft()
            chat.first = self.at - chat.at
            heappush(self.speaking, (step + chat.answer - 1, chat))  # a token came with the last piece
            if self.reading:
                self.read_at = step + _pieces(self.reading[0])
        while self.speaking and self.speaking[0][0] <= step:
            chat = heappop(self.speaking)[1]
            self.held -= 1
            self.held_s += self.at - chat.at - chat.wait
        if self.joining and step >= self.join_at:
            for chat in self.joining:
                self._begin(chat)
            self.joining = []
        self._time()

    def _begin(self, chat: Chat) -> None:
        chat.wait = self.at - chat.at
        self.reading.append(chat)
        if len(self.reading) == 1:
            self.read_at = self.step + _pieces(chat)

    def _next(self) -> int:
        steps = [self.join_at] if self.joining else []
        if self.reading:
            steps.append(self.read_at)
        if self.speaking:
            steps.append(self.speaking[0][0])
        return min(steps)

    def _time(self) -> None:
        """How long a step takes from now on."""
        self._step_s = self.say_s[len(self.speaking)]
        if self.reading:
            self._step_s += self.read_s * self.reading[0].prompt / _pieces(self.reading[0])


def _pieces(chat: Chat) -> int:
    return -(-chat.prompt // PIECE)


@dataclass(frozen=True)
class Result:
    """What became of the chats. in_use: the share of all slots that was held, over the time in which people asked."""

    chats: Sequence[Chat]
    in_use: float

    def wait(self, share: float) -> float:
        """Seconds within which so many found a slot; infinite where too many never did."""
        return percentile((c.wait for c in self.chats), share)

    def first(self, share: float) -> float:
        return percentile((c.first for c in self.chats), share)

    @property
    def refused(self) -> float:
        """The share that found the queue full, or whose deadline passed in it."""
        return sum(c.wait == math.inf for c in self.chats) / max(1, len(self.chats))


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that is not below so many of them (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def serve(
    chats: Iterable[Chat], speeds: Speeds, *, gpus: int, slots: int, queue: int = 256, deadline_s: float = 180.0
) -> Result:
    """One queue before so many engines (core/remote); who is next goes where the fewest answers are under way.

    chats: by time. queue: who comes when so many wait is turned away.
    """
    say_s = [speeds.decode_s(n) for n in range(slots + 1)]
    engines = [Engine(1 / speeds.prefill, say_s) for _ in range(gpus)]
    waiting: deque[Chat] = deque()
    changes: list[
        tuple[float, int, int]
    ] = []  # when, which engine, its count by then; where that moved on, it is stale
    counts = [0] * gpus
    came: list[Chat] = []

    def watch(i: int) -> None:
        counts[i] += 1
        if engines[i].held:
            heappush(changes, (engines[i].next_at(), i, counts[i]))

    def run(until: float) -> None:
        while changes and changes[0][0] <= until:
            now, i, count = heappop(changes)
            if count != counts[i]:
                continue
            engines[i].advance()
            while waiting and engines[i].held < slots:
                chat = waiting.popleft()
                if now - chat.at <= deadline_s:
                    engines[i].join(chat, engines[i].at)
            watch(i)

    for chat in chats:
        came.append(chat)
        run(chat.at)
        while waiting and chat.at - waiting[0].at > deadline_s:
            waiting.popleft()
        i = min(range(gpus), key=lambda i: engines[i].held)
        if engines[i].held < slots:
            engines[i].join(chat, chat.at)
            watch(i)
        elif len(waiting) < queue:
            waiting.append(chat)
    run(math.inf)
    span = came[-1].at - came[0].at if len(came) > 1 else 0.0
    return Result(came, sum(e.held_s for e in engines) / (gpus * slots * span) if span else 0.0)


def apart(chats: Iterable[Chat], speeds: Speeds, *, gpus: int, slots: int, queue: int, deadline_s: float) -> Result:
    """Each engine with a host and a queue of its own; they take turns, as nginx deals out updates."""
    hands: list[list[Chat]] = [[] for _ in range(gpus)]
    for n, chat in enumerate(chats):
        hands[n % gpus].append(chat)
    each = [serve(h, speeds, gpus=1, slots=slots, queue=queue, deadline_s=deadline_s) for h in hands]
    return Result([c for r in each for c in r.chats], sum(r.in_use for r in each) / gpus)


def arrivals(
    per_day: float, dice: random.Random, *, peak: float, hours: float, prompt: int, answer: int, spread: float
) -> Iterator[Chat]:
    """Questions in the `hours` around the evening's busiest moment, by time from their beginning.

    peak: the busiest moment's rate by the mean's, 1 to 2; the day follows a cosine. spread: of the answers' lengths
    (gamma), their deviation by their mean; 1 is exponential, 0 all the same.
    """
    begin, end = EVENING_S - hours * 1800, EVENING_S + hours * 1800
    most, now = peak * per_day / DAY_S, begin
    while (now := now + dice.expovariate(most)) < end:
        rate = 1 + (peak - 1) * math.cos(2 * math.pi * (now - EVENING_S) / DAY_S)
        if dice.random() * peak < rate:
            length = dice.gammavariate(spread**-2, answer * spread**2) if spread else answer
            yield Chat(now - begin, prompt, max(1, round(length)))


def options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--people", type=_within(1), default=1e6, help="who ask in a day (default: a million)")
    add("--questions", type=_within(0.01), default=3.0, help="of each of them in a day, second tries too (default: 3)")
    add(
        "--peak",
        type=_within(1, 2),
        default=2.0,
        help="the evening's busiest moment by the day's mean, 1 to 2 (default: 2)",
    )
    add("--hours", type=_within(0.01, 24), default=1.0, help="around that moment are simulated (default: 1)")
    add("--engine", choices=ENGINES, default="h100", help="whose measured speeds (default: h100)")
    add("--bench", type=Path, metavar="FILE", help="the speeds in this table of `python -m bots bench` instead")
    add("--slots", type=_count, help="of each engine (default: the most whose speed was measured)")
    add("--gpus", type=_count, nargs="+", help="so many; without: the fewest that keep the wait")
    add("--within", type=float, default=5.0, metavar="SECONDS", help="the wait of 95 in 100 (default: 5)")
    add("--apart", action="store_true", help="each GPU has its own host and queue; else one queue for all")
    # Of the 846 exchanges in training/data/dialogues.jsonl, with the persona's prompt for a tuned model.
    add("--prompt", type=_count, default=210, help="tokens of a prompt that have to be read (default: 210)")
    add("--answer", type=_count, default=77, help="tokens of an answer, on average (default: 77)")
    add("--spread", type=_within(0, 10), default=0.2, help="the deviation of its length by its mean (default: 0.2)")
    add("--seed", type=int, default=0, help="of the dice (default: 0)")


def simulate(settings: Settings, asked: argparse.Namespace) -> int:
    """Print a table. KRISHNA_QUEUE and KRISHNA_DEADLINE_S count. Raises ConfigurationError."""
    try:
        speeds = read_bench(asked.bench.read_text()) if asked.bench else ENGINES[asked.engine]
        slots = asked.slots or max(speeds.decode)
        most = capacity(speeds, slots, asked.prompt, asked.answer)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the engine's speeds are not known: {error}") from error
    how = {name: getattr(asked, name) for name in ("peak", "hours", "prompt", "answer", "spread")}
    per_day = asked.people * asked.questions
    busiest = asked.peak * per_day / DAY_S
    where = f"the bench {asked.bench}" if asked.bench else asked.engine
    print(
        f"{asked.people:,.0f} people a day with {asked.questions:g} questions, {busiest:.2f} a second at the busiest "
        f"moment; the {asked.hours:g} h around it. {where}, {slots} slots, at most {most:.2f} answers a second each; "
        f"{'a queue for each' if asked.apart else 'one queue'}, of {settings.queue}. {time.strftime('%Y-%m-%d')}, "
        f"seed {asked.seed}.\n"
    )
    print("| GPUs | wait, median | 95 % | 99 % | first words, 95 % | turned away | slots in use |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    fewest = max(1, math.floor(busiest / most))
    for gpus in asked.gpus or range(fewest, MOST_GPUS):
        came = arrivals(per_day, random.Random(asked.seed), **how)
        way = apart if asked.apart else serve
        found = way(came, speeds, gpus=gpus, slots=slots, queue=settings.queue, deadline_s=settings.deadline_s)
        waits = " | ".join(_seconds(found.wait(share)) for share in (0.5, 0.95, 0.99))
        print(
            f"| {gpus} | {waits} | {_seconds(found.first(0.95))} | {found.refused:.1%} | {found.in_use:.0%} |",
            flush=True,
        )
        if not asked.gpus and found.wait(0.95) <= asked.within:
            print(f"\nThe fewest that keep the wait of 95 in 100 within {asked.within:g} s: {gpus}.")
            break
    return 0


def _seconds(value: float) -> str:
    return "never" if value == math.inf else f"{value:.2f} s"


def _within(least: float, most: float = math.inf) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
        return value

    return number


def _count(text: str) -> int:
    return int(_within(1, 1e6)(text))
