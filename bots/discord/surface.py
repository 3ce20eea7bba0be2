"""Where an answer appears in Discord: one message, edited as the text grows.

Two ways lead to it. As a member we write to the channel. The answer to a slash command or a button is written with
the interaction's token, which needs no membership but dies after 15 minutes; then, as a member, we go on in the
channel (docs: "Receiving and Responding to Interactions", "Followup Messages").
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
import discord

from bots.surface import Buttons, Gone, RetryAfter, SurfaceError, Uncertain, Unreachable

log = logging.getLogger(__name__)

LINK = re.compile(r"\](?=\()")
LIMIT = 2000  # characters of one message
FOLLOW_UPS = 5  # that an app may send where only the person has it (docs: "Create Followup Message")
PACE_S = 1.5  # a channel takes five edits in five seconds, from all who are answered there
ORIGINAL: Any = "@original"  # the library's own path to an interaction's first response
# Codes of errors (docs: "Opcodes and Status Codes")
UNKNOWN_WEBHOOK, INVALID_TOKEN, NO_HISTORY = 10015, 50027, 160002
FINAL = {40094, 50083, 160005}  # no more follow-ups, an archived thread, a locked one


class DiscordSurface:
    """One answer. address is what translate made; update_id makes repeated sends the same send."""

    limit = LIMIT
    pace_s = PACE_S
    has_buttons = True

    def __init__(self, client: discord.Client, address: dict[str, Any], update_id: str) -> None:
        self._client, self._address, self._nonce = client, address, update_id
        self._parts = 1  # the answer's message is part 0
        self.discreet = bool(address["discreet"])
        self.message_id: str | None = None
        self.on_posted: Callable[[str], Awaitable[None]] | None = None
        # A command's first response is there since its acknowledgement; a button's is the message it stands under.
        self._original = bool(address.get("token")) and not address["press"]
        self._by_token_only = address["channel"] is None or address.get("hidden", False)

    def repeatable(self, parts: int) -> bool:
        known = self.message_id is not None or (self._original and self._webhook() is not None)
        return known and (parts == 1 or not self._by_token_only)  # follow-ups have no nonce

    @property
    def most(self) -> int | None:
        """By the token alone: its follow-ups, and the first response where the answer stands in that."""
        if self._address["channel"] is not None:
            return None
        return FOLLOW_UPS + (self._original or self.message_id == str(self._address["press"]))

    def size(self, text: str) -> int:
        return len(inert(text))

    async def show(self, text: str, buttons: Buttons = ()) -> None:
        by_token = (self._original or self._by_token_only) and self._webhook() is not None
        if not by_token and self._address["channel"] is not None and turns(self._address["channel"]).locked():
            raise RetryAfter(PACE_S)  # finished answers go before frames
        await self.finish(text, buttons)

    async def finish(self, text: str, buttons: Buttons = ()) -> str:
        text = inert(text)
        webhook = self._webhook()
        if webhook is not None and (self._original or (self._by_token_only and self.message_id is not None)):
            # To the token of a press, the message under which the button stands is the original.
            original = self._original or self.message_id == str(self._address["press"])
            target = ORIGINAL if original else int(self.message_id or 0)
            try:
                with translated():
                    edited = await webhook.edit_message(target, content=text, view=view(buttons))
                await self._posted(edited.id)
                return str(edited.id)
            except TokenDead:
                self._address["token"] = None
        if self.message_id is None:
            await self._posted(sent := await self._post(text, buttons, 0, self._address.get("message")))
            return str(sent)
        message = self._channel().get_partial_message(int(self.message_id))
        async with turns(self._address["channel"]):
            with translated():
                await message.edit(content=text, view=view(buttons))
        return self.message_id

    async def send(self, text: str, buttons: Buttons = ()) -> str:
        sent = await self._post(text, buttons, self._parts)
        self._parts += 1
        return str(sent)

    async def _post(self, text: str, buttons: Buttons, part: int, asked: int | None = None) -> int:
        """A new message, as a reply to `asked`. In a channel a repeated try shows it once (docs: "Create Message")."""
        text = inert(text)
        more: dict[str, Any] = {}
        if made := view(buttons):
            more["view"] = made
        webhook = self._webhook()
        if webhook is not None and self._by_token_only:
            try:
                with translated(repeatable=False):
                    return (await webhook.send(text, wait=True, ephemeral=self._address["hidden"], **more)).id
            except TokenDead:
                self._address["token"] = None
        channel = self._channel()
        more["nonce"] = f"{self._nonce}-{part}"
        if asked is not None:
            more["reference"] = channel.get_partial_message(asked).to_reference(fail_if_not_exists=False)
        async with turns(self._address["channel"]):
            with translated():
                try:
                    sent = await channel.send(text, **more)
                except discord.HTTPException as error:
                    if error.code != NO_HISTORY:
                        raise
                    del more["reference"]
                    sent = await channel.send(text, **more)
                if sent.content.split() != text.split():  # an earlier try got through, with the words of its time
                    await sent.edit(content=text, view=made)
        return sent.id

    async def _posted(self, message_id: int) -> None:
        if self.message_id is None:
            self.message_id = str(message_id)
            if self.on_posted is not None:
                await self.on_posted(self.message_id)

    async def file(self, name: str, data: bytes, text: str) -> None:
        file = discord.File(io.BytesIO(data), name)
        webhook = self._webhook()
        try:
            with translated(repeatable=webhook is not None and self._original):
                if webhook is not None and self._original:
                    await webhook.edit_message(ORIGINAL, content=text, attachments=[file])
                elif webhook is not None:
                    await webhook.send(text, file=file, ephemeral=self._address["hidden"])
                else:
                    await self._channel().send(text, file=file)
        except TokenDead:
            self._address["token"] = None
            await self.file(name, data, text)

    async def notice(self, text: str) -> None:
        """A word that only the person who pressed sees; after the token's death, none."""
        webhook = self._webhook()
        if webhook is None:
            return
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await webhook.send(text, ephemeral=True)

    async def close(self) -> None:
        """Take away the "is thinking…" of a command that was answered without a word."""
        webhook = self._webhook()
        if self._address.get("silent") and self.message_id is None and webhook is not None:
            with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
                await webhook.delete_message(ORIGINAL)

    def _webhook(self) -> discord.Webhook | None:
        """The way by the interaction's token, while it lives. Where there is no other, Discord's clock decides that."""
        token = self._address.get("token")
        if not token or (time.time() > self._address["expires"] and not self._by_token_only):
            return None
        # An interaction's webhook is of type 3, "application" (docs: "Webhook Resource"); partial() makes it type 1.
        data: Any = {"id": self._address["application"], "type": 3, "token": token}
        return discord.Webhook.from_state(data, self._client._connection)

    def _channel(self) -> discord.PartialMessageable:
        """The way as a member. Raises Gone where we are none."""
        if self._by_token_only:
            raise Gone("the interaction's time is over, and we are no member there")
        return self._client.get_partial_messageable(self._address["channel"])


