"""python -m tests.core.gemma3n.measure [steps] [adapter] [memory] [start] [profile] [exact]: figures of full-size E4B on this GPU.

Random weights: shapes, speed and memory are E4B's, words are not. Each part is best run in a process of its own.
"""

from __future__ import annotations

import statistics
import sys
import time

import torch

from core.resident.gemma3n.model import Gemma3n
from core.resident.gemma3n.nf4 import quantize
from core.resident.gemma3n.store import synthetic
from core.resident.gemma3n.synthetic import PLE, e4b, random_source
from core.resident.gemma3n.weights import Rows, shapes
from tests.core.gemma3n.tiny import error

GPU = torch.device("cuda")
DRAW = (1.0, 64, 0.95, 0.3)


def opened(slots: int, context: int = 2048, ring: int = 1024) -> Gemma3n:
    return Gemma3n(synthetic(GPU), "random E4B", slots=slots, context=context, ring=ring)


def step_ms(model: Gemma3n, tier: str, rows: int, at: int = 160, adapter: int = 0) -> tuple[float, float]:
    """Milliseconds of one step: with the host's part, and of the graph alone. Medians of 30."""
    part, slots = model.tiers[tier], list(range(rows))

    def once(i: int) -> None:
        model._decode.run(part, [5 + i] * rows, slots, [at + i] * rows, [DRAW] * rows, [adapter] * rows)

    for i in range(3):
        once(i)
    wall, alone = [], []
    for i in range(30):
        start = time.perf_counter()
        once(i)
        wall.append((time.perf_counter() - start) * 1e3)
    graph = model._decode._graphs[tier, rows, int(adapter > 0)]
    for _ in range(30):
        a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        a.record()
        graph.replay()
        b.record()
        torch.cuda.synchronize()
        alone.append(a.elapsed_time(b))
    return statistics.median(wall), statistics.median(alone)


def first_ms(model: Gemma3n, length: int) -> float:
    """Milliseconds from a prompt to the first token's logits on the host, idle GPU. Median of 5 after a warm-up."""
    tokens, times = list(range(100, 100 + length)), []
    for _ in range(6):
        torch.cuda.synchronize()
        start = time.perf_counter()
        for at in range(0, length, 128):
            logits = model.prefill(0, at, tokens[at : at + 128], last=at + 128 >= length)
        int(logits.argmax())
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[1:])


def steps() -> None:
    model = opened(32)
    for tier, sizes in (("e4b", (1, 2, 4, 8, 16, 32)), ("e2b", (1, 32))):
        for rows in sizes:
            wall, alone = step_ms(model, tier, rows)
            print(f"| {tier}, {rows} chats | {wall:.2f} ms, graph {alone:.2f} ms | {rows / wall * 1e3:.0f} tokens/s |")
    for length in (128, 512):
        print(f"| first token of {length} | {first_ms(model, length):.1f} ms |")


def adapter() -> None:
    """The cost of an adapter of rank 64 on all seven projections, of random numbers."""
    model = opened(32)
    held = model._adapters
    held.flat[0] = torch.randn(held._size, device=GPU, dtype=torch.bfloat16) * 0.01
    held._names[0] = "random"
    held._point()
    print(f"| an adapter's memory | {held.flat[0].nbytes / 2**30:.2f} GiB |")
    for tier, rows in (("e4b", 1), ("e2b", 1), ("e4b", 8), ("e4b", 32)):
        (_, base), (_, tuned) = step_ms(model, tier, rows), step_ms(model, tier, rows, adapter=1)
        print(
            f"| {tier}, {rows} chats, with an adapter | graph {tuned:.2f} ms, without {base:.2f} ms: +{tuned / base - 1:.1%} |"
        )


