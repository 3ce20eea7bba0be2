"""Linear layers in int8, for the CPU.

Weights: symmetric int8, one scale per output row. Activations: symmetric int8, one scale per token, made on the
fly. The product is exact in int32 and each token has its own scale, so a token's result does not depend on
what else is in the batch: many chats at once give exactly the tokens that each gives alone.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class Int8Linear(nn.Module):
    """y = x Wᵀ for x [..., K] float32, W [N, K]; y [..., N] float32. Biases are kept in float32."""

    weight: torch.Tensor
    scale: torch.Tensor
    bias: torch.Tensor | None

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        scale = weight.abs().amax(dim=1, keepdim=True).float().clamp_(min=1e-12) / 127.0
        quantized = torch.empty(weight.shape, dtype=torch.int8)
        for start in range(0, len(weight), 16384):  # in pieces: the vocabulary would need another 0.7 GB at once
            rows = slice(start, start + 16384)
            quantized[rows] = (weight[rows].float() / scale[rows]).round_().to(torch.int8)
        self.register_buffer("weight", quantized)
        self.register_buffer("scale", scale.squeeze(1))
        self.register_buffer("bias", None if bias is None else bias.float())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = x.reshape(-1, self.in_features).float()
        scale = rows.abs().amax(dim=1, keepdim=True).clamp_(min=1e-12).div_(127.0)
        quantized = rows.div(scale).round_().to(torch.int8)
        y = torch._int_mm(quantized, self.weight.t()).float()
        y.mul_(scale).mul_(self.scale)
        if self.bias is not None:
            y.add_(self.bias)
        return y.view(*x.shape[:-1], self.out_features)


class Int8Embedding(nn.Module):
    """Rows of a quantized table, shared with the output head. ids [...] -> [..., K] float32, times `factor`."""

    def __init__(self, head: Int8Linear, factor: float) -> None:
        super().__init__()
        self._head = [head]  # in a list: the table belongs to the head and must not be counted twice
        self.factor = factor

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        head = self._head[0]
        return head.weight[ids].float() * head.scale[ids].unsqueeze(-1) * self.factor


def quantize(model: Any) -> None:
    """Replace every nn.Linear of a model by its int8 twin, in place, and share the head with the embedding."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Linear:
                bias = None if child.bias is None else child.bias.data
                setattr(module, name, Int8Linear(child.weight.data, bias))
    head = model.get_output_embeddings()
    table = model.get_input_embeddings()
    if model.config.tie_word_embeddings and isinstance(head, Int8Linear):
        factor = getattr(table, "scalar_embed_scale", None)
        if factor is None:
            factor = float(getattr(table, "embed_scale", 1.0))
        model.set_input_embeddings(Int8Embedding(head, float(factor)))
