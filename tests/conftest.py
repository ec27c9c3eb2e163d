"""Fixtures of all Python tests: the checkout, its built programs, the test data."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def rune():
    """The built `rune` program."""
    return ROOT / "build" / "bin" / "rune"


@pytest.fixture(scope="session")
def hmr():
    """The built `hmr` program."""
    return ROOT / "build" / "bin" / "hmr"


@pytest.fixture(scope="session")
def data():
    """The conformance data; tests that need it are skipped, saying so, where it is not."""
    folder = pathlib.Path(os.environ.get("RUNE_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no test data here: set RUNE_TEST_DATA to its folder")
    return folder


@pytest.fixture
def run():
    """Runs a command: returns the finished process with text output; never raises on its exit code."""
    def call(*command, timeout=120, **options):
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout, **options)
    return call
