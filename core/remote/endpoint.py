"""One OpenAI-compatible server: its HTTP, its server-sent events, what its refusals mean, and whether it is left alone.

Written against vLLM (docs.vllm.ai, "OpenAI-Compatible Server"); what only vLLM knows is asked for where it may be absent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

import aiohttp

from core.engine import EngineError, PromptTooLong
from core.text import first_line

CONNECT_S = 5.0
SILENT_S = 60.0  # a server that says nothing for so long, before its first token or after, is taken for dead
END_S = 0.5  # from the last word of an answer to the end of the call
FAILURES = 4  # in a row, by which a server goes down: more than one request has tries
_TOO_LONG = re.compile(r"context length|context window|maximum model length|context size|too long", re.IGNORECASE)


class Unanswered(Exception):
    """This server gave no answer; another one may, or the same one later. str() is why."""


class Busy(Unanswered):
    """It takes no more requests now. retry_after_s: when it wants to be asked again, if it says so."""

    def __init__(self, why: str, retry_after_s: float | None = None, *, broken: bool = False) -> None:
        super().__init__(why)
        self.retry_after_s, self.broken = retry_after_s, broken


class NotServed(Unanswered):
    """It does not know the model or the adapter."""


class Denied(Unanswered):
    """It wants another key."""


class Refused(EngineError):
    """It will never do this, nor will another. str() is the server's word."""


class Endpoint:
    """A server at a base URL ("http://gpu1:8000/v1"), over a session that others share.

    name: the same for people to read, without a user and a password that stand in it.
    under_way: requests that it has. down: why it is left alone; empty while it is asked.
    """

    def __init__(self, base: str, session: aiohttp.ClientSession, key: str = "") -> None:
        self.base, self.under_way, self.down = base, 0, ""
        self.name = re.sub(r"(?<=//)[^/]*@", "", base)
        self.preparing = asyncio.Lock()
        self._session, self._failures = session, 0
        # A password in the address stands in the same header, and is meant for this server.
        self._headers = {"Authorization": f"Bearer {key}"} if key and "@" not in base else {}

    def answered(self) -> None:
        """Its words came, and it did not break them off: not at the first of them, for the next failure may be that."""
        self._failures = 0

    def failed(self) -> bool:
        """Count a failure. True when there were enough of them in a row to leave it alone."""
        self._failures += 1
        return self._failures >= FAILURES

    def on_trial(self) -> None:
        """It may be asked again, and one failure is enough now."""
        self._failures, self.down = FAILURES - 1, ""

    async def models(self) -> list[dict[str, Any]]:
        """What it serves: "id", and with vLLM "root" (a path), "parent" (an adapter's base), "max_model_len"."""
        found = (await self._json("GET", f"{self.base}/models")).get("data")
        if not isinstance(found, list) or not all(isinstance(m, dict) and isinstance(m.get("id"), str) for m in found):
            raise Unanswered(f"{self.name} is no OpenAI-compatible server")
        return found

    async def tokenized(self, model: str, text: str) -> list[int] | None:
        """The server's own tokens of a text, without `<bos>`; None where it does not tell."""
        body = {"model": model, "prompt": text, "add_special_tokens": False}
        try:
            return (await self._json("POST", f"{self.base.removesuffix('/v1')}/tokenize", body)).get("tokens")
        except (Unanswered, Refused):
            return None

    async def load_adapter(self, name: str, path: str) -> None:
        """vLLM reads the folder on its own machine."""
        try:
            await self._json("POST", f"{self.base}/load_lora_adapter", {"lora_name": name, "lora_path": path})
        except Refused as error:
            if "already been loaded" not in str(error):  # by another host, since it was asked what it serves
                raise

    async def unload_adapter(self, name: str) -> None:
        await self._json("POST", f"{self.base}/unload_lora_adapter", {"lora_name": name})

    async def complete(self, body: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The chunks of a streamed completion. Closing it closes the connection, by which the server knows to stop.

        Raises Unanswered, Refused or PromptTooLong.
        """
        async with self._ask("POST", f"{self.base}/completions", body) as response:
            async for data in events(response.content.iter_any()):
                if data == "[DONE]":
                    with contextlib.suppress(TimeoutError):  # to the very end, so that the connection is kept
                        await asyncio.wait_for(response.content.read(), END_S)
                    return
                chunk = json.loads(data)
                if "error" in chunk:  # vLLM looks at a prompt only when it has said 200 already
                    code = _error(chunk).get("code")
                    raise self._meaning(code if isinstance(code, int) else 500, chunk)
                yield chunk
        raise Unanswered(f"{self.name} broke off the answer")

    async def _json(self, method: str, url: str, body: Any = None) -> dict[str, Any]:
        async with self._ask(method, url, body) as response:
            text = await response.text()
            # What was done, vLLM tells in a sentence.
            return dict(json.loads(text)) if response.content_type == "application/json" and text[:1] == "{" else {}

    @contextlib.asynccontextmanager
    async def _ask(self, method: str, url: str, body: Any) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """One call, its errors as ours; a connection whose answer was not read to the end is closed."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=SILENT_S)
        call = self._session.request(method, url, json=body, headers=self._headers, timeout=timeout)
        try:
            async with call as response:
                try:
                    if response.status >= 400:
                        raise self._meaning(response.status, await response.text(), response.headers.get("Retry-After"))
                    yield response
                finally:
                    if not response.content.at_eof():
                        response.close()
        except TimeoutError as error:  # aiohttp's; a deadline of ours comes as a cancellation
            raise Unanswered(f"{self.name} said nothing for too long") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(f"{self.name} does not answer ({first_line(error)})") from error

    def _meaning(self, status: int, answer: Any, retry_after: str | None = None) -> Exception:
        """What an HTTP status means."""
        said = str(_error(answer).get("message") or _error(answer).get("detail") or answer)
        # Cut short, so that no prompt gets into a log.
        why = f"{self.name} answered {status}: {first_line(ValueError(said))[:200]}"
        if status in (429, 503):
            after = float(retry_after) if retry_after and retry_after.isdecimal() else None
            return Busy(why, after, broken=status == 503)
        if status == 404:
            return NotServed(why)
        if status in (401, 403):
            return Denied(why)
        if status in (400, 413, 422):
            return PromptTooLong(why) if _TOO_LONG.search(said) else Refused(why)
        return Unanswered(why)


def _error(answer: Any) -> dict[str, Any]:
    """The error in an answer, which is JSON as a rule."""
    if isinstance(answer, str):
        try:
            answer = json.loads(answer)
        except ValueError:
            return {}
    found = answer.get("error", answer) if isinstance(answer, dict) else {}
    return found if isinstance(found, dict) else {"message": str(found)}


async def events(chunks: AsyncIterable[bytes]) -> AsyncGenerator[str, None]:
    """The data of each server-sent event (html.spec.whatwg.org, 9.2), however the bytes are cut."""
    rest, data = b"", list[str]()
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            line = line.removesuffix(b"\r")
            if line.startswith(b"data:"):
                data.append(line[5:].removeprefix(b" ").decode())
            elif not line and data:
                yield "\n".join(data)
                data.clear()
