"""What the step loop asks of a model: prefill a piece, decode one step. And a model that keeps its chats in slots."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import torch

from core.resident.int8 import Int8Linear
from core.resident.kv import Batch, Slots
from core.resident.lora import Attached, Groups


class Model(Protocol):
    """What the step loop asks of a model, all of it on the model's thread.

    Positions are absolute; slots are rows of the cache. A slot's keys belong to the tier and the adapter that `begin`
    named last: the loop never continues a prefix under others. Rows of one decode may differ in both.
    """

    name: str
    slots: int
    context: int
    fluent: bool

    def begin(self, slot: int, tier: str, adapter: str) -> None:
        """What a slot's next chat is answered with: a nested model (empty: the whole) and an adapter (empty: none).

        Raises KeyError for an adapter that is not loaded.
        """
        ...

    def prefill(self, slot: int, start: int, tokens: list[int], *, last: bool) -> torch.Tensor | None:
        """Write tokens at start.. of a slot. With last, logits [vocabulary] float32 after the last token."""
        ...

    def decode(self, slots: list[int], starts: list[int], tokens: list[int]) -> torch.Tensor:
        """One token per slot -> logits [len(slots), vocabulary] float32."""
        ...

    def copy(self, source: int, target: int, length: int) -> None:
        """Give a slot the first positions of another."""
        ...

    def holds(self, slot: int, length: int) -> bool:
        """Whether a slot's first positions, once written, can still be copied or continued."""
        ...

    def load_adapter(self, name: str, folder: Path) -> None:
        """Put a LoRA folder beside the weights, between two steps: all of it, or LoadError and nothing.

        core/resident/lora.py reads and checks folders. The engine has read this one before, in another thread.
        """
        ...

    def unload_adapter(self, name: str) -> None:
        """Free an adapter that no slot uses any more. Raises KeyError."""
        ...


class Net(Protocol):
    """A forward pass over slots, and its linear layers by the checkpoint's names, for adapters."""

    slots: Slots
    layers: int

    @property
    def device(self) -> torch.device: ...

    def forward(self, tokens: list[int], batch: Batch, adapters: Groups, *, logits: bool) -> torch.Tensor:
        """tokens: `width` of each row of the batch, one row after another. Writes their keys and values.

        adapters are of the batch's rows; where it has several, its width is 1. With logits, float32
        [rows, vocabulary] after each row's last token; else what nobody needs.
        """
        ...

    def quantized(self) -> list[Int8Linear]:
        """Its int8 layers, to be packed before they are used."""
        ...

    def get_submodule(self, target: str) -> Any:
        """A linear layer, or an adapter over it. Raises AttributeError."""
        ...

    def set_submodule(self, target: str, module: Any) -> None: ...


class SlotModel:
    """The Model over a net: Gemma 3 by core/resident/gemma3.py, any other by transformers (hf.py)."""

    def __init__(self, net: Net, name: str, *, fluent: bool = True) -> None:
        self.net, self.name, self.fluent = net, name, fluent
        self.slots, self.context = net.slots.slots, net.slots.length
        self._lora = Attached(net)
        self._adapters = [""] * self.slots  # of each slot's chat

    def _forward(self, tokens: list[int], batch: Batch, *, logits: bool) -> torch.Tensor:
        if self._lora:
            self._lora.rows.set([self._adapters[slot] for slot in batch.slots], self.net.device)
        return self.net.forward(tokens, batch, self._lora.rows.groups if self._lora else [], logits=logits)

    def begin(self, slot: int, tier: str, adapter: str) -> None:
        if adapter and adapter not in self._lora:
            raise KeyError(adapter)
        self._adapters[slot] = adapter

    @torch.inference_mode()
    def prefill(self, slot: int, start: int, tokens: list[int], *, last: bool) -> torch.Tensor | None:
        out = self._forward(tokens, Batch([slot], [start], len(tokens)), logits=last)
        return out[0] if last else None

    @torch.inference_mode()
    def decode(self, slots: list[int], starts: list[int], tokens: list[int]) -> torch.Tensor:
        return self._forward(tokens, Batch(slots, starts, 1), logits=True)

    @torch.inference_mode()
    def copy(self, source: int, target: int, length: int) -> None:
        self.net.slots.copy(source, target, length)

    def holds(self, slot: int, length: int) -> bool:
        return True

    @torch.inference_mode()
    def load_adapter(self, name: str, folder: Path) -> None:
        self._lora.load(name, folder)

    def unload_adapter(self, name: str) -> None:
        self._lora.unload(name)
        self._adapters = ["" if slot == name else slot for slot in self._adapters]
