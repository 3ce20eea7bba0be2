"""Random weights of any config's shapes: for measuring speed and memory where no real weights are at hand."""

from __future__ import annotations

import zlib

import torch

from core.resident.gemma3n.config import Config
from core.resident.gemma3n.weights import Source, shapes

PLE = "embed_tokens_per_layer.weight"


def e4b() -> Config:
    """Gemma 3n E4B's config."""
    from transformers import Gemma3nTextConfig

    return Config.of(Gemma3nTextConfig())


def random_source(config: Config, device: torch.device) -> Source:
    """bfloat16 tensors drawn by their names, the same at every call.

    Maps keep magnitudes; norms are near one, those of what is added to the streams near a tenth. With ones there the
    random model is chaotic: rounding grows a hundredfold over 35 layers, and no comparison means anything.
    """
    known = shapes(config)

    def source(name: str) -> torch.Tensor:
        shape = known[name]
        dice = torch.Generator(device).manual_seed(zlib.crc32(name.encode()))
        if name == PLE:
            out = torch.empty(shape, dtype=torch.bfloat16)
            for at in range(0, shape[0], 8192):
                piece = out[at : at + 8192]
                piece.copy_(torch.randn(piece.shape, generator=dice, device=device, dtype=torch.bfloat16) * 0.05)
            return out
        value = torch.randn(shape, generator=dice, device=device)
        if len(shape) == 1:
            return ((1.0 + 0.1 * value) * (0.1 if "post_" in name else 1.0)).bfloat16()
        return (value * (0.1 if "coefs" in name else shape[-1] ** -0.5)).bfloat16()

    return source
