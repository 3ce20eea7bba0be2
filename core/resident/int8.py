"""Linear layers with weights in int8, for the CPU, in one of two kernels of PyTorch.

Weights: symmetric int8, one scale per output row. Both kernels read each weight once however many rows there are, and
add up each row in the same order: many chats at once give exactly the tokens that each gives alone.

Packed (FBGEMM, on x86): activations of 14 bits as two rows of 7, x = a/8192 (128 hi + lo), which one product of bytes
takes together. 7 bits and no more, because AVX2 adds two products of bytes in 16 bits and saturates beyond; the sums
are integers and therefore exact. Two rows cost it hardly more than one, and on AVX2 it takes half the time of the
other, which spends it on turning every weight into a float32.

Plain (`_weight_int8pack_mm`, of gpt-fast and torchao): activations in bfloat16. For ARM, and for small factors, where
the other's 20 µs a call are the larger part.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import nn
from torch.nn.functional import pad

PIECE = 1024  # rows quantized at once: what they are between float and int8 stays in the processor's cache
PACK = 32768  # rows taken over to FBGEMM at once, for the same reason
ALIGN = 32  # the plain kernel reads a row in vectors of this many weights, and checks nothing
# What it needs of PyTorch is deprecated since 2.13; where it is gone, the plain kernel runs.
FBGEMM = "fbgemm" in torch.backends.quantized.supported_engines and hasattr(torch, "_make_per_channel_quantized_tensor")

# Constants as tensors: a Python number would be made into one at every call.
_STEPS = torch.tensor(8192.0)
_STEP = torch.tensor(1 / 8192)
_COARSE = torch.tensor(1 / 128)


class Int8Linear(nn.Module):
    """y = x Wᵀ for x [..., K] of any float, W [N, K]; y [..., N] float32. Biases in float32.

    Plain, x and y are rounded as bfloat16 is. Packed, x is rounded to 1/8192 of its row's largest, and y not at all.
    """

    weight: torch.Tensor  # int8 [N, K + what is spare]; [0, ...] once packed
    scale: torch.Tensor  # bfloat16 [N]
    bias: torch.Tensor | None

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        self._spare = -self.in_features % ALIGN
        self._packed: dict[tuple[int, int], Any] = {}  # by rows: first, end
        quantized = torch.empty(weight.shape, dtype=torch.int8)
        scale = torch.empty(len(weight), 1, dtype=torch.bfloat16)
        floats = torch.empty(PIECE, self.in_features)
        for start in range(0, len(weight), PIECE):
            rows = weight[start : start + PIECE]
            # rounded first, so that the weights are quantized with the very scale that the kernel multiplies by
            steps = (rows.abs().amax(dim=1, keepdim=True).float().clamp_(min=1e-12) / 127.0).bfloat16()
            scale[start : start + PIECE] = steps
            exact = floats[: len(rows)].copy_(rows).div_(steps.float())
            quantized[start : start + PIECE] = exact.round_().clamp_(-127, 127)
        self.register_buffer("weight", pad(quantized, (0, self._spare)))
        self.register_buffer("scale", scale.squeeze(1))
        self.register_buffer("bias", None if bias is None else bias.float())

    def pack(self, start: int, stop: int) -> None:
        """Take some of the rows over to FBGEMM's layout."""
        rows = self.weight[start:stop, : self.in_features].contiguous()
        zeros = torch.zeros(stop - start, dtype=torch.long)
        made = torch._make_per_channel_quantized_tensor(rows, self.scale[start:stop].double(), zeros, 0)
        self._packed[start, stop] = torch.ops.quantized.linear_prepack(made, None)

    def product(self, x: torch.Tensor) -> torch.Tensor:
        """x [M, K] float32 -> [M, N] float32, a tensor of its own."""
        if not self._packed:
            rows = x.to(torch.bfloat16)
            if self._spare:
                rows = pad(rows, (0, self._spare))
            y = torch._weight_int8pack_mm(rows, self.weight, self.scale).float()
        else:
            y = self._packed_product(x)
        if self.bias is not None:
            y.add_(self.bias)
        return y

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.product(x.reshape(-1, self.in_features).float())
        return y.view(*x.shape[:-1], self.out_features)

    def _packed_product(self, x: torch.Tensor) -> torch.Tensor:
        """A row of zeros is divided by nothing, and what comes of it is then multiplied by nothing: zeros again.

        A row that is not finite gives one that is not finite.
        """
        largest = x.abs().amax(-1, keepdim=True)  # [M, 1]; a vector_norm takes up to seven times as long
        steps = x * (_STEPS / largest)
        high = torch.mul(steps, _COARSE).round_()  # -64 … 64
        low = torch.sub(steps, high, alpha=128)  # -64 … 64, rounded by the kernel
        both, y = torch.cat((high, low)), torch.empty(len(x), self.out_features)
        fbgemm = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32.default
        for (start, stop), packed in self._packed.items():
            high, low = fbgemm(both, 1.0, 64, packed).chunk(2)
            torch.add(low, high, alpha=128, out=y[:, start:stop])
        return y.mul_(largest.mul_(_STEP))


