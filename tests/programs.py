"""Programs of the machine that tests run: PostgreSQL, nginx, Prometheus, Chromium. Where one is not, its tests are skipped.

`.ci/run` installs them and then says KRISHNA_TESTS_WHOLE=1: now what is missing makes a test fail.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

WHOLE = os.environ.get("KRISHNA_TESTS_WHOLE") == "1"


def program(name: str) -> str | None:
    """Where it is: beside this Python, on the PATH, among an administrator's programs."""
    folders = (str(Path(sys.executable).parent), os.environ.get("PATH", ""), "/usr/sbin")
    return shutil.which(name, path=os.pathsep.join(folders))


def missing(what: str) -> NoReturn:
    """Skips the rest of a test, or fails it."""
    (pytest.fail if WHOLE else pytest.skip)(f"{what} is not installed")


def needs(found: object, what: str) -> pytest.MarkDecorator:
    """For tests that fail without it when they are run: a mark that skips them where they may be."""
    return pytest.mark.skipif(not (found or WHOLE), reason=f"{what} is not installed")
