#!/usr/bin/env python3
"""make demo: spoken digits, recognised by a model in a rune on an emulated microcontroller.

Builds the rune, makes ten spoken digits with espeak-ng (or takes the speech of --sound my.wav), boots an
emulated Cortex-M4 whose microphone plays them, casts the rune to it, and prints what the device heard. Ends
with 1 when the device fails or hears fewer than nine of its ten digits; the emulator never outlives it.
"""

import argparse
import array
import json
import math
import os
import queue
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import wave

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RUNE, HMR = (os.path.join(ROOT, "build", "bin", name) for name in ("rune", "hmr"))
FOLDER = os.path.join(ROOT, "build", "demo")
BOARD = "mps2-an386"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SAID = (7, 3, 0, 9, 4, 1, 8, 5, 2, 6)
VOICE = "en-gb-x-rp+f2"  # tools/train/voices.py: neither its accent nor its variant is trained on
BOARD_RAM_BYTES = 256 * 1024  # what the board's linker script uses
MOST_RAM_BYTES = 200 * 1024  # the demo's promise for firmware and rune
SECONDS_A_DIGIT, SECONDS_TO_BOOT = 60, 60


class Failure(Exception):
    """Ends the demo with one line."""


def step(text):
    print(f"\n== {text}", flush=True)


# --- sound: lists of samples, -32768..32767, at the file's own rate; the emulator resamples ---


