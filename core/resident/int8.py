"""Linear layers with weights in int8, for the CPU.

Weights: symmetric int8, one scale per output row. Activations: bfloat16. PyTorch's kernel for just this pair
(`_weight_int8pack_mm`, the one that gpt-fast and torchao use) has AVX2, AVX-512 and NEON code, reads each weight once
however many rows there are, and adds up each row in the same order: many chats at once give exactly the tokens that
each gives alone. Measured on AVX2 against int8 activations (`_int_mm`): 3 times as fast for one row, 13 for eight.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import pad

ALIGN = 32  # the kernel reads a row in vectors of this many weights, and checks nothing


class Int8Linear(nn.Module):
    """y = x Wᵀ for x [..., K] of any float, W [N, K]; y [..., N] float32, rounded as bfloat16 is. Biases in float32."""

    weight: torch.Tensor
    scale: torch.Tensor
    bias: torch.Tensor | None

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        self._spare = -self.in_features % ALIGN
        # rounded first, so that the weights are quantized with the very scale that the kernel multiplies by
        scale = (weight.abs().amax(dim=1, keepdim=True).float().clamp_(min=1e-12) / 127.0).bfloat16()
        quantized = torch.empty(weight.shape, dtype=torch.int8)
        for start in range(0, len(weight), 16384):  # in pieces: the vocabulary would need another 0.7 GB at once
            rows = slice(start, start + 16384)
            quantized[rows] = (weight[rows].float() / scale[rows].float()).round_().clamp_(-127, 127).to(torch.int8)
        self.register_buffer("weight", pad(quantized, (0, self._spare)) if self._spare else quantized)
        self.register_buffer("scale", scale.squeeze(1))
        self.register_buffer("bias", None if bias is None else bias.float())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = x.reshape(-1, self.in_features).to(torch.bfloat16)
        if self._spare:
            rows = pad(rows, (0, self._spare))
        y = torch._weight_int8pack_mm(rows, self.weight, self.scale).float()
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
        rows = head.weight[ids][..., : head.in_features].float()
        return rows * head.scale[ids].float().unsqueeze(-1) * self.factor


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