class Int8Embedding(nn.Module):
    """Rows of a head's quantized table (the same memory, until the head is packed). ids [...] -> [..., K] float32."""

    def __init__(self, head: Int8Linear, factor: float) -> None:
        super().__init__()
        self._table = (head.weight, head.scale)  # in a tuple: it is the head's and must not be counted twice
        self._width, self.factor = head.in_features, factor

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        table, scale = self._table
        rows = table[ids][..., : self._width].float()
        return rows * scale[ids].float().unsqueeze(-1) * self.factor


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


@contextlib.contextmanager
def packing(layers: Iterable[Int8Linear]) -> Iterator[None]:
    """Take layers over to FBGEMM, where there is one, in two threads beside what the caller does meanwhile. They may be
    used after the context; their plain weights are let go of."""
    if not FBGEMM:
        yield
        return
    layers = sorted((layer for layer in layers if not layer._packed), key=lambda layer: -layer.out_features)
    with laying(), ThreadPoolExecutor(2) as pool:
        under_way = [
            pool.submit(layer.pack, start, min(start + PACK, layer.out_features))
            for layer in layers
            for start in range(0, layer.out_features, PACK)
        ]
        yield
        for packed in under_way:
            packed.result()
    for layer in layers:
        layer.weight = layer.weight.new_empty(0, layer.weight.shape[1])


@contextlib.contextmanager
def laying() -> Iterator[None]:
    """PyTorch set to make FBGEMM's layout, without warnings of its deprecation; the product needs no setting."""
    before = torch.backends.quantized.engine
    torch.backends.quantized.engine = "fbgemm"
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            yield
    finally:
        torch.backends.quantized.engine = before


class CoarseLinear(nn.Module):
    """y = x Wᵀ + b for x [M, K] float32, y [M, N] float32, on FBGEMM where a vector may turn a little: weights of 8 bits,
    x rounded to 1/63 of its row's largest. Make it within laying(). A row of zeros or one not finite: as above."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        scale = weight.abs().amax(1, keepdim=True) / 127
        rows = (weight / scale).round_().to(torch.int8)
        zeros = torch.zeros(len(rows), dtype=torch.long)
        made = torch._make_per_channel_quantized_tensor(rows, scale[:, 0].double(), zeros, 0)
        self.packed = torch.ops.quantized.linear_prepack(made, None)
        self.bias = bias.clone()  # it may be a view of a file

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        largest = x.abs().amax(-1, keepdim=True)
        x = x * (63 / largest)
        y: torch.Tensor = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(x, 1.0, 64, self.packed)
        return y.mul_(largest.div_(63)).add_(self.bias)
