"""The socket by which an operator reaches the host that runs: who may open it, and what is said in one line."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import stat

import pytest

from bots.control import listening, tell
from bots.settings import ConfigurationError, Settings
from core.adapters import Adapters
from core.resident.engine import ResidentEngine
from core.resident.loader import load
from core.settings import EngineSettings
from tests.bots.engines import ScriptedEngine
from tests.core.loras import make


def settings_in(folder) -> Settings:
    return Settings(_env_file=None, database_url=str(folder / "krishna.db"))  # type: ignore[call-arg]


@contextlib.asynccontextmanager
async def host(folder, tokenizer):
    engine = ScriptedEngine(tokenizer)
    settings = settings_in(folder)
    async with listening(settings, Adapters(engine), lambda: ""):
        yield settings, engine


async def refused(settings, asked) -> str:
    with pytest.raises(ConfigurationError) as error:
        await asyncio.wait_for(tell(settings, asked), 15)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_load_unload_and_list(tmp_path, tokenizer):
    async def main():
        async with host(tmp_path, tokenizer) as (settings, engine):
            assert "lora answers from now on" in await tell(settings, {"do": "load", "path": "/srv/lora"})
            assert engine.adapters == ("lora",)
            lines = (await tell(settings, {"do": "list"})).splitlines()
            assert lines[0].startswith("  (the base): 0 being") and lines[1].startswith("* lora: 0 being")
            assert "the base answers from now on" in await tell(settings, {"do": "unload"})
            assert "no adapter is in use" in await tell(settings, {"do": "unload"})

    asyncio.run(main())


def test_only_the_hosts_user_may_open_it_and_it_goes_when_the_host_does(tmp_path, tokenizer):
    async def main():
        async with host(tmp_path, tokenizer) as (settings, _):
            assert stat.S_IMODE(settings.socket_path.stat().st_mode) == 0o600
        assert list(tmp_path.iterdir()) == []
        assert "no host runs here" in await refused(settings, {"do": "list"})

    asyncio.run(main())


def test_what_a_killed_host_left_is_taken_over_and_a_running_one_is_not(tmp_path, tokenizer):
    async def main():
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(settings_in(tmp_path).socket_path))
        assert "no host runs here" in await refused(settings_in(tmp_path), {"do": "list"})
        async with host(tmp_path, tokenizer) as (settings, first):
            async with host(tmp_path, tokenizer):  # it serves all the same
                await tell(settings, {"do": "load", "path": "/srv/lora"})
            assert first.adapters == ("lora",)
            await tell(settings, {"do": "list"})

    asyncio.run(main())


def test_a_file_in_the_way_stays_and_the_host_runs(tmp_path, tokenizer):
    async def main():
        path = settings_in(tmp_path).socket_path
        path.write_text("somebody's")
        async with host(tmp_path, tokenizer):
            pass
        assert path.read_text() == "somebody's"

    asyncio.run(main())


@pytest.mark.parametrize(
    "line", [b"\n", b"{}\n", b"not json\n", b'{"do": "dance"}\n', b'"do"\n', b"x" * 100_000 + b"\n", b""]
)
def test_nonsense_is_answered_in_one_line_and_harms_nothing(tmp_path, tokenizer, line):
    async def main():
        async with host(tmp_path, tokenizer) as (settings, _):
            reader, writer = await asyncio.open_unix_connection(str(settings.socket_path))
            writer.write(line)
            writer.write_eof()
            reply = json.loads(await asyncio.wait_for(reader.readline(), 15))
            writer.close()
            assert reply["ok"] is False and "did not understand" in reply["text"]
            await tell(settings, {"do": "list"})

    asyncio.run(main())


def test_what_is_no_lora_and_what_fits_another_model_is_told(tmp_path, gemma3_folder, embedded_folder):
    model, words = load(EngineSettings(model=str(gemma3_folder), slots=1, context=256, device="cpu"), lambda _: None)
    other = make(embedded_folder, tmp_path / "other", target_modules=["q_proj"])

    async def main():
        engine = ResidentEngine(model, words)
        settings = settings_in(tmp_path)
        try:
            async with listening(settings, Adapters(engine), lambda: ""):
                said = await refused(settings, {"do": "load", "path": str(tmp_path)})
                assert "has no readable adapter_config.json" in said
                said = await refused(settings, {"do": "load", "path": str(other)})
                assert "does not fit this model" in said and "gemma-3-270m" in said
                assert (await tell(settings, {"do": "list"})).startswith("* (the base)")
        finally:
            await engine.close()

    asyncio.run(main())
