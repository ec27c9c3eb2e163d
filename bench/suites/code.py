"""Code bytes linked into each firmware, a layer at a time, read from the linker's map.

A layer's bytes are the input sections .text* and .rodata* that the linker kept from its archive.
"""
import re

from suites.common import ROOT

LAYERS = ["base", "format", "kernels", "wasm", "link", "executor", "saga", "runicos"]
LINE = re.compile(r"^ (?:(\.\S+))?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S+)")


def linked_bytes(map_text):
    """Yields (section, bytes, file) of each input section placed by the linker."""
    placed = map_text[map_text.index("Linker script and memory map"):]
    section = ""
    for line in placed.splitlines():
        if re.fullmatch(r" \.\S+", line):  # a long name: its numbers stand on the next line
            section = line.strip()
            continue
        match = LINE.match(line)
        if match:
            yield match.group(1) or section, int(match.group(3), 16), match.group(4)
            section = ""


def run(report):
    report.begin("code", "code and constants in flash")
    for board in ("mps2-an386", "lm3s6965evb"):
        path = ROOT / "build" / "devices" / f"{board}.map"
        if not path.exists():
            report.note(f"skipped {board}: {path.name} is not built")
            continue
        totals = dict.fromkeys(LAYERS, 0)
        whole = 0
        for section, size, file in linked_bytes(path.read_text()):
            if not section.startswith((".text", ".rodata", ".ARM")):
                continue
            whole += size
            layer = re.search(r"librune_(\w+)\.a", file)
            if layer and layer.group(1) in totals:
                totals[layer.group(1)] += size
        for layer, size in totals.items():
            report.add(f"code.{layer}", size, "bytes", board)
        report.add("code.firmware", whole, "bytes", board)
