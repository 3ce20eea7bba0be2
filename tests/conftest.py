"""What many tests share: the embedded model's folder, and tiny Gemmas of random weights with the real tokenizer."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.postgres import Postgres, programs

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# One thread for each process that computes: two workers of pytest and the programs they start share the machine, and
# PyTorch's threads wait for each other by spinning (with two threads on two busy cores a start took twice as long).
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)
if not torch.cuda.is_available():  # the kernels run in Triton's interpreter, chosen before anything imports Triton
    os.environ.setdefault("TRITON_INTERPRET", "1")
warnings.filterwarnings("ignore", module="torch.*")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker ends long after the other."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server for the whole run of tests."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's server is not installed (on Debian: apt-get install postgresql)")
    server = Postgres(found)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def embedded_folder() -> Path:
    """The real embedded model, prepared once per machine (about a minute the first time)."""
    from core.resident.embedded import prepared
    from core.settings import EngineSettings

    return prepared(EngineSettings().cache, print)


@pytest.fixture(scope="session")
def tokenizer(embedded_folder: Path):
    from core.resident.tokenizer import GemmaTokenizer

    return GemmaTokenizer(embedded_folder)


def _tiny(kind: str, folder: Path, embedded: Path) -> Path:
    import torch
    from transformers import Gemma3ForCausalLM, Gemma3nForCausalLM, Gemma3nTextConfig, Gemma3TextConfig

    torch.manual_seed(73)
    common = dict(
        vocab_size=262_144,
        hidden_size=48,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        sliding_window=24,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
    )
    if kind == "gemma3":
        layers = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
        config = Gemma3TextConfig(
            intermediate_size=96, num_hidden_layers=4, layer_types=layers, query_pre_attn_scalar=16, **common
        )
        model = Gemma3ForCausalLM(config)
    else:
        layers = ["sliding_attention", "full_attention"] * 3
        config = Gemma3nTextConfig(
            intermediate_size=96,
            num_hidden_layers=6,
            layer_types=layers,
            num_kv_shared_layers=2,
            hidden_size_per_layer_input=8,
            vocab_size_per_layer_input=262_144,
            laurel_rank=8,
            activation_sparsity_pattern=[0.9, 0.9, 0.0, 0.0, 0.0, 0.0],
            **common,
        )
        model = Gemma3nForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():  # larger than the default, so that logits differ clearly
            if parameter.dim() > 1:
                parameter.normal_(0, 0.15)
    model.save_pretrained(folder)
    shutil.copy(embedded / "tokenizer.json", folder)
    return folder


@pytest.fixture(scope="session", params=["gemma3", "gemma3n"])
def tiny_folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, embedded_folder: Path
) -> Path:
    """A local folder with a tiny Gemma 3, then with a tiny Gemma 3n."""
    return _tiny(request.param, tmp_path_factory.mktemp(request.param), embedded_folder)


@pytest.fixture(scope="session")
def gemma3_folder(tmp_path_factory: pytest.TempPathFactory, embedded_folder: Path) -> Path:
    return _tiny("gemma3", tmp_path_factory.mktemp("one-gemma3"), embedded_folder)
