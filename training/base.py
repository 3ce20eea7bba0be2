"""The base model as training needs it: plain transformers on CUDA or a CPU, or Unsloth's on CUDA."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import torch

from core.engine import LoadError
from core.resident.loader import load_weights, resolve_folder
from core.resident.tokenizer import GemmaTokenizer
from core.settings import EngineSettings, from_environment
from training.recipe import Recipe

Trainer = Literal["trl", "unsloth"]
TEMPLATE = Path(__file__).parent / "data" / "gemma.jinja"  # Gemma's own chat template, as it is published


@dataclass(frozen=True, slots=True)
class Base:
    """A model with LoRA matrices that are trained and weights that are not."""

    model: Any
    tokenizer: GemmaTokenizer
    folder: Path
    trainer: Trainer
    device: str


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def which(asked: str) -> Trainer:
    """ "auto", "trl" or "unsloth" -> what runs here. Raises LoadError where Unsloth is asked for and cannot run."""
    there = importlib.util.find_spec("unsloth") is not None
    if asked == "unsloth" and not (there and device() == "cuda"):
        missing = (
            "unsloth is not installed; pip install unsloth" if not there else "Unsloth needs CUDA and none answers"
        )
        raise LoadError(f"{missing}, or leave out --trainer unsloth")
    if asked == "auto":
        return "unsloth" if there and device() == "cuda" else "trl"
    return "unsloth" if asked == "unsloth" else "trl"


def open_base(recipe: Recipe, trainer: Trainer, say: Callable[[str], None], adapter: Path | None = None) -> Base:
    """The base with LoRA on it: new, or that of an adapter's folder. Raises LoadError."""
    folder = resolve_folder(recipe.base, from_environment(EngineSettings).cache, say)
    tokenizer = GemmaTokenizer(folder)
    say(f"loading {recipe.base} for {'Unsloth' if trainer == 'unsloth' else 'TRL'} on the {device().upper()}")
    model = _unsloth(folder, recipe) if trainer == "unsloth" else _plain(folder, recipe)
    model.config.use_cache = False
    if adapter is not None:
        from peft import PeftModel

        try:
            model = PeftModel.from_pretrained(model, str(adapter), is_trainable=True)
        except Exception as error:
            raise LoadError(
                f"the adapter {adapter} does not fit {recipe.base}; train on the one it was made for"
            ) from error
    elif trainer == "unsloth":
        model = _unsloth_lora(model, recipe)
    else:
        from peft import get_peft_model

        torch.manual_seed(recipe.seed)
        model = get_peft_model(model, lora(recipe))
    return Base(model, tokenizer, folder, trainer, device())


def lora(recipe: Recipe) -> Any:
    from peft import LoraConfig

    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,  # type: ignore[arg-type]
        lora_dropout=recipe.dropout,
        use_rslora=recipe.rslora,
        target_modules=list(recipe.targets),
        task_type="CAUSAL_LM",
        base_model_name_or_path=recipe.base,
    )


def _plain(folder: Path, recipe: Recipe) -> Any:
    model = load_weights(folder, device(), four_bit=recipe.load_in_4bit)
    model.set_attn_implementation("sdpa")
    # PEFT's prepare_model_for_kbit_training is left out: it would make float32 of Gemma 3n's tables for each layer, 9.4 GB
    if device() == "cuda" and recipe.load_in_4bit:
        model.is_loaded_in_4bit = True  # the text model of a multimodal one does not inherit it
    if device() == "cuda" and is_gemma3n(folder):
        model.model.embed_tokens_per_layer = HostEmbedding(model.model.embed_tokens_per_layer)
        torch.cuda.empty_cache()
    return model


class HostEmbedding(torch.nn.Module):
    """Gemma 3n's table of per-layer embeddings in host memory: of 4.4 GiB a batch needs 18 KB for each token.

    No gradient flows to it. Its numbers are no parameter of the module, so no trainer moves or saves them.
    """

    def __init__(self, table: Any) -> None:
        super().__init__()
        self._rows = table.weight.detach().cpu()
        self._scale = float(table.embed_scale.to(self._rows.dtype))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """[...] -> [..., layers · width], of the table's dtype, where the tokens are."""
        return torch.nn.functional.embedding(tokens.cpu(), self._rows).to(tokens.device) * self._scale


def _unsloth(folder: Path, recipe: Recipe) -> Any:
    from unsloth import FastModel

    model, _ = FastModel.from_pretrained(
        model_name=str(folder),
        max_seq_length=recipe.max_seq_length,
        load_in_4bit=recipe.load_in_4bit,
        text_only=True,
        use_gradient_checkpointing="unsloth" if recipe.gradient_checkpointing else False,
        random_state=recipe.seed,
    )
    return model


def _unsloth_lora(model: Any, recipe: Recipe) -> Any:
    from unsloth import FastModel

    return FastModel.get_peft_model(
        model,
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        use_rslora=recipe.rslora,
        target_modules=list(recipe.targets),
        bias="none",
        random_state=recipe.seed,
        finetune_vision_layers=False,
        finetune_audio_layers=False,
        use_gradient_checkpointing="unsloth" if recipe.gradient_checkpointing else False,
    )


@lru_cache(maxsize=1)
def hf_tokenizer(folder: Path) -> Any:
    """transformers' tokenizer over the same tokenizer.json, with Gemma's chat template, for trainers and exports."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import PreTrainedTokenizerFast

    kind: Any = PreTrainedTokenizerFast
    tokenizer = kind(
        tokenizer_file=str(folder / "tokenizer.json"),
        bos_token="<bos>",
        eos_token="<end_of_turn>",
        pad_token="<pad>",
        unk_token="<unk>",
        padding_side="right",
    )
    tokenizer.chat_template = TEMPLATE.read_text("utf-8")
    return tokenizer


def is_gemma3n(folder: Path) -> bool:
    return str(json.loads((folder / "config.json").read_text()).get("model_type", "")).startswith("gemma3n")
