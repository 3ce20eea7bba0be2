"""The plain forward on the GPU: products by the library over weights expanded one at a time, or by the 4-bit kernel."""

from __future__ import annotations

import torch
from torch.nn.functional import linear

from core.resident.gemma3n.forward import Forward
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.nf4 import NF4
from core.resident.gemma3n.step import Step
from core.resident.gemma3n.weights import Matrix, Weights


class Prefill(Forward):
    """`Forward` with one shared buffer into which a weight is expanded before its product."""

    def __init__(self, weights: Weights, cache: Slots, act: torch.dtype, step: Step) -> None:
        super().__init__(weights, cache, act)
        self._step = step
        most = max(max(w.gate_up.shape[0] // 2 for w in weights.layers), weights.first.shape[0])
        self._whole = torch.empty(most * weights.config.hidden, dtype=act, device=self.device)

    def multiply(self, x: torch.Tensor, matrix: Matrix) -> torch.Tensor:
        if not isinstance(matrix, NF4):
            raise TypeError("the GPU's prefill needs quantized weights")
        return linear(x.to(self.act), self._expanded(matrix)).float()

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        self._step.head(x.to(self.act).contiguous(), len(x))
        return self._step.logits[: len(x)]

    def _expanded(self, matrix: NF4) -> torch.Tensor:
        n, k = matrix.shape
        out = self._whole[: n * k].view(n, k)
        self._step.expand(matrix, out)
        return out
