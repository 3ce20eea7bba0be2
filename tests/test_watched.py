"""One run of the real program, watched: its log in JSON without a token or a word, its metrics read by Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import urllib.parse
from html import unescape

import httpx
import pytest

from tests.bots.engines import COUNSEL
from tests.bots.test_watch import counted, free_port
from tests.platforms.discord_server import DiscordServer
from tests.platforms.openai_server import OpenAIServer
from tests.platforms.telegram_server import TelegramServer
from tests.postgres import ask, programs
from tests.process import Bots, on
from tests.programs import missing, program
from tests.test_deploy import DEPLOY, dashboard

ANSWER = "— Gita"
PEOPLE = range(101, 109)
SAID = "My brother Zebedee took the walnut cupboard, and I am afraid of what comes."
IN_DANGER = "I want to end my life, says Quillfeather."
PROMETHEUS = program("prometheus")
EMPTY = {"krishna_gpu_memory_used_bytes", "krishna_gpu_memory_bytes", "krishna_faults_total"}  # without a card, a fault


def healthcheck(port: int) -> list[str]:
    """The command by which Docker asks for the host's health, for another port and this interpreter."""
    found = re.search(r"HEALTHCHECK.*?CMD (\[.*?\])\n", (DEPLOY / "Dockerfile").read_text(), re.DOTALL)
    assert found is not None
    command = json.loads(found[1].replace(":8090'", f":{port}'"))
    assert command[0] == "python" and str(port) in command[-1]
    return [sys.executable, *command[1:]]


async def healthy(port: int) -> bool:
    process = await asyncio.create_subprocess_exec(*healthcheck(port), stderr=asyncio.subprocess.DEVNULL)
    return await process.wait() == 0


def test_a_run_is_told_in_json_and_in_metrics(gemma3_folder, tmp_path):
    port = free_port()

    async def main():
        async with TelegramServer() as telegram, DiscordServer() as discord, httpx.AsyncClient(timeout=10) as client:
            anna = discord.add_user("Annabella-Quince")
            room = discord.dm_channel(anna)
            settings = {
                "TELEGRAM_TOKEN": telegram.token,
                "TELEGRAM_API_BASE": telegram.base,
                "DISCORD_TOKEN": discord.token,
                "DISCORD_API_BASE": discord.api_base,
                "DISCORD_GATEWAY": discord.gateway_url,
                "MODEL": gemma3_folder,
                "HTTP_LISTEN": f"127.0.0.1:{port}",
            }
            async with Bots(tmp_path, LOG_FORMAT="json", LOG_LEVEL="debug", REPLY_TOKENS=24, **settings) as host:
                base = f"http://127.0.0.1:{port}"
                async with asyncio.timeout(60):
                    while True:  # it can be asked before the model is there
                        try:
                            loading = await client.get(f"{base}/readyz")
                            break
                        except httpx.TransportError:
                            await asyncio.sleep(0.1)
                assert (loading.status_code, loading.text) == (503, "the model is being loaded\n")
                assert (await client.get(f"{base}/healthz")).status_code == 200
                early = await healthy(
                    port
                )  # a program that takes seconds to start: the model may be there before it asks
                assert not early or (await client.get(f"{base}/readyz")).status_code == 200
                await host.says("the operator's page: `python -m bots page`")
                async with Bots(tmp_path, "page", **settings) as command:
                    assert await command.ended(60) == 0
                    (link,) = command.output
                await client.get(link)
                assert "Conversations a day" in (await client.get(base)).text
                await discord.wait_ready(30)
                assert await healthy(port)
                telegram.fault("sendMessage", "429", 2, retry_after=1)
                telegram.fault("sendMessageDraft|sendMessage", "502", 2)
                telegram.fault("getUpdates", "502", 1)
                discord.fault(r"POST /channels/\d+/messages", "429", 1, retry_after=0.3)
                discord.fault(r"(POST|PATCH) /channels/\d+/messages", "502", 1)
                async with prometheus(tmp_path, port) as evaluate:
                    for person in PEOPLE:
                        telegram.private(person, SAID)
                    telegram.private(200, IN_DANGER)
                    discord.dm(anna, SAID)
                    told = lambda p: any(ANSWER in m.text for m in telegram.messages(p))  # noqa: E731
                    await telegram.wait_for(lambda: all(map(told, PEOPLE)) and telegram.messages(200), 60)
                    await discord.wait_for(lambda: any(ANSWER in m.content for m in discord.messages(room)), 60)
                    await asyncio.sleep(0.5)
                    seen = await counted(client, base)
                    if evaluate is not None:
                        await filled(evaluate)
                assert await host.stop() == 0
            ends = {"telegram": 0.0, "discord": 0.0}
            for name, value in seen.items():
                if found := re.match(r'krishna_answers_total\{end="(?:done|mended)",platform="(\w+)"', name):
                    ends[found[1]] += value
            assert ends == {"telegram": len(PEOPLE), "discord": 1}
            assert seen["krishna_crises_total"] == 1 and seen["krishna_ready"] == 1
            assert seen['krishna_tokens_total{tier="whole"}'] > 9
            assert seen['krishna_refusals_total{platform="telegram"}'] == 2
            assert seen['krishna_refusals_total{platform="discord"}'] == 1
            check_log(host.output, telegram, discord)

    asyncio.run(main())
    if PROMETHEUS is None:
        missing("all else is as it should be, but Prometheus (on Debian: apt-get install prometheus)")


