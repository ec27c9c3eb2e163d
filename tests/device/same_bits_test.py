#!/usr/bin/env python3
"""One .rune, the same bits: `rune run`, RunicOS on Linux, and the emulated boards print the same lines.

    same_bits_test.py ROOT       the project's folder, built
"""
import math
import pathlib
import struct
import subprocess
import sys
import tempfile
import wave

import run_board
import smp_device

LM3S_FLASH = 128 << 10


def build(root, folder, example, *options):
    out = folder / f"{example}.rune"
    subprocess.run([root / "build/bin/rune", "build", root / "examples" / example / "Runefile", "-o", out, *options],
                   check=True, stdout=subprocess.DEVNULL)
    return out


def make_sound(folder):
    """A second of a rising tone at the rate that the rune asks for, so that nothing resamples it."""
    samples = [int(12000 * math.sin(2 * math.pi * (200 + i / 40) * i / 16000)) for i in range(16000)]
    raw = struct.pack(f"<{len(samples)}h", *samples)
    with wave.open(str(folder / "tone.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16000)
        out.writeframes(raw)
    (folder / "tone.raw").write_bytes(raw)


def make_motion(folder):
    rows = [(math.sin(i / 5), math.cos(i / 7), i / 128) for i in range(128)]
    values = [struct.unpack("<f", struct.pack("<f", v))[0] for row in rows for v in row]
    text = "\n".join(",".join(repr(v) for v in values[at:at + 3]) for at in range(0, len(values), 3))
    (folder / "motion.csv").write_text("x,y,z\n" + text + "\n")
    (folder / "motion.raw").write_bytes(struct.pack(f"<{len(values)}f", *values))


def on_host(root, rune, capability, calls, *options):
    done = subprocess.run([root / "build/bin/rune", "run", rune, "--capability", capability, "-n", str(calls), *options],
                          check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def device_command(root, board, folder, words):
    flash = folder / f"{board}.flash"
    if board == "linux":
        return [root / "build/bin/runicos", f"flash={flash}", *words]
    extra = []
    if board == "lm3s6965evb":
        if not flash.exists():
            flash.write_bytes(b"\xff" * LM3S_FLASH)
        extra = ["-device", f"loader,file={flash},addr=0x20000,force-raw=on"]
    return run_board.command(root / f"build/devices/{board}.elf", [f"flash={flash}", *words], "0", "stdio", extra)


def on_device(root, board, folder, name, rune, word, calls):
    device = smp_device.Device(device_command(root, board, folder, [word]))
    try:
        device.install(name, rune.read_bytes())
        lines = device.lines(calls)
        state = next(each for each in device.runes() if each["name"] == name)
        assert state["state"] != "failed", state
        return lines
    finally:
        device.close()


def main(root):
    cases = [
        ("sine", "random:7", "seed=7", 5, ("linux", "mps2-an386", "lm3s6965evb")),
        ("gesture", "accelerometer:{}/motion.csv", "accelerometer={}/motion.raw", 1, ("linux", "mps2-an386")),
        ("spoken-digits", "sound:{}/tone.wav", "sound.16000={}/tone.raw", 1, ("linux", "mps2-an386")),
    ]
    for example, capability, word, calls, boards in cases:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make_sound(folder)
            make_motion(folder)
            rune = build(root, folder, example)
            expected = on_host(root, rune, capability.format(folder), calls)
            assert len(expected) == calls, expected
            assert on_host(root, rune, capability.format(folder), calls, "--reference") == expected, example
            packed = build(root, folder, example, "--target", "mps2-an386")
            for board in boards:
                for file in (rune, packed) if board == "mps2-an386" else (rune,):
                    got = on_device(root, board, folder, example, file, word.format(folder), calls)
                    assert got == expected, f"{example} on {board}: {got}, on the host {expected}"
                    print(f"{example} on {board}: {calls} lines agree")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
