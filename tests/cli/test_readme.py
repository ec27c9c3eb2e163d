"""The example of README.md, taken from the text as it stands, builds and runs."""
import json
import re


def block(text, language):
    return re.search(rf"```{language}\n(.*?)```", text, re.DOTALL).group(1)


def test_the_block_of_the_readme_runs(root, rune, run, tmp_path):
    text = (root / "README.md").read_text()
    (tmp_path / "gain.cpp").write_text(block(text, "cpp"))
    (tmp_path / "Runefile").write_text(block(text, "runefile"))
    (tmp_path / "motion.csv").write_text("1,2,3\n4,5,6\n7,8,9\n0.5,0.25,-1\n")
    built = run(rune, "build", tmp_path / "Runefile", "-o", tmp_path / "gain.rune")
    assert built.returncode == 0, built.stderr
    done = run(rune, "run", tmp_path / "gain.rune", "--capability", f"accelerometer:{tmp_path / 'motion.csv'}", "-n", 1)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["elements"] == [2, 4, 6, 8, 10, 12, 14, 16, 18, 1, 0.5, -2]
