"""The example of a user's own block, as its README tells it; and what a broken block gets."""
import json
import math
import struct
import subprocess
import wave

import pytest


@pytest.fixture
def loud(rune, root, run, tmp_path):
    """The example's rune, built from source."""
    path = tmp_path / "loudness.rune"
    done = run(rune, "build", root / "examples" / "custom-block" / "Runefile", "-o", path)
    assert done.returncode == 0, done.stderr
    return path


def write_wav(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def test_loudness_is_measured_and_smoothed(loud, rune, run, tmp_path):
    write_wav(tmp_path / "half.wav", [16384] * 1600 + [0] * 3200)
    done = run(rune, "run", loud, "--capability", f"sound:{tmp_path / 'half.wav'}", "-n", 3)
    assert done.returncode == 0, done.stderr
    levels = [json.loads(line)["elements"][0] for line in done.stdout.splitlines()]
    expected = [10 * math.log10(0.25 * 0.8 ** call) for call in range(3)]
    assert levels == pytest.approx(expected, abs=1e-3)


def test_the_rune_is_valid_and_small(loud):
    assert subprocess.run(["wasm-validate", loud], check=False).returncode == 0
    assert loud.stat().st_size < 4096


def test_the_kept_project_builds_the_rune_again(rune, root, run, tmp_path):
    project = tmp_path / "project"
    done = run(rune, "build", root / "examples" / "custom-block" / "Runefile", "-o", tmp_path / "x.rune",
               "--emit-project", project)
    assert done.returncode == 0, done.stderr
    assert run("sh", project / "build.sh").returncode == 0
    again = next(project.glob("*.rune"))
    assert run("wasm-validate", again).returncode == 0
    assert run(rune, "inspect", again).returncode == 0


def test_a_compilers_error_is_shown_with_its_place(rune, run, tmp_path):
    (tmp_path / "broken.cpp").write_text('#include "rune_block.h"\nint broken( {\n')
    (tmp_path / "Runefile").write_text("FROM runicos/base\nCAPABILITY SOUND audio --hz 16000 --sample-size 16\n"
                                       "PROC_BLOCK ./broken.cpp broken\nRUN audio broken\nOUT serial\n")
    done = run(rune, "build", tmp_path / "Runefile", "-o", tmp_path / "x.rune")
    assert done.returncode == 1
    assert "broken.cpp:2" in done.stderr and "error:" in done.stderr
    assert not (tmp_path / "x.rune").exists()


def test_a_file_that_is_no_block_is_named(rune, run, tmp_path):
    (tmp_path / "empty.cpp").write_text("int nothing;\n")
    (tmp_path / "Runefile").write_text("FROM runicos/base\nCAPABILITY SOUND audio --hz 16000 --sample-size 16\n"
                                       "PROC_BLOCK ./empty.cpp empty\nRUN audio empty\nOUT serial\n")
    done = run(rune, "build", tmp_path / "Runefile", "-o", tmp_path / "x.rune")
    assert done.returncode == 1
    assert "rune.block" in done.stderr and "Runefile:3" in done.stderr
