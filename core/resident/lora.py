"""LoRA adapters (Hu et al. 2021, arXiv:2106.09685) beside the weights, a different one for every row of a batch.

Nothing is merged: y = W x + B (A x) with alpha's scaling folded into B. A linear layer is wrapped only while some
adapter changes it, so a model without adapters runs as if this file were not here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.engine import LoadError
from core.resident.checkpoint import TOWER
from core.resident.int8 import Int8Linear
from core.text import first_line

# Settings of PEFT under which an adapter is more than two factors beside a linear layer.
_BEYOND = (
    "use_dora", "use_qalora", "use_bdlora", "lora_bias", "fan_in_fan_out", "modules_to_save", "trainable_token_indices",
    "target_parameters", "layer_replication", "alora_invocation_tokens", "arrow_config", "kasa_config",
    "monteclora_config", "velora_config",
)  # fmt: skip
_CHANGES_BASE = re.compile(r"pissa|olora|loftq|corda")  # these subtract what they start from from the base's weights
_KEY = re.compile(r"(?:base_model\.model\.)?(?P<path>.+)\.lora_(?P<part>[AB])\.weight")


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter as read: y += B (A x) for each linear layer of `factors`.

    factors: by the layer's path in the text model ("model.layers.0.mlp.up_proj"), A [r, K] and B [N, r] in float32 on
    the CPU, the scaling folded into B. made_for: what its base model was called, perhaps empty. whole: it was meant
    for every layer of that model.
    """

    folder: Path
    factors: dict[str, tuple[torch.Tensor, torch.Tensor]]
    made_for: str
    whole: bool


