"""Drawing on the device against the engine's own sampler's rules."""

from __future__ import annotations

import pytest
import torch

from core.engine import Sampling
from core.resident.gemma3n.draw import BROKEN, draw
from core.resident.sampling import Sampler


def drawn(logits, temperature=1.0, top_k=64, top_p=1.0, dice=0.5):
    rows = len(logits)
    tops = logits.view(rows, -1, 64).amax(-1)
    return draw(logits, tops, *(torch.full((rows,), float(v)) for v in (temperature, top_k, top_p, dice)))


def test_greedy_is_the_largest():
    logits = torch.randn(5, 64 * 130, generator=torch.Generator().manual_seed(1))
    assert drawn(logits, temperature=0.0).tolist() == logits.argmax(-1).tolist()


def test_dice_walk_through_the_kept_tokens_by_their_chances():
    logits = torch.full((1, 640), -20.0)
    logits[0, [3, 77, 600, 601]] = torch.tensor([0.4, 0.3, 0.2, 0.1]).log() + 5
    picks = {dice: int(drawn(logits, dice=dice)) for dice in (0.1, 0.39, 0.45, 0.75, 0.95)}
    assert picks == {0.1: 3, 0.39: 3, 0.45: 77, 0.75: 600, 0.95: 601}


def test_top_k_and_top_p_keep_the_smallest_set_and_rescale():
    logits = torch.full((1, 640), -20.0)
    logits[0, [3, 77, 600, 601]] = torch.tensor([0.4, 0.3, 0.2, 0.1]).log() + 5
    assert {int(drawn(logits, top_k=2, dice=d)) for d in (0.0, 0.3, 0.6, 0.999)} == {3, 77}
    assert int(drawn(logits, top_k=2, dice=0.56)) == 3  # 0.4 / 0.7 = 0.571
    assert {int(drawn(logits, top_p=0.69, dice=d)) for d in (0.0, 0.5, 0.999)} == {3, 77}
    assert {int(drawn(logits, top_p=0.71, dice=d)) for d in (0.0, 0.5, 0.999)} == {3, 77, 600}
    assert int(drawn(logits, top_k=2, dice=1.0)) == 77  # a die of float32 may be rounded up to 1


def test_rows_that_are_not_finite_are_told():
    logits = torch.randn(3, 640)
    logits[1, 5] = float("nan")
    assert drawn(logits)[1] == BROKEN and (drawn(logits)[[0, 2]] >= 0).all()


@pytest.mark.parametrize(
    "options", [{}, {"temperature": 0.6, "top_p": 0.7}, {"top_k": 5, "top_p": 1.0}, {"temperature": 0.0}]
)
def test_a_sampler_picks_what_is_drawn_here(options):
    logits = 4 * torch.randn(200, 640, generator=torch.Generator().manual_seed(3))
    one, other = (Sampler(Sampling(seed=11, **options)) for _ in range(2))
    s = one.sampling
    picked = [one.pick(row, ()) for row in logits]
    assert picked == [int(drawn(row[None], s.temperature, s.top_k, s.top_p, other.roll())) for row in logits]
    assert len({int(row.argmax()) == token for row, token in zip(logits, picked, strict=True)}) == (
        2 if options.get("temperature", 1) else 1
    )


def test_the_kernel_draws_what_the_reference_draws():
    pytest.importorskip("triton")
    from core.resident.gemma3n.kernels.pick import pick

    rows, vocabulary = 8, 64 * 70
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    g = torch.Generator().manual_seed(5)
    logits = 3 * torch.randn(rows, vocabulary, generator=g)
    logits[7] = float("nan")
    tops = logits.view(rows, -1, 64).amax(-1)
    temperature = torch.tensor([0.0, 1.0, 0.7, 1.5, 1.0, 1.0, 1.0, 1.0])
    top_k = torch.tensor([64.0, 64, 64, 64, 3, 1, 40, 64])
    top_p, dice = torch.tensor([1.0, 1.0, 0.9, 0.95, 0.8, 1, 0.5, 1]), torch.rand(rows, generator=g)
    expected = draw(logits, tops, temperature, top_k, top_p, dice)
    given = [t.to(device) for t in (logits, tops, temperature, top_k, top_p, dice)]
    scratch = torch.zeros((rows, 2, 128), dtype=torch.int32, device=device)
    out = torch.full((rows,), 7, dtype=torch.int32, device=device)
    slots, latest = torch.arange(rows, dtype=torch.int32, device=device).flip(0), torch.zeros_like(out)
    pick[(rows,)](*given, scratch, out, slots, latest, vocabulary, BLOCKS=70, PADDED=128, PDL=0)
    assert out.tolist() == expected.tolist() and out[7] == BROKEN
    assert latest.flip(0).tolist() == out.tolist()
