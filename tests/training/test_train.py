"""Training on tiny models of random weights: it learns, the host loads what it makes, and a kill changes nothing."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from core import prompt
from core.prompt import TUNED
from core.resident.loader import load as load_model
from core.settings import EngineSettings
from core.wisdom.corpus import corpus
from tests.training.conftest import few
from training import base, dialogues, shared
from training.__main__ import main
from training.errors import DataError, RunError
from training.examples import IGNORED, rows
from training.head import PlainLogProb
from training.recipe import Recipe
from training.run import last_checkpoint, out_of_memory
from training.train import train


def recipe(folder, **more):
    options = {
        "max_steps": 8,
        "eval_steps": 4,
        "batch": 2,
        "accumulate": 1,
        "learning_rate": 0.02,
        "warmup_steps": 1,
        **more,
    }
    return Recipe(base=str(folder), rank=4, alpha=4, **options)


def test_a_tiny_model_learns_and_the_host_loads_its_adapter(tiny_folder, tmp_path):
    report = train(few(), recipe(tiny_folder), tmp_path / "a", say=print)
    losses = [loss for _, loss in report["train_loss"]]
    assert sum(losses[-3:]) < sum(losses[:3]) and report["best_loss"] < report["start_loss"]
    assert report["tokens_per_s"] > 0 and report["peak_memory_gib"] > 0
    assert (tmp_path / "a" / "loss.png").read_bytes().startswith(b"\x89PNG") and any(
        (tmp_path / "a" / "tensorboard").iterdir()
    )
    assert "held-out loss" in (tmp_path / "a" / "README.md").read_text()
    assert "Gemma Terms of Use" in (tmp_path / "a" / "Notice").read_text()
    assert json.loads((tmp_path / "a" / "recipe.json").read_text())["seed"] == 73
    model, tokenizer = load_model(EngineSettings(model=str(tiny_folder), slots=2, context=256), lambda _: None)
    model.load_adapter("mine", tmp_path / "a")
    model.begin(1, "", "mine")
    row = rows(tokenizer, few(), 512)["train"][0]
    answer = [t for t in row["labels"] if t != IGNORED]
    asked = row["input_ids"][: -len(answer)]

    def likely(slot):
        return torch.log_softmax(model.prefill(slot, 0, asked, last=True), -1)[answer[0]].item()

    assert (tmp_path / "a" / TUNED).is_file()
    assert likely(1) > likely(0) + 0.2, "the host's model does not know what was learned"
    assert train(few(), recipe(tiny_folder), tmp_path / "a", say=print) == report, "a finished run is not run again"
    with pytest.raises(RunError, match="another rank"):
        train(few(), recipe(tiny_folder).model_copy(update={"rank": 5}), tmp_path / "a", say=print)
    with pytest.raises(RunError, match="other data"):
        train(few()[1:], recipe(tiny_folder), tmp_path / "a", say=print)


def test_a_run_that_is_killed_goes_on_to_the_same_adapter(gemma3_folder, dialogues_file, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    made = recipe(gemma3_folder, max_steps=9, eval_steps=2, batch=1, patience=0)
    made.write(tmp_path / "recipe.json")
    words = ["train", str(killed), "--dialogues", str(dialogues_file), "--recipe", str(tmp_path / "recipe.json")]
    process = subprocess.Popen([sys.executable, "-m", "training", *words], env={**os.environ, "OMP_NUM_THREADS": "1"})
    while last_checkpoint(killed / "checkpoints") is None:
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "report.json").exists()
    assert main(words) == 0
    assert main(["train", str(whole), *words[2:]]) == 0
    a, b = (json.loads((folder / "report.json").read_text()) for folder in (whole, killed))
    assert a["train_loss"] == b["train_loss"] and a["held_out_loss"] == b["held_out_loss"]
    assert [step for step, _ in a["held_out_loss"]] == [0, 2, 4, 6, 8, 9]  # the last step may be the best
    assert (whole / "adapter_model.safetensors").read_bytes() == (killed / "adapter_model.safetensors").read_bytes()


def test_a_run_without_checkpointing_computes_the_persona_once_and_learns_the_same(
    gemma3_folder, tmp_path, monkeypatch
):
    called, loss = [], shared.loss
    monkeypatch.setattr(shared, "loss", lambda *args: called.append(1) or loss(*args))
    runs = []
    for again in (True, False):
        made = recipe(gemma3_folder, max_steps=3, eval_steps=3, accumulate=2, gradient_checkpointing=again)
        runs.append(train(few(), made, tmp_path / f"{again}", say=print))
        assert bool(called) is not again
    for name in ("train_loss", "held_out_loss"):
        theirs, mine = ([value for _, value in run[name]] for run in runs)
        assert mine == pytest.approx(theirs, rel=2e-3) and len(mine) > 1, name
    assert runs[1]["test_loss"] == pytest.approx(runs[0]["test_loss"], rel=2e-3)


def test_early_stopping_ends_a_run_that_only_remembers_and_keeps_the_best(gemma3_folder, tmp_path):
    made = recipe(gemma3_folder, max_steps=40, eval_steps=1, batch=1, patience=2, learning_rate=0.5)
    report = train(few(2), made, tmp_path, say=print)
    assert report["stopped_early"] and report["steps"] < 40
    losses = dict(report["held_out_loss"][1:])
    assert report["best_loss"] == min(losses.values()) and report["steps"] == report["best_step"] + 2


def test_a_checkpoint_that_a_crash_cut_off_is_passed_over(tmp_path):
    for step, state in ((2, "{}"), (10, '{"half'), (12, None)):
        (tmp_path / f"checkpoint-{step}").mkdir()
        if state:
            (tmp_path / f"checkpoint-{step}" / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path).name == "checkpoint-2"
    assert last_checkpoint(tmp_path / "absent") is None


def test_the_prompts_are_gemmas_own_template_token_by_token(tokenizer, embedded_folder):
    theirs = base.hf_tokenizer(embedded_folder)
    several = 0
    for dialogue in dialogues.load()[::5]:
        messages = [{"role": "system", "content": prompt.PERSONA}]
        for turn, (asked, answer) in zip(
            dialogue.turns, dialogues.examples(dialogue, corpus(), tokenizer, context=2048), strict=True
        ):
            verse = corpus().verse(turn.verses[0])
            now = [*messages, {"role": "user", "content": prompt.ask(turn.question, verse.text)}]
            assert theirs.apply_chat_template(now, add_generation_prompt=True, return_dict=False) == asked
            whole = [*now, {"role": "assistant", "content": turn.counsel}]
            assert theirs.apply_chat_template(whole, return_dict=False) == [*asked, *answer, *tokenizer.encode("\n")]
            messages += [{"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.counsel}]
            several += len(messages) > 4
    assert several


def test_the_loss_counts_the_answer_alone(tokenizer):
    for row in rows(tokenizer, few(), 512)["train"]:
        answer = [t for t in row["labels"] if t != IGNORED]
        assert row["input_ids"][-len(answer) :] == answer and row["labels"][-len(answer) :] == answer
        assert tokenizer.decode(answer).startswith("Tend the") and answer[-1] == tokenizer.special("<end_of_turn>")
    with pytest.raises(DataError, match="max_seq_length"):
        rows(tokenizer, few(), 20)


@pytest.mark.parametrize(("softcap", "temperature"), [(None, 1.0), (30.0, 1.0), (5.0, 0.7)])
def test_the_loss_on_a_cpu_is_the_cross_entropy_of_the_models_logits(softcap, temperature):
    torch.manual_seed(0)
    hidden = torch.randn(70, 48, dtype=torch.float64, requires_grad=True)
    weight, targets, slope = torch.randn(500, 48, dtype=torch.float64), torch.randint(0, 500, (70,)), torch.randn(70)
    logits = hidden @ weight.T
    logits = (logits if softcap is None else softcap * torch.tanh(logits / softcap)) / temperature
    shares = torch.log_softmax(logits, -1)
    wanted = shares.gather(1, targets[:, None])[:, 0]
    (wanted * slope).sum().backward()
    theirs, hidden.grad = hidden.grad, None
    asked = ("entropy", "is_top1", "mean_logits")
    mine, entropy, _, mean, top = PlainLogProb.apply(hidden, weight, None, targets, temperature, 0, softcap, 1.0, asked)
    (mine * slope).sum().backward()
    for a, b in (
        (mine, wanted),
        (hidden.grad, theirs),
        (entropy, -(shares.exp() * shares).sum(-1)),
        (mean, logits.mean(-1)),
    ):
        torch.testing.assert_close(a.double(), b.double(), atol=1e-4, rtol=1e-4)
    assert torch.equal(top, logits.argmax(-1) == targets)


def test_gradients_are_the_same_with_and_without_checkpointing(tiny_folder):
    """Gemma 3n's layers share keys; a checkpoint that forgot them would train something else."""
    from torch.nn.functional import cross_entropy

    found = []
    for again in (False, True):
        made = base.open_base(recipe(tiny_folder), "trl", lambda _: None)
        torch.manual_seed(1)
        with torch.no_grad():
            for name, parameter in made.model.named_parameters():
                if "lora_B" in name:
                    parameter.normal_(0, 0.1)
        if again:
            made.model.gradient_checkpointing_enable({"use_reentrant": False})
        made.model.enable_input_require_grads()
        ids = torch.arange(100, 140).unsqueeze(0)
        cross_entropy(made.model.train()(ids).logits[0, :-1], ids[0, 1:]).backward()
        found.append({n: p.grad for n, p in made.model.named_parameters() if p.grad is not None})
    assert found[0].keys() == found[1].keys() and len(found[0]) > 20
    for name, gradient in found[0].items():
        torch.testing.assert_close(gradient, found[1][name], atol=1e-5, rtol=1e-4)