def read_wav(path):
    """(samples, rate) of a PCM file of 8, 16, 24 or 32 bits; several channels become one."""
    try:
        with wave.open(path, "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data, expected = file.readframes(file.getnframes()), file.getnframes() * channels * width
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    except (EOFError, wave.Error) as error:
        raise Failure(f"{path}: {error or 'the header ends early'}; try a PCM .wav file") from error
    if len(data) < expected:
        raise Failure(
            f"{path}: truncated: {expected} bytes of sound expected, {len(data)} there; try a whole file"
        )
    if width == 1:
        values = [(byte - 128) * 256 for byte in data]
    else:  # the upper two bytes of each little-endian sample
        values = array.array(
            "h", b"".join(data[i + width - 2 : i + width] for i in range(0, len(data) - width + 1, width))
        )
        if sys.byteorder == "big":
            values.byteswap()
    starts = range(0, len(values) - channels + 1, channels)
    return [sum(values[i : i + channels]) // channels for i in starts], rate


def write_wav(path, samples, rate):
    values = array.array("h", samples)
    if sys.byteorder == "big":
        values.byteswap()
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(values.tobytes())


def spoken_parts(samples, rate):
    """(first, end) of each utterance: louder than 3 % of the loudest 10 ms, with pauses of 0.2 s between them."""
    size = rate // 100
    levels = [
        math.sqrt(sum(v * v for v in samples[i : i + size]) / size)
        for i in range(0, len(samples) - size + 1, size)
    ]
    floor = max(max(levels, default=0) * 0.03, 30)
    parts = []
    for number, level in enumerate(levels):
        if level < floor:
            continue
        if parts and number - parts[-1][1] <= 20:
            parts[-1][1] = number + 1
        else:
            parts.append([number, number + 1])
    return [(first * size, end * size) for first, end in parts if end - first >= 8]


def windows(samples, rate):
    """One second around the middle of each utterance; a longer one is cut into several."""
    for first, end in spoken_parts(samples, rate):
        pieces = max(round((end - first) / rate), 1)
        for piece in range(pieces):
            middle = first + (end - first) * (2 * piece + 1) // (2 * pieces)
            start, stop = max(middle - rate // 2, 0), middle + rate - rate // 2
            start, stop = max(start, first - rate // 10), min(stop, end + rate // 10)
            before = rate // 2 - (middle - start)
            part = samples[start:stop]
            yield [0] * before + part + [0] * (rate - before - len(part))


def digits_said(path):
    """Ten digits, each in the middle of its second; returns the rate."""
    if shutil.which("espeak-ng") is None:
        raise Failure("espeak-ng is not installed; run tools/setup.sh, or give SOUND=my.wav")
    sound, rate = [], 0
    for digit in SAID:
        subprocess.run(["espeak-ng", "-v", VOICE, "-w", path, WORDS[digit]], check=True)
        samples, rate = read_wav(path)
        sound += next(windows(samples, rate))
    write_wav(path, sound, rate)


def prepare_sound(given):
    """Returns (file for the device's microphone, words said or None for each second)."""
    path = os.path.join(FOLDER, "microphone.wav")
    if given is None:
        digits_said(path)
        return path, [WORDS[digit] for digit in SAID]
    samples, rate = read_wav(given)
    cut = list(windows(samples, rate))
    if not cut:
        raise Failure(f"{given}: nothing in it is loud enough to be speech")
    write_wav(path, [value for window in cut for value in window], rate)
    return path, [None] * len(cut)


# --- the device ---


def command(*arguments, **options):
    return subprocess.run([str(argument) for argument in arguments], check=False, text=True, **options)


class Lines(threading.Thread):
    """Reads a process's output so that it never waits for us."""

    def __init__(self, stream, log):
        super().__init__(daemon=True)
        self.stream, self.log, self.lines = stream, log, queue.Queue()
        self.start()

    def run(self):
        with open(self.log, "w", encoding="utf-8") as log:
            for line in self.stream:
                log.write(line)
                log.flush()
                self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def next(self, seconds):
        """The next line; None at the end or when none came."""
        try:
            return self.lines.get(timeout=seconds)
        except queue.Empty:
            return None


class Device:
    """An emulated board in the background; `with` ends it, however the demo ends."""

    def __init__(self, sound):
        self.log = os.path.join(FOLDER, "emulator.log")
        flash = os.path.join(FOLDER, "flash.bin")
        if os.path.exists(flash):
            os.remove(flash)  # the demo shows a new device
        self.errors = open(self.log + ".err", "w", encoding="utf-8")
        self.process = subprocess.Popen(
            [HMR, "emulate", BOARD, "--sound", sound, "--flash", flash, "--json"],
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )
        self.output = Lines(self.process.stdout, self.log)
        first = self.output.next(SECONDS_TO_BOOT)
        if first is None:
            self.close()
            raise Failure(f"the emulated device did not start; see {self.log}.err")
        self.id = json.loads(first)["id"]

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def build_rune():
    step("rune build examples/spoken-digits/Runefile")
    path = os.path.join(FOLDER, "spoken-digits.rune")
    runefile = os.path.join(ROOT, "examples", "spoken-digits", "Runefile")
    if command(RUNE, "build", runefile, "-o", path, "--target", BOARD).returncode != 0:
        raise Failure("the rune could not be built")
    print(f"{os.path.relpath(path, ROOT)}: {os.path.getsize(path)} bytes")
    return path


def heard(line):
    """(word, confidence) of a line of the rune's serial output; None when it is another line."""
    try:
        outputs = json.loads(line[line.index("[") :])
        return outputs[0]["elements"][0], float(outputs[1]["elements"][0])
    except (ValueError, KeyError, IndexError, TypeError):
        return None


def listen(device, said):
    """Prints each digit as the device hears it; returns how many were right and how many were heard."""
    print(f"{'said':>8} {'heard':>8}  confidence")
    right, count = 0, 0
    reader = subprocess.Popen(
        [HMR, "logs", "-t", device.id, "--follow"],
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        lines = Lines(reader.stdout, os.path.join(FOLDER, "serial.log"))
        until = time.monotonic() + SECONDS_A_DIGIT
        while count < len(said) and time.monotonic() < until:
            line = lines.next(until - time.monotonic())
            if line is None:
                break
            found = heard(line)
            if found is None:
                continue
            word, confidence = found
            expected = said[count]
            mark = "" if expected in (None, word) else "   <- wrong"
            right += expected == word
            count += 1
            print(f"{expected or '-':>8} {word:>8}  {confidence:10.3f}{mark}", flush=True)
            until = time.monotonic() + SECONDS_A_DIGIT
    finally:
        reader.kill()
        reader.wait()
    return right, count


def loaded_bytes(image):
    """What an ELF image puts into flash: its loadable segments."""
    with open(image, "rb") as file:
        data = file.read()
    offset, size, count = *struct.unpack_from("<I", data, 28), *struct.unpack_from("<HH", data, 42)
    segments = (struct.unpack_from("<8I", data, offset + i * size) for i in range(count))
    return sum(segment[4] for segment in segments if segment[0] == 1)


def report_memory(device, rune):
    """Stage times, then RAM and flash in all; fails above the RAM that we promise."""
    command(HMR, "stats", "-t", device.id)
    done = command(HMR, "stats", "-t", device.id, "--json", stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise Failure("the device did not say what it measured")
    ram = json.loads(done.stdout)["ram"]
    firmware = BOARD_RAM_BYTES - ram["pool"]
    total = firmware + ram["used"]
    print(f"RAM:   {firmware} firmware with its stack and buffers + {ram['used']} rune = {total} bytes")
    image = os.path.join(ROOT, "build", "devices", BOARD + ".elf")
    print(f"flash: {loaded_bytes(image)} firmware + {os.path.getsize(rune)} rune, and its translated code")
    if total > MOST_RAM_BYTES:
        raise Failure(f"that is more RAM than the {MOST_RAM_BYTES} bytes promised")


def run(given):
    os.makedirs(FOLDER, exist_ok=True)
    for tool in (RUNE, HMR):
        if not os.path.exists(tool):
            raise Failure(f"{os.path.relpath(tool, ROOT)} is not built; run make demo, or make build")
    step(f"speech: {given or 'ten digits by espeak-ng, voice ' + VOICE}")
    sound, said = prepare_sound(given)
    print(f"{len(said)} seconds, one word in each")
    rune = build_rune()
    step(f"hmr emulate {BOARD}")
    with Device(sound) as device:
        print(f"device {device.id}")
        step("hmr targets ls")
        command(HMR, "targets", "ls")
        step(f"hmr targets cast -t {device.id} {os.path.relpath(rune, ROOT)}")
        if command(HMR, "targets", "cast", "-t", device.id, rune).returncode != 0:
            raise Failure("the rune could not be cast to the device")
        step("what the device hears")
        right, count = listen(device, said)
        step("stages, memory")
        report_memory(device, rune)
    if count < len(said):
        raise Failure(
            f"the device answered for {count} of {len(said)} words; see {os.path.relpath(FOLDER, ROOT)}"
        )
    if given is None:
        print(f"\n{right} of {count} digits recognised")
        if right < 9:
            raise Failure("fewer than nine of ten")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sound", help="a .wav file with spoken digits, pauses between them")
    given = parser.parse_args().sound
    for ending in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: the emulator ends with us
        signal.signal(ending, lambda *_: sys.exit("demo: stopped"))
    try:
        run(given)
    except Failure as failure:
        sys.exit(f"demo: {failure}")
    except KeyboardInterrupt:
        sys.exit("demo: stopped")


if __name__ == "__main__":
    main()
