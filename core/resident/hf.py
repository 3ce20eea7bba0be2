"""Any Gemma of transformers as a net (model.py): its modules, over our slots and our attention."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AttentionInterface

from core.resident.int8 import Int8Linear
from core.resident.kv import Batch, Slots, attend
from core.resident.lora import Groups

ATTENTION = "krishna_slots"
AttentionInterface.register(ATTENTION, attend)


class HFNet:
    """A Gemma 3 or Gemma 3n causal language model, on any device.

    model must take `attention_mask` as a dict by layer type (no mask is built), `past_key_values` with an `update`
    method, and hand extra keyword arguments on to its attention.
    """

    def __init__(self, model: Any, *, slots: int, context: int) -> None:
        self.model = model.eval()
        config = model.config.get_text_config()
        config._attn_implementation = ATTENTION
        self.layers = config.num_hidden_layers
        self.device = model.device
        dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
        self.slots = Slots(config, slots, context, dtype, self.device)
        self._masks = dict.fromkeys(set(config.layer_types))
        self.get_submodule, self.set_submodule = model.get_submodule, model.set_submodule

    def quantized(self) -> list[Int8Linear]:
        return [module for module in self.model.modules() if isinstance(module, Int8Linear)]

    def forward(self, tokens: list[int], batch: Batch, adapters: Groups, *, logits: bool) -> torch.Tensor:
        """As Net.forward; the wrapped layers know the adapters of the rows themselves (lora.py)."""
        self.slots.batch = batch
        ids = torch.tensor(tokens, device=self.device).view(-1, batch.width)
        positions = torch.tensor(batch.starts, device=self.device).unsqueeze(1)
        if batch.width > 1:
            positions = positions + torch.arange(batch.width, device=self.device)
        run = self.model if logits else self.model.base_model
        extra: dict[str, Any] = {"logits_to_keep": 1} if logits else {}
        out = run(
            input_ids=ids,
            position_ids=positions,
            attention_mask=self._masks,
            past_key_values=self.slots,
            use_cache=True,
            batch=batch,
            **extra,
        )
        return out.logits[:, -1].float() if logits else out.last_hidden_state  # type: ignore[no-any-return]
