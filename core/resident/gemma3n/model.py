"""Gemma 3n as the engine's Model (core/resident/model.py): graphs on a GPU, the plain forward elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from core.resident.gemma3n.forward import Forward
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.lora import Adapters
from core.resident.gemma3n.slices import FULL, Slice, slices
from core.resident.gemma3n.weights import Weights

if TYPE_CHECKING:
    from core.resident.gemma3n.graphs import Drawn

GREEDY = (0.0, 1, 1.0, 0.0)  # temperature, top_k, top_p, dice


class Gemma3n:
    """ring: positions a sliding layer keeps per slot; more than its window lets prefixes be reused for longer.

    fused: run by kernels; by default where there is a GPU. On a CPU they run in Triton's interpreter, for tests.
    """

    def __init__(
        self, weights: Weights, name: str, *, slots: int, context: int, ring: int = 1024, fused: bool | None = None
    ) -> None:
        self.name, self.slots, self.context = name, slots, context
        self.fluent = True
        self.tiers = slices(weights.config)
        self._part = [self.tiers[FULL]] * slots
        self._device = weights.norm.device
        gpu = self._device.type == "cuda"
        act = torch.bfloat16 if gpu else torch.float32
        self._adapter = [0] * slots  # of the slot's chat
        self._adapters = Adapters(weights.config, act, self._device)
        if gpu if fused is None else fused:
            from core.resident.gemma3n.graphs import PIECE, Decode, Prompt
            from core.resident.gemma3n.memory import page_lock
            from core.resident.gemma3n.step import MOST, Step

            if gpu:
                page_lock(weights.ple)
            ring = max(ring, weights.config.window + PIECE)
            self._cache = Slots(weights.config, slots, context, ring, act, self._device)
            pool = torch.cuda.graph_pool_handle() if gpu else None
            self._decode: Decode | None = Decode(Step(weights, self._cache, min(slots, MOST), act), pool)
            self._prompt = Prompt(Step(weights, self._cache, min(PIECE, context), act, logits=False), pool)
            self._decode.step.held = self._prompt.step.held = self._adapters
        else:
            self._decode = None
            self._cache = Slots(weights.config, slots, context, ring, act, self._device)
        self._forward = Forward(weights, self._cache, act, self._adapters)  # without a GPU; on one, for tests

    @torch.inference_mode()
    def warm(self) -> None:
        """Compile every kernel and capture every graph: half a minute once, seconds when Triton's cache has them.

        Without it the first chat of each batch size waits. What it writes lies at positions that no chat has yet.
        """
        if self._decode is None:
            return
        for part in self.tiers.values():
            for n in self._prompt.sizes():
                self._prompt.run(part, 0, 0, [2] * n)
            for n in self._decode.sizes():
                self._decode.run(part, [2] * n, list(range(n)), [0] * n, [GREEDY] * n)

    def begin(self, slot: int, tier: str, adapter: str = "") -> None:
        """Which nested model and adapter the slot's next chat uses. Raises KeyError for one that is not here."""
        self._part[slot] = self.tiers[tier or FULL]
        self._adapter[slot] = self._adapters.index(adapter)

    def load_adapter(self, name: str, folder: Path) -> None:
        """Hold one more adapter: 0.3 GiB for E4B. Raises LoadError."""
        self._adapters.load(name, folder)

    def unload_adapter(self, name: str) -> None:
        """Raises KeyError."""
        self._adapters.unload(name)

    def holds(self, slot: int, length: int) -> bool:
        """Whether a slot's first positions can still be copied or continued."""
        return self._cache.holds(slot, length)

    @torch.inference_mode()
    def prefill(self, slot: int, start: int, tokens: list[int], *, last: bool) -> torch.Tensor | None:
        """On a GPU the last token goes through the decode step, so no other path makes logits."""
        self._cache.wrote(slot, start, start + len(tokens))
        if self._decode is None:
            return self._forward.run(
                self._part[slot], slot, start, torch.tensor(tokens), last=last, adapter=self._adapter[slot]
            )
        before = tokens[:-1] if last else tokens
        for at in range(0, len(before), self._prompt.step.rows):
            self._prompt.run(
                self._part[slot], slot, start + at, before[at : at + self._prompt.step.rows], self._adapter[slot]
            )
        if not last:
            return None
        return self.decode([slot], [start + len(before)], tokens[-1:])[0]

    @torch.inference_mode()
    def decode(self, slots: list[int], starts: list[int], tokens: list[int]) -> torch.Tensor:
        if self._decode is None:
            for slot, start in zip(slots, starts, strict=True):
                self._cache.wrote(slot, start, start + 1)
            rows = [
                self._forward.run(
                    self._part[slot], slot, start, torch.tensor([token]), last=True, adapter=self._adapter[slot]
                )
                for slot, start, token in zip(slots, starts, tokens, strict=True)
            ]
            return torch.stack([row for row in rows if row is not None])
        out = torch.empty((len(slots), self._forward.config.vocabulary), device=self._device)
        for rows_, part in self._by_part(slots):
            self._replay(part, rows_, slots, starts, tokens, [GREEDY] * len(slots))
            out[rows_] = self._decode.step.logits[: len(rows_)]
        return out

    @torch.inference_mode()
    def start(
        self,
        slots: list[int],
        starts: list[int],
        tokens: list[int],
        draws: Sequence[tuple[float, int, float, float]],
    ) -> Callable[[], list[int]]:
        """`decode` that also draws (draw.py), by kernels only. Does not wait for the GPU; what it returns does.

        That gives one token per slot, -1 where its logits are not finite. A token below 0 is the one that was drawn
        last for its slot, which the GPU knows, though the host may not.
        """
        groups = [(rows, self._replay(part, rows, slots, starts, tokens, draws)) for rows, part in self._by_part(slots)]

        def wait() -> list[int]:
            found = {row: token for rows, drawn in groups for row, token in zip(rows, drawn.wait(), strict=True)}
            return [found[row] for row in range(len(slots))]

        return wait

    @property
    def picks(self) -> bool:
        return self._decode is not None

    @torch.inference_mode()
    def copy(self, source: int, target: int, length: int) -> None:
        self._cache.copy(source, target, length)

    def _by_part(self, slots: list[int]) -> list[tuple[list[int], Slice]]:
        """Rows of the batch that share a nested model, up to a step's rows: each such group is one graph."""
        assert self._decode is not None
        most = self._decode.step.rows
        rows = sorted(range(len(slots)), key=lambda row: self._part[slots[row]].name)
        groups = [(list(g), self.tiers[name]) for name, g in groupby(rows, lambda row: self._part[slots[row]].name)]
        return [(group[at : at + most], part) for group, part in groups for at in range(0, len(group), most)]

    def _replay(
        self,
        part: Slice,
        rows: list[int],
        slots: list[int],
        starts: list[int],
        tokens: list[int],
        draws: Sequence[tuple[float, int, float, float]],
    ) -> Drawn:
        assert self._decode is not None
        for row in rows:
            self._cache.wrote(slots[row], starts[row], starts[row] + 1)
        return self._decode.start(
            part,
            [tokens[r] for r in rows],
            [slots[r] for r in rows],
            [starts[r] for r in rows],
            [draws[r] for r in rows],
            [self._adapter[slots[r]] for r in rows],
        )
