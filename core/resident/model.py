"""A Hugging Face Gemma behind the two calls that the step loop needs: prefill a piece, decode one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import torch

from core.resident.gemma3 import Gemma3, known
from core.resident.int8 import pack
from core.resident.kv import ATTENTION, Batch, Slots
from core.resident.lora import Attached


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


class HFModel:
    """Any Gemma 3 or Gemma 3n causal language model of transformers, on any device.

    model must take `attention_mask` as a dict by layer type (no mask is built), `past_key_values` with an
    `update` method, and hand extra keyword arguments on to its attention. Its int8 layers are packed here. Where
    core/resident/gemma3.py knows the model, its forward runs instead of transformers'.
    """

    def __init__(self, model: Any, name: str, *, slots: int, context: int, fluent: bool = True) -> None:
        self._model = model.eval()
        self.name, self.slots, self.context, self.fluent = name, slots, context, fluent
        self._lora = Attached(model)
        self._adapters = [""] * slots  # of each slot's chat
        config = model.config.get_text_config()
        config._attn_implementation = ATTENTION
        self._masks = dict.fromkeys(set(config.layer_types))
        self.device = model.device
        dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
        self._cache = Slots(config, slots, context, dtype, self.device)
        self._own = Gemma3(model, self._cache) if known(model) else None
        pack(model)

    def _forward(self, tokens: list[int], batch: Batch, *, logits: bool) -> torch.Tensor:
        """tokens: `width` of each row, one row after another. With logits, [rows, vocabulary] float32 after the last."""
        if self._lora:
            self._lora.rows.set([self._adapters[slot] for slot in batch.slots], self.device)
        if self._own is not None:
            return self._own.forward(tokens, batch, self._lora.rows.groups if self._lora else [], logits=logits)
        self._cache.batch = batch
        ids = torch.tensor(tokens, device=self.device).view(-1, batch.width)
        positions = torch.tensor(batch.starts, device=self.device).unsqueeze(1)
        if batch.width > 1:
            positions = positions + torch.arange(batch.width, device=self.device)
        run = self._model if logits else self._model.base_model
        extra: dict[str, Any] = {"logits_to_keep": 1} if logits else {}
        out = run(
            input_ids=ids,
            position_ids=positions,
            attention_mask=self._masks,
            past_key_values=self._cache,
            use_cache=True,
            batch=batch,
            **extra,
        )
        return out.logits[:, -1].float() if logits else out.last_hidden_state  # type: ignore[no-any-return]

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
        self._cache.copy(source, target, length)

    def holds(self, slot: int, length: int) -> bool:
        return True

    @torch.inference_mode()
    def load_adapter(self, name: str, folder: Path) -> None:
        self._lora.load(name, folder)

    def unload_adapter(self, name: str) -> None:
        self._lora.unload(name)
        self._adapters = ["" if slot == name else slot for slot in self._adapters]
