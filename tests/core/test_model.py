"""The slot cache and attention against transformers' own forward, on tiny models of random weights."""

import pytest
import torch
from transformers import AutoModelForCausalLM

from core.resident.hf import HFNet
from core.resident.model import SlotModel

PROMPTS = [[2, *range(1000, 1000 + n)] for n in (5, 40, 23, 70)]  # shorter and longer than the sliding window of 24


@pytest.fixture(scope="module")
def pair(tiny_folder):
    """(transformers' model, ours over the same weights) in float32."""
    reference = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32).eval()
    mine = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32, attn_implementation="eager")
    return reference, SlotModel(HFNet(mine, slots=len(PROMPTS) + 1, context=256), "tiny")


def close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return bool((a - b).norm() / b.norm() < 1e-4)


def prefill(model, slot, prompt, piece):
    for start in range(0, len(prompt), piece):
        part = prompt[start : start + piece]
        logits = model.prefill(slot, start, part, last=start + len(part) == len(prompt))
    return logits


@pytest.mark.parametrize("piece", [16, 128])
def test_prefill_in_pieces_gives_the_logits_of_the_whole(pair, piece):
    reference, model = pair
    for slot, prompt in enumerate(PROMPTS):
        with torch.no_grad():
            expected = reference(torch.tensor([prompt])).logits[0, -1]
        assert close(prefill(model, slot, prompt, piece), expected)


def test_a_mixed_batch_decodes_what_each_would_alone(pair):
    reference, model = pair
    texts = [list(p) for p in PROMPTS]
    for slot, prompt in enumerate(PROMPTS):
        texts[slot].append(int(prefill(model, slot, prompt, 128).argmax()))
    for _ in range(30):
        slots = list(range(len(texts)))
        logits = model.decode(slots, [len(t) - 1 for t in texts], [t[-1] for t in texts])
        for text, row in zip(texts, logits, strict=True):
            text.append(int(row.argmax()))
    for text, prompt in zip(texts, PROMPTS, strict=True):
        with torch.no_grad():
            expected = reference(torch.tensor([text[:-1]])).logits[0, len(prompt) - 1 :].argmax(-1)
        assert text[len(prompt) :] == expected.tolist()


def test_a_copied_prefix_is_as_good_as_an_own_one(pair):
    _, model = pair
    prompt, spare = PROMPTS[3], len(PROMPTS)
    own = prefill(model, 3, prompt, 32)
    model.copy(3, spare, 64)
    assert torch.equal(model.prefill(spare, 64, prompt[64:], last=True), own)
