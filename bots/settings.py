"""Everything an operator can set: environment variables or .env. Tokens are secrets and never reach a log."""

from __future__ import annotations

import difflib
import hmac
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from core.settings import EngineSettings, variable


class ConfigurationError(Exception):
    """Something the operator must mend. str() is one sentence that says how."""


PERSON = re.compile(r"(telegram|discord):\d+|terminal:\S+")
Ids = Annotated[frozenset[str], NoDecode]


def _bare(name: str, description: str, default: Any = None) -> Any:
    """A setting whose variable has no prefix of ours."""
    return Field(default, validation_alias=AliasChoices(name, name.lower()), description=description)


class Settings(EngineSettings):
    """KRISHNA_<FIELD>, but for what begins with TELEGRAM_ and DISCORD_."""

    model_config = SettingsConfigDict(env_prefix="KRISHNA_", env_file=".env", extra="ignore")

    telegram_token: SecretStr | None = _bare("TELEGRAM_TOKEN", "from @BotFather; starts Telegram")
    telegram_api_base: str = _bare(
        "TELEGRAM_API_BASE", "a Bot API server of your own, such as http://localhost:8081", ""
    )
    discord_token: SecretStr | None = _bare("DISCORD_TOKEN", "from discord.com/developers; starts Discord")
    discord_message_content: bool = _bare(
        "DISCORD_MESSAGE_CONTENT", "ask for the message content intent, which must be switched on at Discord too", False
    )
    discord_api_base: str = _bare("DISCORD_API_BASE", "a proxy of Discord's REST API, with its /api/v10", "")
    discord_gateway: str = _bare("DISCORD_GATEWAY", "a proxy of Discord's gateway, ws:// or wss://", "")

    discord_shard: str = _bare(
        "DISCORD_SHARD", "this host's part of the servers: 0/3 for the first of three; empty: all", ""
    )

    webhook_url: str = Field("", description="public https address for Telegram's webhook; empty: polling")
    webhook_listen: str = Field("127.0.0.1:8443", description="address and port the webhook server listens on")
    webhook_secret: SecretStr | None = Field(
        None, description="checked on every webhook call; made from the token when empty"
    )

    database_url: str = Field(
        "krishna.db", description="a file, or postgresql://user:password@server/name, which several hosts may share"
    )
    retention_days: int | None = Field(None, ge=1, description="erase what is older; empty: keep until /forget")

    per_minute: int = Field(6, ge=1, description="questions a person may ask in a minute")
    per_day: int = Field(100, ge=1, description="questions a person may ask in a day")
    question_chars: int = Field(4000, ge=100, description="the longest question")
    allow: Ids = Field(frozenset(), description="user ids (telegram:123, discord:456); empty: everybody")
    block: Ids = Field(
        frozenset(), description="user ids that get no answer but helplines; their own data stays open to them"
    )
    admins: Ids = Field(frozenset(), description="user ids that may use /stats")
    drain_s: float = Field(20.0, ge=0, description="seconds that answers under way have when the host stops")
    http_listen: str = Field(
        "",
        description="address and port for the operator's page, /metrics, /healthz and /readyz, such as 127.0.0.1:8090; empty: none",
    )
    traces: str = Field(
        "", description="an OpenTelemetry collector, such as http://collector:4318 (OTLP over HTTP); empty: none"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["text", "json"] = Field(
        "text", description="text, or json: one object a line; neither holds what people wrote"
    )

    @field_validator("allow", "block", "admins", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        """Ids between commas or spaces. One without its platform would fit nobody, and an allow list of such let nobody in."""
        found = frozenset(value.replace(",", " ").split()) if isinstance(value, str) else value
        if isinstance(found, frozenset) and not all(PERSON.fullmatch(str(one)) for one in found):
            raise ValueError("write each id as telegram:123 or discord:456; a person's own is in their /mydata")
        return found

    @field_validator("webhook_listen", "http_listen")
    @classmethod
    def _listen(cls, value: str) -> str:
        """A port alone would be heard from everywhere, without anybody having said so."""
        if value and not re.fullmatch(r".+:\d+", value):
            raise ValueError("write it as 127.0.0.1:8090; 0.0.0.0 in its place is heard from other machines too")
        return value

    @field_validator("traces")
    @classmethod
    def _web(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]", value):
            raise ValueError("write it as http://collector:4318")
        return value

    @field_validator("discord_api_base")
    @classmethod
    def _without_password(cls, value: str) -> str:
        """A password in an address and the bot's token would stand in the same header. The value is not told."""
        if "@" in value:
            raise ValueError(
                "write it as https://proxy.example/api/v10, without a password: a call says the token there"
            )
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("discord_shard")
    @classmethod
    def _shard(cls, value: str) -> str:
        number, _, count = value.partition("/")
        if value and not (number.isdecimal() and count.isdecimal() and int(number) < int(count)):
            raise ValueError("write it as 0/3 for the first of three hosts, 2/3 for the last")
        return value

    @property
    def shard(self) -> tuple[int, int] | None:
        """(which, of how many) of Discord's shards this host serves; None: all there is, in one session."""
        number, _, count = self.discord_shard.partition("/")
        return (int(number), int(count)) if count else None

    @property
    def database_path(self) -> Path | None:
        return None if "://" in self.database_url else Path(self.database_url).expanduser()

    @property
    def webhook_token(self) -> str:
        """What Telegram sends with every webhook call: the same on all hosts that have the same settings."""
        if self.webhook_secret is not None:
            return self.webhook_secret.get_secret_value()
        assert self.telegram_token is not None
        return hmac.digest(self.telegram_token.get_secret_value().encode(), b"krishna webhook", "sha256").hex()

    @property
    def socket_path(self) -> Path:
        """Where the host hears `python -m bots adapter` and `page`: beside the database's file, else in the working directory."""
        file = self.database_path or Path("krishna.db")
        return file.with_name(f"{file.name}.sock")


def misspelt() -> list[str]:
    """A sentence for each name in the environment or in .env that is nearly a setting's, and none. Others may be anybody's."""
    known = {variable(name, field).lower() for name, field in Settings.model_fields.items()}
    bare = {name.removeprefix("krishna_"): name.upper() for name in known}
    found = []
    file = Path(".env")
    lines = re.findall(r"(?m)^\s*(?:export\s+)?(\w+)\s*=", file.read_text(encoding="utf-8")) if file.is_file() else []
    for name in sorted({*map(str.lower, os.environ), *map(str.lower, lines)} - known):
        if name.startswith(("krishna_", "telegram_", "discord_")):
            near = difflib.get_close_matches(name.removeprefix("krishna_"), bare, n=1, cutoff=0.8)
            found += [f"{name.upper()} is no setting, and does nothing; perhaps {bare[near[0]]} is meant" for _ in near]
    return found


def table() -> str:
    """Every setting as a Markdown table: variable, default, what it does."""
    rows = ["| variable | default | what it does |", "| --- | --- | --- |"]
    own = len(EngineSettings.model_fields)
    fields = list(Settings.model_fields.items())
    for name, field in fields[own:] + fields[:own]:
        unset = field.default is None or field.default in ("", (), frozenset())
        default = (
            "" if unset else f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
        )
        rows.append(f"| `{variable(name, field)}` | {default} | {field.description} |")
    return "\n".join(rows)
