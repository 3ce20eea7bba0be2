"""What many tests share: the embedded model's folder, and tiny Gemmas of random weights."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests import tiny
from tests.postgres import Postgres, programs
from tests.programs import missing

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# One thread for each process that computes: two workers of pytest and the programs they start share the machine, and
# PyTorch's threads wait for each other by spinning (with two threads on two busy cores a start took twice as long).
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)
if not torch.cuda.is_available():  # the kernels run in Triton's interpreter, chosen before anything imports Triton
    os.environ.setdefault("TRITON_INTERPRET", "1")
warnings.filterwarnings("ignore", module="torch.*")


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the embedded model before there are workers, or each of them would, for a minute."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        _embedded()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker ends long after the other."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server for the whole run of tests."""
    found = programs()
    if found is None:
        missing("PostgreSQL's server (on Debian: apt-get install postgresql)")
    server = Postgres(found)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def embedded_folder() -> Path:
    """The real embedded model, prepared once per machine (about a minute the first time)."""
    return _embedded()


def _embedded() -> Path:
    from core.resident.embedded import prepared
    from core.settings import EngineSettings

    return prepared(EngineSettings().cache, print)


@pytest.fixture(scope="session")
def tokenizer(embedded_folder: Path):
    from core.resident.tokenizer import GemmaTokenizer

    return GemmaTokenizer(embedded_folder)


@pytest.fixture(scope="session", params=["gemma3", "gemma3n"])
def tiny_folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, embedded_folder: Path
) -> Path:
    """A local folder with a tiny Gemma 3, then with a tiny Gemma 3n."""
    return tiny.model(request.param, tmp_path_factory.mktemp(request.param), embedded_folder)


@pytest.fixture(scope="session")
def gemma3_folder(tmp_path_factory: pytest.TempPathFactory, embedded_folder: Path) -> Path:
    return tiny.model("gemma3", tmp_path_factory.mktemp("one-gemma3"), embedded_folder)
