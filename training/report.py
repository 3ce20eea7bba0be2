"""The evaluation as a page: report.md with its pictures, from what evaluate.as_json() says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training import plots
from training.evaluate import dump
from training.recipe import PUBLISHED

SAMPLES = 20


def write(out: Path, report: dict[str, Any], adapter: Path | None, rival: str, gate: Sequence[str] | None) -> None:
    """report.md, report.json, said.png and shown.png in `out`. rival: the system that the gate held the adapter against."""
    out.mkdir(parents=True, exist_ok=True)
    dump(out / "report.json", report)
    systems = report["systems"]
    rows = list(systems[0]["shares"])
    for i, name in ((0, "said"), (1, "shown")):
        plots.shares(out / f"{name}.png", rows, {s["name"]: [s["shares"][r][i] for r in rows] for s in systems})
    (out / "report.md").write_text("\n".join(_page(report, adapter, rival, gate)) + "\n", "utf-8")


def _page(report: dict[str, Any], adapter: Path | None, rival: str, gate: Sequence[str] | None) -> list[str]:
    systems, asked = report["systems"], report["questions"]
    hard = sum(q["kind"] != "test" for q in asked)
    lines = [
        "# What the adapter is worth" if adapter else "# What the base is worth",
        "",
        f"{report['when']}, {report['model'] or 'the default model'} on {report['device']}, {len(asked)} questions"
        f" ({len(asked) - hard} of the test split, {hard} hard), seed {report['seed']}, temperature {report['temperature']},"
        f" {report['slots']} chats at once.",
        "",
        "A cell is what the model says → what people are shown, after the checks, a second try and, where that fails too,"
        " the verse itself.",
        "",
        "| | " + " | ".join(s["name"] for s in systems) + " |",
        "| --- |" + " --- |" * len(systems),
    ]
    for row in systems[0]["shares"]:
        lines.append(f"| {row} | " + " | ".join(_cell(s["shares"][row], percent=True) for s in systems) + " |")
    for row in systems[0]["numbers"]:
        lines.append(f"| {row} | " + " | ".join(_cell(s["numbers"][row]) for s in systems) + " |")
    lines += ["", "Rules that the model's own words break:", ""]
    lines += [f"- {s['name']}: " + (", ".join(f"{k} {v}" for k, v in s["faults"].items()) or "none") for s in systems]
    lines += ["", "![what the models say](said.png)", "", "![what people are shown](shown.png)", ""]
    if gate is not None:
        found = [f"- worse: {g}" for g in gate] or ["No worse, beyond chance."]
        lines += [f"## The gate: against {rival}", "", *found, ""]
    lines += _training(adapter)
    return lines + _samples(report)


def _cell(pair: Sequence[float | None], percent: bool = False) -> str:
    def one(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{100 * value:.0f} %" if percent else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"

    said, shown = pair
    return one(said) if shown is None else one(shown) if said is None else f"{one(said)} → {one(shown)}"


def _training(adapter: Path | None) -> list[str]:
    """The adapter's own run beside the published one."""
    path = adapter / "report.json" if adapter else None
    if path is None or not path.is_file():
        return []
    run = json.loads(path.read_text())
    if run.get("kind") != "sft" or not run["train_loss"]:
        return []
    first, last = run["train_loss"][0][1], run["train_loss"][-1][1]
    their = " → ".join(f"{loss:g}" + (f" (step {step})" if step else "") for step, loss in PUBLISHED)
    return [
        "## Training",
        "",
        f"Training loss {first:.3f} → {last:.3f} in {run['steps']} steps, {first / max(last, 1e-9):.1f}×; held-out"
        f" {run['start_loss']:.3f} → {run['best_loss']:.3f} (step {run['best_step']}, kept), test {run['test_loss']:.3f}.",
        f"The published run's training loss: {their}, 122.8×. A low training loss may be memory: the held-out loss decides.",
        "",
    ]


def _samples(report: dict[str, Any]) -> list[str]:
    """Questions spread over all, with what every system answered, in full."""
    asked = report["questions"]
    n = min(SAMPLES, len(asked))
    lines = [f"## {n} samples in full", ""]
    for i in range(n):
        at = i * len(asked) // n
        lines += [f"### {i + 1}. {asked[at]['text']}", ""]
        for system in report["systems"]:
            a = system["answers"][at]
            note = (
                "" if a["own"] else " (helplines)" if not a["shown"] else " (the verse: the model's words broke a rule)"
            )
            lines += [
                f"**{system['name']}** said: {a['said'] or '–'}",
                "",
                f"shown{note}:",
                "",
                *(f"> {p}\n>" for p in a["whole"].split("\n\n")),
                "",
            ]
    return lines