def test_a_full_memory_says_which_setting_to_change():
    with pytest.raises(RunError, match="--batch 2 --accumulate 8"), out_of_memory(Recipe(batch=4)):
        torch.empty(2**60)
    with (
        pytest.raises(RunError, match="--max-seq-length 1024 and --gradient-checkpointing"),
        out_of_memory(Recipe(batch=1, gradient_checkpointing=False)),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")
    with pytest.raises(RuntimeError, match="shapes"), out_of_memory(Recipe()):
        raise RuntimeError("shapes differ")


def test_what_cannot_be_trained_is_one_sentence(tmp_path, gemma3_folder, dialogues_file, capsys):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").touch()  # as a full disk leaves it
    torn, pairs = tmp_path / "torn", tmp_path / "pairs.jsonl"
    torn.mkdir()
    for name in ("adapter_config.json", "recipe.json"):
        (torn / name).write_text("{}")
    pairs.touch()
    for words, says in (
        ([str(tmp_path / "full"), "--base", str(gemma3_folder)], "not empty"),
        ([str(tmp_path / "a"), "--base", "/no/such"], "neither a folder nor a hub id"),
        ([str(tmp_path / "b"), "--rank", "0"], "rank"),
        ([str(tmp_path / "c"), "--base", str(gemma3_folder), "--max-seq-length", "64"], "max_seq_length"),
        ([str(tmp_path / "e"), "--adapter", str(tmp_path)], "--preferences"),
        ([str(tmp_path / "f"), "--preferences", "p", "--adapter", "a", "--trainer", "unsloth"], "--trainer"),
        ([str(tmp_path / "damaged")], "--restart"),
        ([str(tmp_path / "h"), "--preferences", str(pairs), "--adapter", str(torn)], "adapter_model.safetensors"),
        *([([str(tmp_path / "d"), "--trainer", "unsloth"], "unsloth")] if not torch.cuda.is_available() else []),
    ):
        assert main(["train", *words, "--dialogues", str(dialogues_file)]) == 2
        assert says in capsys.readouterr().err
    (tmp_path / "no.jsonl").write_text('{"id": "a"}')
    for file in ("no.jsonl", "nowhere.jsonl"):
        assert main(["train", str(tmp_path / "g"), "--dialogues", str(tmp_path / file)]) == 2
        assert file in capsys.readouterr().err
    assert (tmp_path / "full" / "letter.txt").read_text() == "mine"
    assert main(["train", str(tmp_path / "full"), "--restart", "--base", str(gemma3_folder)]) == 2, (
        "not a run: not deleted"
    )


def test_per_layer_embeddings_in_host_memory_are_the_same_numbers_and_no_trainer_holds_them(tmp_path, embedded_folder):
    from core.resident.loader import load_weights
    from tests import tiny
    from training.base import HostEmbedding

    model = load_weights(tiny.model("gemma3n", tmp_path, embedded_folder), "cpu")
    ids = torch.tensor([[2, 5, 900, 17]])
    with torch.no_grad():
        before, held = model(ids).logits, sum(p.numel() for p in model.parameters())
        table = model.model.embed_tokens_per_layer
        model.model.embed_tokens_per_layer = HostEmbedding(table)
        assert torch.equal(model(ids).logits, before)
    assert sum(p.numel() for p in model.parameters()) == held - table.weight.numel()
    assert not model.model.embed_tokens_per_layer.state_dict()


def test_altups_small_maps_are_never_in_4_bits_for_gemma_3n_clamps_them_while_it_learns(tmp_path, embedded_folder):
    from transformers.quantizers.quantizers_utils import should_convert_module

    from core.resident.loader import WHOLE, load_weights
    from tests import tiny

    model = load_weights(tiny.model("gemma3n", tmp_path, embedded_folder), "cpu")
    linear = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    whole = {name for name in linear if not should_convert_module(name, WHOLE)}
    assert whole == {name for name in linear if ".altup." in name or name == "lm_head"}


@pytest.mark.parametrize("asked", ["1", "0"])
def test_unsloths_compiler_is_off_unless_it_is_asked_for(asked, tmp_path, monkeypatch):
    """A module in Unsloth's place, for Unsloth itself needs CUDA: both variables must stand before it is imported."""
    variables = ("UNSLOTH_COMPILE_DISABLE", "TORCHDYNAMO_DISABLE")
    (tmp_path / "unsloth.py").write_text(f"import os\nraise SystemExit([os.environ[v] for v in {variables}])")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("training.base.which", lambda _: "unsloth")
    for name in variables:
        monkeypatch.setenv(name, asked)
        if asked == "1":
            monkeypatch.delenv(name)
    with pytest.raises(SystemExit) as end:
        main(["train", str(tmp_path / "run")])
    assert end.value.code == [asked, asked]
