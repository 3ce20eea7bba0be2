"""Where one answer appears: what an adapter must be able to do, and how it says that it could not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message. data comes back as the text of a "press"; at most 64 bytes."""

    label: str
    data: str


Buttons = Sequence[Sequence[Button]]  # rows


class SurfaceError(Exception):
    """Something could not be shown."""


class RetryAfter(SurfaceError):
    """The platform asks to wait. after_s: seconds. Nothing was shown."""

    def __init__(self, after_s: float) -> None:
        super().__init__(f"retry after {after_s} s")
        self.after_s = after_s


class Unreachable(SurfaceError):
    """The platform did not take it, for certain; trying again cannot show it twice."""


class Uncertain(SurfaceError):
    """The connection broke after the request went out; it may have been shown."""


class Gone(SurfaceError):
    """There is nobody to show it to: blocked, deleted, no longer a member. Trying again is pointless."""


class Surface(Protocol):
    """One place for one answer. Methods raise the errors above and nothing else of the platform's.

    An adapter makes it from an Inbound's address alone, so that an answer can be taken up after a restart.
    """

    pace_s: float  # seconds between two frames
    limit: int  # the largest message, as size() counts
    discreet: bool  # only the person sees it
    has_buttons: bool  # else those that come with a text are left out
    message_id: str | None  # the message that holds the answer; set it to take up one from before a restart
    on_posted: Callable[[str], Awaitable[None]] | None  # awaited with the id as soon as that message exists

    @property
    def most(self) -> int | None:
        """The messages that one answer may take; None: any number."""
        ...

    def repeatable(self, parts: int) -> bool:
        """Whether an answer of so many messages may be sent again, after a restart too: each would be shown once."""
        ...

    def size(self, text: str) -> int: ...

    async def show(self, text: str, buttons: Buttons = ()) -> None:
        """The newest frame of an answer that is still being made."""
        ...

    async def finish(self, text: str, buttons: Buttons = ()) -> str:
        """The answer, in place of what was shown. Returns the message's id."""
        ...

    async def send(self, text: str, buttons: Buttons = ()) -> str:
        """A message of its own. Returns its id."""
        ...

    async def file(self, name: str, data: bytes, text: str) -> None:
        """A file with a line of text."""
        ...

    async def notice(self, text: str) -> None:
        """A word to the person who pressed a button, as small as the platform allows."""
        ...

    async def close(self) -> None:
        """Nothing more will come: end what still shows activity."""
        ...
