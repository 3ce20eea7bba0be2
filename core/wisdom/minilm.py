"""The forward of all-MiniLM-L6-v2 (a BERT of six layers, Devlin et al. 2019, arXiv:1810.04805), short texts end to end.

To read the weights takes as long as 20 tokens' products: eight texts of 32 tokens take a core 14 ms each, one alone 21.

Of our own: on one core transformers' modules take a quarter of the time for themselves. In float32, for int8 gains
nothing here: FBGEMM's 8 bits of activations turn the vectors (a cosine of 0.99), and the 14 bits of core/resident/int8.py cost as
much as float32 does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

HEADS, EPS = 12, 1e-12  # config.json


class MiniLM:
    """Token ids of some texts -> [texts, 384] float32 of length 1: the mean of the last layer over a text's tokens."""

    def __init__(self, folder: Path) -> None:
        self._w = w = load_file(folder / "model.safetensors")
        # The type of every token is 0.
        self._places = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
        self._layers = sorted({".".join(name.split(".")[:3]) for name in w if name.startswith("encoder.layer.")})
        for layer in self._layers:  # what reads the same input is one product
            for kind in ("weight", "bias"):
                parts = [w.pop(f"{layer}.attention.self.{name}.{kind}") for name in ("query", "key", "value")]
                w[f"{layer}.attention.self.{kind}"] = torch.cat(parts)

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return linear(x, self._w[f"{name}.weight"], self._w[f"{name}.bias"])

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        name += ".LayerNorm"
        return layer_norm(x, x.shape[-1:], self._w[f"{name}.weight"], self._w[f"{name}.bias"], EPS)

    def __call__(self, texts: Sequence[Sequence[int]]) -> torch.Tensor:
        sizes = [len(ids) for ids in texts]
        ids = torch.tensor([i for text in texts for i in text])
        places = torch.cat([self._places[:size] for size in sizes])
        x = self._norm(self._w["embeddings.word_embeddings.weight"][ids] + places, "embeddings")
        for layer in self._layers:
            heads = self._linear(x, f"{layer}.attention.self").view(len(ids), 3, HEADS, -1)
            alone = torch.split(heads.permute(1, 2, 0, 3).unsqueeze(1), sizes, dim=3)  # q, k, v [1, heads, T, 32]
            mixed = torch.cat([scaled_dot_product_attention(*qkv)[0] for qkv in alone], dim=1)
            mixed = mixed.transpose(0, 1).reshape(len(ids), -1)
            x = self._norm(x + self._linear(mixed, f"{layer}.attention.output.dense"), f"{layer}.attention.output")
            more = self._linear(gelu(self._linear(x, f"{layer}.intermediate.dense")), f"{layer}.output.dense")
            x = self._norm(x + more, f"{layer}.output")
        return normalize(torch.stack([text.mean(0) for text in torch.split(x, sizes)]), dim=1)
