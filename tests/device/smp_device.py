"""A device on standard input and output, for tests: SMP over console frames, without libraries.

    device = Device(["build/bin/runicos", "seed=1"])
    device.install("sine", rune_bytes)
    print(device.lines(3))

Restarts the command when the device resets, as `hmr emulate` does.
"""
import base64
import binascii
import os
import select
import struct
import subprocess
import time

READ, WRITE = 0, 2
GROUP_FILES, GROUP_RUNE = 8, 0x5255


def encode(value):
    """CBOR of what requests hold: maps, text, bytes, unsigned numbers."""
    def head(major, number):
        for width, code in ((24, None), (1 << 8, ">B"), (1 << 16, ">H"), (1 << 32, ">I")):
            if number < width:
                if code is None:
                    return bytes([major << 5 | number])
                return bytes([major << 5 | {">B": 24, ">H": 25, ">I": 26}[code]]) + struct.pack(code, number)
        raise ValueError(number)
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())


def decode(data, at=0):
    """One CBOR item and the offset behind it."""
    first, at = data[at], at + 1
    major, number = first >> 5, first & 31
    indefinite = number == 31
    if 24 <= number <= 27:
        width = 1 << (number - 24)
        number, at = int.from_bytes(data[at:at + width], "big"), at + width
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major == 2:
        return data[at:at + number], at + number
    if major == 3:
        return data[at:at + number].decode(), at + number
    if major in (4, 5):
        items = []
        wanted = number * (major - 3)
        while data[at] != 0xFF if indefinite else len(items) < wanted:
            item, at = decode(data, at)
            items.append(item)
        at += 1 if indefinite else 0
        return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at
    return {0xF4: False, 0xF5: True}.get(first), at


def frame(message):
    packet = struct.pack(">H", len(message) + 2) + message + struct.pack(">H", binascii.crc_hqx(message, 0))
    text = base64.b64encode(packet)
    lines = [text[at:at + 124] for at in range(0, len(text), 124)]
    return b"".join((b"\x06\x09" if i == 0 else b"\x04\x14") + line + b"\n" for i, line in enumerate(lines))


class Device:
    def __init__(self, command):
        self.command = command
        self.printed = []  # the lines of text between the frames
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.pending = b""

    def close(self):
        self.process.kill()
        self.process.communicate()

    def read_line(self, timeout):
        """A line without its newline; None when none came in time or the device has ended."""
        end = time.monotonic() + timeout
        while b"\n" not in self.pending:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            data = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not data:
                return None
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        return line

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def ask(self, operation, group, command, request, timeout=60):
        """The answer's map; None when the device has ended or does not answer."""
        payload = encode(request)
        self.send(frame(struct.pack(">BBHHBB", 8 | operation, 0, len(payload), group, 1, command) + payload))
        text = b""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            line = self.read_line(end - time.monotonic())
            if line is None:
                return None
            if line[:2] == b"\x06\x09":
                text = line[2:]
            elif line[:2] == b"\x04\x14":
                text += line[2:]
            else:
                self.printed.append(line.decode())
                continue
            packet = base64.b64decode(text)
            if len(packet) >= 2 and len(packet) == struct.unpack(">H", packet[:2])[0] + 2:
                return decode(packet[10:-2])[0]
        return None

    def upload(self, name, data, chunk=300):
        offset = 0
        while offset < len(data):
            request = {"off": offset, "data": data[offset:offset + chunk], "name": f"/runes/{name}.rune"}
            if offset == 0:
                request["len"] = len(data)
            answer = self.ask(WRITE, GROUP_FILES, 0, request)
            assert answer is not None and "off" in answer, answer
            offset = answer["off"]
        answer = self.ask(READ, GROUP_FILES, 2, {"name": f"/runes/{name}.rune", "type": "crc32"})
        assert answer["output"] == binascii.crc32(data), answer

    def control(self, name, operation):
        return self.ask(WRITE, GROUP_RUNE, 2, {"name": name, "op": operation})

    def runes(self, timeout=60):
        answer = self.ask(READ, GROUP_RUNE, 1, {}, timeout)
        return None if answer is None else answer["runes"]

    def restart(self):
        """After a reset: waits for the end, then starts until the device stays up."""
        for _ in range(5):
            assert self.process.wait(30) == 0, self.process.returncode
            self.start()
            if self.runes(timeout=20) is not None:
                return
        raise AssertionError("the device resets again and again")

    def install(self, name, data):
        self.upload(name, data)
        answer = self.control(name, "install")
        assert "state" in answer, (answer, self.runes())
        if answer["reset"]:
            self.restart()

    def lines(self, count, timeout=60):
        """The first `count` lines that runes printed; fewer when no more come."""
        end = time.monotonic() + timeout
        while len(self.printed) < count and time.monotonic() < end:
            line = self.read_line(end - time.monotonic())
            if line is None:
                break
            self.printed.append(line.decode())
        return self.printed[:count]
