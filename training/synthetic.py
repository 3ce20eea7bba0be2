"""A folder with a Gemma 3n E4B of random weights: for measuring training's speed and memory where no real weights are.

`python -m training.synthetic FOLDER`, 14 GB; on a CUDA device in about a minute.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any


def write(out: Path, **changes: Any) -> None:
    """Gemma 3n E4B's text model in bfloat16, with the embedded model's tokenizer. changes: of its config, for tests."""
    import torch
    from transformers import Gemma3nForCausalLM, Gemma3nTextConfig

    from core.resident.embedded import prepared
    from core.settings import EngineSettings

    torch.manual_seed(73)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
            model = Gemma3nForCausalLM(Gemma3nTextConfig(**changes))
    finally:
        torch.set_default_dtype(before)
    model.save_pretrained(out, max_shard_size="2GB")
    shutil.copy(prepared(EngineSettings().cache) / "tokenizer.json", out)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
