"""What an operator can set of the engine: environment variables or .env, all beginning with KRISHNA_."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

EMBEDDED = "embedded"
CUDA_DEFAULT = "unsloth/gemma-3n-E4B-it"


class EngineSettings(BaseSettings):
    """Field names in capitals behind KRISHNA_ are the variables: KRISHNA_MODEL, KRISHNA_SLOTS, ..."""

    model_config = SettingsConfigDict(env_prefix="KRISHNA_", env_file=".env", extra="ignore")

    model: str = Field(
        "",
        description='"embedded", a local folder or a hub id; empty: `embedded` on a CPU, `unsloth/gemma-3n-E4B-it` on CUDA',
    )
    remote: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="OpenAI-compatible servers (vLLM) that run the model instead of this host, such as"
        " http://gpu1:8000/v1,http://gpu2:8000/v1; `KRISHNA_MODEL` is then the name they serve, empty: their only one",
    )
    remote_key: SecretStr | None = Field(None, description="the API key of those servers")
    tokenizer: Path | None = Field(
        None, description="with `KRISHNA_REMOTE`, the folder of the model's tokenizer.json; empty: the embedded model's"
    )
    adapter: Path | None = Field(
        None, description="a LoRA folder made by training/; `python -m bots adapter` changes it while the host runs"
    )
    tier: Literal["auto", "small", "large"] = Field(
        "auto",
        description="which of the models nested in Gemma 3n answers: auto goes by the question and the load",
    )
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="cpu, cuda, or auto: cuda where there is one")
    cache: Path = Field(Path("~/.cache/krishna"), description="where prepared models are kept")
    threads: int = Field(0, ge=0, description="CPU threads of the model; 0: all cores")
    kernels: bool = Field(
        True,
        description="our own kernels for Gemma 3n on CUDA, many times as fast as transformers, which `false` asks for",
    )
    slots: int = Field(8, ge=1, le=256, description="chats decoded at once; with `KRISHNA_REMOTE`, at each server")
    queue: int = Field(256, ge=0, description="requests that may wait, of one person a quarter of them")
    context: int = Field(2048, ge=256, description="tokens of prompt and answer together")
    reply_tokens: int = Field(256, ge=16, description="the longest answer, in tokens")
    temperature: float = Field(1.0, ge=0, description="how freely words are drawn; 0: always the likeliest")
    top_p: float = Field(0.95, gt=0, le=1, description="draw from the likeliest words that make up this much")
    top_k: int = Field(64, ge=1, description="draw from at most so many words")
    repetition_penalty: float = Field(1.0, gt=0, description="above 1: words already said become less likely")
    deadline_s: float = Field(180.0, gt=0, description="seconds after which an answer ends with what it has")

    @field_validator("remote", mode="before")
    @classmethod
    def _addresses(cls, value: object) -> object:
        """Addresses between commas or spaces; where only the server is named, its /v1. None is told: it may hold a password."""
        if not isinstance(value, str):
            return value
        found = [address.rstrip("/") for address in value.replace(",", " ").split()]
        for number, address in enumerate(found, start=1):
            if not _of_a_server(address):
                raise ValueError(
                    f"number {number} is no address of a server; write it as http://gpu1:8000/v1, and in a password"
                    " every sign but letters and digits by its code: %40 for @, %2F for /"
                )
        return tuple(a if "/" in a.split("://", 1)[1] else f"{a}/v1" for a in found)

    @field_validator("remote_key", "tokenizer", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        """An empty line in .env means not set."""
        return None if value == "" else value


def _of_a_server(address: str) -> bool:
    """Whether an address is one, and no part of a user or a password in it would be taken for something else."""
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in ("http", "https") and "@" not in parts.path + parts.query + parts.fragment
