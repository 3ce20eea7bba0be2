"""What people do on Discord: they come, write, use commands and press buttons. Nothing here waits."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.platforms import discord_messages as messages
from tests.platforms.discord_forms import SUBCOMMAND, SUBCOMMAND_GROUP
from tests.platforms.discord_gateway import Gateway
from tests.platforms.discord_json import channel_json, guild_json, member_json, message_json, user_json
from tests.platforms.discord_state import (
    BOT_DM,
    COMMAND,
    COMPONENT,
    EVERYONE,
    GROUP_DM,
    MESSAGE_CONTENT,
    PRIVATE_CHANNEL,
    PUBLIC_THREAD,
    TEXT,
    Channel,
    Guild,
    Interaction,
    Message,
    User,
    World,
)

GUILDS = 1 << 0  # intent


class People:
    """The part of DiscordServer that acts as people and as the moderators of a guild."""

    world: World
    gateway: Gateway
    api_base = ""  # for discord.http.Route.BASE, which webhooks and interactions use as well

    def heard(self, message: Message) -> None:
        """A message is new or has changed: for whoever counts."""

    def add_user(self, name: str, *, accepts_dms: bool = True) -> User:
        user = User(name, accepts_dms=accepts_dms)
        self.world.users[user.id] = user
        return user

    def add_guild(self, name: str = "guild", *, member: bool = True) -> Guild:
        """member=False: the bot's user is not there; only commands of its app may be used."""
        guild = Guild(name, member)
        self.world.guilds[guild.id] = guild
        if member:
            self.gateway.dispatch("GUILD_CREATE", guild_json(self.world, guild) | {"unavailable": None}, GUILDS)
        return guild

    def add_channel(self, guild: Guild, name: str = "general", *, denied: int = 0) -> Channel:
        """denied: permission bits that the bot lacks there, such as discord_state.SEND_MESSAGES."""
        return self._new(Channel(TEXT, name, guild, denied=denied), "CHANNEL_CREATE")

    def add_thread(self, channel: Channel, name: str = "thread", *, locked: bool = False) -> Channel:
        thread = Channel(PUBLIC_THREAD, name, channel.guild, parent=channel, locked=locked)
        return self._new(thread, "THREAD_CREATE")

    def add_private_channel(self, *people: User) -> Channel:
        """A group message without the bot, where people may use the commands of an app that they installed."""
        return self._new(Channel(GROUP_DM, "group", people=people), None)

    def dm_channel(self, user: User) -> Channel:
        return self.world.dm_channel(user)

    def _new(self, channel: Channel, event: str | None) -> Channel:
        self.world.channels[channel.id] = channel
        if event and self.world.reaches(channel):
            self.gateway.dispatch(event, channel_json(self.world, channel), GUILDS)
        return channel

    def kick(self, guild: Guild) -> None:
        """The bot's user is no longer in the guild."""
        guild.member = False
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, GUILDS)

    def delete_channel(self, channel: Channel) -> None:
        del self.world.channels[channel.id]
        for message in self.messages(channel):
            message.deleted = True
        if self.world.reaches(channel):
            event = "THREAD_DELETE" if channel.parent else "CHANNEL_DELETE"
            self.gateway.dispatch(event, channel_json(self.world, channel), GUILDS)

    def say(
        self, user: User, channel: Channel, text: str, reply_to: Message | None = None, mention: bool = True
    ) -> Message:
        """A message by a person. mention: the text begins with a mention of the bot, or with reply_to, the reply
        pings the author of that message (Discord's switch "@ on")."""
        bot = self.world.bot
        if mention and reply_to is None and channel.guild and bot.mention not in text:
            text = f"{bot.mention} {text}"
        body = {"content": text}
        if reply_to and not mention:
            body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": False}
        return messages.write(self, channel, user, body, {}, reply_to=reply_to)

    def dm(self, user: User, text: str) -> Message:
        return self.say(user, self.dm_channel(user), text)

    def edit(self, message: Message, text: str) -> None:
        """A person changes what they wrote."""
        messages.change(self, message, {"content": text}, {})

    def delete(self, message: Message) -> None:
        messages.remove(self, message)

    def slash(
        self,
        user: User,
        channel: Channel,
        name: str,
        options: dict[str, Any] | None = None,
        guild_installed: bool = True,
    ) -> Interaction:
        """A person uses a command; LookupError or ValueError if their Discord would not offer it so.

        name: with spaces before a subcommand. guild_installed: False if only the person installed the app.
        """
        context = self.world.context(channel)
        command, path = self._command(name)
        owners = self._owners(user, channel, guild_installed and context != PRIVATE_CHANNEL)
        _check_offered(command, context, owners)
        data: dict[str, Any] = {"id": command["id"], "name": command["name"], "type": 1}
        data["options"] = _chosen(command.get("options") or [], path, options or {})
        return self._interact(Interaction(COMMAND, user, channel, context, owners, data))

    def press(self, user: User, message: Message, custom_id: str) -> Interaction:
        """A person presses a button; LookupError if it is not there for them."""
        button = message.buttons.get(custom_id)
        seen = not message.ephemeral or (message.interaction and message.interaction.user is user)
        if message.deleted or message.loading or not seen or button is None or button.get("disabled"):
            raise LookupError(f"{user.name} sees no button {custom_id!r} to press in {message}")
        data = {"custom_id": custom_id, "component_type": button["type"], "id": 1}
        origin = message.interaction
        owners = origin.owners if origin else self._owners(user, message.channel, True)
        context = self.world.context(message.channel)
        return self._interact(Interaction(COMPONENT, user, message.channel, context, owners, data, message))

    def messages(self, channel: Channel, seen_by: User | None = None) -> list[Message]:
        """What is in a channel now, oldest first. seen_by: without the ephemeral messages of others."""
        found = [m for m in self.world.messages.values() if m.channel is channel and not m.deleted]
        if seen_by is None:
            return found
        return [m for m in found if not m.ephemeral or (m.interaction and m.interaction.user is seen_by)]

    @property
    def commands(self) -> dict[str, dict[str, Any]]:
        """The global commands by name."""
        return {command["name"]: command for command in self.world.commands}

    def _command(self, name: str) -> tuple[dict[str, Any], list[str]]:
        first, *path = name.split(" ")
        if first not in self.commands:
            raise LookupError(f"there is no command {first!r}, only {sorted(self.commands)}")
        return self.commands[first], path

    def _owners(self, user: User, channel: Channel, guild_installed: bool) -> dict[str, str]:
        """authorizing_integration_owners: the page "Receiving and Responding"; "0" for a guild is its id, for a DM 0."""
        if not guild_installed:
            return {"1": str(user.id)}
        return {"0": str(channel.guild.id) if channel.guild else "0"}

    def _interact(self, interaction: Interaction) -> Interaction:
        interaction.token = f"aW50ZXJhY3Rpb24{uuid4().hex}{interaction.id}"
        self.world.interactions[interaction.token] = interaction
        self.gateway.dispatch("INTERACTION_CREATE", self._payload(interaction))
        return interaction

    def _payload(self, interaction: Interaction) -> dict[str, Any]:
        """The page "Receiving and Responding", section Interaction Structure."""
        world, channel, user = self.world, interaction.channel, interaction.user
        permissions = str(channel.permissions)
        data: dict[str, Any] = {
            "id": str(interaction.id), "application_id": str(world.application_id), "type": interaction.type,
            "token": interaction.token, "version": 1, "data": interaction.data, "channel_id": str(channel.id),
            "channel": channel_json(world, channel) | {"permissions": permissions}, "app_permissions": permissions,
            "locale": user.locale, "entitlements": [], "attachment_size_limit": 10 << 20,
            "authorizing_integration_owners": interaction.owners, "context": interaction.context,
        }  # fmt: skip
        if channel.guild:
            data |= {
                "guild_id": str(channel.guild.id), "guild_locale": "en-US",
                "guild": {"id": str(channel.guild.id), "locale": "en-US", "features": []},
                "member": member_json(user, channel.guild, permissions=EVERYONE),
            }  # fmt: skip
        else:
            data["user"] = user_json(user)
        if interaction.message:
            data["message"] = self.shown(interaction.message)
        return data

    def shown(self, message: Message, *, all_content: bool | None = None) -> dict[str, Any]:
        """A message in JSON as the app may see it: over REST as its approved intents allow."""
        if all_content is None:
            all_content = bool(self.gateway.privileged & MESSAGE_CONTENT)
        return message_json(self.world, message, all_content=all_content, base=self.api_base)


