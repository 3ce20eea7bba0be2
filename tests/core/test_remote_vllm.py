"""The engine over a real vLLM, started here with the embedded model on the CPU: `make test-vllm` (minutes; docs/remote.md)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import aiohttp
import pytest

from core.engine import Delta, Done, EngineError, LoadError, PromptTooLong, Request, Sampling
from core.open import open_engine
from core.settings import EngineSettings
from tests.core.loras import make

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("VLLM_PYTHON") or ROOT / ".venv-vllm/bin/python")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="no vLLM here: make test-vllm installs it, or set VLLM_PYTHON"),
]

QUESTIONS = (
    "How do I accept what I cannot change?",
    "Why should I work when nobody thanks me?",
    "The capital of France is",
    "मैं क्यों डरता हूँ?",
    "I am angry with my brother and cannot sleep.",
    "What is the use of kindness?",
)
GREEDY = Sampling(temperature=0)


class VLLM:
    """A server of its own process group on a free port."""

    def __init__(self, folder: Path, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._folder, self._log = folder, log
        self.root = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        preload = next(PYTHON.absolute().parents[1].rglob("libiomp5.so"), "")
        own = {
            "LD_PRELOAD": str(preload),  # as vLLM's page on CPUs asks
            "VLLM_CPU_KVCACHE_SPACE": "1",
            "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1",
            "VLLM_NO_USAGE_STATS": "1",
            "HF_HUB_OFFLINE": "1",
        }
        options = {
            "model": self._folder,
            "served-model-name": "gemma-3-270m",
            "hf-overrides": '{"architectures": ["Gemma3ForCausalLM"]}',  # the embedded model's config names none
            "host": "127.0.0.1",
            "port": self._port,
            "dtype": "float32",
            "max-model-len": 2048,
            "max-num-seqs": 8,
            "max-lora-rank": 8,
        }
        flags = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(PYTHON), "-m", "vllm.entrypoints.openai.api_server", *flags, "--enforce-eager", "--enable-lora"],
                env={**os.environ, **own},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    async def running(self) -> int:
        """How many requests it says that it works on."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.root}/metrics") as response:
            found = re.findall(r"^vllm:num_requests_running\{.*\} (\S+)", await response.text(), re.MULTILINE)
        return int(sum(map(float, found)))


@pytest.fixture(scope="module")
def vllm(embedded_folder, tmp_path_factory):
    server = VLLM(embedded_folder, tmp_path_factory.mktemp("vllm") / "log")
    yield server
    server.kill()


def run(vllm, act):
    async def main():
        settings = EngineSettings(remote=vllm.root, _env_file=None)
        engine = await open_engine(settings, progress=print, patience_s=300)
        try:
            await asyncio.wait_for(act(engine), 300)
        finally:
            await engine.close()

    asyncio.run(main())


async def text_of(engine, request):
    text, done = "", None
    async for event in engine.generate(request):
        if isinstance(event, Delta):
            text += event.text
        elif isinstance(event, Done):
            done = event
    return text, done


def request(engine, question, **more):
    prompt = (engine.tokenizer.bos, *engine.tokenizer.encode(question))
    return Request(prompt, **{"sampling": GREEDY, "conversation": question, **more})


async def until(true, within_s):
    """Seconds until an async condition holds."""
    start = asyncio.get_running_loop().time()
    async with asyncio.timeout(within_s):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return asyncio.get_running_loop().time() - start


def test_it_says_what_transformers_says(vllm, embedded_folder):
    """Greedy, in float32 on both sides, token for token as far as both agree."""
    import torch

    from core.resident.loader import load_weights

    model = load_weights(embedded_folder, "cpu")

    async def act(engine):
        alike = []
        for question in QUESTIONS:
            asked = request(engine, question, max_tokens=24)
            said, done = await text_of(engine, asked)
            ids = torch.tensor([asked.prompt])
            with torch.inference_mode():
                out = model.generate(ids, max_new_tokens=24, do_sample=False, eos_token_id=[1, 106])[0, ids.shape[1] :]
            ours = engine.tokenizer.decode(out.tolist())
            same = next((i for i, (a, b) in enumerate(zip(said, ours, strict=False)) if a != b), len(said))
            alike.append(same / max(len(said), len(ours)))
            print(f"{alike[-1]:4.0%} {done.reason} {done.usage.answer_tokens} {said!r}")
        assert min(alike) > 0.2 and sum(alike) / len(alike) > 0.9

    run(vllm, act)


