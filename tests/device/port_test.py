#!/usr/bin/env python3
"""Drives build/devices/port_test-<board>.elf: checks, UART echo, fault handler."""
import subprocess
import sys

import run_board

# More than the receive ring holds, sent at once: back-pressure must not lose a byte.
LINE = ("the quick brown fox " * 100).encode() + b"\n"


def run(image, words, uart="null", send=b""):
    line = run_board.command(image, words, shift="6", uart=uart)
    done = subprocess.run(line, input=send, capture_output=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def main(image):
    code, out, err = run(image, ["name=a b", "echo=1"], uart="stdio", send=LINE)
    assert code == 0, (code, out, err)
    assert out == LINE, out
    for fault in (1, 2, 3):
        code, out, err = run(image, ["name=a b", f"fault={fault}"])
        assert code == 120 and b"fault: exception" in out + err, (fault, code, out, err)
    code, out, err = run(image, ["name=other"])
    assert code == 1 and b"arguments are decoded" in out + err, (code, out, err)


if __name__ == "__main__":
    main(sys.argv[1])
