"""The forward of all-MiniLM-L6-v2 (a BERT of six layers, Devlin et al. 2019, arXiv:1810.04805), short texts end to end.

Of our own: on one core transformers' modules take a quarter of the time for themselves. Where PyTorch has FBGEMM the linear
layers are in int8, which takes a third less: the vectors have a cosine of 0.99 with the exact ones and the search is right as
often (docs/benchmarks.md). Each token is rounded by itself, so that what is read together is read as it would be alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

from core.resident.int8 import FBGEMM, CoarseLinear, laying

HEADS, EPS = 12, 1e-12  # config.json
LINEAR = "attention.self", "attention.output.dense", "intermediate.dense", "output.dense"


class MiniLM:
    """Token ids of some texts -> [texts, 384] float32 of length 1: the mean of the last layer over a text's tokens.

    exact: all in float32.
    """

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        file = folder / "model.safetensors"
        self._w = w = load_file(file)
        # The type of every token is 0.
        self._places = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
        self._layers = sorted({".".join(name.split(".")[:3]) for name in w if name.startswith("encoder.layer.")})
        for layer in self._layers:  # what reads the same input is one product
            for kind in ("weight", "bias"):
                parts = [w.pop(f"{layer}.attention.self.{name}.{kind}") for name in ("query", "key", "value")]
                w[f"{layer}.attention.self.{kind}"] = torch.cat(parts)
        names = [f"{layer}.{part}" for layer in self._layers for part in LINEAR]
        self._coarse: dict[str, CoarseLinear] = {}
        if FBGEMM and not exact:
            with laying():
                self._coarse = {n: CoarseLinear(w.pop(f"{n}.weight"), w.pop(f"{n}.bias")) for n in names}
            anew = load_file(file)  # the pages of the file that were read for the layers are let go of
            self._w = {name: anew[name] for name in w}

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        if self._coarse:
            return self._coarse[name](x)
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
