"""Pictures of figures, as PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.recipe import PUBLISHED

INK, SOFT, WARM, OTHER = "#1f3a5f", "#a9bcd3", "#c8553d", "#6b8e4e"
COLOURS = (SOFT, OTHER, INK, WARM, "#8d6a9f", "#d9a441")


def _figure(width: float = 8.0, height: float = 4.5) -> tuple[Any, Any]:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

    figure.savefig(path, dpi=120)
    plt.close(figure)


def loss(
    path: Path,
    train: Sequence[Sequence[float]],
    held_out: Sequence[Sequence[float]],
    best: int,
    *,
    published: bool = False,
) -> None:
    """Loss by step: training's own points and their running mean, the held-out loss, the step that was kept."""
    figure, axes = _figure()
    steps = [step for step, _ in train]
    axes.plot(steps, [value for _, value in train], color=SOFT, linewidth=1, label="training, each step")
    if len(train) >= 20:
        axes.plot(steps, _running([v for _, v in train]), color=INK, linewidth=2, label="training, running mean")
    axes.plot(*zip(*held_out, strict=True), color=WARM, marker="o", label="held out")
    kept = [(step, value) for step, value in held_out if step == best]
    if kept:
        axes.plot(
            *kept[-1], marker="o", markersize=14, fillstyle="none", color=WARM, linestyle="", label=f"kept: step {best}"
        )
    known = [(step, value) for step, value in PUBLISHED if step]
    if published:
        axes.plot(
            *zip(*known, strict=True), color=OTHER, marker="s", linestyle=":", label="the published run, training"
        )
    axes.set(xlabel="step", ylabel="loss of the answers' tokens, nats")
    shown = [value for _, value in [*train, *held_out]]
    if max(shown) > 5 * min(shown):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "235" else "")
    axes.grid(axis="y", which="both", color="#eeeeee")
    axes.legend(frameon=False)
    _save(figure, path)


def _running(values: Sequence[float], keep: float = 0.9) -> list[float]:
    """Exponential mean, corrected for its start."""
    out, mean = [], 0.0
    for i, value in enumerate(values, 1):
        mean = keep * mean + (1 - keep) * value
        out.append(mean / (1 - keep**i))
    return out


def shares(path: Path, rows: Sequence[str], columns: dict[str, Sequence[float | None]]) -> None:
    """Bars of shares (0 to 1): a group for each row, a bar for each column. None is left out."""
    figure, axes = _figure(9.0, 0.6 + 0.22 * len(rows) * (len(columns) + 1))
    height = 0.8 / len(columns)
    for i, (name, values) in enumerate(columns.items()):
        places = [row + i * height for row in range(len(rows))]
        drawn = axes.barh(places, [v or 0.0 for v in values], height * 0.9, color=COLOURS[i % len(COLOURS)], label=name)
        axes.bar_label(drawn, ["–" if v is None else f"{100 * v:.0f} %" for v in values], padding=3, fontsize=8)
    axes.set_yticks([row + height * (len(columns) - 1) / 2 for row in range(len(rows))], rows)
    axes.set(xlim=(0, 1.12), xticks=[])
    axes.spines["bottom"].set_visible(False)
    axes.invert_yaxis()
    figure.legend(loc="outside upper center", ncols=min(3, len(columns)), frameon=False)
    _save(figure, path)
