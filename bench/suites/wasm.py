"""The interpreter on the emulated Cortex-M4: executed instructions against the same C run natively."""
import math
import subprocess

from suites.common import ROOT

BOARD = "mps2-an386"
PROGRAMS = ROOT / "bench/wasm/programs.c"
INSTRUCTIONS_A_TICK = 40  # 25 MHz ticks, one instruction a nanosecond (icount shift 0)
RUNS = 16


def build_module():
    module = ROOT / "build/bench/programs.wasm"
    module.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["clang-16", "--target=wasm32", "-O2", "-ffp-contract=off", "-mbulk-memory", "-nostdlib", "-fuse-ld=lld",
                    "-Wl,--no-entry", "-Wl,-z,stack-size=1024", str(PROGRAMS), "-o", str(module)], check=True)
    return module


def run(report):
    report.begin("wasm", "interpreter over native, executed instructions")
    image = ROOT / f"build/devices/wasm_bench-{BOARD}.elf"
    if not image.exists():
        return report.note(f"skipped: {image.name} is not built")
    module = build_module()
    done = subprocess.run([str(ROOT / "tests/device/run_board.py"), "--shift", "0", str(image),
                           f"module={module.relative_to(ROOT)}"], capture_output=True, text=True, cwd=ROOT)
    if done.returncode != 0:
        return report.note(f"failed: {done.returncode} {done.stdout}{done.stderr}")
    ratios = []
    for line in done.stdout.splitlines():
        name, *numbers = line.split()
        if len(numbers) == 2:
            native, interpreted = (int(n) * INSTRUCTIONS_A_TICK // RUNS for n in numbers)
            ratios.append(interpreted / native)
            report.add(f"{name}.native", native, "instructions", BOARD)
            report.add(f"{name}.interpreted", interpreted, "instructions", BOARD)
            report.add(f"{name}.ratio", round(ratios[-1], 2), "x native", BOARD)
        elif name == "install":
            report.add("install", int(numbers[0]) * INSTRUCTIONS_A_TICK, "instructions", BOARD)
        else:
            report.add(f"{name}_bytes", int(numbers[0]), "bytes", BOARD)
    report.add("module_bytes", module.stat().st_size, "bytes", BOARD)
    geomean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    report.add("ratio.geomean", round(geomean, 2), "x native", BOARD, peer=21.0, must=14.0, aim=10.0)
