"""The tuner's command line: python -m training {check-data,train}."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.engine import LoadError
from training.recipe import RecipeError, add_flags, from_flags


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 the data has faults, 2 something to mend, said in one line."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check-data", help="whether dialogues, labels and index are sound, as a table")
    _train_parser(commands)
    args = parser.parse_args(argv)
    run = {"check-data": _check_data, "train": _train}[args.command]
    try:
        return run(args)
    except (LoadError, RecipeError) as error:
        print(f"training: {error}", file=sys.stderr)
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
    train.add_argument(
        "--trainer", choices=["auto", "trl", "unsloth"], default="auto", help="auto: Unsloth where it runs"
    )
    train.add_argument("--restart", action="store_true", help="throw away what the folder holds of a run")
    add_flags(train)


def _train(args: argparse.Namespace) -> int:
    from training.base import which
    from training.dialogues import load

    recipe, trainer = from_flags(args), which(args.trainer)
    if trainer == "unsloth":
        import unsloth  # noqa: F401, it must come before trl and transformers, which it rewrites
    from training.examples import DataError
    from training.run import RunError
    from training.train import train

    try:
        train(load(args.dialogues), recipe, args.out, trainer=trainer, restart=args.restart, say=say)
    except (DataError, RunError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
