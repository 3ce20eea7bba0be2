"""How the fused step launches kernels, and its products with 4-bit weights, adapters' parts included."""

from __future__ import annotations

from typing import Any

import torch
import triton.language as tl

from core.resident.gemma3n.kernels import matmul
from core.resident.gemma3n.lora import GROUPS, Adapters
from core.resident.gemma3n.nf4 import BLOCK, NF4
from core.resident.gemma3n.weights import Matrix

# Up to so many rows a kernel starts while the one before it ends; with more, what has started early is in the way.
OVERLAP = 8
# When these let the next one start (kernels/common.py, `after`); the others at once.
_EARLY = {"attend": 2, "gate_up": 2}
# Shares of K by which programs make A x: those that wait for it add up as many parts. Gate and up take long enough
# for it to be made in one.
_LOW = {"inner": 8, "o": 8, "gate_up": 1, "down": 16}
_ACT = {torch.bfloat16: tl.bfloat16, torch.float32: tl.float32}


class Products:
    """The part of Step (step.py) that knows no Gemma: its buffers are made there."""

    rows: int
    act: torch.dtype
    adapters: torch.Tensor  # int32 [rows]
    _gpu: bool
    _early: bool  # whether the GPU can start kernels early
    _overlap: bool  # of the step under way: kernels start while the one before ends
    _kinds: int  # of the step under way: adapters it must be ready for
    _lora: Adapters | None  # of the step under way
    _parts: torch.Tensor
    _lut: torch.Tensor
    _low: torch.Tensor  # what adapters' A made of the product's input under way
    _arrivals: torch.Tensor  # int32, by layer and product: programs of this step that have written `_low`

    def _product(
        self,
        x: torch.Tensor,
        weight: Matrix,
        rows: int,
        *,
        split: int,
        columns: int | None = None,
        tile: int = 32,
        unroll: int = 1,
        copies: int = 1,
        extra: tuple[torch.Tensor, Matrix] | None = None,
        out: torch.Tensor | None = None,
        name: str = "",
        layer: int = 0,
    ) -> int:
        """x · Wᵀ into `out` (the parts buffer), in as many parts as returned; `extra` is one part more.

        name, layer: of what adapters may add to.
        """
        w = nf4_of(weight)
        n, k = w.shape[0] // copies, columns or w.shape[1]
        split = parts_of(k // BLOCK, split)
        unroll = parts_of(k // BLOCK // split, unroll)
        x2, w2 = (extra[0], nf4_of(extra[1])) if extra else (x, w)
        if not self._gpu:  # the interpreter takes programs one by one: few large ones are faster
            split, unroll, tile = parts_of(k // BLOCK, min(split, 2)), 1, 64
        tiles = self._grid(n, tile, rows)
        adapted, down, more = self._low_rank(layer, name, k, rows) if name else self._unadapted(x)
        self.launch(
            matmul.matmul, (down + tiles * (split + adapted["LORA"] + bool(extra)), copies), x, w.packed, w.absmax,
            self._parts if out is None else out, self._lut, x2, w2.packed, w2.absmax, *more, rows, n, k,
            w.packed.stride(0) // 1024,
            BM=tile_of(rows), BN=tile, SPLIT=split, UNROLL=unroll, **adapted,
            EXTRA=extra is not None, ASM=self._gpu, ACT=self._dtype, STAGES=3, warps=2,
        )  # fmt: skip
        return split + int(adapted["LORA"])

    def _low_rank(self, layer: int, name: str, k: int, rows: int) -> tuple[dict[str, Any], int, tuple[Any, ...]]:
        """For what a product's adapters add: constants, the programs that make A x, and arguments (kernels/lora.py)."""
        if self._lora is None:
            return self._unadapted(self.adapters)
        place, table = self._lora.places[layer][name], self._lora.table
        split = parts_of(k // BLOCK, _LOW[name] if self._gpu else 1)
        programs = place.ranks // 16 * -(-rows // tile_of(rows)) * split * self._kinds
        starts = [*place.columns[1:-1], 1 << 30, 1 << 30]  # of the second and third projection
        arrived = self._arrivals[layer * len(GROUPS) + list(GROUPS).index(name) :]
        more = table, place.down, place.up, self.adapters, self._low, arrived, place.ranks, place.inputs, *starts[:2]
        constants = {
            "LORA": True, "KINDS": self._kinds, "ROOM": 1 << (rows - 1).bit_length(), "LOW": split,
            "CHUNK": 256 if rows <= OVERLAP and k // split % 256 == 0 else BLOCK,
        }  # fmt: skip
        return constants, programs, more

    def _unadapted(self, any: torch.Tensor) -> tuple[dict[str, Any], int, tuple[Any, ...]]:
        return {"LORA": False, "KINDS": 0, "ROOM": 0, "LOW": 0, "CHUNK": 0}, 0, (any, 0, 0, any, any, any, 0, 0, 0, 0)

    @staticmethod
    def _grid(n: int, tile: int, rows: int) -> int:
        return n // tile * -(-rows // tile_of(rows))

    @property
    def _dtype(self) -> Any:
        return _ACT[self.act]

    def launch(self, kernel: Any, grid: tuple[int, ...], *args: Any, warps: int, **constants: Any) -> None:
        pdl = _EARLY.get(kernel.__name__, 1) if self._early and self._overlap else 0
        more = {"launch_pdl": True} if pdl else {}
        kernel[grid](*args, **constants, PDL=pdl, num_warps=warps, **more)


def tile_of(rows: int) -> int:
    """Rows of a product's tile: tensor cores take 8 at least, and past 64 the sums leave the registers."""
    return min(64, max(8, 1 << (rows - 1).bit_length()))


def parts_of(blocks: int, wanted: int) -> int:
    """The most parts, up to those wanted, that cut `blocks` evenly."""
    return next(n for n in range(min(blocks, wanted), 0, -1) if blocks % n == 0)


def nf4_of(matrix: Matrix) -> NF4:
    if not isinstance(matrix, NF4):
        raise TypeError("the fused step needs quantized weights")
    return matrix
