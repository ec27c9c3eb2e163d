#!/usr/bin/env python3
"""Checks that includes run one way down the tree (docs/ARCHITECTURE.md).

Each folder may include only folders listed before it; folders that share a line are
strangers to each other. `host/` may use `device/`, never the reverse; `ports/<target>`
may use every layer of `device/`. Prints each violation as file:line and exits with 1.
"""
import pathlib
import re
import sys

DEVICE = [["base"], ["hal"], ["format"], ["kernels"], ["wasm"], ["link"], ["executor"], ["saga"], ["runicos"]]
HOST = [["runefile", "compiler", "wasmtool", "registry", "support"], ["hammer"], ["cli"]]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def rank(layers, name):
    return next((i for i, row in enumerate(layers) if name in row), None)


def allowed(source, target):
    """Whether a file in folder path `source` may include `target` (both as part tuples)."""
    if source[0] == "device":
        if target[0] != "device":
            return False
        if source[1] == target[1]:
            return True
        low, high = rank(DEVICE, target[1]), rank(DEVICE, source[1])
        return low is not None and high is not None and low < high
    if source[0] == "host":
        if target[0] in ("device", "blocks") or target[:2] == ("ports", "linux"):
            return True
        if target[0] != "host":
            return False
        if source[1] == target[1] or target[1] == "support":
            return True
        return rank(HOST, target[1]) < rank(HOST, source[1])
    if source[0] == "ports":
        # The Linux port runs where the tools run: it may report and read files as they do.
        if source[1] == "linux" and target[:2] == ("host", "support"):
            return True
        return target[0] == "device" or target[:2] == source[:2] or target[:2] == ("ports", "common")
    if source[0] == "blocks":
        return target[0] == "blocks"
    return True  # tests, bench, examples, tools see everything


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    failures = 0
    for folder in ("device", "host", "ports", "blocks"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".c", ".def"):
                continue
            parts = path.relative_to(root).parts
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = pathlib.PurePosixPath(match.group(1)).parts
                if target[0] in ("device", "host", "ports", "blocks") and not allowed(parts, target):
                    print(f"{path.relative_to(root)}:{number}: {'/'.join(parts[:-1])} must not include {match.group(1)}")
                    failures += 1
    if failures:
        print(f"{failures} includes against the layers of docs/ARCHITECTURE.md", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
