"""A clean clone: seconds of `make test`, packages already installed. Runs only when named."""
import pathlib
import subprocess
import tempfile
import time

from suites.common import ROOT


def run(report):
    report.begin("setup", "from a clean clone")
    with tempfile.TemporaryDirectory() as folder:
        clone = pathlib.Path(folder) / "rune"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        for name in ("test", "demo"):
            start = time.monotonic()
            subprocess.run(["make", name], cwd=clone, check=True, stdout=subprocess.DEVNULL)
            report.add(f"setup.make_{name}", round(time.monotonic() - start), "seconds")
