"""Decode steps and pieces of prompts as CUDA graphs, captured when first needed."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from core.resident.gemma3n.kernels.pick import pick
from core.resident.gemma3n.lora import MOST as ADAPTERS
from core.resident.gemma3n.slices import Slice
from core.resident.gemma3n.step import Step

PIECE = 128  # the most prompt tokens of one graph

# Rows of the input block: four of int32, four of float32 bits.
TOKENS, SLOTS, POSITIONS, ADAPTER, TEMPERATURE, TOP_K, TOP_P, DICE = range(8)


def kinds(adapters: Sequence[int]) -> int:
    """How many adapters a step must be ready for: none, one, or as many as there may be."""
    different = len({a for a in adapters if a})
    return different if different < 2 else ADAPTERS


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage is collected: locked memory that is freed asks for events, which ends a capture that is under way."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Graphs:
    """Graphs of one Step, by slice of the model, number of rows and of adapters. On a CPU the same calls, without graphs."""

    def __init__(self, step: Step, pool: Any) -> None:
        self.step, self._pool, self._gpu = step, pool, step.tokens.is_cuda
        self._inputs = torch.zeros((8, step.rows), dtype=torch.int32, device=step.tokens.device)
        self._graphs: dict[tuple[str, int, int], torch.cuda.CUDAGraph] = {}
        step.tokens, step.slots, step.positions = self._inputs[TOKENS], self._inputs[SLOTS], self._inputs[POSITIONS]
        step.adapters = self._inputs[ADAPTER]

    def sizes(self) -> list[int]:
        """Numbers of rows that have a graph: powers of two, and all. Others are padded."""
        return [n for n in (1, 2, 4, 8, 16, 32, 64) if n < self.step.rows] + [self.step.rows]

    def _size(self, count: int) -> int:
        return next(n for n in self.sizes() if n >= count)

    def _feed(self, whole: Sequence[Sequence[int]], real: Sequence[Sequence[float]]) -> None:
        """Copy lists of ints, then of floats, into the input block: one copy, however many rows."""
        # PyTorch keeps locked memory for the next time, and gives it out again only when its copy has left.
        staged = torch.zeros((8, self.step.rows), dtype=torch.int32, pin_memory=self._gpu)
        staged[: len(whole), : len(whole[0])] = torch.tensor(whole, dtype=torch.int32)
        if real:
            floats = staged.view(torch.float32)[len(whole) : len(whole) + len(real)]
            floats[:, : len(real[0])] = torch.tensor(real, dtype=torch.float32)
        self._inputs.copy_(staged, non_blocking=True)

    def _replay(self, part: Slice, size: int, adapted: int, once: Callable[[Slice, int, int], None]) -> None:
        if not self._gpu:
            once(part, size, adapted)
            return
        key = part.name, size, adapted
        if key not in self._graphs:
            stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                once(part, size, adapted)  # compiles the kernels
            torch.cuda.current_stream().wait_stream(stream)
            graph = torch.cuda.CUDAGraph()
            # What another thread asks of the card meanwhile (an adapter that is read) does not end the capture.
            with _uncollected(), torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                once(part, size, adapted)
            self._graphs[key] = graph
        self._graphs[key].replay()


class Drawn:
    """Tokens on their way from the GPU."""

    def __init__(self, drawn: torch.Tensor) -> None:
        self._tokens = torch.empty(drawn.shape, dtype=drawn.dtype, pin_memory=drawn.is_cuda)
        self._tokens.copy_(drawn, non_blocking=True)
        self._there = torch.cuda.Event() if drawn.is_cuda else None  # type: ignore[no-untyped-call]
        if self._there is not None:
            self._there.record()

    def wait(self) -> list[int]:
        """One token for each chat; -1 where its logits were not finite."""
        if self._there is not None:
            self._there.synchronize()
        return self._tokens.tolist()


class Decode(Graphs):
    """One token for each of several chats, drawn on the GPU."""

    def __init__(self, step: Step, pool: Any) -> None:
        super().__init__(step, pool)
        self._drawn = torch.zeros(step.rows, dtype=torch.int32, device=step.tokens.device)
        self._scratch = torch.zeros((step.rows, 2, 128), dtype=torch.int32, device=step.tokens.device)

    def start(
        self,
        part: Slice,
        tokens: Sequence[int],
        slots: Sequence[int],
        positions: Sequence[int],
        draws: Sequence[tuple[float, int, float, float]],
        adapters: Sequence[int] | None = None,
    ) -> Drawn:
        """tokens: below 0 for the one that a step before drew for the slot, known or not.

        draws: (temperature, top_k, top_p, dice) of each chat (draw.py); adapters: as Adapters.index tells.
        `step.logits` holds the logits until the next step. Padding copies the first row, which then writes again
        what that row writes.
        """
        count = len(tokens)
        size = self._size(count)
        adapters = adapters or [0] * count
        rows = [*zip(tokens, slots, positions, adapters, *zip(*draws, strict=True), strict=True)]
        rows += rows[:1] * (size - count)
        columns = list(zip(*rows, strict=True))
        self._feed(columns[:4], columns[4:])
        self._replay(part, size, kinds(adapters), self._once)
        return Drawn(self._drawn[:count])

    def run(self, *args: Any) -> list[int]:
        return self.start(*args).wait()

    def _once(self, part: Slice, size: int, adapted: int) -> None:
        step, floats = self.step, self._inputs.view(torch.float32)
        step.run(part, size, adapted=adapted)
        blocks = step.tops.shape[1]
        step.launch(
            pick, (size,), step.logits, step.tops, floats[TEMPERATURE], floats[TOP_K], floats[TOP_P], floats[DICE],
            self._scratch, self._drawn, step.slots, step.latest, step.config.vocabulary, BLOCKS=blocks, PADDED=1 << (blocks - 1).bit_length(),
            warps=16,
        )  # fmt: skip


class Prompt(Graphs):
    """Neighbouring tokens of one chat, up to the step's rows."""

    def run(self, part: Slice, slot: int, start: int, tokens: Sequence[int], adapter: int = 0) -> None:
        """Write the tokens' keys and values at start.. of a slot. Does not wait for the GPU."""
        count = len(tokens)
        size = self._size(count)
        more = size - count  # padding repeats the last token, which writes the same again
        self._feed(
            (
                [*tokens, *[tokens[-1]] * more],
                [slot] * size,
                [*range(start, start + count), *[start + count - 1] * more],
                [adapter] * size,
            ),
            (),
        )
        self._replay(part, size, kinds([adapter]), self._once)

    def _once(self, part: Slice, size: int, adapted: int) -> None:
        self.step.prefill(part, size, adapted=adapted)

    def sizes(self) -> list[int]:
        return [n for n in (32, 64) if n < self.step.rows] + [self.step.rows]
