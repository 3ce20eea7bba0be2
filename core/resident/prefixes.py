"""Beginnings of prompts whose keys and values a slot still holds, so that nobody computes them twice."""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import takewhile

# Prompts are prefilled in pieces that start at multiples of this, and kept prefixes end at one: so the same prompt
# always goes through the same shapes, and what was reused cannot change an answer.
PIECE = 128

Maker = tuple[str, str]  # the tier and the adapter that made some keys: they serve no other


class Prefixes:
    """What each slot holds, and what made it."""

    def __init__(self, slots: int) -> None:
        self._kept: list[list[int]] = [[] for _ in range(slots)]
        self._makers: list[Maker] = [("", "")] * slots

    def longest(
        self, prompt: tuple[int, ...], maker: Maker, free: Container[int], holds: Callable[[int, int], bool]
    ) -> tuple[int, int]:
        """The slot with the longest prefix of the prompt, and that length: whole pieces, never all of the prompt.

        (-1, 0) where there is none. Of equals a free slot is better. holds(slot, length): whether its keys are whole.
        """
        best = (-1, 0)
        for slot, kept in enumerate(self._kept):
            if self._makers[slot] != maker:
                continue
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(kept, prompt, strict=False)))
            length = min(same, len(prompt) - 1) // PIECE * PIECE
            better = length > best[1] or (length == best[1] and slot in free and best[0] not in free)
            if length and better and holds(slot, length):
                best = (slot, length)
        return best

    def begin(self, slot: int, prefix: tuple[int, ...], maker: Maker) -> None:
        """A slot is written anew, after a prefix that it holds already."""
        self._kept[slot], self._makers[slot] = list(prefix), maker

    def extend(self, slot: int, tokens: list[int]) -> None:
        self._kept[slot].extend(tokens)

    def forget(self, adapter: str | None = None) -> None:
        """Nothing that an adapter made is used again; without a name, nothing at all."""
        for slot, (_, made_by) in enumerate(self._makers):
            if adapter in (None, made_by):
                self._kept[slot] = []