def check_log(output, telegram, discord):
    """Every line is JSON; each message can be followed; no secret, no words, no name."""
    lines = [json.loads(line) for line in output]
    whole = "\n".join(output)
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    assert "/login/" not in whole  # no link to the page
    for secret in (telegram.token, discord.token, telegram.token.partition(":")[2]):
        assert secret not in whole
    for word in ("Zebedee", "walnut", "Quillfeather", "Annabella", "end my life", "Partha"):
        assert word not in whole, word
    followed = {}
    for line in lines:
        if "request" in line:
            followed.setdefault(line["request"], []).append(line["message"])
    assert len(followed) == len(PEOPLE) + 2
    for key, messages in followed.items():
        assert messages[0] == "a text came" and messages[-1].startswith("a text took"), (key, messages)
    assert sum(key.startswith("telegram:") for key in followed) == len(PEOPLE) + 1
    assert not [line for line in lines if line["level"] in ("ERROR", "CRITICAL")], whole


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_of_a_run_is_told_to_anybody(request, tmp_path, form):
    """Webhook, a server on the network, PostgreSQL, and what goes wrong with each; then starts that fail."""
    told = []
    secrets = {
        "WEBHOOK_SECRET": "the-webhooks-own-secret",
        "REMOTE_KEY": "sk-of-the-model-servers",
        "in REMOTE": "password-of-a-model-server",
        "in DATABASE_URL": "password-of-the-database",
    }
    database = str(tmp_path / "krishna.db")
    if programs() is not None:
        database = request.getfixturevalue("postgres").new().replace("@", f":{secrets['in DATABASE_URL']}@")
    away = f"http://me:{secrets['in REMOTE']}@127.0.0.1:9/v1"

    async def main():
        async with (
            OpenAIServer(key=secrets["REMOTE_KEY"]) as model,
            TelegramServer() as telegram,
            DiscordServer() as discord,
            httpx.AsyncClient(timeout=10) as client,
        ):
            secrets["TELEGRAM_TOKEN"], secrets["DISCORD_TOKEN"] = telegram.token, discord.token
            secrets["half a token"] = telegram.token.partition(":")[2]
            model.pieces = [COUNSEL]
            await model.stop()
            watch, hook = (f"127.0.0.1:{free_port()}" for _ in range(2))
            base, asking = f"http://{watch}", iter(range(300, 400))
            settings = {
                **on(telegram, discord),
                **{name: secrets[name] for name in ("WEBHOOK_SECRET", "REMOTE_KEY")},
                **{"WEBHOOK_URL": f"http://{hook}", "WEBHOOK_LISTEN": hook, "HTTP_LISTEN": watch},
                **{"REMOTE": f"{away},{model.base}", "DATABASE_URL": database},
                **{"LOG_FORMAT": form, "LOG_LEVEL": "debug"},
            }

            async def look():
                """Whatever can be asked for, as it is now. Returns what /readyz said."""
                answers = [await client.get(f"{base}{path}") for path in ("/readyz", "/metrics", "/healthz", "/")]
                told.extend(answer.text for answer in answers)
                return answers[0].text

            async def answered():
                telegram.private(person := next(asking), SAID)
                await telegram.wait_for(lambda: any(ANSWER in m.text for m in telegram.messages(person)), 60)

            async with Bots(tmp_path, **settings) as host:
                await host.says("waiting for a server")
                assert "the model is being loaded" in await look()
                await model.start()
                await host.says("the operator's page")
                await telegram.wait_for(lambda: telegram.updates.url, 30)
                if form == "text":  # a link is printed; else the line tells how one is (test_a_run_is_told_in_json)
                    [link] = re.findall(r"page: (http://\S+/login/\S+) \(once", "\n".join(host.output))
                else:
                    async with Bots(tmp_path, "page", **settings) as command:
                        assert await command.ended(60) == 0
                    [link] = command.output
                assert (await client.get(link)).status_code == 200
                assert "ready" in await look() and "Last errors" in told[-1]
                for forged in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
                    assert (await client.post(f"http://{hook}/telegram", json={}, headers=forged)).status_code == 403
                telegram.fault("sendMessage", "429", 1, retry_after=1)
                telegram.fault("sendMessageDraft|sendMessage", "502", 1)
                discord.fault(r"POST /channels/\d+/messages", "502", 1)
                model.faults.extend([500, "drop"])
                anna = discord.add_user("Annabella-Quince")
                discord.dm(anna, SAID)
                await answered()
                await discord.wait_for(
                    lambda: any(ANSWER in m.content for m in discord.messages(discord.dm_channel(anna))), 60
                )
                if "://" in database:
                    ask(database, "ALTER TABLE turns RENAME TO away")
                    telegram.private(200, SAID)
                    await host.says("does not exist")
                    await look()
                    ask(database, "ALTER TABLE away RENAME TO turns")
                await answered()
                await model.stop()
                for _ in range(2):  # of tries that are as many as take a server down
                    telegram.private(next(asking), SAID)
                async with asyncio.timeout(30):
                    while "no server answers" not in (trouble := await look()):  # noqa: ASYNC110
                        await asyncio.sleep(0.2)
                assert trouble.count("http://127.0.0.1:") == 2 and trouble.strip() in unescape(told[-1])
                assert await host.stop() == 0
            told.extend(host.output)
            nowhere = f"postgresql://me:{secrets['in DATABASE_URL']}@127.0.0.1:9/krishna"
            for command, wrong, mend in (
                ([], {"DATABASE_URL": nowhere}, "KRISHNA_DATABASE_URL"),
                (["check"], {"REMOTE": away.replace(":9", ":nine")}, "KRISHNA_REMOTE"),
            ):
                async with Bots(tmp_path, *command, **{**settings, **wrong}) as bots:
                    assert await bots.ended(60) == 2
                assert mend in "".join(bots.output)
                told.extend(bots.output)

    asyncio.run(main())
    whole = "\n".join(told)
    assert not {name: secret for name, secret in secrets.items() if secret in whole}
    assert "Zebedee" not in whole and "Annabella" not in whole
    assert form == "text" or "/login/" not in whole


