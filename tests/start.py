"""From nothing to the first words of an answer on a terminal: `python -m tests.start [rounds]`.

Each round is a new process of `python -m bots chat --once` in a pseudo-terminal, where an answer is shown as it grows.
Files that the system has in memory stay there; the model must have been prepared (`python -m bots prepare`).
"""

from __future__ import annotations

import os
import pty
import sys
import tempfile
import time
from pathlib import Path

QUESTION = "I failed my exam and cannot tell my father."


def first_words(folder: Path) -> tuple[float, float]:
    """Seconds from the start of the process to the first words of the answer, and to its end. Raises RuntimeError."""
    start = time.monotonic()
    child, screen = pty.fork()
    if child == 0:
        os.environ.update(KRISHNA_DATABASE_URL=str(folder / "start.db"), COLUMNS="100")
        os.execv(sys.executable, [sys.executable, "-m", "bots", "chat", "--once", QUESTION])
    first, said = 0.0, b""
    while True:
        try:
            more = os.read(screen, 4096)
        except OSError:  # Linux's end of a pseudo-terminal whose other side is closed
            more = b""
        if not more:
            break
        said += more
        if not first and b"Partha" in said:
            first = time.monotonic() - start
    _, status = os.waitpid(child, 0)
    os.close(screen)
    if status or b"Partha" not in said:
        raise RuntimeError(f"no answer came:\n{said.decode(errors='replace')}")
    return first, time.monotonic() - start


if __name__ == "__main__":
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3):
        with tempfile.TemporaryDirectory() as folder:
            first, whole = first_words(Path(folder))
            print(f"first words after {first:.1f} s, the whole answer after {whole:.1f} s", flush=True)
