"""The tuner's command line: python -m training {check-data,train}."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 the data has faults."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check-data", help="whether dialogues, labels and index are sound, as a table")
    train = commands.add_parser("train", help="a LoRA adapter on a model folder")
    train.add_argument("model", type=Path, help="a folder with a Gemma 3 or 3n, as KRISHNA_MODEL takes it")
    train.add_argument("out", type=Path, help="where the adapter goes")
    train.add_argument("--epochs", type=int, default=2)
    train.add_argument("--rank", type=int, default=32)
    args = parser.parse_args(argv)
    if args.command == "check-data":
        from training.check_data import check

        problems, figures = check()
        width = max(len(name) for name, _ in figures)
        for name, value in figures:
            print(f"{name:{width}}  {value}")
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"{len(problems)} faults")
        return 1 if problems else 0
    from core.resident.loader import load_weights
    from core.resident.tokenizer import GemmaTokenizer
    from training.dialogues import load
    from training.train import Recipe, sets_of
    from training.train import train as run

    recipe = Recipe(epochs=args.epochs, rank=args.rank, alpha=args.rank)
    args.out.mkdir(parents=True, exist_ok=True)
    run(load_weights(args.model, "cpu"), sets_of(GemmaTokenizer(args.model), load()), args.out, recipe)
    return 0


if __name__ == "__main__":
    sys.exit(main())
