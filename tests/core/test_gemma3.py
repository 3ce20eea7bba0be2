"""Our forward of Gemma 3 against transformers' own, over the same int8 weights and the same slots.

Both round what goes into a product, to 1/8192 of a row's largest (packed) or as bfloat16 does (plain), and where a last
bit of float32 differs, one rounds up and the other down. So logits agree to a step of that rounding and not to the bit.
"""

import pytest
import torch
from transformers import AutoModelForCausalLM

from core.resident import int8
from core.resident.gemma3 import known
from core.resident.int8 import quantize
from core.resident.model import HFModel
from tests.core.loras import make

PROMPTS = [[2, *range(1000, 1000 + n)] for n in (1, 5, 40, 23, 70)]  # shorter and longer than the window of 24
CLOSE = {"packed": 0.01, "plain": 0.03}
KERNELS = ["packed", "plain"] if int8.FBGEMM else ["plain"]


def quantized(folder, **config):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", **config)
    quantize(model)
    return model


def opened(folder, kernel="plain", **config):
    before, int8.FBGEMM = int8.FBGEMM, kernel == "packed"
    try:
        return HFModel(quantized(folder, **config), "tiny", slots=len(PROMPTS) + 1, context=256)
    finally:
        int8.FBGEMM = before


@pytest.fixture(scope="module", params=KERNELS)
def kernel(request):
    return request.param


@pytest.fixture(scope="module")
def model(gemma3_folder, kernel):
    return opened(gemma3_folder, kernel)


def by_transformers(model, call):
    own, model._own = model._own, None
    try:
        return call()
    finally:
        model._own = own


def prefill(model, slot, prompt, piece=128):
    for start in range(0, len(prompt), piece):
        part = prompt[start : start + piece]
        logits = model.prefill(slot, start, part, last=start + len(part) == len(prompt))
    return logits


def far(a, b):
    return float((a - b).norm() / b.norm())


def agree(model, tolerance, prompts, steps, piece=128):
    """Ours and theirs, each with its own keys, say the same of the prompts and of `steps` tokens after them."""
    for prompt in prompts:
        ours = prefill(model, 0, prompt, piece)
        theirs = by_transformers(model, lambda p=prompt: prefill(model, 1, p, piece))
        for at in range(len(prompt), len(prompt) + steps):
            assert far(ours, theirs) < tolerance
            token = int(ours.argmax())
            assert token == int(theirs.argmax())
            ours = model.decode([0], [at], [token])[0]
            theirs = by_transformers(model, lambda a=at, t=token: model.decode([1], [a], [t])[0])


@pytest.mark.parametrize("piece", [16, 128])
def test_it_says_what_transformers_says(model, kernel, piece):
    assert model._own is not None
    agree(model, CLOSE[kernel], PROMPTS, 10, piece)


@pytest.mark.parametrize(
    "config",
    [
        {"final_logit_softcapping": 1.0},
        {"query_pre_attn_scalar": 50, "rms_norm_eps": 1e-2},
        {
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
                "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
            }
        },
    ],
)
def test_it_follows_the_configuration(gemma3_folder, model, kernel, config):
    other = opened(gemma3_folder, kernel, **config)
    assert other._own is not None
    agree(other, CLOSE[kernel], PROMPTS[-2:], 5)
    assert far(prefill(other, 0, PROMPTS[-1]), prefill(model, 0, PROMPTS[-1])) > 3 * CLOSE[kernel]


@pytest.mark.parametrize(
    "config",
    [
        {"attn_logit_softcapping": 50.0},
        {"use_bidirectional_attention": True},
        {"hidden_activation": "silu"},
    ],
)
def test_what_it_does_not_know_is_left_to_transformers(gemma3_folder, config):
    assert not known(quantized(gemma3_folder, **config))


def test_other_models_are_left_to_transformers(tiny_folder):
    floats = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32)
    assert not known(floats)
    assert known(quantized(tiny_folder)) == (floats.config.model_type == "gemma3_text")


def test_a_row_is_the_same_alone_and_in_a_batch(model):
    slots = list(range(len(PROMPTS)))
    first = [int(prefill(model, slot, prompt).argmax()) for slot, prompt in enumerate(PROMPTS)]

    def walk(groups):
        """Logits of 12 steps, decoded in the given groups of slots."""
        tokens, seen = list(first), []
        for step in range(12):
            rows = {}
            for group in groups:
                starts = [len(PROMPTS[s]) + step for s in group]
                rows |= zip(group, model.decode(group, starts, [tokens[s] for s in group]), strict=True)
            tokens = [int(rows[s].argmax()) for s in slots]
            seen.append(torch.stack([rows[s] for s in slots]))
        return torch.stack(seen)

    alone = walk([[s] for s in slots])
    assert torch.equal(walk([slots]), alone)
    assert torch.equal(walk([slots[::-2], slots[-2::-2]]), alone)


def test_adapters_say_what_they_say_by_transformers_and_each_row_is_alone(gemma3_folder, tmp_path, kernel):
    model = opened(gemma3_folder, kernel)
    prompt = PROMPTS[2]
    token = int(prefill(model, 0, prompt).argmax())
    plain = model.decode([0], [len(prompt)], [token])[0]
    model.load_adapter("a", make(gemma3_folder, tmp_path / "a", 1))
    model.load_adapter("b", make(gemma3_folder, tmp_path / "b", 2, target_modules=["k_proj", "up_proj", "o_proj"]))
    alone = {"": plain}
    for slot, name in ((1, "a"), (2, "b"), (3, "")):
        model.begin(slot, "", name)
        theirs = by_transformers(model, lambda s=slot: prefill(model, s, prompt))
        assert far(prefill(model, slot, prompt), theirs) < CLOSE[kernel]
        alone.setdefault(name, model.decode([slot], [len(prompt)], [token])[0])
        theirs = by_transformers(model, lambda s=slot: model.decode([s], [len(prompt)], [token])[0])
        assert far(alone[name], theirs) < CLOSE[kernel]
    assert far(alone["a"], plain) > 0.1 and far(alone["b"], plain) > 0.1
    mixed = model.decode([1, 0, 2, 3], [len(prompt)] * 4, [token] * 4)
    for row, name in zip(mixed, ("a", "", "b", ""), strict=True):
        assert torch.equal(row, alone[name])


def test_the_embedded_model_says_what_transformers_says(embedded_folder, tokenizer, kernel):
    model = opened(embedded_folder, kernel)
    assert model._own is not None
    prompt = [tokenizer.bos, *tokenizer.encode("The mind is restless, Krishna. How do I hold it, when all")]
    agree(model, CLOSE[kernel], [prompt, (prompt * 12)[:130]], 4)
