"""Adapters beside the weights: against PEFT's own model, and the kernels against the plain forward."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model

from core.engine import LoadError
from core.resident.gemma3n.forward import Forward
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.lora import Adapters, plain, split
from core.resident.gemma3n.slices import Slice
from tests.core.gemma3n.tiny import WINDOW, error, hf_config, reference, two_layers, weights_of

CPU = torch.device("cpu")
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def adapted(model, folder: Path, rank: int = 64, **options):
    """PEFT's model of a copy, its adapter saved in the folder."""
    torch.manual_seed(rank)
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=options.pop("targets", ALL), **options)
    tuned = get_peft_model(copy.deepcopy(model), config).eval()
    with torch.no_grad():
        for name, p in tuned.named_parameters():
            if "lora_" in name:
                p.normal_(0, 0.5 * p.shape[-1] ** -0.5)
    tuned.save_pretrained(folder)
    return tuned


def test_split_order_and_back():
    a = torch.arange(256.0).view(2, 128)
    assert split(a)[0, :3].tolist() == [0, 2, 4] and split(a)[0, 32:34].tolist() == [1, 3]
    assert torch.equal(plain(split(a)), a)


@pytest.mark.parametrize("rank, targets", [(64, ALL), (5, ALL), (8, ["q_proj", "up_proj"])])
def test_logits_are_those_of_peft(tmp_path, rank, targets):
    model = reference(hf_config())
    tuned = adapted(model, tmp_path, rank, targets=targets)
    weights = weights_of(model)
    adapters = Adapters(weights.config, torch.float32, CPU)
    adapters.load("a", tmp_path)
    cache = Slots(weights.config, 2, 128, 128, torch.float32, CPU)
    forward = Forward(weights, cache, torch.float32, adapters)
    ids = torch.randint(3, 512, (3 * WINDOW,), generator=torch.Generator().manual_seed(1))
    part = Slice.of(weights.config, "all")
    with torch.inference_mode():
        truth = tuned(ids.unsqueeze(0)).logits[0, -1]
        base = model(ids.unsqueeze(0)).logits[0, -1]
        forward.run(part, 0, 0, ids[:20], last=False, adapter=adapters.index("a"))
        mine = forward.run(part, 0, 20, ids[20:], last=True, adapter=adapters.index("a"))
        assert error(mine, truth) < 1e-4 and error(base, truth) > 1e-2
        assert error(forward.run(part, 1, 0, ids, last=True), base) < 1e-4


def test_what_does_not_fit_is_refused(tmp_path):
    model = reference(hf_config())
    adapters = Adapters(weights_of(model).config, torch.float32, CPU)
    adapted(model, tmp_path / "wide", 65)
    adapted(reference(hf_config(hidden_size=256)), tmp_path / "other", 4)
    adapted(model, tmp_path / "more", 4, targets=["per_layer_projection"])
    for name, words in (("wide", "up to 64"), ("other", "does not fit"), ("more", "feed-forward")):
        with pytest.raises(LoadError, match=words):
            adapters.load(name, tmp_path / name)
    assert adapters.table.tolist() == [0, 0, 0, 0]


def test_a_place_is_free_again_after_unloading(tmp_path):
    model = reference(hf_config())
    adapters = Adapters(weights_of(model).config, torch.float32, CPU)
    adapted(model, tmp_path, 4)
    for name in "abcd":
        adapters.load(name, tmp_path)
    with pytest.raises(LoadError, match="unload one"):
        adapters.load("e", tmp_path)
    adapters.unload("b")
    adapters.load("e", tmp_path)
    assert adapters.index("e") == 2 and adapters.index("") == 0
    with pytest.raises(KeyError):
        adapters.index("b")


@pytest.mark.skipif(torch.cuda.is_available(), reason="on a GPU the same is tested there")
@pytest.mark.parametrize("which", [(1, 0, 2), (0, 2, 2)])
def test_the_kernels_add_what_the_plain_forward_adds(tmp_path, which):
    """Three rows of one step: an adapter, none, another, or one adapter alone; one sparse layer, and keys shared."""
    pytest.importorskip("triton")
    from core.resident.gemma3n.graphs import kinds
    from core.resident.gemma3n.step import Step

    config = two_layers()
    model = reference(config)
    adapted(model, tmp_path / "a", 64)
    adapted(model, tmp_path / "b", 8)
    weights = weights_of(model, quantized=True)
    adapters = Adapters(weights.config, torch.float32, CPU)
    adapters.load("a", tmp_path / "a")
    adapters.load("b", tmp_path / "b")
    plain_, mine = (Slots(weights.config, 3, 64, 2 * WINDOW, torch.float32, CPU) for _ in range(2))
    forward, step = Forward(weights, plain_, torch.float32, adapters), Step(weights, mine, 3, torch.float32)
    step.held = adapters
    part = Slice.of(weights.config, "small", ffn=128)
    with torch.inference_mode():
        for slot in range(3):
            forward.run(part, slot, 0, torch.tensor([7, 8, 9]), last=False, adapter=which[slot])
        for a, b in zip((*mine.keys, *mine.values), (*plain_.keys, *plain_.values), strict=True):
            a.copy_(b)
        step.tokens[:], step.slots[:], step.positions[:] = torch.tensor([5, 5, 5]), torch.arange(3), 3
        step.adapters[:] = torch.tensor(which)
        step.run(part, 3, adapted=kinds(which))
        for slot in range(3):
            truth = forward.run(part, slot, 3, torch.tensor([5]), last=True, adapter=which[slot])
            assert error(step.logits[slot], truth) < 1e-4
    assert error(step.logits[0], step.logits[1]) > 1e-2
