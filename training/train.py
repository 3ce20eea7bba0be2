"""A LoRA adapter on a Gemma, from the dialogues: plain PyTorch and PEFT, on a GPU or a CPU.

Loss on the answers only. The adapter of the epoch with the lowest validation loss is kept.
LoRA: Hu et al. 2021, arXiv:2106.09685; rank-stabilised scaling: Kalajdzievski 2023, arXiv:2312.03732.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy

from core.prompt import TUNED
from core.resident.tokenizer import GemmaTokenizer
from core.wisdom.corpus import corpus
from training.dialogues import Dialogue, Split, examples

Example = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every value of a run; saved beside the adapter."""

    rank: int = 16
    alpha: int = 16
    dropout: float = 0.05
    learning_rate: float = 5e-4
    weight_decay: float = 0.01
    epochs: int = 6
    batch: int = 8  # examples in one step
    warmup: float = 0.05  # of all steps
    seed: int = 73
    targets: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


def sets_of(tokenizer: GemmaTokenizer, dialogues: list[Dialogue]) -> dict[Split, list[Example]]:
    """The examples of each split."""
    sets: dict[Split, list[Example]] = {"train": [], "validation": [], "test": []}
    for dialogue in dialogues:
        sets[dialogue.split] += examples(dialogue, corpus(), tokenizer)
    return sets


def train(base: Any, sets: dict[Split, list[Example]], out: Path, recipe: Recipe, say: Any = print) -> dict[str, Any]:
    """Train an adapter on a causal language model in float32 and write it to `out`. Returns the report, also there."""
    torch.manual_seed(recipe.seed)
    dice = random.Random(recipe.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = get_peft_model(base.to(device), _lora(recipe))
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    steps = recipe.epochs * math.ceil(len(sets["train"]) / recipe.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps, recipe.warmup))
    report: dict[str, Any] = {
        "recipe": asdict(recipe),
        "examples": {name: len(rows) for name, rows in sets.items()},
        "device": torch.cuda.get_device_name(0) if device == "cuda" else "cpu",
        "start": {name: _loss(model, rows, device) for name, rows in sets.items()},
        "epochs": [],
    }
    say(f"{report['examples']}, loss before {report['start']}")
    rows = list(sets["train"])
    best, begun = math.inf, time.monotonic()
    for epoch in range(1, recipe.epochs + 1):
        dice.shuffle(rows)
        model.train()
        losses = []
        for batch in _batches(rows, recipe.batch):
            loss = _batch_loss(model, batch, device)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            losses.append(loss.item())
        seen = {"train": sum(losses) / len(losses), "validation": _loss(model, sets["validation"], device)}
        report["epochs"].append(seen)
        say(f"epoch {epoch}: {seen}, {time.monotonic() - begun:.0f} s")
        if seen["validation"] < best:
            best, report["kept"] = seen["validation"], epoch
            report["test"] = _loss(model, sets["test"], device)
            _save(model, out)
    report["seconds"] = time.monotonic() - begun
    (out / "report.json").write_text(json.dumps(report, indent=2))
    return report


def _lora(recipe: Recipe) -> LoraConfig:
    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        use_rslora=True,
        target_modules=list(recipe.targets),
        task_type="CAUSAL_LM",
    )


def _rate(step: int, steps: int, warmup: float) -> float:
    """A linear rise, then half a cosine down to a tenth."""
    rise = max(1, int(steps * warmup))
    if step < rise:
        return (step + 1) / rise
    done = (step - rise) / max(1, steps - rise)
    return 0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, done)))


def _batches(rows: list[Example], size: int) -> Iterator[list[Example]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _batch_loss(model: Any, batch: list[Example], device: str) -> torch.Tensor:
    """Mean cross entropy, in nats, of the answers' tokens."""
    longest = max(len(p) + len(a) for p, a in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    labels = torch.full((len(batch), longest), -100)
    mask = torch.zeros(len(batch), longest, dtype=torch.long)
    for i, (p, a) in enumerate(batch):
        ids[i, : len(p) + len(a)] = torch.tensor(p + a)
        labels[i, len(p) : len(p) + len(a)] = torch.tensor(a)
        mask[i, : len(p) + len(a)] = 1
    ids, labels, mask = ids.to(device), labels.to(device), mask.to(device)
    with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda"):
        hidden = model.base_model.model.model(input_ids=ids, attention_mask=mask).last_hidden_state
        wanted = labels[:, 1:] != -100
        # the head for the answers' tokens alone: its 262,144 columns are most of the work
        logits = model.base_model.model.lm_head(hidden[:, :-1][wanted])
    return cross_entropy(logits.float(), labels[:, 1:][wanted])


@torch.no_grad()
def _loss(model: Any, rows: list[Example], device: str) -> float:
    """Mean over tokens."""
    model.eval()
    total = count = 0.0
    for batch in _batches(rows, 16):
        tokens = sum(len(a) for _, a in batch)
        total += _batch_loss(model, batch, device).item() * tokens
        count += tokens
    return total / max(count, 1.0)


def _save(model: Any, out: Path) -> None:
    """The adapter as PEFT saves it, in bfloat16, with a mark that its model needs no worked examples."""
    from safetensors.torch import load_file, save_file

    model.save_pretrained(out)
    path = out / "adapter_model.safetensors"
    save_file({k: v.bfloat16() for k, v in load_file(path).items()}, path, metadata={"format": "pt"})
    (out / TUNED).write_text(json.dumps({"prompt": "plain"}))
