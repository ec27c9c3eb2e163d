"""Every example is built and run as its README says; each must recognise what it is made for."""

import json
import sys
import zlib

import pytest


@pytest.fixture
def built(rune, root, run, tmp_path):
    """Builds examples/<name>/Runefile; returns the path of the .rune file."""

    def build(name):
        path = tmp_path / f"{name}.rune"
        done = run(rune, "build", root / "examples" / name / "Runefile", "-o", path)
        assert done.returncode == 0, done.stderr
        return path

    return build


@pytest.fixture
def results(rune, run):
    """Runs a rune on Linux; returns the JSON of each line of its output."""

    def call(path, *capabilities, count=1):
        arguments = [part for capability in capabilities for part in ("--capability", capability)]
        done = run(rune, "run", path, *arguments, "-n", count)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return call


def write_grey_png(path, side, pixel):
    """pixel(x, y) -> 0..255."""

    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    rows = b"".join(b"\0" + bytes(pixel(x, y) for x in range(side)) for y in range(side))
    header = side.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_sine(built, results):
    heard = results(built("sine"), "random:42", count=20)
    values = [line["elements"][0] for line in heard]
    assert len(values) == 20 and all(-1.1 < value < 1.1 for value in values), values
    assert max(values) > 0.3 and min(values) < -0.3, values
    assert heard == results(built("sine"), "random:42", count=20)


@pytest.mark.parametrize("gesture", ["avada_kedavra", "revelio"])
def test_gesture(built, results, root, gesture):
    motion = root / "examples" / "gesture" / f"{gesture}.csv"
    assert results(built("gesture"), f"accelerometer:{motion}")[0]["elements"] == [gesture]


def test_person_detection_answers_for_a_made_picture(built, results, tmp_path):
    write_grey_png(tmp_path / "sky.png", 120, lambda x, y: 120 + y)
    assert results(built("person-detection"), f"image:{tmp_path / 'sky.png'}")[0]["elements"] == ["no_person"]


@pytest.mark.parametrize(
    "picture, answer",
    [
        ("person_96x96_arduino.bmp", "person"),
        ("no_person_96x96_arduino.bmp", "no_person"),
        ("person_colour.jpg", "person"),
        ("no_person_colour.jpg", "no_person"),
    ],
)
def test_person_detection(built, results, data, picture, answer):
    path = data / "images" / "person_detection" / picture
    assert results(built("person-detection"), f"image:{path}")[0]["elements"] == [answer]


@pytest.fixture
def demo(root):
    sys.path.insert(0, str(root / "tools"))
    import demo as module

    return module


def test_spoken_digits(built, results, demo, tmp_path):
    sound = tmp_path / "digits.wav"
    demo.digits_said(str(sound))
    heard = results(built("spoken-digits"), f"sound:{sound}", count=10)
    words = [outputs[0]["elements"][0] for outputs in heard]
    said = [demo.WORDS[digit] for digit in demo.SAID]
    assert sum(map(str.__eq__, words, said)) >= 9, (said, words)
    assert all(0 < outputs[1]["elements"][0] <= 1 for outputs in heard)


def test_demo_finds_words_in_a_recording(demo, tmp_path):
    rate, tone = 8000, [8000, 8000, -8000, -8000] * 700
    sound = [0] * 4000 + tone + [0] * 3000 + tone + [0] * 9000
    demo.write_wav(str(tmp_path / "two.wav"), sound, rate)
    samples, rate = demo.read_wav(str(tmp_path / "two.wav"))
    cut = list(demo.windows(samples, rate))
    assert [len(window) for window in cut] == [rate, rate]
    for window in cut:
        loud = [i for i, value in enumerate(window) if value]
        assert abs((loud[0] + loud[-1]) / 2 - rate / 2) < rate / 50


@pytest.mark.parametrize(
    "content, reason",
    [
        (None, "No such file"),
        (b"RIFFnothing", "try a PCM .wav"),
        ("cut", "truncated"),
        ("silent", "loud enough"),
    ],
)
def test_demo_refuses_what_is_no_speech(demo, root, run, tmp_path, content, reason):
    path = tmp_path / "my.wav"
    if content in ("cut", "silent"):
        demo.write_wav(str(path), [0] * 8000, 8000)
        content = path.read_bytes()[: 1000 if content == "cut" else None]
    if content is not None:
        path.write_bytes(content)
    done = run(root / "tools" / "demo.py", "--sound", path)
    assert done.returncode == 1 and reason in done.stderr, done.stderr
    assert "my.wav" in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_demo_says_that_the_device_does_not_start(demo, monkeypatch, tmp_path):
    monkeypatch.setattr(demo, "HMR", "/bin/false")
    monkeypatch.setattr(demo, "FOLDER", str(tmp_path))
    with pytest.raises(demo.Failure, match="did not start"):
        demo.Device("microphone.wav")


def test_demo_on_the_emulated_device(root, run, rune, demo):
    done = run(root / "tools" / "demo.py", timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 digits recognised" in done.stdout
    # The same rune hears the same sound on Linux: every bit of the confidences is equal.
    folder = root / "build" / "demo"
    device = [line for line in (folder / "serial.log").read_text().splitlines() if demo.heard(line)]
    sound = f"sound:{folder / 'microphone.wav'}"
    linux = run(rune, "run", folder / "spoken-digits.rune", "--capability", sound, "-n", 10)
    assert linux.stdout.splitlines() == device
