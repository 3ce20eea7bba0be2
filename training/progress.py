"""What a person sees of a run while it goes, and its speed and memory afterwards."""

from __future__ import annotations

import sys
import time
from typing import Any

import torch
from transformers import TrainerCallback

WARM_UP = 2  # steps that are not timed: kernels are compiled and memory is found in them


class Watch(TrainerCallback):
    """A progress bar (or a line for every look at the held-out loss, where no terminal is) and a stopwatch."""

    def __init__(self, start_loss: float) -> None:
        self._held_out, self._loss = start_loss, float("nan")
        self._begun = self._tokens = 0.0
        self._steps, self._seconds, self._seen = 0, 0.0, 0.0
        self._wall = time.monotonic()
        self._bar: Any = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        if sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=state.max_steps, initial=state.global_step, unit="step", dynamic_ncols=True)

    def on_step_begin(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        self._begun, self._tokens = time.monotonic(), float(state.num_input_tokens_seen)

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self._steps += 1
        if self._steps > WARM_UP:
            self._seconds += time.monotonic() - self._begun
            self._seen += float(state.num_input_tokens_seen) - self._tokens
        if self._bar is not None:
            self._bar.update()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **more: Any) -> None:
        self._loss = (logs or {}).get("loss", self._loss)
        if self._bar is not None:
            self._bar.set_postfix(loss=f"{self._loss:.3f}", held_out=f"{self._held_out:.3f}")

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float] | None = None, **more: Any
    ) -> None:
        self._held_out = (metrics or {}).get("eval_loss", self._held_out)
        if self._bar is None:
            print(
                f"· step {state.global_step}/{state.max_steps}: loss {self._loss:.3f}, held out {self._held_out:.3f}",
                file=sys.stderr,
                flush=True,
            )

    def on_train_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        if self._bar is not None:
            self._bar.close()

    def figures(self) -> dict[str, float | None]:
        """Of this process: seconds in all, tokens (no padding) learned in a second, peak memory in GiB."""
        import resource

        memory = (
            torch.cuda.max_memory_reserved() / 2**30
            if torch.cuda.is_available()
            else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        )
        rate = round(self._seen / self._seconds, 1) if self._seconds else None
        return {
            "seconds": round(time.monotonic() - self._wall, 1),
            "tokens_per_s": rate,
            "peak_memory_gib": round(memory, 2),
        }
