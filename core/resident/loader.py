"""From settings to a loaded model. What cannot be loaded is one clear error with the mend; nothing falls back."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.engine import LoadError
from core.resident.embedded import prepared
from core.resident.gemma3 import Config, Gemma3
from core.resident.int8 import packing, quantize
from core.resident.model import Net, SlotModel
from core.resident.tokenizer import GemmaTokenizer
from core.settings import CUDA_DEFAULT, EMBEDDED, EngineSettings
from core.text import first_line

log = logging.getLogger(__name__)

SYNTHETIC = "synthetic-e4b"  # random weights, for the bench
ARCHITECTURES = {"gemma3_text", "gemma3", "gemma3n_text", "gemma3n"}


def load(settings: EngineSettings, progress: Callable[[str], None] = log.info) -> tuple[Any, GemmaTokenizer]:
    """(a SlotModel or a Gemma3n, its tokenizer). Raises LoadError. Blocks for seconds to minutes: call it in a thread."""
    import torch

    device = resolve_device(settings)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    name = settings.model or (CUDA_DEFAULT if device == "cuda" else EMBEDDED)
    if name == SYNTHETIC:
        return _synthetic(settings, device, progress)
    folder = resolve_folder(name, settings.cache, progress)
    progress(f"loading {name} on the {'GPU' if device == 'cuda' else 'CPU'}")
    try:
        if device == "cuda" and settings.kernels and _fast(folder):
            return _gemma3n(folder, name, settings, progress), GemmaTokenizer(folder)
        net = _net(folder, device, settings)
        with packing(net.quantized()):
            tokenizer = GemmaTokenizer(folder)
        return SlotModel(net, name, fluent=name != EMBEDDED), tokenizer
    except LoadError:
        raise
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise LoadError(
            f"{name} does not fit the memory; use a smaller KRISHNA_MODEL or fewer KRISHNA_SLOTS"
        ) from error
    except ImportError as error:
        raise LoadError(f'{name} cannot be loaded: {first_line(error)}; pip install -e ".[cuda]"') from error
    except Exception as error:
        raise LoadError(f"{name} cannot be loaded: {first_line(error)}; check the folder's files") from error


def _net(folder: Path, device: str, settings: EngineSettings) -> Net:
    """On the CPU, Gemma 3 by our own forward and Gemma 3n by transformers', in int8; on CUDA by transformers."""
    shape = {"slots": settings.slots, "context": settings.context}
    if device == "cpu" and (config := _gemma3(folder)) is not None:
        return Gemma3(folder, config, **shape)
    model = load_weights(folder, device)
    from core.resident.hf import HFNet

    if device == "cpu":
        quantize(model)
    return HFNet(model, **shape)


def _gemma3(folder: Path) -> Config | None:
    """The configuration of a Gemma 3 that core/resident/gemma3.py can run."""
    about = json.loads((folder / "config.json").read_text())
    if about["model_type"].startswith("gemma3n"):
        return None
    config = Config.of(about)
    if (
        config is None
    ):  # an older one says less, or it is the text model of a larger one; transformers fills in the rest
        from transformers import AutoConfig

        config = Config.of(AutoConfig.from_pretrained(folder).get_text_config().to_dict())
    return config


def _fast(folder: Path) -> bool:
    """Whether the kernels of core/resident/gemma3n can run this folder: Gemma 3n, whole or in NF4, and Triton."""
    config = json.loads((folder / "config.json").read_text())
    if not str(config.get("model_type", "")).startswith("gemma3n"):
        return False
    format = config.get("quantization_config")
    if format is not None and not (format.get("load_in_4bit") and format.get("bnb_4bit_quant_type") == "nf4"):
        return False
    import torch

    if torch.cuda.get_device_capability() < (8, 0):
        log.warning(
            "this GPU is older than the kernels need (Ampere, 2020): Gemma 3n runs by transformers, much slower"
        )
        return False
    try:
        import triton  # noqa: F401
    except ImportError:
        log.warning("without Triton, Gemma 3n runs by transformers, many times slower; pip install triton")
        return False
    return True


def _gemma3n(folder: Path, name: str, settings: EngineSettings, progress: Callable[[str], None]) -> Any:
    import torch

    from core.resident.gemma3n.model import Gemma3n
    from core.resident.gemma3n.store import load as load_quantized

    weights = load_quantized(folder, settings.cache, torch.device("cuda"), progress)
    model = Gemma3n(weights, name, slots=settings.slots, context=settings.context)
    progress("preparing the GPU's kernels")
    model.warm()
    return model


