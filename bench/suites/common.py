"""What the suites share: where things are, and how a command's JSON is read."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = ROOT / "build" / "bin"
WORK = ROOT / "build" / "bench"


def data_folder():
    """The test data, or None: RUNE_TEST_DATA, else ../shared/data beside the checkout."""
    folder = pathlib.Path(os.environ.get("RUNE_TEST_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


def run_json(command, **options):
    """Runs a command that prints one JSON object and returns it; its log stays visible."""
    output = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True, **options).stdout
    return json.loads(output)
