#!/usr/bin/env python3
"""Prints code, data and stack bytes of the device images and layers beside the last recorded ones.

Sizes are kept in build/sizes.json under the commit they belong to; the difference is against the
newest entry that is not the present commit. Growth is printed, not judged: the commit says why.
"""
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
STORE = ROOT / "build" / "sizes.json"


def sections(path):
    """Returns (text, data, bss) bytes of an ELF file, or the sum over an archive."""
    output = subprocess.run(["arm-none-eabi-size", str(path)], capture_output=True, text=True, check=True).stdout
    rows = [line.split()[:3] for line in output.splitlines()[1:]]
    return [sum(int(row[i]) for row in rows) for i in range(3)]


def measure():
    figures = {}
    for image in sorted((ROOT / "build" / "devices").glob("*.elf")):
        figures[image.name] = sections(image)
    for archive in sorted((ROOT / "build" / "mps2-an386" / "device").glob("*/librune_*.a")):
        figures[archive.name] = sections(archive)
    return figures


def main():
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    history = json.loads(STORE.read_text()) if STORE.exists() else {}
    now = measure()
    earlier = [name for name in history if name != commit]
    before = history[earlier[-1]] if earlier else {}
    print(f"{'bytes':34} {'text':>9} {'data':>7} {'bss':>9}   text since {earlier[-1] if earlier else '-'}")
    for name, (text, data, bss) in now.items():
        change = f"{text - before[name][0]:+d}" if name in before else "new"
        print(f"{name:34} {text:9} {data:7} {bss:9}   {change}")
    history.pop(commit, None)
    history[commit] = now
    STORE.write_text(json.dumps(history, indent=1))


if __name__ == "__main__":
    main()
