"""`rune run`: the examples on this machine, sources of every kind, and what bad sources get."""
import json
import os
import wave

import pytest


@pytest.fixture(scope="module")
def built(tmp_path_factory, root, rune):
    """A function that builds an example once and returns the rune's path."""
    import subprocess
    folder = tmp_path_factory.mktemp("runes")

    def build(example):
        path = folder / f"{example}.rune"
        if not path.exists():
            done = subprocess.run([rune, "build", root / "examples" / example / "Runefile", "-o", path], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        return path

    return build


@pytest.fixture
def sound(tmp_path):
    """A function that writes a WAV file of silence."""
    def write(seconds=1.0, rate_hz=16000, name="a.wav"):
        with wave.open(str(tmp_path / name), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            file.writeframes(bytes(2 * int(seconds * rate_hz)))
        return tmp_path / name
    return write


def refused(result):
    """The one line of a command that failed."""
    assert result.returncode == 1, result
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and "; try " in lines[0], lines
    return lines[0]


def test_results_are_json_lines_and_repeat_for_a_seed(built, rune, run):
    first = run(rune, "run", built("sine"), "--capability", "random:42", "-n", "3")
    assert (first.returncode, first.stderr) == (0, "")
    lines = [json.loads(line) for line in first.stdout.splitlines()]
    assert len(lines) == 3
    for line in lines:
        assert sorted(line) == ["channel", "dimensions", "elements", "type_name"]
        assert line["type_name"] == "f32" and line["dimensions"] == [1, 1] and -1.2 < line["elements"][0] < 1.2
    assert run(rune, "run", built("sine"), "--random", "42", "-r", "3").stdout == first.stdout
    assert run(rune, "run", built("sine"), "-c", "random:43", "-n", "3").stdout != first.stdout


def test_reference_kernels_give_the_same(built, rune, run):
    best = run(rune, "run", built("sine"), "-n", "20")
    assert run(rune, "run", built("sine"), "-n", "20", "--reference").stdout == best.stdout != ""


def test_json_is_one_object(built, rune, run):
    result = run(rune, "run", built("sine"), "-n", "2", "--json")
    report = json.loads(result.stdout)
    assert report["calls"] == 2 and len(report["results"]) == 2


@pytest.mark.parametrize("gesture", ["avada_kedavra", "revelio"])
def test_gesture(gesture, built, root, rune, run):
    result = run(rune, "run", built("gesture"), "--capability", f"accelerometer:{root}/examples/gesture/{gesture}.csv")
    assert json.loads(result.stdout)["elements"] == [gesture], result.stderr


def test_sound_until_it_ends(built, sound, rune, run):
    result = run(rune, "run", built("spoken-digits"), "--sound", sound(seconds=3.5), "-n", "0")
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) in (3, 4)
    for line in result.stdout.splitlines():
        word, confidence = json.loads(line)
        assert word["type_name"] == "utf8" and confidence["type_name"] == "f32"


@pytest.mark.parametrize("digit, word", [(0, "zero"), (3, "three"), (7, "seven")])
def test_spoken_digits_of_another_rate(digit, word, built, rune, run, data):
    result = run(rune, "run", built("spoken-digits"), "--sound", data / "audio" / "fsdd" / f"{digit}_jackson_0.wav")
    assert json.loads(result.stdout)[0]["elements"] == [word], result.stderr


@pytest.mark.parametrize("name, answer, confidence", [
    ("person_colour.jpg", "person", 0.8), ("no_person_colour.jpg", "no_person", 0.7),
    ("person_96x96_arduino.bmp", "person", 0.9), ("no_person_96x96_arduino.bmp", "no_person", 0.8)])
def test_an_image_is_scaled_made_grey_and_quantised(name, answer, confidence, tmp_path, rune, run, data):
    (tmp_path / "Runefile").write_text(f"""FROM runicos/base
CAPABILITY IMAGE picture --pixel-format GrayScale
MODEL {data}/models/tflm/person_detect_int8.tflite person
PROC_BLOCK runicos/most-confident-indices top
PROC_BLOCK runicos/label answer --labels=no_person,person
RUN picture person top answer
RUN top.1
OUT serial
""")
    assert run(rune, "build", tmp_path / "Runefile", "-o", tmp_path / "person.rune").returncode == 0
    result = run(rune, "run", tmp_path / "person.rune", "--image", data / "images" / "person_detection" / name)
    word, value = json.loads(result.stdout)
    assert word["elements"] == [answer] and value["elements"][0] > confidence


def test_sources_that_are_wrong(built, sound, tmp_path, rune, run):
    assert "no source of it is given; try --capability accelerometer:" in refused(run(rune, "run", built("gesture")))
    assert "no such file" in refused(run(rune, "run", built("spoken-digits"), "--sound", tmp_path / "none.wav"))
    assert "sonud" in refused(run(rune, "run", built("sine"), "-c", "sonud:a.wav"))
    assert "seed" in refused(run(rune, "run", built("sine"), "-c", "random:many"))
    (tmp_path / "text.wav").write_text("no sound")
    assert "text.wav" in refused(run(rune, "run", built("spoken-digits"), "--sound", tmp_path / "text.wav"))
    (tmp_path / "text.png").write_text("no picture")
    assert "text.png" in refused(run(rune, "run", built("person-detection"), "--image", tmp_path / "text.png"))
    (tmp_path / "bad.csv").write_text("x,y,z\n1,2,3\n1,two,3\n")
    assert "bad.csv:3" in refused(run(rune, "run", built("gesture"), "--accel", tmp_path / "bad.csv"))


def test_the_microphone_is_alsas_recorder(built, tmp_path, rune, run):
    recorder = tmp_path / "bin" / "arecord"
    recorder.parent.mkdir()
    recorder.write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/arguments"\nexec head -c 64000 /dev/zero\n')
    recorder.chmod(0o755)
    with_recorder = {**os.environ, "PATH": f"{recorder.parent}:{os.environ['PATH']}"}
    result = run(rune, "run", built("spoken-digits"), "--capability", "sound:mic", "-n", "0", env=with_recorder)
    assert (result.returncode, len(result.stdout.splitlines())) == (0, 2), result
    assert "-r 16000" in (recorder.parent / "arguments").read_text()
    recorder.write_text("#!/bin/sh\nexit 1\n")
    assert "alsa-utils" in refused(run(rune, "run", built("spoken-digits"), "-c", "sound:mic", env=with_recorder))


def test_a_truncated_sound_is_refused(built, sound, rune, run):
    path = sound()
    path.write_bytes(path.read_bytes()[:9000])
    assert "a.wav" in refused(run(rune, "run", built("spoken-digits"), "--sound", path))


@pytest.mark.parametrize("size", [0, 4, 8, 100, 250, 1500, -1])
def test_a_truncated_rune_does_not_run(size, built, tmp_path, rune, run):
    cut = tmp_path / "cut.rune"
    cut.write_bytes(built("sine").read_bytes()[:size])
    assert str(cut) in refused(run(rune, "run", cut))


def test_a_damaged_rune_does_not_run_or_says_so(built, tmp_path, rune, run):
    """Every 37th byte changed, one at a time: a refusal, a failure of the guest, or results."""
    whole = built("sine").read_bytes()
    for at in range(0, len(whole), 37):
        changed = bytearray(whole)
        changed[at] ^= 0x55
        path = tmp_path / "changed.rune"
        path.write_bytes(changed)
        result = run(rune, "run", path, "-n", "2")
        assert result.returncode in (0, 1), (at, result)
        assert (result.returncode == 0) == (result.stderr == ""), (at, result)
