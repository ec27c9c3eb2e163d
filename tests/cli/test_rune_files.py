"""`rune build`, `check`, `inspect`, `graph`, `version`: results, JSON, and what bad input gets."""
import json
import shutil
import subprocess

import pytest

SINE = """FROM runicos/base
CAPABILITY RAND rand
PROC_BLOCK runicos/modulo mod360 --modulo 360
MODEL ./sine.tflite sine --input [1,1] --output [1,1]
RUN rand mod360 sine
OUT serial
"""


@pytest.fixture
def sine(tmp_path, root):
    """A folder with a Runefile and its model; returns a function that changes the Runefile."""
    shutil.copy(root / "examples" / "sine" / "sine.tflite", tmp_path)
    runefile = tmp_path / "Runefile"

    def write(text=SINE):
        runefile.write_text(text)
        return runefile

    write()
    return write


@pytest.fixture
def built(sine, tmp_path, rune, run):
    """The path of the sine rune."""
    result = run(rune, "build", sine(), "-o", tmp_path / "sine.rune")
    assert result.returncode == 0, result.stderr
    return tmp_path / "sine.rune"


def only_line(result):
    """The one line on standard error of a command that failed without leaving anything on standard output."""
    assert result.returncode == 1, result
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def files_of(folder):
    return sorted(each.name for each in folder.iterdir())