def read(folder: Path) -> Adapter:
    """The adapter that PEFT saved in a folder, be it trained on a text model or in a larger one. Raises LoadError."""
    from safetensors.torch import load_file

    config = _config(folder)
    path = folder / "adapter_model.safetensors"
    if not path.is_file():
        raise LoadError(f"{folder} has no adapter_model.safetensors; save the adapter with PEFT as safetensors")
    try:
        tensors = load_file(path)
    except Exception as error:
        raise LoadError(f"{path} cannot be read ({first_line(error)}); copy it again") from error
    halves: dict[str, dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        match = _KEY.fullmatch(key)
        if match is None:
            raise LoadError(f"{folder} changes more than linear layers ({key}); train it as a plain LoRA")
        if not TOWER.search(key):
            halves.setdefault(match["path"].replace("language_model.", ""), {})[match["part"]] = tensor.float()
    factors: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
    for name, half in halves.items():
        if half.keys() != {"A", "B"} or half["A"].shape[0] != half["B"].shape[1]:
            raise LoadError(f"{folder} is incomplete at {name}; copy it again")
        if not all(factor.sum().isfinite() for factor in half.values()):  # every answer would fail, and then the model
            raise LoadError(f"{folder} has weights that are no numbers ({name}); train it with a lower --learning-rate")
        factors[name] = half["A"], half["B"] * _scaling(config, name, half["A"].shape[0])
    if not factors:
        raise LoadError(f"{folder} holds no factors; train it on the text model's linear layers")
    whole = config.get("layers_to_transform") is None
    return Adapter(folder, factors, str(config.get("base_model_name_or_path") or ""), whole)


def _config(folder: Path) -> dict[str, Any]:
    try:
        config: dict[str, Any] = json.loads((folder / "adapter_config.json").read_text("utf-8"))
        kind = config.get("peft_type")
    except (OSError, ValueError, AttributeError) as error:
        raise LoadError(f"{folder} has no readable adapter_config.json; give a LoRA folder") from error
    if kind != "LORA":
        raise LoadError(f"{folder} is no LoRA but {kind!r}; train it as a LoRA")
    beyond = [name for name in _BEYOND if config.get(name)]
    if config.get("bias", "none") != "none":
        beyond.append("bias")
    if _CHANGES_BASE.match(str(config.get("init_lora_weights"))):
        beyond.append("init_lora_weights")
    if beyond:
        raise LoadError(f"{folder} is more than a plain LoRA ({', '.join(beyond)}); train it without that")
    return config


def _scaling(config: dict[str, Any], name: str, rank: int) -> float:
    """alpha / r, or alpha / sqrt(r) (Kalajdzievski 2023, arXiv:2312.03732), as PEFT finds alpha for a layer."""
    alphas = config.get("alpha_pattern") or {}
    alpha = next((a for key, a in alphas.items() if re.match(rf"(.*\.)?({key})$", name)), config.get("lora_alpha", 8))
    return float(alpha) / (rank**0.5 if config.get("use_rslora") else rank)


Groups = list[tuple[str, torch.Tensor | None]]  # (an adapter, its rows; None: all)


class Rows:
    """Which rows of the forward pass under way have which adapter: the one thing that all wrapped layers look at."""

    def __init__(self) -> None:
        self.groups: Groups = []

    def set(self, names: Sequence[str], device: torch.device) -> None:
        """names: an adapter for each row, empty for none."""
        used = dict.fromkeys(name for name in names if name)
        if len(used) == 1 and all(names):
            self.groups = [(names[0], None)]
            return
        self.groups = [
            (name, torch.tensor([i for i, row in enumerate(names) if row == name], device=device)) for name in used
        ]


class LoraLinear(nn.Module):
    """A linear layer and what adapters add to it. x [rows, ..., K] -> [rows, ..., N], each row by its own adapter.

    On a CPU the factors are int8 as the layer itself, whose product adds up a row in the same order whatever else is
    in the batch (int8.py): a row in mixed company gives exactly the bits that it gives alone.
    """

    def __init__(self, base: Any, rows: Rows) -> None:
        super().__init__()
        self.base, self._rows = base, rows
        self.parts: dict[str, tuple[Any, Any]] = {}

    def add(self, name: str, down: torch.Tensor, up: torch.Tensor) -> None:
        device = self.base.weight.device
        if device.type == "cpu":
            self.parts[name] = Int8Linear(down), Int8Linear(up)
        else:
            self.parts[name] = tuple(_plain(factor, device) for factor in (down, up))  # type: ignore[assignment]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.base(x)
        for name, rows in self._rows.groups:
            if (part := self.parts.get(name)) is None:
                continue
            down, up = part
            more = up(down(x if rows is None else x[rows])).to(y.dtype)
            y = y + more if rows is None else y.index_add(0, rows, more)
        return y


def _plain(factor: torch.Tensor, device: torch.device) -> nn.Linear:
    layer = nn.Linear(factor.shape[1], factor.shape[0], bias=False, device="meta")
    layer.weight = nn.Parameter(factor.to(device, torch.bfloat16), requires_grad=False)
    return layer


class Attached:
    """The adapters of one net, by name. Names may be anything but empty."""

    def __init__(self, net: Any) -> None:  # a Net of model.py
        self._net, self.rows = net, Rows()
        self._wrapped: dict[str, LoraLinear] = {}  # by the path of the layer
        self._layers: dict[str, tuple[str, ...]] = {}  # by adapter: the paths that it changes

    def __contains__(self, name: str) -> bool:
        return name in self._layers

    def __bool__(self) -> bool:
        return bool(self._layers)

    def load(self, name: str, folder: Path) -> None:
        """Put the adapter of a folder beside the weights. All of it or nothing: raises LoadError before any change."""
        if not name or name in self._layers:
            raise ValueError(f"an adapter needs a name of its own, not {name!r}")
        adapter = read(folder)
        self._fits(adapter)
        done: list[str] = []
        try:
            for path, (down, up) in adapter.factors.items():
                if path not in self._wrapped:
                    layer = self._wrapped[path] = LoraLinear(self._net.get_submodule(path), self.rows)
                    self._net.set_submodule(path, layer)
                done.append(path)
                self._wrapped[path].add(name, down, up)
        except BaseException:  # no memory is left
            self._drop(name, done)
            raise
        self._layers[name] = tuple(done)

    def unload(self, name: str) -> None:
        """Free an adapter, and unwrap the layers that no other one changes. Raises KeyError."""
        self._drop(name, self._layers.pop(name))

    def _drop(self, name: str, paths: Sequence[str]) -> None:
        for path in paths:
            layer = self._wrapped[path]
            layer.parts.pop(name, None)
            if not layer.parts:
                self._net.set_submodule(path, self._wrapped.pop(path).base)

    def _fits(self, adapter: Adapter) -> None:
        """Raises LoadError unless every layer of the adapter is in the model, of the same shape, and to the last."""
        cannot = f"the adapter {adapter.folder} does not fit this model"
        mend = f"; it was made for {adapter.made_for or 'another'}, use one that was trained on the model that runs"
        for path, (down, up) in adapter.factors.items():
            try:
                layer = self._wrapped.get(path) or self._net.get_submodule(path)
                base: Any = layer.base if isinstance(layer, LoraLinear) else layer
                here, there = [base.out_features, base.in_features], [up.shape[0], down.shape[1]]
            except AttributeError:
                raise LoadError(f"{cannot}, which has no linear layer {path}{mend}") from None
            if here != there:
                raise LoadError(f"{cannot}, whose {path} is {here} and not {there}{mend}")
        layers = self._net.layers
        last = max((int(n) for path in adapter.factors for n in re.findall(r"\.layers\.(\d+)\.", path)), default=None)
        if adapter.whole and last is not None and last != layers - 1:
            raise LoadError(f"{cannot}, which has {layers} layers and not {last + 1}{mend}")