def test_ends_stops_seeds_and_bounds(vllm):
    async def act(engine):
        assert engine.context == 2048 and not engine.fluent
        whole, done = await text_of(engine, request(engine, QUESTIONS[0], max_tokens=40))
        assert done.reason == "length" and done.usage.answer_tokens == 40
        word = whole.split()[4]
        cut, done = await text_of(engine, request(engine, QUESTIONS[0], max_tokens=40, stop=(word,)))
        assert done.reason == "stop" and cut == whole[: whole.index(word)]
        drawn = [
            (await text_of(engine, request(engine, QUESTIONS[1], max_tokens=12, sampling=Sampling(seed=s))))[0]
            for s in (1, 1, 2)
        ]
        assert drawn[0] == drawn[1] != drawn[2]
        with pytest.raises(PromptTooLong):
            await text_of(engine, Request((2,) * 2000, max_tokens=100))
        engine.context = 4096  # a server that was started anew with less: it says so itself
        with pytest.raises(PromptTooLong):
            await text_of(engine, Request((2,) * 2100, max_tokens=100))
        with pytest.raises(EngineError, match="out of vocabulary"):
            await text_of(engine, Request((2, 9_999_999), max_tokens=100))
        text, done = await text_of(engine, request(engine, QUESTIONS[0], max_tokens=1500, deadline_s=1.5))
        assert done.reason == "deadline" and text and done.usage.total_s < 2

    run(vllm, act)


def test_closing_the_stream_ends_the_request_there(vllm):
    async def act(engine):
        async def busy():
            return await vllm.running()

        async def idle():
            return not await vllm.running()

        streams = [engine.generate(request(engine, q, max_tokens=1500, sampling=Sampling(seed=1))) for q in QUESTIONS]
        for stream in streams:
            await anext(stream)
        assert await busy() == len(streams)
        await asyncio.gather(*(stream.aclose() for stream in streams))
        print(f"idle again {await until(idle, 3):.2f} s after {len(streams)} streams were closed")

    run(vllm, act)


def test_adapters_come_and_go_by_name(vllm, embedded_folder, tmp_path):
    folder = make(embedded_folder, tmp_path / "lora", tuned=True, r=8)

    async def act(engine):
        await engine.load_adapter("lora", folder)
        base, adapted = await asyncio.gather(
            text_of(engine, request(engine, QUESTIONS[0], max_tokens=12)),
            text_of(engine, request(engine, QUESTIONS[0], max_tokens=12, adapter="lora")),
        )
        assert adapted[0] and adapted[0] != base[0]
        with pytest.raises(LoadError, match="max-lora-rank"):
            await engine.load_adapter("large", make(embedded_folder, tmp_path / "large", r=32))
        await engine.unload_adapter("lora")

        async def gone():
            async with aiohttp.ClientSession() as session, session.get(f"{vllm.root}/v1/models") as response:
                return len((await response.json())["data"]) == 1

        await until(gone, 5)

    run(vllm, act)


def test_killed_in_the_middle_it_comes_back_with_its_adapter(vllm, embedded_folder, tmp_path):
    folder = make(embedded_folder, tmp_path / "lora", r=8)

    async def act(engine):
        await engine.load_adapter("lora", folder)
        asked = request(engine, QUESTIONS[0], max_tokens=8, adapter="lora")
        before = (await text_of(engine, asked))[0]
        stream = engine.generate(request(engine, QUESTIONS[0], max_tokens=1500))
        await anext(stream)
        vllm.kill()
        with pytest.raises(EngineError, match="broke off"):
            async for _ in stream:
                pass
        for _ in range(2):
            with pytest.raises(EngineError):
                await text_of(engine, asked)
        assert "no server answers" in engine.stats().failed
        vllm.start()

        async def well():
            return engine.stats().failed is None

        print(f"answers again {await until(well, 200):.0f} s after it was started")
        assert (await text_of(engine, asked))[0] == before

    run(vllm, act)
