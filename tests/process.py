"""`python -m bots` as a process of its own, for tests that read its last words or kill it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """Nothing of this machine's own settings: only what a test gives. Variables without a prefix get KRISHNA_."""
    names = {name if name.startswith(("TELEGRAM_", "DISCORD_")) else f"KRISHNA_{name}": name for name in settings}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KRISHNA_", "TELEGRAM_", "DISCORD_"))}
    given = {name: str(settings[key]) for name, key in names.items()}
    return {**kept, "PYTHONPATH": str(ROOT), "KRISHNA_DATABASE_URL": str(folder / "krishna.db"), **given}


def on(telegram: Any, discord: Any) -> dict[str, object]:
    """The settings that point the program at both loopback servers."""
    return {
        "TELEGRAM_TOKEN": telegram.token,
        "TELEGRAM_API_BASE": telegram.base,
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_BASE": discord.api_base,
        "DISCORD_GATEWAY": discord.gateway_url,
    }


class Bots:
    """One run of the program in a folder. output: all lines it wrote, to either stream. module: what is run for it."""

    def __init__(self, folder: Path, *arguments: str, module: str = "bots", **settings: object) -> None:
        self._module = module
        self._arguments, self._folder, self._environment = arguments, folder, environment(folder, **settings)
        self.output: list[str] = []

    async def __aenter__(self) -> Bots:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:  # a test that failed leaves nothing running
            await self.kill()

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", self._module, *self._arguments),
            cwd=self._folder,  # so that no .env of the repository is read
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.output.append(line.decode().rstrip())

    @property
    def pid(self) -> int:
        return self._process.pid

    async def says(self, text: str, within_s: float = 90.0) -> None:
        """Wait for a line that holds a text."""
        async with asyncio.timeout(within_s):
            while not any(text in line for line in self.output):
                assert self._process.returncode is None, "\n".join(self.output)
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """A stop in good order, as systemd asks for it. Returns the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self, within_s: float = 60.0) -> int:
        async with asyncio.timeout(within_s):
            await self._reading
            return await self._process.wait()
