"""An OpenAI-compatible server on loopback, with vLLM's forms (0.32): streams, errors before and in a stream, adapters.

Its words are given, not made: what is under test is the way to them. docs/remote.md has the figures of a real vLLM.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any

from aiohttp import web

WORDS = ["Partha", ", the", " work", " is", " yours", ":", " कर्म", " करो", " 🙏", "."]


class OpenAIServer:
    """Use as an async context manager; stop() and start() again keep the port, as a server started anew does.

    pieces: the tokens of every answer. pace_s: before each. cut: bytes a write. faults: what happens to the next
    completions, one each: a status; "drop" (the connection closes, nothing said), "break" (after three pieces),
    "stall" (silence), "error" (an error in the stream after three pieces), "bad" and "long" (a 400 in the stream).
    """

    def __init__(self, *models: str, context: int = 2048, key: str = "", lora: bool = True) -> None:
        self.models, self.context, self.key = list(models) or ["gemma"], context, key
        self.pieces, self.pace_s, self.cut = WORDS, 0.0, 0
        self.faults: deque[int | str] = deque()
        self.retry_after = ""
        self.refusing = 0  # a status for whoever asks which models there are
        self.listed: Any = None  # what they are told, where that is not which models there are
        self.loading = asyncio.Event()  # an adapter is loaded only once this is set
        self.loading.set()
        self.tokenizer: Any = None  # for /tokenize; without one it has none
        self.requests: list[dict[str, Any]] = []
        self.authorized: set[str] = set()  # the headers by which callers said who they are
        self.adapters: dict[str, str] = {}
        self.running = self.most = self.aborted = self.connections = self.asked_to_load = 0
        self._lora, self._port = lora, 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> OpenAIServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        app = web.Application(middlewares=[self._gate])
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/completions", self._completions)
        if self.tokenizer is not None:
            app.router.add_post("/tokenize", self._tokenize)
        if self._lora:
            app.router.add_post("/v1/load_lora_adapter", self._load)
            app.router.add_post("/v1/unload_lora_adapter", self._unload)
        # As with vLLM, a client that leaves ends what is made for it.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """As a crash: connections close, adapters are forgotten."""
        await self._runner.cleanup()
        self.adapters.clear()

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.authorized.add(request.headers.get("Authorization", ""))
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": "Unauthorized"}, status=401)
        return await handler(request)

    async def _models(self, _: web.Request) -> web.Response:
        if self.refusing:
            return _error(self.refusing, "The plain HTTP request was sent to HTTPS port")
        if self.listed is not None:
            return web.json_response({"object": "list", "data": self.listed})
        base = [{"id": m, "root": f"/m/{m}", "parent": None, "max_model_len": self.context} for m in self.models]
        lora = [{"id": name, "root": path, "parent": self.models[0]} for name, path in self.adapters.items()]
        return web.json_response({"object": "list", "data": [*base, *lora]})

    async def _tokenize(self, request: web.Request) -> web.Response:
        tokens = self.tokenizer.encode((await request.json())["prompt"])
        return web.json_response({"count": len(tokens), "tokens": tokens})

    async def _load(self, request: web.Request) -> web.Response:
        asked = await request.json()
        name, path = asked["lora_name"], asked["lora_path"]
        self.asked_to_load += 1
        await asyncio.shield(self.loading.wait())
        if name in self.adapters:
            return _error(400, f"The lora adapter '{name}' has already been loaded.")
        self.adapters[name] = path
        return web.Response(text=f"Success: LoRA adapter '{name}' added successfully.")

    async def _unload(self, request: web.Request) -> web.Response:
        if self.adapters.pop((await request.json())["lora_name"], None) is None:
            return _error(404, "The lora adapter cannot be found.")
        return web.Response(text="Success")

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        fault = self.faults.popleft() if self.faults else ""
        if isinstance(fault, int):
            return _error(fault, "not now", self.retry_after)
        if body["model"] not in [*self.models, *self.adapters]:
            return _error(404, f"The model `{body['model']}` does not exist.")
        assert request.transport is not None
        if fault == "drop":
            request.transport.close()
            return web.Response()
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return await self._stream(request, body, fault)
        except (asyncio.CancelledError, ConnectionResetError):
            self.aborted += 1
            raise
        finally:
            self.running -= 1

    async def _stream(self, request: web.Request, body: dict[str, Any], fault: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        if fault in ("bad", "long"):
            said = "Token id 9 is out of vocabulary" if fault == "bad" else "longer than the maximum model length of 9"
            await self._say(response, {"error": {"message": said, "type": "BadRequestError", "code": 400}})
            await self._say(response, "[DONE]")
            return response
        if fault == "stall":
            await asyncio.sleep(60)
        pieces = self.pieces[: body["max_tokens"]]
        usage = {"prompt_tokens": len(body["prompt"]), "prompt_tokens_details": {"cached_tokens": 2}}
        for made, piece in enumerate(pieces, start=1):
            await asyncio.sleep(self.pace_s)
            reason = None if made < len(pieces) else "stop" if len(pieces) == len(self.pieces) else "length"
            choice = {"index": 0, "text": piece, "finish_reason": reason}
            more = body.get("stream_options", {}).get("continuous_usage_stats")
            usage["completion_tokens"] = made
            await self._say(response, {"choices": [choice], **({"usage": usage} if more else {})})
            if made == 3 and fault == "break":
                assert request.transport is not None
                request.transport.close()
                return response
            if made == 3 and fault == "error":
                await self._say(response, {"error": {"message": "EngineCore died", "type": "x", "code": 500}})
                return response
        if body.get("stream_options", {}).get("include_usage"):
            await self._say(response, {"choices": [], "usage": usage})
        await self._say(response, "[DONE]")
        return response

    async def _say(self, response: web.StreamResponse, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        raw = f": still here\r\n\r\ndata: {text}\r\n\r\n".encode() if self.cut else f"data: {text}\n\n".encode()
        for at in range(0, len(raw), self.cut or len(raw)):
            await response.write(raw[at : at + (self.cut or len(raw))])
            if self.cut:
                await asyncio.sleep(0)  # each its own chunk on the wire


def _error(status: int, message: str, retry_after: str = "") -> web.Response:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return web.json_response({"error": {"message": message, "code": status}}, status=status, headers=headers)
