"""A run's folder, from its beginning over a crash to its end, and what can go wrong on the way."""

from __future__ import annotations

import json
import logging
import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import torch

from training.adapter import REPORT
from training.errors import RunError
from training.recipe import Recipe

RUN = "run.json"


def begin(out: Path, said: dict[str, Any], restart: bool) -> dict[str, Any] | None:
    """Open a run's folder; the report, where the same run is finished. Raises RunError where another one is there."""
    run = out / RUN
    try:
        if restart and run.is_file():
            shutil.rmtree(out)
        out.mkdir(parents=True, exist_ok=True)
        if run.is_file():
            before = read(out)
            if before["said"] != said:
                raise RunError(
                    f"{out} holds another run ({_differs(before['said'], said)}); take another folder, or --restart"
                )
            report = out / REPORT
            return json.loads(report.read_text()) if report.is_file() else None
        if any(out.iterdir()):
            raise RunError(f"{out} is not empty and holds no run; take another folder")
        note(out, {"said": said})
    except OSError as error:
        raise RunError(f"{out} cannot be written ({error}); take another folder") from error
    return None


def read(out: Path) -> dict[str, Any]:
    """What is noted of a run. Raises RunError."""
    try:
        found: dict[str, Any] = json.loads((out / RUN).read_text())
        return found
    except ValueError as error:
        raise RunError(f"{out / RUN} is damaged; begin the run anew with --restart") from error


def note(out: Path, what: dict[str, Any]) -> None:
    """Write it as a whole or not at all: a run whose note is lost cannot be taken up."""
    new = out / ".run.json"
    new.write_text(json.dumps(what))
    os.replace(new, out / RUN)


def _differs(a: dict[str, Any], b: dict[str, Any]) -> str:
    if a["recipe"] == b["recipe"]:
        return "of other data"
    return "with another " + ", ".join(k for k, v in b["recipe"].items() if a["recipe"].get(k) != v)


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that is whole: its state is written last, so one that a crash cut off has none."""
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]), reverse=True)
    for path in found:
        try:
            json.loads((path / "trainer_state.json").read_text())
            return path
        except (OSError, ValueError):
            continue
    return None


class out_of_memory:
    """Turns the errors of a full memory into one sentence with the settings to change."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        full = isinstance(error, torch.OutOfMemoryError | MemoryError) or (
            isinstance(error, RuntimeError) and "allocate memory" in str(error)
        )
        if full:
            r = self._recipe
            smaller = (
                f"--batch {max(1, r.batch // 2)} --accumulate {r.accumulate * 2}"
                if r.batch > 1
                else f"--max-seq-length {r.max_seq_length // 2}"
            )
            more = "" if r.gradient_checkpointing else " and --gradient-checkpointing"
            raise RunError(
                f"the memory is full with batch {r.batch} of up to {r.max_seq_length} tokens; run it again with {smaller}{more},"
                " or on a smaller base"
            ) from error


def quiet() -> None:
    """Libraries speak only when something is wrong."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    for name in ("transformers", "trl", "datasets", "accelerate", "peft", "torch"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"(torch|trl|transformers|peft|accelerate)\b.*")
    import datasets
    from transformers.utils import logging as hf_logging

    datasets.disable_progress_bars()
    hf_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