def _synthetic(settings: EngineSettings, device: str, progress: Callable[[str], None]) -> tuple[Any, GemmaTokenizer]:
    """E4B's shapes with random weights, for measuring: `KRISHNA_MODEL=synthetic-e4b python -m bots bench`."""
    if device != "cuda":
        raise LoadError(f"KRISHNA_MODEL={SYNTHETIC} measures a GPU and none answers; use the embedded model here")
    import torch

    from core.resident.gemma3n.model import Gemma3n
    from core.resident.gemma3n.store import synthetic

    progress("making random weights of Gemma 3n E4B's shapes")
    weights = synthetic(torch.device("cuda"))
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()  # making the weights is not serving
    model = Gemma3n(weights, SYNTHETIC, slots=settings.slots, context=settings.context)
    model.warm()
    return model, GemmaTokenizer(prepared(settings.cache, progress))


def resolve_device(settings: EngineSettings) -> str:
    """ "cpu" or "cuda". Raises LoadError when cuda is asked for and absent."""
    import torch

    if settings.device == "cuda" and not torch.cuda.is_available():
        raise LoadError("KRISHNA_DEVICE is cuda but no CUDA device answers; check the driver, or set it to cpu")
    if settings.device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return settings.device


def resolve_folder(name: str, cache: Path, progress: Callable[[str], None]) -> Path:
    """The local folder of a model name: the embedded one, a folder as it is, or a hub snapshot (downloaded once)."""
    if name == EMBEDDED:
        return prepared(cache, progress)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _checked(folder)
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise LoadError(f"KRISHNA_MODEL {name!r} is neither a folder nor a hub id like owner/name; check its path")
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.safetensors", "tokenizer*"]
    try:
        return _checked(Path(snapshot_download(name, allow_patterns=patterns, local_files_only=True)))
    except LoadError:
        raise
    except Exception:
        progress(f"fetching {name} from the hub")
    try:
        return _checked(Path(snapshot_download(name, allow_patterns=patterns)))
    except LoadError:
        raise
    except Exception as error:
        raise LoadError(
            f"{name} cannot be fetched from the hub ({first_line(error)}); check the name, the network and, for gated"
            " models, HF_TOKEN, or set KRISHNA_MODEL to a local folder"
        ) from error


def _checked(folder: Path) -> Path:
    """The folder, if it holds a Gemma 3 or 3n."""
    try:
        config = json.loads((folder / "config.json").read_text())
    except (OSError, ValueError) as error:
        raise LoadError(f"{folder} has no readable config.json; point KRISHNA_MODEL at a model folder") from error
    kind = config.get("model_type")
    if kind not in ARCHITECTURES:
        raise LoadError(f"{folder} holds a {kind!r} model; KRISHNA_MODEL must be a Gemma 3 or Gemma 3n")
    if not any(folder.glob("*.safetensors")):
        raise LoadError(f"{folder} has no *.safetensors weights; the download may be incomplete, fetch it again")
    return folder


# Never in 4 bits: the head, and AltUp's small maps, whose weights Gemma 3n clamps in place while it is trained.
WHOLE = ["lm_head", "modality_router", "prediction_coefs", "correction_coefs"]


def load_weights(folder: Path, device: str, *, four_bit: bool = True) -> Any:
    """A causal language model: NF4 by bitsandbytes (or bfloat16) on CUDA, float32 on the CPU (quantized afterwards)."""
    import torch
    import transformers.utils

    # Before the first model class: scikit-learn and pandas, which transformers takes in wherever they are installed (for
    # assisted generation), are 1.8 s of a start.
    transformers.utils.is_sklearn_available = lambda: False  # type: ignore[attr-defined]
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig
    from transformers.utils import logging as hf_logging

    hf_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    options: dict[str, Any] = {"local_files_only": True, "attn_implementation": "eager"}
    if device == "cpu":
        return text_model(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **options))
    config = json.loads((folder / "config.json").read_text())
    if four_bit and "quantization_config" not in config:  # a folder saved in 4 bits brings its own
        options["quantization_config"] = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_compute_dtype=torch.bfloat16,
            llm_int8_skip_modules=WHOLE,
        )
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, device_map={"": 0}, **options)
    return text_model(model)


def text_model(model: Any) -> Any:
    """The text model of a multimodal checkpoint: the towers for pictures and sound are never used here."""
    if not hasattr(model.model, "language_model"):
        return model
    from transformers import Gemma3ForCausalLM, Gemma3nForCausalLM

    kind = Gemma3nForCausalLM if "3n" in type(model).__name__ else Gemma3ForCausalLM
    config = model.config.get_text_config()
    import torch

    with torch.device("meta"):
        text = kind(config)
    text.model, text.lm_head = model.model.language_model, model.lm_head
    return text
