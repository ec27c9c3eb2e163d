"""The paper's equation 1 on its own example: overhead of the sine rune over the same code native.

Linux: wall-clock time of 1,000 to 1,000,000 calls, both in one process. Cortex-M4: executed
instructions a call, from two runs of different length so that start-up falls out.
"""
import json
import subprocess

from suites.common import BIN, ROOT, WORK, run_json

BOARD = "mps2-an386"
IMAGE = ROOT / "build" / "devices" / f"sine_bench-{BOARD}.elf"


def on_board(rune, calls):
    command = ["qemu-system-arm", "-M", BOARD, "-display", "none", "-monitor", "none", "-serial", "null", "-no-reboot",
               "-icount", "shift=6,sleep=off", "-semihosting-config",
               f"enable=on,target=native,arg=rune={rune},arg=calls={calls}", "-kernel", str(IMAGE)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=600).stdout
    return json.loads(output)


def run(report):
    report.begin("sine", "overhead of the sine rune over native code, percent (paper: 28 to 45)")
    WORK.mkdir(parents=True, exist_ok=True)
    rune = WORK / "sine.rune"
    built = run_json([BIN / "rune", "build", ROOT / "examples" / "sine" / "Runefile", "-o", rune, "--json"])
    report.add("sine.rune_bytes", rune.stat().st_size, "bytes", "any", must=16384, peer=1895178)
    report.add("sine.memory_bytes", built["memory_bytes"], "bytes", "any", must=8192, peer=1114112)
    for calls in (1000, 10000, 100000, 1000000):
        runs = [run_json([WORK / "sine_bench", rune, calls]) for _ in range(3)]
        overheads = sorted(100 * (each["rune"] / each["native"] - 1) for each in runs)
        report.add(f"sine.overhead_{calls}", round(overheads[1], 1), "percent", peer=40, aim=15)
    short, long = on_board(rune, 200), on_board(rune, 1200)
    native, guest = ((long[side] - short[side]) / 1000 for side in ("native", "rune"))
    report.add("sine.native_call", round(native), "instructions", BOARD)
    report.add("sine.rune_call", round(guest), "instructions", BOARD)
    report.add("sine.overhead", round(100 * (guest / native - 1), 1), "percent", BOARD, peer=40, aim=15)
