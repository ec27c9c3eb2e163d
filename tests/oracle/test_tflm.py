"""Every operator against TFLM on random inputs: int8 bit for bit, float32 to rounding."""
import os

import numpy
import pytest
from oracle_support import FLOAT_MODELS, INT8_MODELS, Rune, Tflm, random_inputs

pytest.importorskip("tflite_micro", reason="TFLM's Python package is not installed: tools/venv.sh")
SEED = int(os.environ.get("RUNE_TEST_SEED", "20201121"))
SAMPLES = int(os.environ.get("RUNE_ORACLE_SAMPLES", "4"))


@pytest.mark.parametrize("name", INT8_MODELS)
def test_int8_equals_tflm_bit_for_bit(name, data, rune, tmp_path):
    model = Rune(rune, tmp_path, data / "models" / name)
    inputs = random_inputs(model.inputs, SAMPLES, SEED)
    [ours] = model.run(*inputs)
    theirs = Tflm(model.model).run(*inputs).reshape(ours.shape)
    differing = int(numpy.count_nonzero(ours != theirs))
    assert differing == 0, (f"{differing} of {ours.size} outputs differ; again with "
                            f"RUNE_TEST_SEED={SEED} pytest -k '{name}'")


@pytest.mark.parametrize("name", FLOAT_MODELS)
def test_float_agrees_with_tflm(name, data, rune, tmp_path):
    model = Rune(rune, tmp_path, data / "models" / name)
    inputs = random_inputs(model.inputs, SAMPLES, SEED)
    [ours] = model.run(*inputs)
    theirs = Tflm(model.model).run(*inputs).reshape(ours.shape)
    # Sums are taken in another order, so the last bits may differ: 1e-5 of the largest output.
    limit = 1e-5 * max(1.0, float(numpy.abs(theirs).max()))
    assert float(numpy.abs(ours - theirs).max()) <= limit


def test_inputs_reach_the_model(data, rune, tmp_path):
    """The comparison above would be empty if outputs did not depend on inputs."""
    model = Rune(rune, tmp_path, data / "models" / "mlperf_tiny/ad01_int8.tflite")
    [outputs] = model.run(*random_inputs(model.inputs, 2, SEED))
    assert numpy.count_nonzero(outputs[0] != outputs[1]) > 0
