"""Our forward of Gemma 3 against transformers' own, over the same int8 weights and the same slots.

Both round what goes into a product, to 1/8192 of a row's largest (packed) or as bfloat16 does (plain), and where a last
bit of float32 differs, one rounds up and the other down. So logits agree to a step of that rounding and not to the bit.
"""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from core.resident import int8
from core.resident.gemma3 import Config, Gemma3
from core.resident.hf import HFNet
from core.resident.int8 import quantize
from core.resident.loader import load
from core.resident.model import SlotModel
from core.settings import EngineSettings
from tests.core.loras import make

PROMPTS = [[2, *range(1000, 1000 + n)] for n in (1, 5, 40, 23, 70)]  # shorter and longer than the window of 24
CLOSE = {"packed": 0.01, "plain": 0.03}
KERNELS = ["packed", "plain"] if int8.FBGEMM else ["plain"]


def theirs_of(folder, **config):
    """transformers' forward over the same int8 weights."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", **config)
    quantize(model)
    return model


def opened(folder, kernel="plain", **config):
    """(ours, transformers')"""
    about = json.loads((folder / "config.json").read_text()) | config
    shape = {"slots": len(PROMPTS) + 1, "context": 256}
    nets = Gemma3(folder, Config.of(about), **shape), HFNet(theirs_of(folder, **config), **shape)
    if kernel == "packed":
        for net in nets:
            with int8.packing(net.quantized()):
                pass
    return tuple(SlotModel(net, "tiny") for net in nets)


@pytest.fixture(scope="module", params=KERNELS)
def kernel(request):
    return request.param


@pytest.fixture(scope="module")
def pair(gemma3_folder, kernel):
    return opened(gemma3_folder, kernel)


@pytest.fixture
def model(pair):
    return pair[0]


def prefill(model, slot, prompt, piece=128):
    for start in range(0, len(prompt), piece):
        part = prompt[start : start + piece]
        logits = model.prefill(slot, start, part, last=start + len(part) == len(prompt))
    return logits


def far(a, b):
    return float((a - b).norm() / b.norm())


def agree(pair, tolerance, prompts, steps, piece=128):
    """Ours and theirs, each with its own keys, say the same of the prompts and of `steps` tokens after them."""
    ours, theirs = pair
    for prompt in prompts:
        a, b = prefill(ours, 0, prompt, piece), prefill(theirs, 0, prompt, piece)
        for at in range(len(prompt), len(prompt) + steps):
            assert far(a, b) < tolerance
            token = int(a.argmax())
            assert token == int(b.argmax())
            a, b = (model.decode([0], [at], [token])[0] for model in pair)


@pytest.mark.parametrize("piece", [16, 128])
def test_it_says_what_transformers_says(pair, kernel, piece):
    agree(pair, CLOSE[kernel], PROMPTS, 10, piece)


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
    agree(other, CLOSE[kernel], PROMPTS[-2:], 5)
    assert far(prefill(other[0], 0, PROMPTS[-1]), prefill(model, 0, PROMPTS[-1])) > 3 * CLOSE[kernel]


@pytest.mark.parametrize(
    "more",
    [
        {"attn_logit_softcapping": 50.0},
        {"use_bidirectional_attention": True},
        {"hidden_activation": "silu"},
        {"tie_word_embeddings": False},
        {"model_type": "gemma3n_text"},
        {"rope_parameters": {"full_attention": {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1e6}}},
    ],
)
def test_what_it_does_not_know_is_left_to_transformers(gemma3_folder, more):
    about = json.loads((gemma3_folder / "config.json").read_text())
    assert Config.of(about) is not None and Config.of(about | more) is None


def test_a_configuration_that_says_little_is_read_as_transformers_reads_it(gemma3_folder, pair, tmp_path):
    """As the hub has Gemma 3: before transformers 5 rope was written otherwise, and defaults were left out."""
    shutil.copytree(gemma3_folder, tmp_path / "old")
    about = json.loads((gemma3_folder / "config.json").read_text())
    for name in ("rope_parameters", "final_logit_softcapping", "hidden_activation"):
        del about[name]
    about |= {"rope_theta": 1e6, "rope_local_base_freq": 1e4, "rope_scaling": None}
    (tmp_path / "old" / "config.json").write_text(json.dumps(about))
    model, _ = load(EngineSettings(model=str(tmp_path / "old"), device="cpu", slots=1, context=256), lambda _: None)
    assert isinstance(model.net, Gemma3)
    assert far(prefill(model, 0, PROMPTS[3]), prefill(pair[0], 0, PROMPTS[3])) < 0.03


def test_the_text_model_of_a_larger_one_is_the_same(gemma3_folder, pair, tmp_path):
    about = json.loads((gemma3_folder / "config.json").read_text())
    about = {"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"], "text_config": about}
    (tmp_path / "config.json").write_text(json.dumps(about))
    shutil.copy(gemma3_folder / "tokenizer.json", tmp_path)
    tensors = load_file(gemma3_folder / "model.safetensors")
    save_file(
        {f"language_model.{name}": tensor for name, tensor in tensors.items() if "embed" not in name},
        tmp_path / "model-00001-of-00002.safetensors",
    )
    rest = {f"language_model.{name}": tensor for name, tensor in tensors.items() if "embed" in name}
    save_file(rest | {"vision_tower.x.weight": torch.ones(2)}, tmp_path / "model-00002-of-00002.safetensors")
    model, _ = load(EngineSettings(model=str(tmp_path), device="cpu", slots=1, context=256), lambda _: None)
    assert isinstance(model.net, Gemma3)
    assert far(prefill(model, 0, PROMPTS[3]), prefill(pair[0], 0, PROMPTS[3])) < 0.03


@pytest.fixture
def two_threads():
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def test_a_row_is_the_same_alone_and_in_a_batch(model, two_threads):
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
    model, theirs = opened(gemma3_folder, kernel)
    prompt = PROMPTS[2]
    token = int(prefill(model, 0, prompt).argmax())
    plain = model.decode([0], [len(prompt)], [token])[0]
    for each in (model, theirs):
        each.load_adapter("a", make(gemma3_folder, tmp_path / "a", 1))
        each.load_adapter("b", make(gemma3_folder, tmp_path / "b", 2, target_modules=["k_proj", "up_proj", "o_proj"]))
    alone = {"": plain}
    for slot, name in ((1, "a"), (2, "b"), (3, "")):
        for each in (model, theirs):
            each.begin(slot, "", name)
        assert far(prefill(model, slot, prompt), prefill(theirs, slot, prompt)) < CLOSE[kernel]
        alone.setdefault(name, model.decode([slot], [len(prompt)], [token])[0])
        assert far(alone[name], theirs.decode([slot], [len(prompt)], [token])[0]) < CLOSE[kernel]
    assert far(alone["a"], plain) > 0.1 and far(alone["b"], plain) > 0.1
    mixed = model.decode([1, 0, 2, 3], [len(prompt)] * 4, [token] * 4)
    for row, name in zip(mixed, ("a", "", "b", ""), strict=True):
        assert torch.equal(row, alone[name])


def test_the_embedded_model_says_what_transformers_says(embedded_folder, tokenizer, kernel):
    pair = opened(embedded_folder, kernel)
    prompt = [tokenizer.bos, *tokenizer.encode("The mind is restless, Krishna. How do I hold it, when all")]
    agree(pair, CLOSE[kernel], [prompt, (prompt * 12)[:130]], 4)
