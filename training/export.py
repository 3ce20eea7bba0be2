"""An adapter made ready to go elsewhere: alone, merged into its base, as a GGUF, or on the hub. Each is proved by
loading it back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from core import prompt
from core.prompt import TUNED
from core.resident.loader import load_weights, resolve_folder, text_model
from core.resident.tokenizer import GemmaTokenizer
from core.settings import EngineSettings, from_environment
from core.text import first_line
from core.wisdom.search import finder
from training import adapter as adapters
from training import gguf
from training.base import hf_tokenizer
from training.errors import ExportError
from training.recipe import Recipe, read
from training.run import quiet

Say = Callable[[str], None]
ADAPTER_FILES = (
    adapters.WEIGHTS,
    adapters.CONFIG,
    TUNED,
    adapters.RECIPE,
    adapters.REPORT,
    adapters.NOTICE,
    "README.md",
    "loss.png",
)
ASKED = ("I failed my exam.", "My father is ill and far away.", "माँ से रोज़ झगड़ा होता है, क्या करूँ?")
TOKENS = 32  # greedy tokens compared for each question
AGREED = 0.9  # of them: 16 bits move some near ties; a wrong merge moves nearly all


def recipe_of(folder: Path) -> Recipe:
    """An adapter's recipe. Raises ExportError."""
    if not (folder / adapters.CONFIG).is_file() or not (folder / adapters.RECIPE).is_file():
        raise ExportError(f"{folder} is no adapter of ours: it has no {adapters.CONFIG} or no {adapters.RECIPE}")
    return read(folder / adapters.RECIPE)


def alone(adapter: Path, out: Path, say: Say) -> None:
    """The adapter's own files, without its run's checkpoints."""
    recipe_of(adapter)
    _fresh(out)
    for name in ADAPTER_FILES:
        if (adapter / name).is_file():
            shutil.copy(adapter / name, out / name)
    (out / adapters.NOTICE).write_text(adapters.TERMS)  # an older adapter has none
    from safetensors.torch import load_file

    weights = load_file(out / adapters.WEIGHTS)
    if not all(torch.isfinite(value).all() for value in weights.values()):
        raise ExportError(f"{adapter} has weights that are no numbers; train it again with a lower --learning-rate")
    say(f"{out}: {len(weights)} matrices, {_size(out / adapters.WEIGHTS)}")


def merged(adapter: Path, out: Path, say: Say) -> None:
    """The base with the adapter added to its weights, in bfloat16, as transformers and vLLM load it."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    quiet()
    recipe = recipe_of(adapter)
    folder = resolve_folder(recipe.base, from_environment(EngineSettings).cache, say)
    _fresh(out)
    say(f"merging {adapter.name} into {recipe.base}")

    def adapted() -> Any:
        base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, local_files_only=True)
        return PeftModel.from_pretrained(text_model(base), str(adapter))

    model = adapted()
    modules: Any = model.modules()
    with torch.no_grad():
        for module in modules:
            if hasattr(module, "get_delta_weight") and "default" in getattr(module, "lora_A", {}):
                weight = module.get_base_layer().weight  # added as float32 and rounded once
                weight.copy_(weight.float() + module.get_delta_weight("default").float())
    whole = model.unload()
    whole.config._name_or_path = ""
    whole.generation_config.eos_token_id = sorted(GemmaTokenizer(folder).stops)
    whole.save_pretrained(out, max_shard_size="4GB")
    hf_tokenizer(folder).save_pretrained(out)
    about = json.loads((out / "tokenizer_config.json").read_text())
    about["tokenizer_class"] = "PreTrainedTokenizerFast"  # the name that older transformers know too
    (out / "tokenizer_config.json").write_text(json.dumps(about, indent=2))
    for name in (TUNED, adapters.RECIPE):
        shutil.copy(adapter / name, out / name)
    card = adapters.card(recipe, json.loads((adapter / adapters.REPORT).read_text()))
    (out / "README.md").write_text(card.replace("library_name: peft", "library_name: transformers"), "utf-8")
    (out / adapters.NOTICE).write_text(adapters.TERMS)
    say(f"{out}: {_size(*out.glob('*.safetensors'))}; loading it back")
    prompts = questions(GemmaTokenizer(out))
    theirs = adapted().float()
    expected = [greedy(theirs, ids) for ids in prompts]
    del theirs
    _prove(said_again(load_weights(out, "cpu"), prompts, expected), "base and adapter", say)


def as_gguf(folder: Path, out: Path, kind: gguf.Kind, say: Say) -> None:
    """A merged model as one file for llama.cpp, run by llama.cpp where xllamacpp is installed."""
    if not (folder / "config.json").is_file():
        raise ExportError(f"{folder} is no merged model; make one with: export merged ADAPTER FOLDER")
    if out.exists():
        raise ExportError(f"{out} is there already; take another name")
    out.parent.mkdir(parents=True, exist_ok=True)
    gguf.write(folder, out, kind)
    (out.parent / adapters.NOTICE).write_text(adapters.TERMS)
    say(f"{out}: {_size(out)}")
    try:
        import xllamacpp  # noqa: F401
    except ImportError:
        say("not proved: pip install xllamacpp, which brings llama.cpp, and export it again")
        return
    prompts, model = questions(GemmaTokenizer(folder)), load_weights(folder, "cpu")
    same = total = 0
    for ids, theirs in zip(prompts, llama_greedy(out, prompts), strict=True):
        right = said_again(model, [ids], [theirs])
        same, total = same + right[0], total + right[1]
    if kind == "f16":
        _prove((same, total), "transformers", say)
    else:
        say(f"llama.cpp says transformers' likeliest token in {same} of {total} places")


def questions(tokenizer: GemmaTokenizer) -> list[list[int]]:
    """Prompts as people's questions make them."""
    found = []
    for text in ASKED:
        verse = finder().find(text, 1)[0][0]
        ids = prompt.build(tokenizer, text, verse.text, (), context=2048, reply_tokens=TOKENS, examples=())
        assert ids is not None
        found.append(list(ids))
    return found


