#!/usr/bin/env python3
"""Runs an image on its emulated board; the exit code is the image's.

    run_board.py build/devices/unit_tests-mps2-an386.elf filter=Crc*
    run_board.py --shift 6 IMAGE key=value ...

The words key=value reach the image as its semihosting command line (characters that
a word cannot hold are percent-encoded on the way). With --stdin, standard input and
output are the UART.
"""
import argparse
import pathlib
import subprocess
import sys

BOARDS = ("mps2-an386", "lm3s6965evb")


def quote(word):
    return "".join(f"%{ord(c):02x}" if c in " %," else c for c in word)


def command(image, words, shift="auto", uart="null", extra=()):
    """The emulator's command line for an image; its board is the end of its name."""
    board = next((b for b in BOARDS if pathlib.Path(image).stem.endswith(b)), None)
    if board is None:
        raise SystemExit(f"run_board: {image}: the name ends in none of {', '.join(BOARDS)}")
    semihosting = "enable=on,target=native" + "".join(f",arg={quote(word)}" for word in words)
    icount = [] if shift == "auto" else ["-icount", f"shift={shift},sleep=off"]
    return ["qemu-system-arm", "-M", board, "-kernel", str(image), "-display", "none", "-monitor", "none",
            "-serial", uart, "-no-reboot", "-semihosting-config", semihosting, *icount, *extra]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shift", default="auto", help="icount shift: an instruction takes 2^N ns")
    parser.add_argument("--stdin", action="store_true", help="connect the UART to standard input and output")
    parser.add_argument("--timeout", type=float, default=600, help="seconds")
    parser.add_argument("image")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    line = command(options.image, options.words, options.shift, "stdio" if options.stdin else "null")
    try:
        return subprocess.run(line, timeout=options.timeout,
                              stdin=None if options.stdin else subprocess.DEVNULL).returncode
    except subprocess.TimeoutExpired:
        print(f"run_board: {options.image}: no end after {options.timeout} s", file=sys.stderr)
        return 124


if __name__ == "__main__":
    sys.exit(main())
