"""hmr against emulated devices: every command, and what goes wrong on a line.

The device is the built firmware in QEMU (or the Linux RunicOS); the rune is the sine example,
built here. Where the board's image is not built the tests are skipped, saying so.
"""
import json
import os
import pathlib
import signal
import subprocess
import time
import tty
import wave

import pytest

BOARDS = ("mps2-an386", "lm3s6965evb", "linux")


@pytest.fixture(scope="module")
def sine(root, rune, tmp_path_factory):
    path = tmp_path_factory.mktemp("runes") / "sine.rune"
    subprocess.run([rune, "build", root / "examples/sine/Runefile", "-o", path], check=True, capture_output=True)
    return path


@pytest.fixture
def hammer(hmr, tmp_path):
    """hmr with a runtime folder of its own: hammer("ps", "-t", "a") is the finished process."""
    environment = dict(os.environ, XDG_RUNTIME_DIR=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path))

    def call(*words, timeout=120):
        return subprocess.run([str(hmr), *map(str, words)], capture_output=True, text=True, timeout=timeout,
                              env=environment)

    call.environment = environment
    call.program = str(hmr)
    return call


class Device:
    def __init__(self, hammer, board, name, *words):
        self.process = subprocess.Popen([hammer.program, "emulate", board, "--name", name, "--json", *map(str, words)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env=hammer.environment)
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.description = json.loads(line)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


@pytest.fixture
def device(hammer, root):
    """device(board, name, words...) starts one; all end with the test."""
    started = []

    def start(board="mps2-an386", name="a", *words):
        image = root / "build" / ("bin/runicos" if board == "linux" else f"devices/{board}.elf")
        if not image.exists():
            pytest.skip(f"{image.relative_to(root)} is not built: make build")
        started.append(Device(hammer, board, name, *words))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.end()


def one_line(process, *parts):
    """A command that failed well: exit code not zero, one line on standard error, with these parts."""
    assert process.returncode != 0
    lines = process.stderr.strip().splitlines()
    assert len(lines) == 1, process.stderr
    for part in parts:
        assert part in lines[0]


@pytest.mark.parametrize("board", BOARDS)
def test_the_life_of_a_rune(hammer, device, sine, board):
    described = device(board).description
    assert described["id"] == "a" and described["board"] == board and described["udp"] is None
    listed = json.loads(hammer("targets", "ls", "--json").stdout)["targets"]
    assert [(each["name"], each["available"]) for each in listed if each["id"] == "a"] == [(board, True)]
    cast = hammer("targets", "cast", "-t", "a", sine)
    assert cast.returncode == 0, cast.stderr
    assert cast.stdout.splitlines()[:6] == [
        f"Deploying {sine} to target a", "Verifying provider: 100%", f"Provider with fqdn=runicos:{board} found",
        "Uploading rune: 100%", "Verifying rune: 100%", "Capability: RANDOM OK: 100%"]
    runes = json.loads(hammer("ps", "--json").stdout)["runes"]
    assert [(each["name"], each["state"]) for each in runes] == [("sine", "running")]
    assert "installed" in hammer("logs", "-t", "a").stdout or hammer("logs", "-t", "a").stdout
    for command, state in (("stop", "installed"), ("start", "running"), ("kill", "installed")):
        done = hammer(command, "-t", "a", "sine")
        assert (done.returncode, done.stdout) == (0, f"sine: {state}\n"), done.stderr
    assert hammer("rm", "-t", "a", "sine").returncode == 0
    assert json.loads(hammer("ps", "--json").stdout)["runes"] == []


def test_a_rune_survives_the_end_of_its_device(hammer, device, sine, tmp_path):
    first = device("mps2-an386", "a", "--flash", tmp_path / "flash")
    assert hammer("targets", "cast", sine).returncode == 0
    assert first.end() == 0
    device("mps2-an386", "b", "--flash", tmp_path / "flash")
    runes = json.loads(hammer("ps", "-t", "b", "--json").stdout)["runes"]
    assert [each["name"] for each in runes] == ["sine"]


def test_the_table_has_the_columns_of_the_paper(hammer, device):
    device()
    lines = hammer("targets", "ls").stdout.splitlines()
    assert lines[0].split() == ["Target", "Type", "Name", "Available"]
    assert lines[1].split() == ["a", "SERIAL", "mps2-an386", "True"]


def test_the_emulator_ends_cleanly(hammer, device, tmp_path):
    for number in (signal.SIGTERM, signal.SIGINT):
        one = device()
        children = subprocess.run(["pgrep", "-P", str(one.process.pid)], capture_output=True, text=True).stdout.split()
        assert len(children) == 1
        assert one.end(number) == 0
        assert not pathlib.Path(f"/proc/{children[0]}").exists()
        assert list(tmp_path.glob("rune-*/targets/*")) == []


def test_a_killed_emulator_leaves_no_target_behind(hammer, device):
    device().end(signal.SIGKILL)
    assert all(each["id"] != "a" for each in json.loads(hammer("targets", "ls", "--json").stdout)["targets"])


def test_a_device_that_disappears_during_cast(hammer, device, tmp_path, root, rune):
    big = tmp_path / "big.rune"
    subprocess.run([rune, "build", root / "examples/spoken-digits/Runefile", "-o", big], check=True, capture_output=True)
    sound = tmp_path / "silence.wav"
    write_silence(sound)
    flash = tmp_path / "flash"
    one = device("mps2-an386", "a", "--flash", flash, "--sound", sound)
    cast = subprocess.Popen([hammer.program, "targets", "cast", "-t", "a", "--timeout", "2", str(big)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=hammer.environment)
    while "Provider" not in cast.stdout.readline():
        pass
    time.sleep(0.1)
    one.end(signal.SIGKILL)
    error = cast.communicate(timeout=60)[1]
    assert cast.returncode != 0 and len(error.strip().splitlines()) == 1
    assert "upload stopped at byte" in error and "the same command again" in error
    device("mps2-an386", "a", "--flash", flash, "--sound", sound)
    again = hammer("targets", "cast", "-t", "a", big)
    assert again.returncode == 0, again.stderr


def write_silence(path):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(bytes(64000))


def test_a_device_that_is_silent(hammer, device, sine):
    one = device()
    children = subprocess.run(["pgrep", "-P", str(one.process.pid)], capture_output=True, text=True).stdout.split()
    os.kill(int(children[0]), signal.SIGSTOP)
    try:
        one_line(hammer("targets", "cast", "--timeout", "1", sine), "does not answer", "try ")
    finally:
        os.kill(int(children[0]), signal.SIGCONT)


def test_garbage_on_the_line_survives(hammer, device, sine):
    serial = device().description["serial"]
    line = os.open(serial, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line)
    for piece in (bytes(range(256)) * 4, b"\x06\x09AAAA", b"\x04\x14====\n", b"\x06\x09" + b"A" * 4000, b"\n\x06"):
        os.write(line, piece)
        time.sleep(0.05)
    os.close(line)
    cast = hammer("targets", "cast", sine)
    assert cast.returncode == 0, cast.stderr


def test_refusals_come_before_the_transfer(hammer, device, root, rune, tmp_path):
    device("lm3s6965evb", "small")
    big = tmp_path / "person.rune"
    subprocess.run([rune, "build", root / "examples/person-detection/Runefile", "-o", big], check=True,
                   capture_output=True)
    cast = hammer("targets", "cast", "-t", "small", big)
    one_line(cast, "does not fit lm3s6965evb", "try ")
    assert "Uploading" not in cast.stdout
    assert json.loads(hammer("ps", "--json").stdout)["runes"] == []


def test_what_is_wrong_is_said_in_one_line(hammer, device, sine, tmp_path):
    one_line(hammer("ps", "-t", "nowhere"), 'unknown target "nowhere"', "try ")
    device("mps2-an386", "desk")
    one_line(hammer("ps", "-t", "dsek"), "known: desk", "try -t desk")
    one_line(hammer("targets", "cast", tmp_path / "none.rune"), "none.rune")
    cut = tmp_path / "cut.rune"
    cut.write_bytes(sine.read_bytes()[:-200])
    one_line(hammer("targets", "cast", cut), "cut.rune")
    one_line(hammer("start", "absent"), "absent")
    one_line(hammer("emulate", "mps2-an387"), "mps2-an386")
    one_line(hammer("emulate", "mps2-an386", "--name", "desk"), "desk")
    (tmp_path / "cut.wav").write_bytes(b"RIFF\xff\x00\x00\x00WAVEfmt ")
    one_line(hammer("emulate", "mps2-an386", "--sound", tmp_path / "cut.wav"), "cut.wav")


def test_every_command_has_help_with_an_example(hammer):
    for words in (["emulate"], ["targets", "ls"], ["targets", "cast"], ["ps"], ["start"], ["stop"], ["kill"], ["rm"],
                  ["logs"], ["stats"]):
        help_text = hammer(*words, "--help").stdout
        assert "Example:\n  hmr " + words[0] in help_text, words
    for shell in ("bash", "zsh", "fish"):
        assert "cast" in hammer("completion", shell).stdout
    assert subprocess.run(["bash", "-n"], input=hammer("completion", "bash").stdout, text=True).returncode == 0
