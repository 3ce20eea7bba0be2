"""One run of the real program, watched: its log in JSON without a token or a word, its metrics read by Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import urllib.parse

import httpx

from tests.bots.test_watch import counted, free_port
from tests.platforms.discord_server import DiscordServer
from tests.platforms.telegram_server import TelegramServer
from tests.process import Bots
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
            except httpx.TransportError:
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
    async with asyncio.timeout(20):
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