def test_build_is_small_and_valid(sine, tmp_path, rune, run):
    result = run(rune, "build", sine(), "-o", tmp_path / "sine.rune", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["bytes"] == (tmp_path / "sine.rune").stat().st_size <= 16 * 1024
    assert report["memory_bytes"] <= 8 * 1024
    assert subprocess.run(["wasm-validate", tmp_path / "sine.rune"]).returncode == 0
    assert files_of(tmp_path) == ["Runefile", "sine.rune", "sine.tflite"]


def test_build_is_repeatable(sine, tmp_path, rune, run):
    for name in ("a.rune", "b.rune"):
        assert run(rune, "build", sine(), "-o", tmp_path / name).returncode == 0
    assert (tmp_path / "a.rune").read_bytes() == (tmp_path / "b.rune").read_bytes()


def test_build_for_a_target_adds_its_image(sine, tmp_path, rune, run):
    result = run(rune, "build", sine(), "-o", tmp_path / "sine.rune", "--target", "mps2-an386", "--name", "wave", "--json")
    assert result.returncode == 0, result.stderr
    assert [each["target"] for each in json.loads(result.stdout)["models"][0]["images"]] == ["portable", "cortex-m4"]
    report = json.loads(run(rune, "inspect", tmp_path / "sine.rune", "--json").stdout)
    assert report["name"] == "wave"
    assert "rune.model.sine.cortex-m4" in [each["name"] for each in report["sections"]]


def test_build_takes_the_runefile_of_the_folder(sine, tmp_path, rune, run):
    sine()
    result = run(rune, "build", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert [each for each in files_of(tmp_path) if each.endswith(".rune")]


def test_emit_project_keeps_the_parts(sine, tmp_path, rune, run):
    result = run(rune, "build", sine(), "-o", tmp_path / "sine.rune", "--emit-project", tmp_path / "project")
    assert result.returncode == 0, result.stderr
    assert files_of(tmp_path / "project")


def test_check_prints_every_type(sine, rune, run):
    result = run(rune, "check", sine())
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "rand: f32[1, 1]\nmod360: f32[1, 1]\nsine: f32[1, 1]\n"
    report = json.loads(run(rune, "check", sine(), "--json").stdout)
    assert report["ok"] and [each["name"] for each in report["graph"]["stages"]] == ["rand", "mod360", "sine", "serial"]


def test_inspect_shows_everything(built, rune, run):
    text = run(rune, "inspect", built)
    assert text.returncode == 0
    for part in ("capability random f32[1, 1]", "model sine: arena", "output serial", "rune.manifest", "linear memory"):
        assert part in text.stdout
    report = json.loads(run(rune, "inspect", built, "-f", "json").stdout)
    assert report["capabilities"][0]["kind"] == "random"
    assert report["models"][0]["inputs"] == [{"type": "f32", "dimensions": [1, 1], "bytes": 4}]
    assert report["outputs"] == ["serial"]
    assert report["sections"][0]["name"] == "rune.manifest"
    assert sum(each["bytes"] for each in report["sections"]) + 8 == report["bytes"] == built.stat().st_size


def test_graph_of_runefile_and_rune_are_the_same(sine, built, tmp_path, rune, run):
    from_text = run(rune, "graph", sine(), "--json")
    from_rune = run(rune, "graph", built, "--json")
    assert json.loads(from_text.stdout)["stages"] == json.loads(from_rune.stdout)["stages"]
    result = run(rune, "graph", built, "-o", tmp_path / "g.dot")
    assert (result.returncode, result.stdout) == (0, "")
    dot = (tmp_path / "g.dot").read_text()
    assert dot.startswith("digraph") and '"rand" -> "mod360" [label="f32[1, 1]"];' in dot


def test_version(rune, run):
    assert run(rune, "version").stdout.startswith("rune ")
    assert "compiler" in run(rune, "version", "-v").stdout
    assert json.loads(run(rune, "version", "--json").stdout)["version"]


@pytest.mark.parametrize("command", ["build", "check", "inspect", "graph", "run", "version", "completions"])
def test_help_has_an_example(command, rune, run):
    result = run(rune, command, "--help")
    assert result.returncode == 0
    assert "Example" in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_name_commands_and_options(shell, rune, run):
    script = run(rune, "completions", shell).stdout
    for word in ("build", "inspect", "emit-project", "capability"):
        assert word in script
    if shell == "bash":
        assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0


def test_colour_is_chosen(sine, rune, run):
    runefile = sine(SINE.replace("RAND", "RADN"))
    assert "\x1b" in run(rune, "--colour", "always", "check", runefile).stderr
    assert "\x1b" not in run(rune, "--colour", "never", "check", runefile).stderr
    assert "\x1b" not in run(rune, "check", runefile).stderr


@pytest.mark.parametrize("old, new, line, expected", [
    ("CAPABILITY", "CAPABILTY", 2, 'unknown instruction "CAPABILTY"; try CAPABILITY'),
    ("RAND rand", "RADN rand", 2, 'unknown capability "RADN"; try RAND'),
    ("runicos/modulo", "runicos/modlo", 3, 'unknown block "runicos/modlo"; try runicos/modulo'),
    ("--modulo 360", "--modlus 360", 3, 'unknown argument of modulo "modlus"; try modulus'),
    ("--modulo 360", "--modulo many", 3, '"many" is no value for modulo; try a number'),
    ("--modulo 360", "--modulo", 3, "--modulo has no value; try --modulo VALUE"),
    ("./sine.tflite", "./sien.tflite", 4, "sien.tflite: no such file; try "),
    ("--input [1,1]", "--input [1,4]", 4, "the input of sine is f32[1, 1], not [1, 4]; try --input [1, 1]"),
    ("--output [1,1]", "--output i8[1,1]", 4, "the output of sine is f32[1, 1], not i8[1, 1]; try --output [1, 1]"),
    ("RUN rand mod360", "RUN rand mod306", 5, 'unknown stage "mod306"; try mod360'),
    ("OUT serial", "OUT seriel", 6, 'unknown output "seriel"; try serial'),
    ("CAPABILITY RAND rand", "CAPABILITY SOUND rand --sample-size 7", 5, "element type mismatch: "),
    ("FROM runicos/base", "FROM runicos/bsae", 1, 'no base "runicos/bsae"; try runicos/base'),
])
def test_a_mistake_is_one_line(old, new, line, expected, sine, tmp_path, rune, run):
    if "sound" in new.lower():
        text = SINE.replace(old, new).replace("PROC_BLOCK runicos/modulo mod360 --modulo 360", "").replace("rand mod360 sine", "rand sine")
    else:
        text = SINE.replace(old, new)
    runefile = sine(text)
    before = files_of(tmp_path)
    result = run(rune, "build", runefile, "-o", tmp_path / "sine.rune")
    message = only_line(result)
    assert message.startswith(f"{runefile}:{line}: "), message
    assert expected in message and "; try " in message, message
    assert files_of(tmp_path) == before


def test_several_mistakes_are_told_together_and_as_json(sine, rune, run):
    result = run(rune, "check", sine(SINE.replace("RAND", "RADN").replace("serial", "seriel")), "--json")
    assert result.returncode == 1
    errors = json.loads(result.stdout)["errors"]
    assert [each["line"] for each in errors] == [2, 6]
    assert errors[0]["hint"] == "RAND"
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize("size", [0, 7, 100, 1000, 2000, -1])
def test_a_truncated_model_is_refused(size, sine, tmp_path, rune, run):
    model = tmp_path / "sine.tflite"
    model.write_bytes(model.read_bytes()[:size])
    result = run(rune, "build", sine(), "-o", tmp_path / "sine.rune")
    assert result.returncode == 1
    assert "sine.tflite" in result.stderr.splitlines()[0]
    assert files_of(tmp_path) == ["Runefile", "sine.tflite"]


@pytest.mark.parametrize("command", ["inspect", "graph"])
@pytest.mark.parametrize("size", [0, 4, 8, 100, 250, 1500, -1])
def test_a_truncated_rune_is_refused(command, size, built, tmp_path, rune, run):
    cut = tmp_path / "cut.rune"
    cut.write_bytes(built.read_bytes()[:size])
    result = run(rune, command, cut)
    assert result.returncode == 1, (size, result)
    if command != "graph" or size >= 4:
        assert len(result.stderr.splitlines()) == 1 and str(cut) in result.stderr, result.stderr


def test_a_changed_weight_is_noticed(built, rune, run):
    data = bytearray(built.read_bytes())
    report = json.loads(run(rune, "inspect", built, "--json").stdout)
    section = next(each for each in report["sections"] if each["name"] == "rune.model.sine")
    data[section["offset"] + section["bytes"] - 40] ^= 1
    built.write_bytes(data)
    message = only_line(run(rune, "inspect", built))
    assert "section rune.model.sine" in message and "damaged (checksum)" in message


def test_missing_files_and_wrong_options(tmp_path, rune, run):
    assert "no such file" in only_line(run(rune, "build", tmp_path / "Runefile"))
    assert "no such file" in only_line(run(rune, "inspect", tmp_path / "no.rune"))
    assert run(rune, "bulid").returncode == 2
    assert run(rune).returncode == 2


def test_a_failed_write_leaves_the_old_rune(sine, tmp_path, rune, run):
    old = tmp_path / "sine.rune"
    old.write_text("old")
    result = run(rune, "build", sine(SINE.replace("OUT serial", "OUT seriel")), "-o", old)
    assert result.returncode == 1
    assert old.read_text() == "old"
    result = run(rune, "build", sine(), "-o", tmp_path / "none" / "sine.rune")
    assert "cannot write" in only_line(result)


def test_another_target_is_named(sine, rune, run):
    message = only_line(run(rune, "build", sine(), "--target", "mps2-an368"))
    assert "mps2-an386" in message


def test_yaml_builds_the_same_rune(sine, tmp_path, rune, run):
    assert run(rune, "build", sine(), "-o", tmp_path / "a.rune").returncode == 0
    yaml = tmp_path / "Runefile.yml"
    yaml.write_text("""version: 1
image: runicos/base
pipeline:
  rand: {capability: RAND, outputs: [{type: F32, dimensions: [1, 1]}]}
  mod360: {proc-block: "hotg-ai/rune#proc_blocks/modulo", inputs: [rand], args: {modulo: 360}}
  sine: {model: ./sine.tflite, inputs: [mod360], outputs: [{type: F32, dimensions: [1, 1]}]}
  serial: {out: SERIAL, inputs: [sine]}
""")
    result = run(rune, "build", yaml, "-o", tmp_path / "b.rune")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "a.rune").read_bytes() == (tmp_path / "b.rune").read_bytes()


def test_a_runefile_extends_another(sine, tmp_path, rune, run):
    sine()
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "Runefile").write_text("FROM ../Runefile\nPROC_BLOCK runicos/most-confident-indices top --count 1\nRUN sine top\n")
    result = run(rune, "check", inner / "Runefile")
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("sine: f32[1, 1]\ntop: u32[1], f32[1]\n")
    (tmp_path / "Runefile").write_text("FROM inner\n")
    assert "in a circle" in run(rune, "check", inner / "Runefile").stderr


