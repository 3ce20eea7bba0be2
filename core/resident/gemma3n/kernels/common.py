# mypy: ignore-errors
# Triton's language is not Python's: its types are unknown to mypy.
"""Pieces that several kernels share."""

import torch
import triton
import triton.language as tl

from core.resident.gemma3n.nf4 import CODES

# Two indices a byte, eight a word. `prmt` looks up four bytes at once by 3-bit indices, so the codes, as bfloat16
# bits, are cut into high and low bytes of codes 0-3, 4-7, 8-11, 12-15. Codes 0-7 and 8-15 are both looked up; the
# index's top bit chooses between the two. The table is in the text, not an operand: with one operand Triton moves
# the bytes, not the weights, into the tensor cores' layout.
_DECODE = """
{
.reg .b32 a, s, a2, s2, h0, h1, l0, l1;
and.b32 a, $4, 0x77777777;
shr.u32 s, $4, 1;
lop3.b32 s, s, 0x44444444, 0x32103210, 0xEA;
shr.u32 a2, a, 16;
shr.u32 s2, s, 16;
prmt.b32 h0, H0, H1, a;
prmt.b32 h1, H2, H3, a;
prmt.b32 h0, h0, h1, s;
prmt.b32 l0, L0, L1, a;
prmt.b32 l1, L2, L3, a;
prmt.b32 l0, l0, l1, s;
prmt.b32 $2, l0, h0, 0x6240;
prmt.b32 $0, l0, h0, 0x7351;
prmt.b32 h0, H0, H1, a2;
prmt.b32 h1, H2, H3, a2;
prmt.b32 h0, h0, h1, s2;
prmt.b32 l0, L0, L1, a2;
prmt.b32 l1, L2, L3, a2;
prmt.b32 l0, l0, l1, s2;
prmt.b32 $3, l0, h0, 0x6240;
prmt.b32 $1, l0, h0, 0x7351;
}
"""


def _assembly() -> str:
    bits = torch.tensor(CODES).bfloat16().view(torch.int16).tolist()
    text = _DECODE
    for name, shift in (("H", 8), ("L", 0)):
        for word in range(4):
            value = sum(((bits[4 * word + i] >> shift) & 255) << (8 * i) for i in range(4))
            text = text.replace(f"{name}{word}", f"0x{value:08X}")
    return text


DECODE = tl.constexpr(_assembly())


@triton.jit
def decode(byte, lut, ASM: tl.constexpr, ACT: tl.constexpr):
    """uint8 of two NF4 indices -> (even weights, odd weights) without their block's magnitude.

    ASM decodes to bfloat16 in 21 instructions per 8 weights; otherwise lut (float32 [16], the codes) is read.
    """
    if ASM:
        even, odd = tl.inline_asm_elementwise(
            DECODE, "=&r,=&r,=&r,=&r,r", [byte], dtype=(tl.bfloat16, tl.bfloat16), is_pure=True, pack=4
        )
    else:
        index = byte.to(tl.int32)
        even, odd = tl.load(lut + (index >> 4)).to(ACT), tl.load(lut + (index & 15)).to(ACT)
    return even, odd


@triton.jit
def after(PDL: tl.constexpr):
    """Wait for the kernel before. PDL 1: this kernel was started while that one ran, and lets the next one start;
    2: the next one starts when this one ends.

    Since a kernel starts the next only after its own wait, what the kernel before the last wrote may be read ahead of
    this, around the first cache (".cg"): nothing but the last kernel's own results must come after it.
    """
    if PDL > 0:
        tl.extra.cuda.gdc_wait()
    if PDL == 1:
        tl.extra.cuda.gdc_launch_dependents()


@triton.jit
def split_place(i):
    """Where element i of a row lies in the split order."""
    return (i // 64) * 64 + (i % 2) * 32 + (i % 64) // 2


@triton.jit
def sigmoid(x):
    return 1.0 / (1.0 + tl.exp(-x))


@triton.jit
def tanh(x):
    return 2.0 * sigmoid(2.0 * x) - 1.0


@triton.jit
def gelu(x):
    """The tanh form: x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))."""
    return x * sigmoid(1.5957691216057308 * (x + 0.044715 * x * x * x))


@triton.jit
def total(parts, row, rows, n, WIDTH: tl.constexpr, PARTS: tl.constexpr):
    """Columns n of a row of float32 [PARTS, rows, WIDTH], its parts added up."""
    sum = tl.load(parts + row * WIDTH + n)
    for p in tl.static_range(1, PARTS):
        sum += tl.load(parts + (p * rows + row) * WIDTH + n)
    return sum