@torch.no_grad()
def greedy(model: Any, ids: Sequence[int]) -> list[int]:
    """The likeliest tokens, one after the other, past the end of an answer too."""
    out = model.generate(
        input_ids=torch.tensor([ids]),
        max_new_tokens=TOKENS,
        min_new_tokens=TOKENS,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
    )
    return [int(i) for i in out[0, len(ids) :]]


@torch.no_grad()
def said_again(model: Any, prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]) -> tuple[int, int]:
    """(in how many places a model's likeliest token is the answer's, of how many), the answer before it given: so one
    near tie that falls otherwise counts once."""
    same = total = 0
    for ids, answer in zip(prompts, answers, strict=True):
        kept = len(answer) + 1
        logits = model(torch.tensor([[*ids, *answer]]), use_cache=False, logits_to_keep=kept).logits[0, :-1]
        same += int((logits.argmax(-1) == torch.tensor(answer)).sum())
        total += len(answer)
    return same, total


def llama_greedy(path: Path, prompts: Sequence[Sequence[int]]) -> list[list[int]]:
    """llama.cpp's own greedy tokens, up to the end of an answer."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.warmup = str(path), 1024, 1, False
    params.verbosity = 0
    params.cpuparams.n_threads = torch.get_num_threads()
    server = xllamacpp.Server(params)
    found = []
    for ids in prompts:
        asked = {"prompt": list(ids), "max_tokens": TOKENS, "temperature": 0.0, "n_probs": 1}
        said = server.handle_completions({**asked, "cache_prompt": False})
        found.append([int(token["id"]) for token in said["choices"][0]["logprobs"]["content"]])
    return found


def _prove(right: tuple[int, int], whose: str, say: Say) -> None:
    same, total = right
    say(f"proved: {same} of {total} greedy tokens are those of {whose}")
    if same < AGREED * total:
        raise ExportError(f"only {same} of {total} greedy tokens are those of {whose}; do not use what was written")


def _fresh(out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        raise ExportError(f"{out} is not empty; take another folder")
    out.mkdir(parents=True, exist_ok=True)


def _size(*paths: Path) -> str:
    size = float(sum(path.stat().st_size for path in paths))
    return f"{size / 1e9:.2f} GB" if size > 1e9 else f"{size / 1e6:.1f} MB"


def to_hub(folder: Path, repo: str, *, private: bool, dry: bool, say: Say) -> None:
    """Push an adapter's or a merged model's files. dry: only say what would go. Raises ExportError."""
    from huggingface_hub import HfApi, get_token

    if (folder / adapters.CONFIG).is_file():
        files = [folder / name for name in ADAPTER_FILES if (folder / name).is_file()]
    elif (folder / "config.json").is_file():
        files = sorted(path for path in folder.iterdir() if path.is_file())
    else:
        raise ExportError(f"{folder} is neither an adapter nor a merged model")
    if repo.count("/") != 1:
        raise ExportError(f"{repo!r} is no name on the hub; it looks like owner/name")
    for path in files:
        say(f"{path.name:32} {_size(path)}")
    say(f"{len(files)} files, {_size(*files)}, to {repo}{', private' if private else ', for everybody to see'}")
    if dry:
        return
    token = get_token()
    if token is None:
        raise ExportError("no token for the hub; set HF_TOKEN to one that may write, or look first with --dry-run")
    api = HfApi(token=token)
    try:
        api.create_repo(repo, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=repo, folder_path=folder, allow_patterns=[p.name for p in files], commit_message="Krishna"
        )
    except Exception as error:
        raise ExportError(f"the hub refused: {first_line(error)[:200]}") from error
    say(f"{repo} is on the hub")
