"""The tuner's command line."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from core.engine import LoadError
from storage import StoreError
from training.errors import TrainingError
from training.recipe import add_flags, from_flags


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 the data has faults, 2 something to mend, said in one line."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("check-data", help="whether dialogues and labels are sound, as a table")
    _train_parser(commands)
    _evaluate_parser(commands)
    _export_parser(commands)
    prefer = commands.add_parser("preferences", help="what people preferred, from the host's database, as pairs")
    prefer.add_argument("out", type=Path, help="a .jsonl for train --preferences")
    prefer.add_argument(
        "--database",
        default=os.environ.get("KRISHNA_DATABASE_URL", "krishna.db"),
        help="the host's (default: KRISHNA_DATABASE_URL of the environment, else krishna.db)",
    )
    args = parser.parse_args(argv)
    run = {
        "check-data": _check_data,
        "train": _train,
        "evaluate": _evaluate,
        "verdicts": _verdicts,
        "export": _export,
        "preferences": _preferences,
    }[args.command]
    try:
        return run(args)
    except (LoadError, TrainingError, StoreError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"training: {error}; mend that path, or make room there", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name not in ("trl", "datasets", "matplotlib", "tensorboard", "accelerate"):
            raise
        print(f'training: {error.name} is not installed; pip install -e ".[train]"', file=sys.stderr)
        return 2


def say(text: str) -> None:
    print(f"· {text}", file=sys.stderr, flush=True)


def _check_data(args: argparse.Namespace) -> int:
    from training.check_data import check

    problems, figures = check()
    width = max(len(name) for name, _ in figures)
    for name, value in figures:
        print(f"{name:{width}}  {value}")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(problems)} faults")
    return 1 if problems else 0


def _train_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from training.dialogues import DATA

    train = commands.add_parser("train", help="an adapter from the dialogues")
    train.add_argument("out", type=Path, help="the folder of the run and its adapter; a run that was cut off goes on")
    train.add_argument("--dialogues", type=Path, default=DATA / "dialogues.jsonl", help="other dialogues than ours")
    train.add_argument("--preferences", type=Path, metavar="FILE", help="learn these pairs by DPO, on top of --adapter")
    train.add_argument(
        "--adapter", type=Path, help="with --preferences: the adapter to go on from; its recipe is taken"
    )
    train.add_argument(
        "--trainer", choices=["auto", "trl", "unsloth"], default="auto", help="auto: Unsloth where it runs"
    )
    train.add_argument("--restart", action="store_true", help="throw away what the folder holds of a run")
    add_flags(train)


def _train(args: argparse.Namespace) -> int:
    from training.base import which
    from training.dialogues import load
    from training.errors import RunError

    if args.preferences is not None:
        return _prefer(args)
    if args.adapter is not None:
        raise RunError("--adapter goes with --preferences; leave it out, for dialogues make an adapter anew")
    recipe, trainer = from_flags(args), which(args.trainer)
    if trainer == "unsloth":
        # On a full-size E4B (H100, 2026-11-28) its compiler was not done after seven minutes; without it training begins
        # at once, at 1.7 times TRL's speed, and some hundred steps are over before. Set both to 0 to have it back.
        os.environ.setdefault("UNSLOTH_COMPILE_DISABLE", "1")
        os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")
        import unsloth  # noqa: F401, it must come before trl and transformers, which it rewrites
    from training.train import train

    train(load(args.dialogues), recipe, args.out, trainer=trainer, restart=args.restart, say=say)
    return 0


def _prefer(args: argparse.Namespace) -> int:
    from training import preferences
    from training.errors import RunError
    from training.export import recipe_of
    from training.train import prefer

    if args.adapter is None:
        raise RunError("--preferences goes on from an adapter; name it with --adapter")
    if args.trainer == "unsloth":
        raise RunError("preferences are learned by TRL alone; leave out --trainer unsloth")
    recipe_of(args.adapter)
    args.recipe = args.recipe or args.adapter / "recipe.json"
    prefer(preferences.load(args.preferences), args.adapter, from_flags(args), args.out, restart=args.restart, say=say)
    return 0


def _preferences(args: argparse.Namespace) -> int:
    from training.preferences import write

    write(args.database, args.out, say)
    return 0


def _evaluate_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    evaluate = commands.add_parser("evaluate", help="a report on an adapter, beside its base; settings are the host's")
    evaluate.add_argument("out", type=Path, help="the folder for report.md, report.json and pictures")
    evaluate.add_argument("--adapter", type=Path, help="the adapter to judge")
    evaluate.add_argument("--in-use", type=Path, help="the adapter it would replace (default: KRISHNA_ADAPTER)")
    evaluate.add_argument(
        "--gate", action="store_true", help="exit with 3 where it is worse than the one in use, or the base"
    )
    evaluate.add_argument("--blind", type=int, metavar="N", help="also write N shuffled pairs for a person to judge")
    evaluate.add_argument("--limit", type=int, default=0, help="so many questions of each kind; 0: all")
    evaluate.add_argument("--seed", type=int, default=73, help="of the words drawn (default: 73)")
    evaluate.add_argument("--no-loss", action="store_true", help="without the held-out loss")
    evaluate.add_argument("--dialogues", type=Path, help="other dialogues than ours")
    verdicts = commands.add_parser("verdicts", help="what a person said of the pairs that evaluate --blind wrote")
    verdicts.add_argument("out", type=Path, help="the folder that evaluate wrote")


def _evaluate(args: argparse.Namespace) -> int:
    """Exit codes: 0 done, 3 worse than what it would replace."""
    import asyncio

    from core.settings import EngineSettings, from_environment
    from training import blind, report
    from training.asking import questions
    from training.dialogues import DATA, load
    from training.evaluate import System, as_json, run, worse

    settings = from_environment(EngineSettings)
    in_use = args.in_use or settings.adapter
    systems = [System("base", None, False), System("few-shot base", None, True)]
    systems += [System("in use", in_use, False)] if in_use else []
    systems += [System("adapter", args.adapter, False)] if args.adapter else []
    dialogues = load(args.dialogues or DATA / "dialogues.jsonl")
    asked = questions(dialogues, args.limit)
    columns = asyncio.run(run(systems, settings, asked, dialogues, seed=args.seed, losses=not args.no_loss, say=say))
    by_name = {c.system.name: c for c in columns}
    rival = "in use" if in_use else "few-shot base"
    judged = args.adapter is not None
    gate = worse(by_name["adapter"], by_name[rival], asked) if judged else None
    found = as_json(columns, asked, settings, args.seed)
    report.write(args.out, found, args.adapter, rival, gate)
    say(f"the report is {args.out / 'report.md'}")
    if args.blind and judged:
        say(
            f"{blind.write(args.out, found, 'adapter', rival, args.blind, args.seed)} pairs to judge are in {args.out / blind.SHEET}"
        )
    for line in gate or []:
        say(f"worse than {rival}: {line}")
    return 3 if args.gate and gate else 0


def _verdicts(args: argparse.Namespace) -> int:
    from training.blind import read

    print(read(args.out))
    return 0


def _export_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from training.gguf import KINDS

    forms = commands.add_parser("export", help="an adapter for elsewhere").add_subparsers(dest="form", required=True)
    alone = forms.add_parser("adapter", help="its own files, without the run's")
    merged = forms.add_parser("merged", help="added to its base, 16-bit, for transformers and vLLM")
    for form in (alone, merged):
        form.add_argument("adapter", type=Path, help="the folder of a run or an adapter")
        form.add_argument("out", type=Path, help="a new folder")
    whole = forms.add_parser("gguf", help="a merged model as one file for llama.cpp")
    whole.add_argument("merged", type=Path, help="the folder that export merged wrote")
    whole.add_argument("out", type=Path, help="a new .gguf file")
    whole.add_argument("--kind", choices=KINDS, default="q4_k_m", help="of its weights (default: q4_k_m)")
    hub = forms.add_parser("hub", help="an adapter or a merged model to the hub")
    hub.add_argument("folder", type=Path, help="what export adapter or export merged wrote")
    hub.add_argument("repo", help="owner/name")
    hub.add_argument("--private", action="store_true", help="for its owner alone to see")
    hub.add_argument("--dry-run", action="store_true", help="say what would go, and send nothing")


def _export(args: argparse.Namespace) -> int:
    from training import export

    match args.form:
        case "adapter":
            export.alone(args.adapter, args.out, say)
        case "merged":
            export.merged(args.adapter, args.out, say)
        case "gguf":
            export.as_gguf(args.merged, args.out, args.kind, say)
        case _:
            export.to_hub(args.folder, args.repo, private=args.private, dry=args.dry_run, say=say)
    return 0


if __name__ == "__main__":
    sys.exit(main())
