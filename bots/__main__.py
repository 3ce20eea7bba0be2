"""The command line: python -m bots [run|chat|check|bench|settings|prepare|adapter|backup|restore]."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import re
import sys
import warnings
from pathlib import Path

from pydantic import ValidationError

from core.engine import LoadError


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 something for the operator to mend, said in one line."""
    parser = argparse.ArgumentParser(prog="python -m bots", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", help="serve the platforms whose tokens are set; without any, chat here (default)")
    chat = commands.add_parser("chat", help="chat in the terminal")
    chat.add_argument("--once", metavar="QUESTION", help="print one answer and leave")
    commands.add_parser("check", help="what is configured, what works, and how to mend the rest")
    commands.add_parser("settings", help="every setting, as a Markdown table")
    commands.add_parser("prepare", help="make the model ready and leave")
    adapter = commands.add_parser("adapter", help="load and unload LoRA adapters in the host that runs")
    adapter.add_argument("do", choices=("load", "unload", "list"), help="unload: back to the base")
    adapter.add_argument("path", nargs="?", type=_absolute, help="a LoRA folder, for load")
    backup = commands.add_parser("backup", help="copy the database to a file, also while the host runs")
    restore = commands.add_parser("restore", help="put a backup in the database's place, while no host runs")
    for copying in (backup, restore):
        copying.add_argument("file", type=Path)
        copying.add_argument("--force", action="store_true", help="also where that replaces a file")
    bench = commands.add_parser("bench", help="measure the engine")
    bench.add_argument("--model", help="measure another model than KRISHNA_MODEL")
    args = parser.parse_args(argv)
    if args.command == "adapter" and (args.do == "load") != (args.path is not None):
        parser.error("adapter load PATH, adapter unload, or adapter list")

    from bots.settings import ConfigurationError, Settings, table

    if args.command == "settings":
        print(table())
        return 0
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors(include_input=False):  # an input may be a token
            name = "_".join(str(part) for part in problem["loc"]).upper()
            name = name if name.startswith(("TELEGRAM_", "DISCORD_")) else f"KRISHNA_{name}"
            print(f"krishna: {name}: {problem['msg']}", file=sys.stderr)
        return 2
    if getattr(args, "model", None):
        settings.model = args.model
    quiet(settings.log_level)
    from storage import StoreError

    try:
        return asyncio.run(_run(args, settings))
    except (ConfigurationError, LoadError, StoreError) as error:
        print(f"krishna: {error}", file=sys.stderr)
        return 2
    except BaseExceptionGroup as group:
        known = group.subgroup((ConfigurationError, LoadError, StoreError))
        if known is None:
            raise
        for leaf in leaves(known):
            print(f"krishna: {leaf}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


async def _run(args: argparse.Namespace, settings: object) -> int:
    from bots import host
    from bots.settings import Settings

    assert isinstance(settings, Settings)
    command = args.command or "run"
    if command == "check":
        from bots.check import check

        return await check(settings)
    if command == "adapter":
        from bots.control import tell

        print(await tell(settings, {"do": args.do, **({"path": args.path} if args.path else {})}))
        return 0
    if command in ("backup", "restore"):
        from bots import copies

        print(await getattr(copies, command)(settings, args.file.expanduser(), replace=args.force))
        return 0
    if command == "bench":
        from bots.bench import bench

        return await bench(settings)
    if command == "prepare":
        from core.resident.loader import resolve_device, resolve_folder
        from core.settings import CUDA_DEFAULT, EMBEDDED

        name = settings.model or (CUDA_DEFAULT if resolve_device(settings) == "cuda" else EMBEDDED)
        print(await asyncio.to_thread(resolve_folder, name, settings.cache, say))
        return 0
    if command == "run" and (settings.telegram_token or settings.discord_token):
        await host.serve(settings, progress=say)
        return 0
    from bots import terminal

    async with host.open_dialogue(settings, progress=say) as dialogue:
        if getattr(args, "once", None):
            await terminal.ask(dialogue, args.once)
        else:
            await terminal.chat(dialogue)
    return 0


def _absolute(path: str) -> str:
    """A path as the host understands it, which may have another working directory."""
    return os.path.abspath(os.path.expanduser(path))


def say(text: str) -> None:
    """A line of progress, beside the answers and not among them."""
    print(f"· {text}", file=sys.stderr, flush=True)


def leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """The exceptions of a group, flat."""
    found: list[BaseException] = []
    for error in group.exceptions:
        found += leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


class Redact(logging.Filter):
    """Tokens never reach a log: Telegram's stand in its URLs, and libraries log URLs."""

    PATTERN = re.compile(r"(\d{6,12}:)[A-Za-z0-9_-]{20,}|[MNO][A-Za-z\d_-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}")

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        cleaned = self.PATTERN.sub("<token>", text)
        if cleaned != text:
            record.msg, record.args = cleaned, ()
        return True


def quiet(level: str) -> None:
    """Logging for the host: its own words at `level`, libraries only when something is wrong."""
    handler = logging.StreamHandler()
    handler.addFilter(Redact())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in ("bots", "core", "storage"):
        logging.getLogger(room).setLevel(level.upper())
    logging.getLogger("discord.client").setLevel(logging.ERROR)  # it warns that it cannot speak, which we never do
    logging.getLogger("torchao").setLevel(logging.ERROR)
    logging.getLogger("torch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module=r"(torch|torchao|transformers)\b.*")


if __name__ == "__main__":
    sys.exit(main())