@contextlib.asynccontextmanager
async def prometheus(folder, port):
    """A real Prometheus that reads the host every second; evaluate(query) gives its values. None where there is none."""
    if PROMETHEUS is None:
        yield None
        return
    mine = free_port()
    config = (DEPLOY / "prometheus.yml").read_text().replace("15s", "1s").replace("krishna:8090", f"127.0.0.1:{port}")
    (folder / "prometheus.yml").write_text(config)
    (folder / "alerts.yml").write_text((DEPLOY / "alerts.yml").read_text())
    process = await asyncio.create_subprocess_exec(
        PROMETHEUS,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{mine}",
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def evaluate(query):
        url = f"http://127.0.0.1:{mine}/api/v1/query?query={urllib.parse.quote(query)}"
        async with httpx.AsyncClient() as client:
            answer = (await client.get(url)).json()
        assert answer["status"] == "success", answer
        return [float(row["value"][1]) for row in answer["data"]["result"]]

    async with asyncio.timeout(30):
        while True:
            try:
                if await evaluate('up{job="krishna"}') == [1.0]:
                    break
            except (httpx.TransportError, ValueError):  # not there yet, or says in words that it starts
                pass
            await asyncio.sleep(0.2)
    try:
        yield evaluate
    finally:
        process.terminate()
        await process.wait()


async def filled(evaluate):
    """Every query of the dashboard gives something where something happened, within a few readings."""
    left = [query for query in dashboard() if not any(name in query for name in EMPTY)]
    assert len(left) > 20
    async with asyncio.timeout(40):
        while left := [q for q in left if not [v for v in await evaluate(q) if v == v]]:  # noqa: ASYNC110 (v != v: NaN, nothing yet)
            await asyncio.sleep(0.5)
    assert sum(await evaluate("sum by (platform) (increase(krishna_answers_total[1m]))")) > 0
    assert not [v for v in await evaluate('ALERTS{alertstate="firing"}') if v]


def test_a_command_that_cannot_be_is_told_in_json_too(tmp_path):
    async def main():
        async with Bots(tmp_path, "adapter", "list", LOG_FORMAT="json") as command:
            assert await command.ended(60) == 2
            (line,) = map(json.loads, command.output)
            assert line["level"] == "CRITICAL" and "no host runs here" in line["message"]

    asyncio.run(main())
