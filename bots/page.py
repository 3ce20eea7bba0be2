"""The operator's page at `/`: what waits, what is answered, what went wrong, and which adapter answers.

Rendered here, as a whole, at every look; a few lines of script in page.html fetch it again. It tells numbers and names
of programs, and nothing that anybody wrote. Who may see it is bots/door.py's.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from bots import logs, metrics
from bots.control import obey
from bots.dialogue import Dialogue
from bots.door import LINK_S, Door, Session, address, here, ours
from bots.settings import ConfigurationError, Settings
from bots.watch import Watch
from core.engine import EngineError, EngineStats
from storage import Day, StoreError

FRESH_S = 30.0  # for which figures from the database count: two weeks of a busy host take it a second to count
SHELL = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
ELSEWHERE = """The operator's page is only for the machine that the host runs on. From another one:
ssh -L 8090:127.0.0.1:8090 HOST, with the port of KRISHNA_HTTP_LISTEN, then `python -m bots page` there.
"""
LOCKED = "<p>This page opens with a link that works once. On the host, <code>python -m bots page</code> prints one.</p>"
USED = (
    f"<p>This link was used before, or is older than {LINK_S / 60:.0f} minutes. On the host, "
    "<code>python -m bots page</code> prints another.</p>"
)
AGAIN = '<meta http-equiv="refresh" content="0; url=/">'
BY_ITSELF = '<noscript><meta http-equiv="refresh" content="10"></noscript>'


class Page:
    """Over what Watch knows of the host; recent: the last lines of the log that told of trouble."""

    def __init__(self, settings: Settings, watch: Watch, recent: logs.Recent) -> None:
        self._settings, self._watch, self._recent, self._door = settings, watch, recent, Door()
        self._read = -FRESH_S
        self._days: list[Day] = []
        self._figures: dict[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        """A link is used up by GET alone: who only looks whether it is there (HEAD) leaves it as it is."""
        return [
            web.get("/", self._for_those_here(self.show)),
            web.get("/login/{secret}", self._for_those_here(self.enter), allow_head=False),
            web.post("/adapter", self._for_those_here(self.swap)),
        ]

    def link(self) -> str:
        """An address that lets one browser in, once. Raises ConfigurationError where the page is not given."""
        if not self._settings.http_listen:
            raise ConfigurationError("this host has no page; start it again with KRISHNA_HTTP_LISTEN=127.0.0.1:8090")
        base = address(self._settings.http_listen)
        if base is None:
            raise ConfigurationError(
                f"the page is only given on loopback, not on {self._settings.http_listen}; "
                "set KRISHNA_HTTP_LISTEN=127.0.0.1:8090 and start the host again"
            )
        return f"{base}/login/{self._door.link()}"

    # -- who asks ---------------------------------------------------------------------------------------------

    def _for_those_here(
        self, act: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            return await act(request) if here(request) else web.Response(text=ELSEWHERE, status=403)

        return answer

    async def enter(self, request: web.Request) -> web.Response:
        """A link. The page is then asked for by our own page, not by whatever page held the link: the cookie is strict."""
        answer = _html("<p>Welcome.</p>", head=AGAIN)
        if self._door.enter(request.match_info["secret"], request, answer) or self._door.session(request):
            return answer
        return _html(USED, status=403)

    async def show(self, request: web.Request) -> web.Response:
        session = self._door.session(request)
        return _html(await self._body(session), head=BY_ITSELF) if session else _html(LOCKED, status=401)

    async def swap(self, request: web.Request) -> web.Response:
        """The button: load an adapter, or unload the one in use. What came of it stands on the page."""
        session = self._door.session(request)
        if session is None:
            return _html(LOCKED, status=401)
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        if not ours(session, form.pop("form", "")):
            return _html("<p>This was not pressed on the page; nothing changed.</p>", status=403)
        dialogue = self._watch.dialogue
        if dialogue is None or self._watch.stopping:
            session.said = "the host is not ready; nothing changed"
        else:
            try:
                session.said = await obey(dialogue.adapters, form)
            except (EngineError, ValueError) as error:
                session.said = f"nothing changed: {error}"
        return web.Response(status=303, headers={"Location": "/", **HEADERS})

    # -- what it shows ----------------------------------------------------------------------------------------

    async def _body(self, session: Session) -> str:
        trouble, dialogue = await self._watch.trouble(), self._watch.dialogue
        if dialogue is None:
            main = f'<div class="wide" data-live id="rest">{self._errors()}</div>'
        else:
            missing = await self._look(dialogue)
            main = f"""
            <dl class="tiles" data-live id="now">{_now(dialogue.engine.stats())}</dl>
            <section data-live id="days">{missing or _days(self._days)}</section>
            <section data-live id="figures">{missing or _figures(self._figures)}</section>
            <section class="wide"><h2>Adapter</h2>{self._adapters(dialogue, session)}</section>
            <section class="wide" data-live id="errors">{self._errors()}</section>"""
        model = dialogue.engine.stats().model if dialogue else ""
        return f"""
        <header>
          <h1>Krishna</h1>
          <span data-live id="state"><span class="state {"bad" if trouble else "good"}">{escape(trouble or "ready")}</span></span>
          <span class="soft" data-live id="model">{escape(model)}</span>
          <span id="silent" role="status">The host does not answer; this is what it said last.</span>
        </header>
        <main>{main}</main>"""

    async def _look(self, dialogue: Dialogue) -> str:
        """Read the database where what is known of it is old. Returns what is wrong with it, as HTML."""
        if time.monotonic() - self._read > FRESH_S:
            try:
                self._days, self._figures = await dialogue.store.days(), await dialogue.store.stats()
            except StoreError as error:
                return f'<p class="bad">{escape(str(error))}</p>'
            self._read = time.monotonic()
        return ""

    def _adapters(self, dialogue: Dialogue, session: Session) -> str:
        rows = "".join(
            f"<tr><td>{escape(held.name) or 'the base'}{' <span class=good>● in use</span>' if held.current else ''}</td>"
            f"<td>{held.answering}</td><td>{held.answered}</td></tr>"
            for held in dialogue.adapters.held()
        )
        token = f'<input type="hidden" name="form" value="{session.form}">'
        options = "".join(f'<option value="{escape(str(folder))}">' for folder in folders(self._settings))
        unload = f"""<form method="post" action="/adapter">{token}<input type="hidden" name="do" value="unload">
            <button class="plain">Back to the base</button></form>"""
        return f"""
        <div data-live id="adapters"><table>
          <tr><th>Name</th><th>answering</th><th>answered</th></tr>{rows}
        </table></div>
        <div class="forms">
          <form class="folder" method="post" action="/adapter">{token}<input type="hidden" name="do" value="load">
            <input name="path" list="folders" required autocomplete="off" aria-label="Folder of an adapter"
              placeholder="Folder of an adapter">
            <datalist id="folders">{options}</datalist>
            <button>Answer with it</button></form>
          <div data-live id="back">{unload if dialogue.adapters.current else ""}</div>
        </div>
        {f'<p role="status" id="said">{escape(session.said)}</p>' if session.said else ""}"""

    def _errors(self) -> str:
        lines = "".join(
            f'<li><span class="soft">{datetime.fromtimestamp(line.at):%d %b %H:%M:%S}</span>'
            f'<span class="{"soft" if line.level == "WARNING" else "bad"}">{escape(line.level.lower())}</span>'
            f'<span class="soft">{escape(line.logger)}</span><div>{escape(line.what)}</div></li>'
            for line in reversed(self._recent.lines)
        )
        listed = f'<ol class="lines">{lines}</ol>' if lines else "<p>None since the start.</p>"
        return f"<h2>Last errors and warnings</h2>{listed}"


def _now(stats: EngineStats) -> str:
    ends = metrics.ended()
    failed = ends.pop("failed")
    wait = f"a wait of about {stats.wait_s:.0f} s" if stats.queued else "nobody waits"
    return _tiles(
        ("Queue", f"{stats.queued} <small>of {stats.queue}</small>", wait),
        ("Slots", f"{stats.busy} <small>of {stats.slots}</small>", "answers being made"),
        ("Tokens a second", f"{stats.tokens_per_s:.1f}", "over the last ten seconds"),
        ("Answers", str(sum(ends.values())), f"since the start; {failed} failed"),
    )


def _tiles(*tiles: tuple[str, str, str]) -> str:
    return "".join(
        f"<div><dt>{name}</dt><dd>{value}</dd><dd class='soft'>{note}</dd></div>" for name, value, note in tiles
    )


def _days(days: list[Day]) -> str:
    """A bar for each day, oldest first, as high as the busiest lets it be."""
    most = max((day.conversations for day in days), default=0) or 1
    bars = ""
    for day in days:
        on, height = date.fromordinal(day.ordinal), 100 * day.conversations / most
        bars += (
            f'<li title="{on:%A %d %B}: conversations {day.conversations}, questions {day.questions}">'
            f"{day.conversations or '–'}"
            f'<svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true">'
            f'<rect x="0" width="10" y="{100 - height:.1f}" height="{height:.1f}"/></svg><span>{on.day}</span></li>'
        )
    return f'<h2>Conversations a day</h2><ol class="days">{bars}</ol>'


def _figures(figures: dict[str, str]) -> str:
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in figures.items())
    return f'<h2>The last day</h2><dl class="pairs">{rows}</dl>'


def folders(settings: Settings) -> Iterable[Path]:
    """LoRA folders that can be offered: that of the settings, and those beside it."""
    if settings.adapter is None:
        return []
    beside = settings.adapter.expanduser().absolute().parent.glob("*/adapter_config.json")
    return sorted(file.parent for file in beside)


def _html(body: str, *, head: str = "", status: int = 200) -> web.Response:
    text = SHELL.substitute(head=head, body=body)
    return web.Response(text=text, status=status, content_type="text/html", headers=HEADERS)


def _inline(tag: str) -> str:
    """The one style or script of the page, as a policy names it. (No nonce: script parses the page again.)"""
    found = re.search(f"<{tag}>(.*)</{tag}>", SHELL.template, re.DOTALL)
    assert found is not None
    return f"'sha256-{b64encode(sha256(found[1].encode()).digest()).decode()}'"


# Nothing from elsewhere, nothing kept, nothing framed.
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src {_inline('style')}; script-src {_inline('script')}; "
    "img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
