"""The slash commands, for servers and for people, in private chats too."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands

from bots import menu

log = logging.getLogger(__name__)

CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
INSTALLS = app_commands.AppInstallationType(guild=True, user=True)


def said(text: menu.Menu) -> app_commands.locale_str:
    """A description, with its other languages for Translator."""
    return app_commands.locale_str(text["en"], hi=text["hi"])


class Translator(app_commands.Translator):
    """Descriptions for whoever set Discord to Hindi. Names stay: /help speaks of them."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        return string.extras.get("hi") if locale is discord.Locale.hindi else None


def tree(client: Any) -> app_commands.CommandTree[Any]:
    """Every command hands itself to client.commanded(interaction, name, text)."""
    made: app_commands.CommandTree[Any] = app_commands.CommandTree(
        client, allowed_contexts=CONTEXTS, allowed_installs=INSTALLS
    )

    @made.error
    async def failed(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
        """By its class and what led to it (logs.told): its words are the command's, which somebody else may have sent."""
        log.error("a command failed: %s", type(error).__name__, exc_info=error.__cause__)

    @made.command(name="ask", description=said(menu.ASK))
    @app_commands.describe(question=said(menu.QUESTION))
    async def ask(interaction: discord.Interaction, question: str) -> None:
        await client.commanded(interaction, "ask", question)

    @made.command(name="verse", description=said(menu.COMMANDS["verse"]))
    @app_commands.describe(verse=said(menu.VERSE))
    async def verse(interaction: discord.Interaction, verse: str) -> None:
        await client.commanded(interaction, "verse", verse)

    @made.command(name="daily", description=said(menu.COMMANDS["daily"]))
    @app_commands.describe(when=said(menu.WHEN))
    async def daily(interaction: discord.Interaction, when: str = "") -> None:
        await client.commanded(interaction, "daily", when)

    @made.command(name="optout", description=said(menu.COMMANDS["optout"]))
    @app_commands.describe(undo=said(menu.UNDO))
    async def optout(interaction: discord.Interaction, undo: bool = False) -> None:
        await client.commanded(interaction, "optout", "off" if undo else "")

    for name in ("help", "new", "stop", "forget", "mydata"):
        made.add_command(_plain(client, name, said(menu.COMMANDS[name])))
    made.add_command(_plain(client, "stats", said(menu.STATS)))
    return made


def _plain(client: Any, name: str, description: app_commands.locale_str) -> app_commands.Command[Any, Any, Any]:
    """A command without options."""

    async def callback(interaction: discord.Interaction) -> None:
        await client.commanded(interaction, name, "")

    return app_commands.Command(
        name=name,
        description=description,
        callback=callback,
        allowed_contexts=CONTEXTS,
        allowed_installs=INSTALLS,
    )