def start() -> None:
    """From a folder of bfloat16 weights as the hub has them: the first start, which quantizes, and the second."""
    import shutil
    import tempfile
    from pathlib import Path

    from safetensors.torch import save_file
    from transformers import Gemma3nTextConfig

    from core.resident.gemma3n.store import load

    work = Path(tempfile.mkdtemp())
    folder = work / "e4b"
    folder.mkdir()
    Gemma3nTextConfig(architectures=["Gemma3nForCausalLM"]).save_pretrained(folder)
    source, names = random_source(e4b(), GPU), list(shapes(e4b()))
    for i in range(4):
        save_file({f"model.{n}": source(n).cpu() for n in names[i::4]}, folder / f"model-{i}.safetensors")
    for which in ("first", "second"):
        begin = time.perf_counter()
        model = Gemma3n(load(folder, work / "cache", GPU, print), "E4B", slots=8, context=2048)
        loaded = time.perf_counter() - begin
        model.warm()
        print(
            f"| {which} start | weights {loaded:.1f} s, with every kernel and graph {time.perf_counter() - begin:.1f} s |"
        )
        del model
        torch.cuda.empty_cache()
    shutil.rmtree(work)


def memory() -> None:
    torch.cuda.reset_peak_memory_stats()
    model = opened(4)
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()  # quantizing the random weights is not serving
    model.warm()
    first_ms(model, 512)
    print(
        f"| 4 slots of 2,048, every graph of both tiers | {torch.cuda.max_memory_reserved() / 2**30:.3f} GiB reserved |"
    )


def profile() -> None:
    from torch.profiler import ProfilerActivity, profile

    model = opened(32)
    for rows in (1, 32):
        step_ms(model, "e4b", rows)
        with profile(activities=[ProfilerActivity.CUDA]) as seen:
            model._decode._graphs["e4b", rows, 0].replay()
            torch.cuda.synchronize()
        print(rows, seen.key_averages().table(sort_by="cuda_time_total", row_limit=16, max_name_column_width=40))


def exact() -> None:
    """Against transformers' model in float32 over the same dequantized numbers: needs 40 GiB of GPU memory."""
    from transformers import Gemma3nForCausalLM, Gemma3nTextConfig

    config, source = e4b(), random_source(e4b(), GPU)
    model = opened(2, context=1024)
    prompts = [torch.randint(3, 262_000, (n,)).tolist() for n in (40, 700)]
    more = torch.randint(3, 262_000, (6, 2)).tolist()
    found: list[list[torch.Tensor]] = []
    for slot, prompt in enumerate(prompts):
        for at in range(0, len(prompt), 128):
            logits = model.prefill(slot, at, prompt[at : at + 128], last=at + 128 >= len(prompt))
        found.append([logits.cpu()])
    for turn, tokens in enumerate(more):
        for rows, logits in zip(found, model.decode([0, 1], [len(p) + turn for p in prompts], tokens), strict=True):
            rows.append(logits.cpu())
    with GPU:
        reference = Gemma3nForCausalLM(Gemma3nTextConfig()).eval()
    state, whole = reference.model.state_dict(), ("norm", "router", "coefs", "output_scale")
    with torch.no_grad():
        for name in shapes(config):
            tensor = source(name)
            if name == "embed_tokens.weight":
                rows8 = Rows.of(tensor, whole=False)
                tensor = rows8.codes.float() * rows8.scale.unsqueeze(1)
            elif name != PLE and not any(part in name for part in whole):
                tensor = quantize(tensor).dense(torch.float32)
            state[name].copy_(tensor)
    reference.tie_weights()
    for slot, prompt in enumerate(prompts):
        ids = torch.tensor([prompt + [tokens[slot] for tokens in more]], device=GPU)
        with torch.inference_mode():
            truth = reference(ids, logits_to_keep=7).logits[0].float().cpu()
        worst = max(error(a, b) for a, b in zip(found[slot], truth, strict=True))
        print(f"| {len(prompt)} tokens, prefill and 6 steps, against transformers in float32 | {worst:.1e} |")


if __name__ == "__main__":
    print(torch.cuda.get_device_name(0), torch.__version__)
    for name in sys.argv[1:] or ["steps"]:
        {"steps": steps, "adapter": adapter, "start": start, "memory": memory, "profile": profile, "exact": exact}[
            name
        ]()
