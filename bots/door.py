"""Who may see the operator's page: somebody on this machine whom a link let in that works once.

The page is given to loopback alone, whatever KRISHNA_HTTP_LISTEN says: to peers on it (the end of an ssh tunnel is one),
and under a name of it, so that no site can reach it from an operator's browser by a name of its own (DNS rebinding).
Cookies know no ports: other programs on this machine's loopback see ours, and their pages count as the same site. So a
form brings a token of its own beside the cookie.
"""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import secrets
import time
from dataclasses import dataclass, field
from hashlib import sha256

from aiohttp import web
from yarl import URL

LINK_S = 600.0  # within which a link may be used
SESSION_S = 12 * 3600.0


@dataclass
class Session:
    """One browser that was let in. form: what its forms must bring. said: what its last press of a button came to."""

    until: float
    form: str = field(default_factory=secrets.token_urlsafe)
    said: str = ""


class Door:
    """Links and sessions, in memory: a restart ends them. Secrets are kept and looked up by their SHA-256 alone, so the
    time of a look-up tells nothing of them."""

    def __init__(self) -> None:
        self._links: dict[bytes, float] = {}  # until when
        self._sessions: dict[bytes, Session] = {}

    def link(self) -> str:
        """A secret that lets one browser in."""
        self._tidy()
        secret = secrets.token_urlsafe(32)
        self._links[_digest(secret)] = time.monotonic() + LINK_S
        return secret

    def enter(self, secret: str, request: web.Request, answer: web.Response) -> bool:
        """Use a link up: the answer takes the session's cookie along. False when it is none, or none any more."""
        self._tidy()
        if self._links.pop(_digest(secret), None) is None:
            return False
        mine = secrets.token_urlsafe(32)
        self._sessions[_digest(mine)] = Session(time.monotonic() + SESSION_S)
        answer.set_cookie(_cookie(request), mine, max_age=int(SESSION_S), httponly=True, samesite="Strict")
        return True

    def session(self, request: web.Request) -> Session | None:
        """The session whose cookie a request brings."""
        self._tidy()
        return self._sessions.get(_digest(request.cookies.get(_cookie(request), "")))

    def _tidy(self) -> None:
        now = time.monotonic()
        self._links = {digest: until for digest, until in self._links.items() if until > now}
        self._sessions = {digest: session for digest, session in self._sessions.items() if session.until > now}


def _digest(secret: str) -> bytes:
    return sha256(secret.encode(errors="surrogateescape")).digest()


def _cookie(request: web.Request) -> str:
    """A name for each port, so that two hosts on one machine keep their own."""
    return f"krishna_{request.url.port}"


def ours(session: Session, form: str) -> bool:
    """Whether a form comes from a page that this session was given."""
    return hmac.compare_digest(session.form.encode(), form.encode(errors="surrogateescape"))


def here(request: web.Request) -> bool:
    """Whether a request comes over loopback, and asks for it by name."""
    with contextlib.suppress(ValueError):  # a Host that is no host
        return _loopback(request.remote or "") and _loopback(URL(f"http://{request.host}").host or "")
    return False


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def address(listen: str) -> str | None:
    """Where a browser on this machine finds the page of a host that listens there; None where loopback is left out."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}" if _loopback(host) else None
