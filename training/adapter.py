"""An adapter's folder: what the host loads, and what says how it was made."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from core.prompt import TUNED
from training.base import lora
from training.recipe import Recipe

WEIGHTS, CONFIG, RECIPE, REPORT = "adapter_model.safetensors", "adapter_config.json", "recipe.json", "report.json"
NOTICE = "Notice"  # which whoever passes on a model of Gemma's has to send along, with these words
TERMS = "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms\n"


def save(model: Any, recipe: Recipe, out: Path, report: dict[str, Any]) -> None:
    """Write a PEFT model's LoRA in bfloat16 to `out`, with the mark that its model needs no worked examples.

    The names of tensors are those of the text model alone, whatever trained it. Written beside and moved, the
    adapter's config last: a crash leaves no folder that looks whole and is not.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    new = out / ".new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    tensors = {
        name.replace(".language_model.", "."): value.detach().cpu().bfloat16().contiguous()
        for name, value in get_peft_model_state_dict(model).items()
    }
    save_file(tensors, new / WEIGHTS, metadata={"format": "pt"})
    config = lora(recipe)
    config.inference_mode = True
    config.save_pretrained(str(new))
    (new / TUNED).write_text(json.dumps({"prompt": "plain"}))
    recipe.write(new / RECIPE)
    (new / REPORT).write_text(json.dumps(report, indent=2) + "\n")
    (new / "README.md").write_text(card(recipe, report), "utf-8")
    (new / NOTICE).write_text(TERMS)
    for name in (WEIGHTS, TUNED, RECIPE, "README.md", NOTICE, CONFIG, REPORT):
        os.replace(new / name, out / name)
    shutil.rmtree(new)


def card(recipe: Recipe, report: dict[str, Any]) -> str:
    """The model card: what it is, how it was made, what it is not."""
    return f"""---
base_model: {recipe.base}
library_name: peft
tags: [lora, krishna]
---
# A Krishna adapter for {recipe.base}

LoRA of rank {recipe.rank}{" (rank-stabilised)" if recipe.rslora else ""}, trained on {report["examples"]["train"]} \
answers with loss on the answers only. It writes two to four sentences of counsel in the manner of the Bhagavad Gita to
a question and a verse that it is given, for prompts as `core/prompt.py` of Krishna builds them. Every setting:
`recipe.json`. How it went: `report.json`, `loss.png`.

| | before | after |
| --- | --- | --- |
| held-out loss (validation) | {report["start_loss"]:.3f} | {report["best_loss"]:.3f} |
| test loss | – | {report["test_loss"]:.3f} |

A lower loss is no proof of good counsel: see `python -m training evaluate`.

It is no god, doctor or lawyer, invents what it is not given, and must not be shown to people without the checks that
Krishna puts around it. It comes under the licence of its base model (for Gemma: the Gemma Terms of Use).
"""
