"""Engines' measured speeds, for python -m bots simulate: in one place, or read from a bench."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Speeds:
    """What one engine does. prefill: prompt tokens/s. decode: tokens/s of all answers together, by how many there are."""

    prefill: float
    decode: dict[int, float]

    def decode_s(self, chats: int) -> float:
        """Seconds in which each of so many answers grows by a token: on the line between the counts that were measured.

        Raises ValueError above the last of them.
        """
        if not chats:
            return 0.0
        known = sorted(self.decode)
        if chats > known[-1]:
            raise ValueError(f"the bench measured {known[-1]} chats at once, not {chats}; let --slots be {known[-1]}")
        high = next(n for n in known if n >= chats)
        low = max((n for n in known if n <= chats), default=high)
        a, b = low / self.decode[low], high / self.decode[high]
        return b if low == high else a + (b - a) * (chats - low) / (high - low)


def capacity(speeds: Speeds, slots: int, prompt: int, answer: int) -> float:
    """Questions/s that one engine answers with every slot held: none answers more."""
    return 1 / (prompt / speeds.prefill + (answer - 1) * speeds.decode_s(slots) / slots)


# Measured, and written here alone; tests/bots/test_simulate.py finds each figure in the document that is named.
ENGINES = {
    # docs/benchmarks-gpu.md: Gemma 3n E4B on an H100, from 8 on with a host that waits for each step; 512 tokens of a
    # prompt in 22 ms
    "h100": Speeds(prefill=512 / 0.022, decode={1: 403, 2: 780, 4: 1441, 8: 2710, 32: 7721}),
    # docs/benchmarks.md: Gemma 3 270M in int8 on two cores; 512 tokens in 1,412 ms
    "cpu": Speeds(prefill=512 / 1.412, decode={1: 26.1, 2: 38.4, 4: 55.8, 8: 79.2}),
}


def read_bench(text: str) -> Speeds:
    """The speeds in a table that `python -m bots bench` printed. Raises ValueError where it tells none."""
    decode = {int(n): float(rate) for n, rate in re.findall(r"\| (\d+) chats? at once \| ([\d.]+) tokens/s", text)}
    reads = [
        (int(n), float(ms)) for n, ms in re.findall(r"first token of a (\d+)-token prompt[^|]*\| ([\d.]+) ms", text)
    ]
    if not decode or not reads:
        raise ValueError("the file is no table of `python -m bots bench`")
    tokens, ms = max(reads)
    return Speeds(tokens / ms * 1e3, decode)
