#!/usr/bin/env python3
"""Runs scripts of WebAssembly's test suite on the engine, on the host or on an emulated board.

    tools/spec.py [--target linux|mps2-an386] [--tree host|sanitize] A.wast B.wast
    tools/spec.py --standard          every script of the test data; exits with 77 when there is none

Each script goes through wabt's wast2json into build/spec/, and its commands and modules into one
compact file (tests/spec/commands.h has the layout), so that the runner on the board needs no JSON.
The last line is `N passed, M failed, K skipped`; the exit code is 0 when M is 0. Skipped is only what
needs a text parser (malformed text) or SIMD.
"""
import argparse
import json
import os
import pathlib
import re
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEC = ROOT / "tests/spec"
BUILD = ROOT / "build/spec"
TYPES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C, "funcref": 0x70, "externref": 0x6F}
NULL = (1 << 64) - 1
EXACT, CANONICAL, ARITHMETIC, ANY_REFERENCE, ANY = range(5)
KINDS = {"module": 1, "register": 2, "action": 3, "assert_return": 4, "assert_trap": 5, "assert_exhaustion": 6,
         "assert_malformed": 7, "assert_invalid": 8, "assert_unlinkable": 9, "assert_uninstantiable": 10}
WITH_MODULE = ("module", "assert_malformed", "assert_invalid", "assert_unlinkable", "assert_uninstantiable")
WITH_ACTION = ("action", "assert_return", "assert_trap", "assert_exhaustion")
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


class NeedsSimd(Exception):
    """The command uses a v128."""


def text(value):
    data = (value or "").encode("utf-8", "surrogatepass")
    return struct.pack("<I", len(data)) + data


def value(item):
    """A type, a pattern and 64 bits."""
    if item["type"] not in TYPES:
        raise NeedsSimd
    pattern, bits, given = EXACT, 0, item.get("value")
    if given is None:
        pattern = ANY_REFERENCE if item["type"].endswith("ref") else ANY
    elif given == "null":
        bits = NULL
    elif given.startswith("nan:"):
        pattern = CANONICAL if given == "nan:canonical" else ARITHMETIC
    else:
        bits = int(given) & NULL
    return struct.pack("<BBQ", TYPES[item["type"]], pattern, bits)


def values(items):
    return struct.pack("<I", len(items)) + b"".join(value(item) for item in items)


def encode(command, folder):
    """The bytes of a command, or None when it is skipped."""
    kind = command["type"]
    if command.get("module_type") == "text":
        return None
    out = struct.pack("<BI", KINDS[kind], command["line"])
    if kind == "register":
        return out + text(command["as"]) + text(command.get("name"))
    if kind in WITH_MODULE:
        module = (folder / command["filename"]).read_bytes()
        out += text(command.get("name")) + struct.pack("<I", len(module)) + module
        return out + text(command.get("text"))
    action = command["action"]
    out += text(action.get("module")) + text(action["field"])
    out += struct.pack("<B", action["type"] == "get") + values(action.get("args", []))
    if kind == "assert_return":
        return out + values(command["expected"])
    return out + (text(command.get("text")) if kind != "action" else b"")


def tool(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    return done.returncode, done.stderr


def pack(script):
    """(packed file or None, skipped, failed) for a script."""
    folder = BUILD / script.stem
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / "commands.json"
    code, errors = tool("wast2json", script, "-o", listing)
    if code != 0:
        print(f"{script}: {errors.strip()}", file=sys.stderr)
        return None, 0, 1
    spectest = folder / "spectest.wasm"
    code, errors = tool("wat2wasm", SPEC / "spectest.wat", "-o", spectest)
    if code != 0:
        sys.exit(errors)
    module = spectest.read_bytes()
    data = b"RWSP" + struct.pack("<BI", 1, 0) + text("$spectest") + struct.pack("<I", len(module)) + module + text("")
    data += struct.pack("<BI", 2, 0) + text("spectest") + text("$spectest")
    commands = json.loads(listing.read_text(encoding="utf-8", errors="surrogateescape"))["commands"]
    skipped = 0
    for command in commands:
        if command["type"] not in KINDS:
            sys.exit(f"{script}:{command['line']}: unknown command {command['type']}")
        try:
            encoded = None if script.stem.startswith("simd_") else encode(command, folder)
        except NeedsSimd:
            encoded = None
        if encoded is None:
            skipped += command["type"].startswith("assert")
        else:
            data += encoded
    packed = folder / "commands.bin"
    packed.write_bytes(data)
    return packed, skipped, 0


def runner(target, tree, packed):
    if target == "linux":
        program = ROOT / ("build/bin/spec-runner" if tree == "host" else f"build/{tree}/tests/spec/spec-runner")
        return [str(program), str(packed)]
    image = ROOT / f"build/devices/spec-{target}.elf"
    return [str(ROOT / "tests/device/run_board.py"), str(image), f"commands={packed.relative_to(ROOT)}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", default="linux", choices=("linux", "mps2-an386"))
    parser.add_argument("--tree", default="host", help="which host build: host or sanitize")
    parser.add_argument("--standard", action="store_true", help="the scripts of RUNE_TEST_DATA or ../shared/data")
    parser.add_argument("scripts", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    if options.standard:
        data = pathlib.Path(os.environ.get("RUNE_TEST_DATA", ROOT / "../shared/data")) / "wasm-spec"
        options.scripts += sorted(data.glob("*.wast"))
        if not options.scripts:
            print(f"skipped: no scripts in {data}")
            return 77
    if not options.scripts:
        parser.error("no scripts; for make: WAST=\"a.wast b.wast\"")
    total = [0, 0, 0]
    for script in options.scripts:
        script = script.resolve()
        packed, skipped, failed = pack(script)
        passed = 0
        if packed is not None:
            done = subprocess.run(runner(options.target, options.tree, packed), capture_output=True, text=True,
                                  errors="replace", cwd=ROOT, stdin=subprocess.DEVNULL)
            found = SUMMARY.search(done.stdout)
            if found:
                passed, failed = int(found[1]), int(found[2])
            else:
                failed = 1
                print(f"{script}: the runner ended with {done.returncode}: {done.stderr.strip()}", file=sys.stderr)
            for line in done.stdout.splitlines():
                if line.startswith("line "):
                    print(f"{script}: {line}", file=sys.stderr)
        print(f"{script.name}: {passed} passed, {failed} failed, {skipped} skipped")
        total = [a + b for a, b in zip(total, (passed, failed, skipped))]
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 0 if total[1] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
