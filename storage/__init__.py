"""What people asked and were told, kept in one SQLite file (or another database by its URL)."""

from storage.copies import Copy, backup, restore
from storage.database import StoreError
from storage.inbox import Taken
from storage.store import Store
from storage.types import Day, Inbound, Key, Kind, Pending, State, Status, Subscription, Turn

__all__ = [
    "Copy",
    "Day",
    "Inbound",
    "Key",
    "Kind",
    "Pending",
    "State",
    "Status",
    "Store",
    "StoreError",
    "Subscription",
    "Taken",
    "Turn",
    "backup",
    "restore",
]
