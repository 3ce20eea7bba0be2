"""Keys and values in slots of fixed size: a ring for layers that see a window, all positions for the others."""

from __future__ import annotations

import torch

from core.resident.gemma3n.config import Config


class Slots:
    """keys[layer], values[layer]: [slots, length of the layer, kv_heads, head_dim], owners only.

    ring: positions a sliding layer keeps, at least its window. Position p lies at p modulo the ring; what is kept
    beyond the window lets a shared prefix be copied while its chat runs on.
    """

    def __init__(
        self, config: Config, slots: int, context: int, ring: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.config, self.slots, self.context = config, slots, context
        self.ring = min(max(ring, config.window), context)
        self.lengths = [self.ring if config.sliding[i] else context for i in range(config.owners)]
        shapes = [(slots, length, config.kv_heads, config.head_dim) for length in self.lengths]
        self.keys = [torch.zeros(shape, dtype=dtype, device=device) for shape in shapes]
        self.values = [torch.zeros(shape, dtype=dtype, device=device) for shape in shapes]
        self._first = [0] * slots  # from here on a slot's rings are whole, up to what was written last

    def read(self, layer: int, slot: int, first: int, end: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values [end - first, kv_heads, head_dim] of positions first .. end-1."""
        at = self._places(layer, first, end)
        return self.keys[layer][slot, at], self.values[layer][slot, at]

    def write(self, layer: int, slot: int, start: int, keys: torch.Tensor, values: torch.Tensor) -> None:
        """Keys and values [T, kv_heads, head_dim] at positions start .. start+T-1; a ring keeps the last it can."""
        skip = max(0, len(keys) - self.lengths[layer])
        at = self._places(layer, start + skip, start + len(keys))
        self.keys[layer][slot, at] = keys[skip:].to(self.keys[layer].dtype)
        self.values[layer][slot, at] = values[skip:].to(self.values[layer].dtype)

    def _places(self, layer: int, first: int, end: int) -> torch.Tensor | slice:
        length = self.lengths[layer]
        if first // length == max(first, end - 1) // length:
            base = first // length * length
            return slice(first - base, end - base)
        return torch.arange(first, end, device=self.keys[layer].device) % length

    def holds(self, slot: int, length: int) -> bool:
        """Whether the first `length` positions of a slot can still be continued: rings have all that is needed."""
        return self._first[slot] <= self._oldest(length)

    def _oldest(self, length: int) -> int:
        """The first position that a sliding layer reads where `length` are continued."""
        return max(0, length - self.config.window + 1)

    def wrote(self, slot: int, start: int, end: int) -> None:
        """Note that positions start .. end-1 are written. What they overwrote stays lost, also to a shorter prefix."""
        self._first[slot] = max(self._first[slot] if start else 0, end - self.ring)

    def copy(self, source: int, target: int, length: int) -> None:
        """Give `target` the first `length` positions of `source`, or what of them a ring still needs."""
        self._first[target] = self._oldest(length)
        for layer in range(len(self.keys)):
            first = self._oldest(length) if self.config.sliding[layer] else 0
            self.write(layer, target, first, *self.read(layer, source, first, length))

    def nbytes(self) -> int:
        return sum(t.nbytes for t in (*self.keys, *self.values))