def _check_offered(command: dict[str, Any], context: int, owners: dict[str, str]) -> None:
    """The page "Application Commands", section Contexts."""
    contexts = command.get("contexts")
    if contexts is None:
        contexts = [0, 1, 2] if command.get("dm_permission", True) else [0]
    if context not in contexts:
        raise ValueError(f"/{command['name']} is not offered in context {context}, only in {contexts}")
    if context != BOT_DM and not {int(key) for key in owners} & set(command["integration_types"]):
        raise ValueError(f"/{command['name']} is not offered to {owners}, only to {command['integration_types']}")


def _chosen(known: list[dict[str, Any]], path: list[str], given: dict[str, Any]) -> list[dict[str, Any]]:
    """The options as a person's Discord sends them; it lets nobody leave out a required one."""
    if path:
        first, *rest = path
        sub = next((o for o in known if o["name"] == first and o["type"] in (SUBCOMMAND, SUBCOMMAND_GROUP)), None)
        if sub is None:
            raise LookupError(f"there is no subcommand {first!r}")
        return [{"name": first, "type": sub["type"], "options": _chosen(sub.get("options") or [], rest, given)}]
    types = {option["name"]: option["type"] for option in known}
    missing = [o["name"] for o in known if o.get("required") and o["name"] not in given]
    if missing or not given.keys() <= types.keys():
        raise ValueError(f"options {sorted(given)} for {types}, where {missing} are missing")
    for option in known:
        choices = [choice["value"] for choice in option.get("choices") or []]
        if choices and option["name"] in given and given[option["name"]] not in choices:
            raise ValueError(f"{given[option['name']]!r} is none of {choices}")
    return [{"name": name, "type": types[name], "value": value} for name, value in given.items()]