def inert(text: str) -> str:
    """Words whose links hide nothing: [label](address) shows its address. Mentions are off for all we send."""
    return LINK.sub("]\\\\", text)


_turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()


def turns(channel: int) -> asyncio.Lock:
    """One request at a time in a channel: the library lets several at once run past the channel's limit."""
    return _turns.setdefault(channel, asyncio.Lock())


class TokenDead(SurfaceError):
    """The interaction's token is no longer taken."""


class Press(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"(?P<data>(?:again|deeper|retry|show|up|down|stop|verse|page):[\w.]+)",
):
    """A button that works after a restart: what it does is in its custom id."""

    def __init__(self, data: str, label: str | None = None) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=data))

    @classmethod
    async def from_custom_id(cls, interaction: discord.Interaction[Any], item: Any, match: Any) -> Press:
        return cls(match["data"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.client.pressed(interaction, self.item.custom_id)


def view(buttons: Buttons) -> discord.ui.View | None:
    """Rows of buttons; None where there are none, which takes away those that a message had."""
    if not any(buttons):
        return None
    made = discord.ui.View(timeout=None)
    for row, line in enumerate(buttons):
        for button in line:
            press = Press(button.data, button.label)
            press.item.row = row
            made.add_item(press)
    return made


@contextlib.contextmanager
def translated(*, repeatable: bool = True) -> Iterator[None]:
    """Discord's errors as ours. repeatable: the call may be made again without showing anything twice."""
    try:
        yield
    except discord.RateLimited as error:
        raise RetryAfter(error.retry_after) from error
    except discord.Forbidden as error:  # not a member, no right to write, or the person takes no messages
        raise Gone(str(error)) from error
    except discord.DiscordServerError as error:
        raise Unreachable(str(error)) from error
    except discord.HTTPException as error:
        if error.code in (INVALID_TOKEN, UNKNOWN_WEBHOOK):
            raise TokenDead(str(error)) from error
        if error.status == 429:  # also after the library's own five tries
            raise RetryAfter(_seconds(error.response.headers.get("Retry-After"))) from error
        raise (Gone if error.status == 404 or error.code in FINAL else SurfaceError)(str(error)) from error
    except aiohttp.ClientConnectorError as error:
        raise Unreachable(str(error)) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise (Unreachable if repeatable else Uncertain)(str(error) or type(error).__name__) from error


def _seconds(header: str | None) -> float:
    """A Retry-After."""
    return float(header) if header and header.isdecimal() else PACE_S
