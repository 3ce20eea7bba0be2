"""LoRA folders that PEFT itself makes for tiny models, far enough from nothing to change what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from core.prompt import TUNED

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def adapted(base: Path, seed: int, **options: Any) -> Any:
    """PEFT's model over the base in a folder, in float32."""
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    config = LoraConfig(**{"r": 4, "lora_alpha": 8, "target_modules": TARGETS, "use_rslora": True, **options})
    model = get_peft_model(model, config).eval()
    dice = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name and parameter.dim() == 2:
                parameter.normal_(0, 0.2, generator=dice)
    return model


def make(base: Path, folder: Path, seed: int = 1, *, tuned: bool = False, **options: Any) -> Path:
    """An adapter folder. tuned: with the mark that it was trained on our prompts."""
    adapted(base, seed, **options).save_pretrained(folder)
    if tuned:
        (folder / TUNED).write_text("{}")
    return folder
