"""NF4, the 4-bit format of QLoRA (Dettmers et al. 2023, arXiv:2305.14314): bitsandbytes' numbers, in tiles.

A weight [N, K] is cut into blocks of 64 along K. Each block stores its largest magnitude (float32) and, per weight,
the index of the nearest of 16 codes. Two indices share a byte, the first in the high half. bitsandbytes lays the
bytes out row by row; here 32 rows of one block lie together, so that a program reads one kilobyte at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

BLOCK = 64
TILE = 32  # rows of a tile

CODES = (
    -1.0,
    -0.6961928009986877,
    -0.5250730514526367,
    -0.39491748809814453,
    -0.28444138169288635,
    -0.18477343022823334,
    -0.09105003625154495,
    0.0,
    0.07958029955625534,
    0.16093020141124725,
    0.24611230194568634,
    0.33791524171829224,
    0.44070982933044434,
    0.5626170039176941,
    0.7229568362236023,
    1.0,
)


@dataclass(slots=True)
class NF4:
    """packed: uint8 [N/32, K/64, 32, 32], the last two a tile's rows and bytes; absmax: float32 [N/32, K/64, 32]."""

    packed: torch.Tensor
    absmax: torch.Tensor

    @property
    def shape(self) -> tuple[int, int]:
        return self.packed.shape[0] * TILE, self.packed.shape[1] * BLOCK

    @property
    def device(self) -> torch.device:
        return self.packed.device

    def tensors(self) -> dict[str, torch.Tensor]:
        return {"packed": self.packed, "absmax": self.absmax}

    def part(self, rows: slice = slice(None), columns: int | None = None) -> NF4:
        """A view of some rows, in whole tiles, and of the first columns, in whole blocks."""
        first, end, _ = rows.indices(self.shape[0])
        if first % TILE or end % TILE or (columns or 0) % BLOCK:
            raise ValueError("only whole tiles of 32 rows and 64 columns can be taken")
        tiles, blocks = slice(first // TILE, end // TILE), slice(columns and columns // BLOCK)
        return NF4(self.packed[tiles, blocks], self.absmax[tiles, blocks])

    def dense(self, dtype: torch.dtype) -> torch.Tensor:
        """[N, K] in dtype: what bitsandbytes' dequantize_4bit gives."""
        n, k = self.shape
        codes = torch.tensor(CODES, dtype=torch.float32, device=self.device)
        byte = self.packed.transpose(1, 2).int()
        values = codes[torch.stack((byte >> 4, byte & 15), -1).reshape(n, k // BLOCK, BLOCK)]
        return (values * self.absmax.transpose(1, 2).reshape(n, k // BLOCK, 1)).view(n, k).to(dtype)

    @classmethod
    def tiled(cls, packed: torch.Tensor, absmax: torch.Tensor) -> NF4:
        """From bitsandbytes' layout: bytes in rows [N, K/2], magnitudes [N, K/64]."""
        n, blocks = absmax.shape
        if n % TILE:
            raise ValueError(f"{n} rows are not whole tiles of {TILE}")
        return cls(
            packed.view(n // TILE, TILE, blocks, BLOCK // 2).transpose(1, 2).contiguous(),
            absmax.view(n // TILE, TILE, blocks).transpose(1, 2).contiguous(),
        )


def quantize(weight: torch.Tensor) -> NF4:
    """weight: any float dtype [N, K], K a multiple of 64. What bitsandbytes' quantize_4bit gives, without it."""
    n, k = weight.shape
    if k % BLOCK:
        raise ValueError(f"rows of {k} weights are not whole blocks of {BLOCK}")
    blocks = weight.float().view(n, k // BLOCK, BLOCK)
    absmax = blocks.abs().amax(-1)
    codes = torch.tensor(CODES, dtype=torch.float32, device=weight.device)
    scaled = blocks / absmax.clamp_min(1e-30).unsqueeze(-1)
    index = torch.bucketize(scaled, (codes[1:] + codes[:-1]) / 2).to(torch.uint8).view(n, k // 2, 2)
    return NF4.tiled((index[..., 0] << 4) | index[..., 1], absmax)


def join(parts: list[NF4]) -> NF4:
    """Matrices with the same K, one under the other."""
    return NF4(torch.cat([p.packed for p in parts]), torch.cat([p.absmax for p in parts]))
