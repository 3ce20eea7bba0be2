"""One training run: from rows to an adapter's folder, taken up again after a crash, ended by the held-out loss.

A run's folder: run.json (recipe and data, written first), checkpoints/, tensorboard/, and at the end the adapter's
own files with report.json and loss.png.
"""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from training import adapter, plots, preferences, shared
from training.base import Base, Trainer, hf_tokenizer, open_base
from training.dialogues import Dialogue
from training.examples import collate, fingerprint, rows
from training.head import use_plain
from training.preferences import Pair
from training.progress import Watch
from training.recipe import PUBLISHED, Recipe
from training.run import begin, last_checkpoint, note, out_of_memory, quiet, read

Say = Callable[[str], None]


def train(
    dialogues: Sequence[Dialogue],
    recipe: Recipe,
    out: Path,
    *,
    trainer: Trainer = "trl",
    restart: bool = False,
    say: Say,
) -> dict[str, Any]:
    """Train an adapter on dialogues (TRL's SFTTrainer) and write it to `out`. Returns the report.

    Where `out` holds an unfinished run of the same recipe and data, that is taken up from its last checkpoint.
    Raises RunError, DataError, LoadError.
    """
    quiet()
    said = {"recipe": recipe.model_dump(mode="json"), "kind": "sft", "data": fingerprint([repr(d) for d in dialogues])}
    if (done := begin(out, said, restart)) is not None:
        say(f"{out} is trained already; --restart trains it anew")
        return done
    with out_of_memory(recipe):
        base = open_base(recipe, trainer, say)
        sets = rows(base.tokenizer, dialogues, recipe.max_seq_length)
        return finish(_sft(base, recipe, sets, out), base, recipe, sets, out, said, say)


def prefer(
    pairs: Sequence[Pair], before: Path, recipe: Recipe, out: Path, *, restart: bool = False, say: Say
) -> dict[str, Any]:
    """Train the adapter in `before` on preferences (TRL's DPOTrainer) and write the new one to `out`, as train() does.

    The recipe's base and LoRA must be those of `before`. Losses in the report are DPO's: ln 2 where nothing is preferred.
    """
    quiet()
    said = {
        "recipe": recipe.model_dump(mode="json"),
        "kind": "dpo",
        "data": fingerprint(
            [repr(p) for p in pairs] + [hashlib.sha256((before / adapter.WEIGHTS).read_bytes()).hexdigest()]
        ),
    }
    if (done := begin(out, said, restart)) is not None:
        say(f"{out} is trained already; --restart trains it anew")
        return done
    with out_of_memory(recipe):
        base = open_base(recipe, "trl", say, before)
        sets = preferences.rows(base.tokenizer, pairs, recipe.max_seq_length)
        return finish(_dpo(base, recipe, sets, out), base, recipe, sets, out, said, say)


def _dpo(base: Base, recipe: Recipe, sets: dict[Any, list[Any]], out: Path) -> Any:
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    if base.device == "cpu":
        use_plain()
    kind = lean(DPOTrainer)
    kind._prepare_dataset = lambda self, dataset, *args, **options: (
        dataset
    )  # it is token ids already, exactly the host's
    told = arguments(base, recipe, len(sets["train"]), out) | {"learning_rate": recipe.dpo_learning_rate}
    return kind(
        model=base.model,
        args=DPOConfig(**told, beta=recipe.dpo_beta, max_length=None),
        train_dataset=Dataset.from_list(sets["train"]),
        eval_dataset=Dataset.from_list(sets["validation"]),
        processing_class=hf_tokenizer(base.folder),
    )


def _sft(base: Base, recipe: Recipe, sets: dict[Any, list[Any]], out: Path) -> Any:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    kind = lean(SFTTrainer)
    if base.device == "cpu":
        use_plain()
    if base.trainer == "trl" and not recipe.gradient_checkpointing:
        kind = _shared(kind)
    return kind(
        model=base.model,
        args=SFTConfig(
            **arguments(base, recipe, len(sets["train"]), out),
            max_length=None,  # rows that are too long were left out; none is cut
            dataset_kwargs={"skip_prepare_dataset": True},
        ),
        data_collator=collate,
        train_dataset=Dataset.from_list(sets["train"]),
        eval_dataset=Dataset.from_list(sets["validation"]),
        processing_class=hf_tokenizer(base.folder),
    )


