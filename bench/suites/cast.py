"""Cast of a 100 KB rune to the emulated Cortex-M4 over its serial line: seconds, wall clock."""
import json
import signal
import subprocess
import tempfile
import time

from suites.common import BIN, ROOT, WORK, run_json


RUNEFILE = f"""version: 1
image: runicos/base
pipeline:
  rand:
    capability: RAND
    outputs: [{{type: F32, dimensions: [1, 1]}}]
  sine:
    model: {ROOT}/examples/sine/sine.tflite
    inputs: [rand]
    outputs: [{{type: F32, dimensions: [1, 1]}}]
  serial:
    out: SERIAL
    inputs: [sine]
resources:
  filler: {{type: binary, path: filler.bin}}
"""


def run(report):
    report.begin("cast", "a 100 KB rune over the emulated serial line")
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        (WORK / "Runefile.yml").write_text(RUNEFILE)
        (WORK / "filler.bin").write_bytes(bytes(i * 37 & 255 for i in range(96 * 1024)))
        rune = WORK / "hundred.rune"
        run_json([BIN / "rune", "build", WORK / "Runefile.yml", "-o", rune, "--json"])
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
