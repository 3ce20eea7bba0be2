"""The recipe of a training run: every value that decides its result, as one set of settings.

The defaults are the published run's: Gemma 3n E4B in NF4, LoRA of rank 64 with rank-stabilised scaling, loss on the
answers only. What that run did not publish (learning rate, batch, schedule) are the defaults of Unsloth's own notebooks.
LoRA: Hu et al. 2021, arXiv:2106.09685; rank-stabilised: Kalajdzievski 2023, arXiv:2312.03732; NF4: Dettmers et al.
2023, arXiv:2305.14314; DPO: Rafailov et al. 2023, arXiv:2305.18290.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from training.errors import RecipeError

PUBLISHED: tuple[tuple[int, float], ...] = (  # (step, training loss); a step of 0 where it was not given
    (0, 8.118),
    (0, 2.993),
    (100, 1.933),
    (350, 0.817),
    (0, 0.401),
    (650, 0.180),
    (850, 0.066),
)


class Recipe(BaseModel):
    """Frozen; saved as recipe.json beside the adapter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str = Field("unsloth/gemma-3n-E4B-it", description='"embedded", a local folder or a hub id')
    load_in_4bit: bool = Field(True, description="NF4 weights on CUDA; on a CPU weights are float32 in any case")
    max_seq_length: int = Field(2048, ge=64, description="tokens of prompt and answer; longer examples are left out")
    rank: int = Field(64, ge=1, description="of the LoRA matrices")
    alpha: float = Field(
        64, gt=0, description="of LoRA: its scale is alpha / sqrt(rank), or alpha / rank without rslora"
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="of LoRA")
    rslora: bool = Field(True, description="rank-stabilised scaling")
    targets: tuple[str, ...] = Field(
        ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
        description="the layers that get a LoRA, with commas",
    )
    seed: int = Field(73, description="of the LoRA's first values and of the order of examples")
    epochs: float = Field(3.0, gt=0, description="passes over the examples, at most: early stopping may end before")
    max_steps: int = Field(0, ge=0, description="end after so many steps; 0: by epochs")
    batch: int = Field(2, ge=1, description="examples on the device at once")
    accumulate: int = Field(4, ge=1, description="batches whose gradients make one step")
    learning_rate: float = Field(2e-4, gt=0, description="at its highest")
    schedule: Literal["linear", "cosine", "constant_with_warmup"] = Field("linear", description="after the warm-up")
    warmup_steps: int = Field(5, ge=0, description="steps of a linear rise")
    weight_decay: float = Field(0.01, ge=0, description="of AdamW")
    optimizer: Literal["adamw_8bit", "adamw_torch"] = Field(
        "adamw_8bit", description="adamw_8bit is bitsandbytes' and needs CUDA; a CPU takes adamw_torch in its place"
    )
    gradient_checkpointing: bool = Field(
        True,
        description="activations are computed again instead of kept; without it TRL computes once a batch what all prompts"
        " begin with, in less time and more memory",
    )
    eval_steps: int = Field(20, ge=1, description="steps between two looks at the held-out loss, each a checkpoint")
    patience: int = Field(3, ge=0, description="looks without a better held-out loss before the run ends; 0: never")
    dpo_learning_rate: float = Field(2e-5, gt=0, description="in place of learning_rate with --preferences")
    dpo_beta: float = Field(0.1, gt=0, description="of --preferences: how far DPO may move from the adapter before it")

    def write(self, path: Path) -> None:
        path.write_text(self.model_dump_json(indent=2) + "\n", "utf-8")


def read(path: Path, **changes: Any) -> Recipe:
    """A recipe from a .toml or .json file, then the changes. Raises RecipeError."""
    try:
        text = path.read_text("utf-8")
        values = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise RecipeError(f"the recipe {path} cannot be read: {error}") from error
    return make({**values, **changes}, str(path))


def make(values: dict[str, Any], where: str = "the recipe") -> Recipe:
    """Raises RecipeError for a name that there is not and a value that cannot be."""
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise RecipeError(f"{where}: {name}: {first['msg']}") from error


def add_flags(parser: argparse.ArgumentParser) -> None:
    """--recipe FILE, and one flag for every setting; what is not given stays as the file or the default has it."""
    parser.add_argument(
        "--recipe", type=Path, metavar="FILE", help="a .toml or .json with settings; flags go before it"
    )
    group = parser.add_argument_group("the recipe")
    for name, field in Recipe.model_fields.items():
        default = ",".join(field.default) if isinstance(field.default, tuple) else field.default
        options: dict[str, Any] = {"default": None, "help": f"{field.description} (default: {default})"}
        options |= {"action": argparse.BooleanOptionalAction} if field.annotation is bool else {"metavar": "VALUE"}
        group.add_argument(f"--{name.replace('_', '-')}", **options)


def from_flags(args: argparse.Namespace) -> Recipe:
    """The recipe of a command line made by add_flags(). Raises RecipeError."""
    given = {name: value for name in Recipe.model_fields if (value := getattr(args, name)) is not None}
    if "targets" in given:
        given["targets"] = tuple(given["targets"].replace(",", " ").split())
    return make(given, "--") if args.recipe is None else read(args.recipe, **given)
