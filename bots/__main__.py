"""Krishna's command line."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from core.engine import LoadError


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 a fault of ours, 2 something for the operator to mend, said in one line."""
    parser = argparse.ArgumentParser(prog="python -m bots", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def add(name: str, help: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")

    add("run", "serve the platforms whose tokens are set; without any, chat here (default)")
    chat = add("chat", "chat in the terminal")
    chat.add_argument("--once", metavar="QUESTION", help="print one answer and leave")
    add("check", "what is configured, what works, and how to mend the rest")
    add("settings", "every setting, as a Markdown table")
    add("prepare", "make the model ready and leave")
    adapter = add("adapter", "load and unload LoRA adapters in the host that runs")
    adapter.add_argument(
        "do", choices=("load", "unload", "list"), help="load PATH; unload: back to the base; list: which are loaded"
    )
    adapter.add_argument("path", nargs="?", type=_absolute, help="a LoRA folder, for load")
    add("page", "print a link to the page of the host that runs; it lets one browser in, once")
    backup = add("backup", "copy the database to a file, also while the host runs")
    restore = add("restore", "put a backup in the database's place, while no host runs")
    for copying in (backup, restore):
        copying.add_argument("file", type=Path, help="the backup")
        copying.add_argument("--force", action="store_true", help="also where that replaces a file")
    bench = add("bench", "measure the engine's speed on this machine")
    bench.add_argument("--model", help="measure another model than KRISHNA_MODEL")
    from bots import simulate

    simulate.options(add("simulate", "how long people wait for so many GPUs"))
    args = parser.parse_args(argv)
    if args.command == "adapter" and (args.do == "load") != (args.path is not None):
        parser.error("adapter load PATH, adapter unload, or adapter list")

    from bots.settings import ConfigurationError, Settings, misspelt, table
    from core.settings import SettingsError, from_environment

    if args.command == "settings":
        print(table())
        return 0
    try:
        settings = from_environment(Settings)
    except SettingsError as error:
        for problem in error.problems:
            print(f"krishna: {problem}", file=sys.stderr)
        return 2
    if getattr(args, "model", None):
        settings.model = args.model
    from bots import logs
    from storage import StoreError

    logs.begin(settings)
    for sentence in misspelt():
        logs.say(sentence)
    try:
        return asyncio.run(_run(args, settings))
    except (ConfigurationError, LoadError, StoreError) as error:
        logs.complain(error)
        return 2
    except BaseExceptionGroup as group:
        known = group.subgroup((ConfigurationError, LoadError, StoreError))
        if known is None:
            return logs.failed(group)
        for leaf in leaves(known):
            logs.complain(leaf)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return logs.failed(error)


async def _run(args: argparse.Namespace, settings: object) -> int:
    from bots import host
    from bots.logs import say
    from bots.settings import ConfigurationError, Settings

    assert isinstance(settings, Settings)
    command = args.command or "run"
    if command == "check":
        from bots.check import check

        return await check(settings)
    if command == "adapter":
        from bots.control import tell

        print(await tell(settings, {"do": args.do, **({"path": args.path} if args.path else {})}))
        return 0
    if command == "page":
        from bots.control import tell

        print(await tell(settings, {"do": "page"}))
        return 0
    if command in ("backup", "restore"):
        from bots import copies

        print(await getattr(copies, command)(settings, args.file.expanduser(), replace=args.force))
        return 0
    if command == "bench":
        from bots.bench import bench

        return await bench(settings)
    if command == "simulate":
        from bots.simulate import simulate

        return simulate(settings, args)
    if command == "prepare" and settings.remote:
        from core.resident.embedded import vocabulary

        with host.at_once():
            print(await asyncio.to_thread(vocabulary, settings.cache, say))
        return 0
    if command == "prepare":
        from core.resident.loader import resolve_device, resolve_folder
        from core.settings import CUDA_DEFAULT, EMBEDDED

        name = settings.model or (CUDA_DEFAULT if resolve_device(settings) == "cuda" else EMBEDDED)
        with host.at_once():
            print(await asyncio.to_thread(resolve_folder, name, settings.cache, say))
        return 0
    if command == "run" and (settings.telegram_token or settings.discord_token):
        await host.serve(settings, progress=say)
        return 0
    if command == "run" and not sys.stdin.isatty():  # a service manager would start it again and again
        raise ConfigurationError(
            "no TELEGRAM_TOKEN and no DISCORD_TOKEN is set, and no terminal is here to chat in; set one of them in the"
            " environment or in .env (`python -m bots chat` reads questions from a pipe)"
        )
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


def leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """The exceptions of a group, flat."""
    found: list[BaseException] = []
    for error in group.exceptions:
        found += leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


if __name__ == "__main__":
    sys.exit(main())