def test_the_example_of_the_paper(tmp_path, rune, run, root, data):
    """Listing 1 with a real model: the spectrum takes the model's shape and type."""
    runefile = tmp_path / "Runefile"
    runefile.write_text("FROM runicos/base\nCAPABILITY AUDIO audio --hz 16000 --samples 150 --sample-size 1500\n"
                        "PROC_BLOCK runicos/fft fft\nMODEL ./micro.tflite model\nRUN audio fft model\nOUT serial\n")
    shutil.copy(data / "models" / "tflm" / "micro_speech_int8.tflite", tmp_path / "micro.tflite")
    result = run(rune, "check", runefile)
    assert result.returncode == 0, result.stderr
    assert "audio: i16[1, 1500]\nfft: i8[1, 1960]" in result.stdout


@pytest.mark.parametrize("model, operator", [("person_detect_vela_ethosu", "ethos-u"), ("split_concat_edgetpu", "edgetpu-custom-op"),
                                             ("model_invoking_error", "fake-op-double")])
def test_unsupported_operators_are_named(model, operator, tmp_path, rune, run, data):
    runefile = tmp_path / "Runefile"
    path = data / "models" / "unsupported" / f"{model}.tflite"
    runefile.write_text(f"FROM runicos/base\nCAPABILITY RAW a\nMODEL {path} m\nRUN a m\nOUT serial\n")
    result = run(rune, "build", runefile, "-o", tmp_path / "x.rune")
    assert result.returncode == 1
    assert operator in result.stderr, result.stderr
    assert files_of(tmp_path) == ["Runefile"]
