"""The slash commands, for servers and for people, in private chats too."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bots import words

CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
INSTALLS = app_commands.AppInstallationType(guild=True, user=True)


def tree(client: Any) -> app_commands.CommandTree[Any]:
    """Every command hands itself to client.commanded(interaction, name, text)."""
    made: app_commands.CommandTree[Any] = app_commands.CommandTree(
        client, allowed_contexts=CONTEXTS, allowed_installs=INSTALLS
    )

    @made.command(name="ask", description=words.ASK)
    @app_commands.describe(question="What weighs on you, in your own words")
    async def ask(interaction: discord.Interaction, question: str) -> None:
        await client.commanded(interaction, "ask", question)

    @made.command(name="verse", description=words.COMMANDS["verse"])
    @app_commands.describe(verse="A number such as 2.47, or words such as anger")
    async def verse(interaction: discord.Interaction, verse: str) -> None:
        await client.commanded(interaction, "verse", verse)

    @made.command(name="daily", description=words.COMMANDS["daily"])
    @app_commands.describe(when="An hour and a place such as 7:30 Kolkata; off ends it; nothing shows what is set")
    async def daily(interaction: discord.Interaction, when: str = "") -> None:
        await client.commanded(interaction, "daily", when)

    @made.command(name="optout", description=words.COMMANDS["optout"])
    @app_commands.describe(undo="Let your words help training again")
    async def optout(interaction: discord.Interaction, undo: bool = False) -> None:
        await client.commanded(interaction, "optout", "off" if undo else "")

    for name in ("help", "new", "stop", "forget", "mydata"):
        made.add_command(_plain(client, name, words.COMMANDS[name]))
    made.add_command(_plain(client, "stats", words.STATS))
    return made


def _plain(client: Any, name: str, description: str) -> app_commands.Command[Any, Any, Any]:
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
