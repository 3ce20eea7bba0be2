"""The command line as an operator meets it: real processes, their exit codes and their last words."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest
import torch

from bots.settings import Settings, table
from core.settings import from_environment, variable
from tests.platforms.discord_server import DiscordServer
from tests.platforms.telegram_server import TelegramServer
from tests.process import ROOT, Bots, environment


def run(folder, *arguments, **settings):
    """(exit code, lines) of one run."""

    async def main():
        async with Bots(folder, *arguments, **settings) as bots:
            return await bots.ended(180), bots.output

    return asyncio.run(main())


def test_one_question_gets_one_answer_and_exit_0(embedded_folder, tmp_path):
    code, lines = run(tmp_path, "chat", "--once", "How do I accept what I cannot change?")
    text = "\n".join(lines)
    assert code == 0, text
    assert "Partha" in text
    assert lines[-1].startswith("— Gita ")
    assert "Arjun" not in text


def test_a_start_needs_no_network(embedded_folder, tmp_path):
    alone = ["unshare", "--map-root-user", "--net"]
    if shutil.which(alone[0]) is None or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let a program be cut off from the network (unshare -rn)")
    env = environment(tmp_path)
    del env["HF_HUB_OFFLINE"]  # the tests' own; people have none
    done = subprocess.run(
        [*alone, sys.executable, "-m", "bots", "chat", "--once", "How do I accept what I cannot change?"],
        cwd=tmp_path,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Partha" in done.stdout and done.stdout.splitlines()[-1].startswith("— Gita ")


def test_a_wrong_token_is_one_line_and_exit_2(gemma3_folder, tmp_path):
    async def main():
        async with TelegramServer() as telegram, DiscordServer() as discord:
            wrong = telegram.token[:-3] + "xyz"
            for settings in (
                {"TELEGRAM_TOKEN": wrong, "TELEGRAM_API_BASE": telegram.base},
                {"DISCORD_TOKEN": "x.y.z", "DISCORD_API_BASE": discord.api_base},
            ):
                async with Bots(tmp_path, MODEL=gemma3_folder, **settings) as bots:
                    assert await bots.ended(90) == 2
                last = bots.output[-1]
                assert last.startswith("krishna: ") and "_TOKEN is refused" in last, bots.output
                assert not any("Traceback" in line or wrong in line for line in bots.output)

    asyncio.run(main())


def test_without_a_token_and_a_terminal_it_says_what_is_missing(tmp_path):
    code, lines = run(tmp_path)
    assert code == 2 and lines[-1].startswith("krishna: no TELEGRAM_TOKEN and no DISCORD_TOKEN is set")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_who_stops_it_while_the_model_is_prepared_or_loads_does_not_wait(sign, embedded_folder, tmp_path):
    async def main():
        async with TelegramServer() as telegram:
            settings = {"TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API_BASE": telegram.base}
            async with Bots(tmp_path, **settings) as bots:
                await bots.says("loading embedded")
                os.kill(bots.pid, sign)
                assert await bots.ended(2) == -sign and len(bots.output) == 1, bots.output
        async with Bots(tmp_path, "prepare", CACHE=tmp_path / "new") as bots:
            await bots.says("1/4")
            os.kill(bots.pid, sign)
            assert await bots.ended(2) == -sign, bots.output

    asyncio.run(main())


def test_a_second_host_on_one_file_is_refused_before_it_loads_a_model(gemma3_folder, tmp_path):
    async def main():
        async with TelegramServer() as telegram:
            settings = {"TELEGRAM_TOKEN": telegram.token, "TELEGRAM_API_BASE": telegram.base, "MODEL": gemma3_folder}
            async with Bots(tmp_path, **settings) as one:
                await one.says("ready; Ctrl-C")
                async with Bots(tmp_path, **settings) as two:
                    assert await two.ended(30) == 2
                    assert two.output == [
                        f"krishna: a host runs on {tmp_path / 'krishna.db'} already; stop it first, or have several"
                        " share a PostgreSQL"
                    ]
                assert await one.stop() == 0

    asyncio.run(main())


def test_settings_that_cannot_be_are_named(tmp_path):
    code, lines = run(tmp_path, "chat", SLOTS="many", TEMPERATURE="-1")
    assert code == 2
    assert [line.split(":")[1].strip() for line in lines] == ["KRISHNA_SLOTS", "KRISHNA_TEMPERATURE"]


def test_what_would_shut_everybody_out_or_let_everybody_in_is_refused(tmp_path):
    """An id without its platform fits nobody; a port without an address is heard from everywhere."""
    given = {
        "ALLOW": "telegram:1,telegram:@me",
        "HTTP_LISTEN": "8090",
        "WEBHOOK_LISTEN": "here",
        "DISCORD_SHARD": "3/3",
    }
    code, lines = run(tmp_path, "chat", **given)
    assert code == 2
    assert lines == [
        "krishna: DISCORD_SHARD: write it as 0/3 for the first of three hosts, 2/3 for the last",
        "krishna: KRISHNA_WEBHOOK_LISTEN: write it as 127.0.0.1:8090; 0.0.0.0 in its place is heard from other machines too",
        "krishna: KRISHNA_ALLOW: write each id as telegram:123 or discord:456; a person's own is in their /mydata",
        "krishna: KRISHNA_HTTP_LISTEN: write it as 127.0.0.1:8090; 0.0.0.0 in its place is heard from other machines too",
    ]


def test_an_empty_line_is_a_setting_that_is_not_set(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, field in Settings.model_fields.items():
        monkeypatch.setenv(variable(name, field), "")
    assert from_environment(Settings) == Settings.model_construct()


@pytest.mark.parametrize("module", ["bots", "training"])
def test_a_file_of_settings_that_cannot_be_read_is_one_line(module, tmp_path):
    (tmp_path / ".env").write_bytes(b"TELEGRAM_TOKEN=\xff\xfe")
    arguments = ["check"] if module == "bots" else ["evaluate", "out"]

    async def main():
        async with Bots(tmp_path, *arguments, module=module) as bots:
            return await bots.ended(60), bots.output

    code, lines = asyncio.run(main())
    said = ".env cannot be read (it is not UTF-8); mend the file, or let this user read it"
    assert (code, lines) == (2, [f"{'krishna' if module == 'bots' else module}: {said}"])


def test_a_misspelt_setting_is_told_and_another_programs_is_not(tmp_path):
    (tmp_path / ".env").write_text("# KRISHNA_SLOTTS=1\nTELEGRAM_BOT_TOKEN=12:secret\n")
    given = {"MODELL": "x", "TELEGRAM_WEBAPP_NAME": "x", "LONG": "1", "PORT_8090_TCP": "x"}
    code, lines = run(tmp_path, "adapter", "list", **given)
    assert code == 2
    assert lines[:-1] == [
        "· KRISHNA_MODELL is no setting, and does nothing; perhaps KRISHNA_MODEL is meant",
        "· TELEGRAM_BOT_TOKEN is no setting, and does nothing; perhaps TELEGRAM_TOKEN is meant",
    ]


def test_a_model_that_is_not_there_is_one_line(tmp_path):
    code, lines = run(tmp_path, "chat", "--once", "Why?", MODEL=tmp_path / "nothing")
    assert code == 2
    assert lines[-1].startswith("krishna: ") and "KRISHNA_MODEL" in lines[-1]


def test_a_context_without_room_for_a_question_is_one_line_that_says_how_much_is_needed(gemma3_folder, tmp_path):
    once = ("chat", "--once", "Why?")
    code, lines = run(tmp_path, *once, MODEL=gemma3_folder, CONTEXT=512)
    found = re.search(r"krishna: .* set KRISHNA_CONTEXT to at least (\d+)", lines[-1])
    assert code == 2 and found and len([line for line in lines if not line.startswith("·")]) == 1, lines
    code, lines = run(tmp_path, *once, MODEL=gemma3_folder, CONTEXT=found[1])
    assert code == 0 and lines[-1].startswith("— Gita "), lines
    code, lines = run(tmp_path, "check", MODEL=gemma3_folder, REPLY_TOKENS=1800)
    model = next(line for line in lines if line.split()[1] == "model")
    assert code == 2 and model.startswith("MEND") and "KRISHNA_REPLY_TOKENS to at most" in model


def test_a_database_that_is_none_is_one_line(tmp_path):
    (tmp_path / "notes.txt").write_text("not a database, but words of somebody. " * 100)
    code, lines = run(tmp_path, "chat", "--once", "Why?", DATABASE_URL=tmp_path / "notes.txt")
    assert code == 2
    assert lines == [
        f"krishna: the database {tmp_path / 'notes.txt'} is not a database; move the file away or point "
        "KRISHNA_DATABASE_URL elsewhere"
    ]


def test_check_tells_what_works_in_one_screen(gemma3_folder, tmp_path):
    async def main():
        async with TelegramServer() as telegram:
            settings = {
                "TELEGRAM_TOKEN": telegram.token,
                "TELEGRAM_API_BASE": telegram.base,
                "DISCORD_TOKEN": "x.y.z",
                "DISCORD_API_BASE": "http://127.0.0.1:9/api/v10",
            }
            async with Bots(tmp_path, "check", MODEL=gemma3_folder, THREADS=1, **settings) as bots:
                return await bots.ended(120), [line for line in bots.output if not line.startswith("·")]

    code, lines = asyncio.run(main())
    states = {line.split()[1]: line.split()[0] for line in lines if line[:4].strip() in ("ok", "MEND", "–")}
    assert code == 2
    assert states == {"python": "ok", "database": "ok", "model": "ok", "telegram": "ok", "discord": "MEND"}, lines
    assert "no GPU, 1 CPU threads" in lines[0] or "GiB free" in lines[0]
    assert len(lines) < 24
    model = next(line for line in lines if line.split()[1] == "model")
    assert ("GiB of GPU memory" in model) == torch.cuda.is_available()


@pytest.mark.parametrize("base", ["http://me:secret@127.0.0.1:9/api/v10", "http://me:se/cret@127.0.0.1:9/"])
def test_a_password_of_discords_proxy_is_one_line_at_the_start(tmp_path, base):
    for command in ("check", "run"):
        code, lines = run(tmp_path, command, DISCORD_TOKEN="x.y.z", DISCORD_API_BASE=base)
        assert code == 2 and len(lines) == 1 and lines[0].startswith("krishna: DISCORD_API_BASE: "), lines
        assert "cret" not in lines[0] and "without a password" in lines[0]


def test_the_readme_tells_every_setting():
    assert table() in (ROOT / "README.md").read_text()
