"""The 4-bit format: codes, tiles, parts."""

from __future__ import annotations

import pytest
import torch

from core.resident.gemma3n.nf4 import CODES, NF4, join, quantize


def test_each_weight_becomes_the_nearest_code_times_its_blocks_magnitude():
    weight = torch.randn(64, 192, generator=torch.Generator().manual_seed(1))
    blocks = weight.view(64, 3, 64)
    absmax = blocks.abs().amax(-1, keepdim=True)
    nearest = (blocks.div(absmax).unsqueeze(-1) - torch.tensor(CODES)).abs().argmin(-1)
    assert torch.equal(quantize(weight).dense(torch.float32), (torch.tensor(CODES)[nearest] * absmax).view(64, 192))


def test_bytes_in_bitsandbytes_order_are_read_high_half_first():
    packed = torch.full((32, 32), 0x7F, dtype=torch.uint8)  # index 7 (zero), then 15 (one)
    packed[3, 5] = 0x0F
    absmax = torch.full((32, 1), 2.0)
    dense = NF4.tiled(packed, absmax).dense(torch.float32)
    assert dense[3, 10:12].tolist() == [-2.0, 2.0] and dense[2, 10:12].tolist() == [0.0, 2.0]


def test_parts_and_joins_are_those_of_the_dense_matrix():
    weight = torch.randn(128, 256, generator=torch.Generator().manual_seed(2))
    whole = quantize(weight)
    dense = whole.dense(torch.float32)
    assert torch.equal(whole.part(slice(32, 96), 128).dense(torch.float32), dense[32:96, :128])
    assert torch.equal(join([whole.part(slice(64, 128)), whole]).dense(torch.float32), torch.cat((dense[64:], dense)))
    assert whole.shape == (128, 256) and whole.part(columns=64).shape == (128, 64)


@pytest.mark.parametrize("rows, columns", [(slice(0, 31), None), (slice(None), 65)])
def test_a_part_must_be_whole_tiles(rows, columns):
    with pytest.raises(ValueError, match="whole tiles"):
        quantize(torch.randn(64, 128)).part(rows, columns)


def test_a_row_that_is_not_whole_blocks_is_refused():
    with pytest.raises(ValueError, match="whole blocks"):
        quantize(torch.randn(32, 65))
