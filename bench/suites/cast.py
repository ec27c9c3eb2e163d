"""Cast of a 100 KB rune to the emulated Cortex-M4 over its serial line: seconds, wall clock."""
import json
import signal
import subprocess
import tempfile
import time

from suites.common import BIN, ROOT, WORK, run_json


def run(report):
    report.begin("cast", "a 100 KB rune over the emulated serial line")
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (WORK / "filler.bin").write_bytes(bytes(i * 37 & 255 for i in range(96 * 1024)))
        rune = WORK / "hundred.rune"
        run_json([BIN / "rune", "build", ROOT / "bench" / "hundred" / "Runefile.yml", "-o", rune, "--json"])
        emulator = subprocess.Popen([BIN / "hmr", "emulate", "mps2-an386", "--flash", f"{folder}/flash", "--json"],
                                    stdout=subprocess.PIPE, text=True)
        try:
            device = json.loads(emulator.stdout.readline())
            start = time.monotonic()
            run_json([BIN / "hmr", "targets", "cast", "-t", device["id"], rune, "--json"])
            seconds = time.monotonic() - start
        finally:
            emulator.send_signal(signal.SIGTERM)
            emulator.wait(10)
        report.add("cast.rune_bytes", rune.stat().st_size, "bytes", "mps2-an386")
        report.add("cast.seconds", round(seconds, 2), "seconds", "mps2-an386")
        report.add("cast.rate", round(rune.stat().st_size / seconds), "bytes/s", "mps2-an386")
