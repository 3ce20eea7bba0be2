"""The forward of all-MiniLM-L6-v2 (a BERT of six layers, Devlin et al. 2019, arXiv:1810.04805), short texts end to end.

Of our own: on one core transformers' modules take a quarter of the time for themselves. Where PyTorch has FBGEMM the linear
layers are in int8, which takes a third less: the vectors have a cosine of 0.99 with the exact ones and the search is right as
often (docs/benchmarks.md). Each token is rounded by itself, so that what is read together is read as it would be alone.

It is one TorchScript, with the same bits as the modules give by themselves: some 250 small products and sums are then one
call that leaves Python's lock to the asyncio loop. One by one, each waits for that lock again.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

from core.resident.int8 import FBGEMM, CoarseLinear, laying

HEADS, EPS = 12, 1e-12  # config.json
SCRIPT = sys.version_info < (3, 14)  # PyTorch says of newer ones that its scripts may break there


class MiniLM:
    """Token ids of some texts -> [texts, 384] float32 of length 1: the mean of the last layer over a text's tokens.

    exact: all in float32.
    """

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        with laying(), torch.inference_mode():
            model = _Model(folder / "model.safetensors", coarse=FBGEMM and not exact).eval()
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            self._model = torch.jit.script(model) if SCRIPT else model  # type: ignore[no-untyped-call]

    def __call__(self, texts: Sequence[Sequence[int]]) -> torch.Tensor:
        found: torch.Tensor = self._model(torch.tensor([i for ids in texts for i in ids]), [len(ids) for ids in texts])
        return found


class _Exact(nn.Module):
    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        self.weight, self.bias = weight, bias

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return linear(x, self.weight, self.bias)


class _Norm(nn.Module):
    def __init__(self, w: dict[str, torch.Tensor], name: str) -> None:
        super().__init__()
        self.weight, self.bias = w[f"{name}.LayerNorm.weight"].clone(), w[f"{name}.LayerNorm.bias"].clone()
        self.eps = EPS  # a script sees no constants of its file

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return layer_norm(x, [x.size(-1)], self.weight, self.bias, self.eps)


class _Layer(nn.Module):
    def __init__(self, w: dict[str, torch.Tensor], name: str, coarse: bool) -> None:
        super().__init__()
        self.count = HEADS
        made = CoarseLinear if coarse else _Exact
        query, key, value = (f"{name}.attention.self.{part}" for part in ("query", "key", "value"))
        self.heads = made(  # what reads the same input is one product
            torch.cat([w[f"{part}.weight"] for part in (query, key, value)]),
            torch.cat([w[f"{part}.bias"] for part in (query, key, value)]),
        )
        self.mix, self.more, self.less = (
            made(w[f"{name}.{part}.dense.weight"], w[f"{name}.{part}.dense.bias"])
            for part in ("attention.output", "intermediate", "output")
        )
        self.after_mix, self.after_all = _Norm(w, f"{name}.attention.output"), _Norm(w, f"{name}.output")

    def forward(self, x: torch.Tensor, sizes: list[int]) -> torch.Tensor:
        heads = self.heads(x).view(len(x), 3, self.count, -1).permute(1, 2, 0, 3).unsqueeze(1)
        mixed: list[torch.Tensor] = []
        for qkv in torch.split(heads, sizes, dim=3):  # [q k v, 1, heads, T, 32]
            mixed.append(scaled_dot_product_attention(qkv[0], qkv[1], qkv[2])[0])
        x = self.after_mix(x + self.mix(torch.cat(mixed, dim=1).transpose(0, 1).reshape(len(x), -1)))
        out: torch.Tensor = self.after_all(x + self.less(gelu(self.more(x))))
        return out


class _Model(nn.Module):
    def __init__(self, file: Path, coarse: bool) -> None:
        super().__init__()
        w = load_file(file)
        self.words = load_file(file)[
            "embeddings.word_embeddings.weight"
        ]  # anew: what is read for the layers is let go of
        # The type of every token is 0.
        self.places = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
        self.begin = _Norm(w, "embeddings")
        names = sorted({".".join(name.split(".")[:3]) for name in w if name.startswith("encoder.layer.")})
        self.layers = nn.ModuleList(_Layer(w, name, coarse) for name in names)

    def forward(self, ids: torch.Tensor, sizes: list[int]) -> torch.Tensor:
        """ids of all texts, one after the other; the sizes of the texts."""
        x = self.begin(self.words[ids] + torch.cat([self.places[:size] for size in sizes]))
        for layer in self.layers:
            x = layer(x, sizes)
        return normalize(torch.stack([text.mean(0) for text in torch.split(x, sizes)]), dim=1)