def _shared(kind: Any) -> Any:
    """A trainer whose loss is training/shared.py's: the persona is not computed again for every row."""

    class Shared(kind):  # type: ignore[misc]
        def compute_loss(
            self: Any, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            total, counted = shared.loss(model, inputs)
            return total / (num_items_in_batch if num_items_in_batch is not None else counted)

    return Shared


def arguments(base: Base, recipe: Recipe, examples: int, out: Path) -> dict[str, Any]:
    """What every TRL trainer is told."""
    cuda = base.device == "cuda"
    epoch = math.ceil(math.ceil(examples / recipe.batch) / recipe.accumulate)
    steps = recipe.max_steps or math.ceil(recipe.epochs * epoch)
    look = min(recipe.eval_steps, steps)
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(out / "tensorboard")
    return {
        "output_dir": str(out / "checkpoints"),
        "per_device_train_batch_size": recipe.batch,
        "per_device_eval_batch_size": recipe.batch,
        "gradient_accumulation_steps": recipe.accumulate,
        "max_steps": steps,
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": recipe.schedule,
        "warmup_steps": min(recipe.warmup_steps, steps // 2),
        "weight_decay": recipe.weight_decay,
        "optim": recipe.optimizer if cuda else "adamw_torch",
        "gradient_checkpointing": recipe.gradient_checkpointing,
        # Gemma 3n's later layers share keys that earlier ones leave in a dictionary; only this kind bears it
        "gradient_checkpointing_kwargs": {"use_reentrant": False} if recipe.gradient_checkpointing else None,
        "seed": recipe.seed,
        "data_seed": recipe.seed,
        "eval_strategy": "steps",
        "eval_steps": look,
        "save_strategy": "steps",
        "save_steps": look,
        "save_total_limit": 2,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
        "restore_callback_states_from_checkpoint": True,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": ["tensorboard"],
        "disable_tqdm": True,  # training/progress.py draws its own
        "bf16": cuda,
        "use_cpu": not cuda,
        "dataloader_pin_memory": cuda,
        "remove_unused_columns": False,
        "include_num_input_tokens_seen": "non_padding",
    }


def lean(kind: Any) -> Any:
    """A trainer whose checkpoints hold the adapter and what resuming needs, not 34 MB of tokenizer each."""

    class Lean(kind):  # type: ignore[misc]
        def _save(self: Any, output_dir: str | None = None, state_dict: Any = None) -> None:
            kept, self.processing_class = self.processing_class, None
            try:
                super()._save(output_dir, state_dict)
            finally:
                self.processing_class = kept

        def create_model_card(self, *args: Any, **options: Any) -> None:
            return None  # training/adapter.py writes it

    return Lean


def finish(
    runner: Any, base: Base, recipe: Recipe, sets: dict[Any, list[Any]], out: Path, said: dict[str, Any], say: Say
) -> dict[str, Any]:
    """Train what is left of a run, then write the adapter of the best held-out loss and the report."""
    from datasets import Dataset
    from transformers import EarlyStoppingCallback, PrinterCallback

    start = read(out).get("start_loss")
    say(
        f"{len(sets['train'])} examples to learn, {len(sets['validation'])} held out, {runner.args.max_steps} steps at most"
    )
    runner.remove_callback(PrinterCallback)
    if start is None:
        start = runner.evaluate()["eval_loss"]
        note(out, {"said": said, "start_loss": start})
    watch = Watch(start)
    runner.add_callback(watch)
    if recipe.patience:
        runner.add_callback(EarlyStoppingCallback(recipe.patience))
    last = last_checkpoint(out / "checkpoints")
    if last is not None:
        say(f"going on from {last.name}")
    runner.train(resume_from_checkpoint=str(last) if last else None)
    runner.remove_callback(watch)
    state = runner.state
    curve = [[row["step"], row["loss"]] for row in state.log_history if "loss" in row]
    held_out = [[0, start]] + [[row["step"], row["eval_loss"]] for row in state.log_history if "eval_loss" in row]
    report = {
        "recipe": recipe.model_dump(mode="json"),
        "kind": said["kind"],
        "trainer": base.trainer,
        "device": torch.cuda.get_device_name(0) if base.device == "cuda" else "cpu",
        "versions": _versions(),
        "when": time.strftime("%Y-%m-%d"),
        "examples": {name: len(found) for name, found in sets.items()},
        "start_loss": start,
        "best_loss": state.best_metric,
        "best_step": state.best_global_step,
        "test_loss": runner.evaluate(Dataset.from_list(sets["test"]), metric_key_prefix="eval")["eval_loss"],
        "steps": state.global_step,
        "stopped_early": state.global_step < state.max_steps,
        "published": [list(point) for point in PUBLISHED],
        "train_loss": curve,
        "held_out_loss": held_out,
        **watch.figures(),
    }
    plots.loss(
        out / "loss.png",
        curve,
        held_out,
        state.best_global_step,
        published=said["kind"] == "sft" and state.global_step > 50,
    )
    adapter.save(runner.model, recipe, out, report)
    say(
        f"held-out loss {start:.3f} -> {state.best_metric:.3f} at step {state.best_global_step}; the adapter is in {out}"
    )
    return report


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("torch", "transformers", "trl", "peft", "datasets", "unsloth"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
