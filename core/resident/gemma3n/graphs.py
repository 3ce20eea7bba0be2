"""The decode step as CUDA graphs, one per slice of the model and batch size, captured when first needed."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.resident.gemma3n.draw import draw
from core.resident.gemma3n.slices import Slice
from core.resident.gemma3n.step import Step

# rows of the input block: three of int32, four of float32 bits
TOKENS, SLOTS, POSITIONS, TEMPERATURE, TOP_K, TOP_P, DICE = range(7)


class Graphs:
    """Steps by replaying. One copy in, one graph, one copy out: what the host does does not grow with the layers."""

    def __init__(self, step: Step) -> None:
        self.step = step
        device = step.tokens.device
        self._inputs = torch.zeros((8, step.rows), dtype=torch.int32, device=device)
        self._staged = torch.zeros((8, step.rows), dtype=torch.int32).pin_memory()
        self._floats = self._staged.view(torch.float32)
        self._drawn = torch.zeros(step.rows, dtype=torch.int32, device=device)
        self._result = torch.zeros(step.rows, dtype=torch.int32).pin_memory()
        step.tokens, step.slots, step.positions = self._inputs[TOKENS], self._inputs[SLOTS], self._inputs[POSITIONS]
        self._graphs: dict[tuple[str, int], torch.cuda.CUDAGraph] = {}
        self._pool = torch.cuda.graph_pool_handle()

    def sizes(self) -> list[int]:
        """Batch sizes that have a graph: powers of two, and all rows."""
        return [n for n in (1, 2, 4, 8, 16, 32, 64) if n < self.step.rows] + [self.step.rows]

    def run(
        self,
        part: Slice,
        tokens: Sequence[int],
        slots: Sequence[int],
        positions: Sequence[int],
        draws: Sequence[tuple[float, int, float, float]],
    ) -> list[int]:
        """One step of each chat; draws: (temperature, top_k, top_p, dice). Returns the drawn tokens.

        `step.logits` holds the logits until the next step. A batch is padded with copies of its first row, which
        write again what that row writes.
        """
        count = len(tokens)
        size = next(n for n in self.sizes() if n >= count)
        rows = [*zip(tokens, slots, positions, *zip(*draws, strict=True), strict=True)]
        rows += rows[:1] * (size - count)
        token, slot, position, temperature, top_k, top_p, dice = zip(*rows, strict=True)
        self._staged[:3, :size] = torch.tensor((token, slot, position), dtype=torch.int32)
        self._floats[3:7, :size] = torch.tensor((temperature, top_k, top_p, dice), dtype=torch.float32)
        self._inputs.copy_(self._staged, non_blocking=True)
        key = part.name, size
        if key not in self._graphs:
            self._graphs[key] = self._capture(part, size)
        self._graphs[key].replay()
        self._result.copy_(self._drawn, non_blocking=True)
        torch.cuda.current_stream().synchronize()
        return self._result[:count].tolist()

    def _capture(self, part: Slice, size: int) -> torch.cuda.CUDAGraph:
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self._once(part, size)  # compiles the kernels
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            self._once(part, size)
        return graph

    def _once(self, part: Slice, size: int) -> None:
        step, floats = self.step, self._inputs.view(torch.float32)[:, :size]
        step.run(part, size)
        self._drawn[:size] = draw(
            step.logits[:size], step.tops[:size], floats[TEMPERATURE], floats[TOP_K], floats[TOP_P], floats[DICE]
        )
