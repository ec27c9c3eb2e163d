"""Accuracy on the labelled data equals the reference table of the data's README within 0.3 points.

The subsets keep `make test` short; RUNE_FULL_ACCURACY=1 runs all images.
"""
import gzip
import os

import numpy
import pytest
from oracle_support import Rune

FULL = os.environ.get("RUNE_FULL_ACCURACY") == "1"


def quantized(tensor, values):
    """Real values as the input tensor stores them."""
    if tensor["type"] == "f32":
        return values.astype(numpy.float32)
    stored = numpy.round(values / tensor["scale"]) + tensor["zero_point"]
    return numpy.clip(stored, -128, 127).astype(numpy.int8)


def real(tensor, stored):
    """Real values of an output."""
    if tensor["type"] == "f32":
        return stored
    return (stored.astype(numpy.float64) - tensor["zero_point"]) * tensor["scale"]


def correct(model, inputs, labels):
    [outputs] = model.run(inputs.reshape(-1, *model.inputs[0]["shape"]))
    return int(numpy.count_nonzero(outputs.reshape(len(labels), -1).argmax(axis=1) == labels))


def cifar(path):
    records = numpy.frombuffer(gzip.decompress(path.read_bytes()), numpy.uint8).reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).astype(numpy.int16), records[:, 0]


@pytest.mark.parametrize("name,expected", [("ic_resnet8_int8", 87.5), ("ic_resnet8_float", 87.0)])
def test_resnet_on_the_mlperf_images(name, expected, data, rune, tmp_path):
    model = Rune(rune, tmp_path, data / "models" / "mlperf_tiny" / f"{name}.tflite")
    images, labels = cifar(data / "cifar10" / "mlperf_ic01_200.bin.gz")
    inputs = images - 128 if name.endswith("int8") else images
    assert abs(100 * correct(model, inputs, labels) / len(labels) - expected) <= 0.3


@pytest.mark.skipif(not FULL, reason="5,000 images: RUNE_FULL_ACCURACY=1")
@pytest.mark.parametrize("name,expected", [("ic_resnet8_int8", 87.0), ("ic_resnet8_float", 87.1)])
def test_resnet_on_the_test_images(name, expected, data, rune, tmp_path):
    model = Rune(rune, tmp_path, data / "models" / "mlperf_tiny" / f"{name}.tflite")
    images, labels = cifar(data / "cifar10" / "test_5000.bin.gz")
    inputs = images - 128 if name.endswith("int8") else images
    assert abs(100 * correct(model, inputs, labels) / len(labels) - expected) <= 0.3


@pytest.mark.parametrize("name,expected", [("kws_dscnn_int8", 599), ("kws_dscnn_float", 600)])
def test_keywords(name, expected, data, rune, tmp_path):
    model = Rune(rune, tmp_path, data / "models" / "mlperf_tiny" / f"{name}.tflite")
    files = sorted((data / "features" / "mlperf_kws01_mfcc_int8").glob("*.bin"))
    labels = numpy.array([int(path.stem.rsplit("_", 1)[1]) for path in files])
    stored = numpy.stack([numpy.frombuffer(path.read_bytes(), numpy.int8) for path in files])
    inputs = stored if name.endswith("int8") else (stored.astype(numpy.float32) - 83) * numpy.float32(0.584703)
    assert abs(correct(model, inputs, labels) - expected) <= 0.003 * len(labels)


@pytest.mark.parametrize("name,expected", [("imu_wand_float", 94), ("imu_wand_int8", 93)])
def test_gestures(name, expected, data, rune, tmp_path):
    model = Rune(rune, tmp_path, data / "models" / "misc" / f"{name}.tflite")
    gestures, labels = [], []
    for label, path in enumerate(sorted((data / "motion" / "imu_wand_train").glob("*.csv"))):
        rows = numpy.loadtxt(path, delimiter=",", skiprows=1).reshape(-1, 119, 6)
        gestures.append(rows)
        labels += [label] * len(rows)
    values = numpy.concatenate(gestures)
    values[..., :3] = (values[..., :3] + 4) / 8
    values[..., 3:] = (values[..., 3:] + 2000) / 4000
    assert len(labels) == 100
    assert correct(model, quantized(model.inputs[0], values), numpy.array(labels)) == expected


@pytest.mark.parametrize("name,expected", [("ad01_fp32", 9.71), ("ad01_int8", 10.27)])
def test_anomaly_score(name, expected, data, rune, tmp_path):
    model = Rune(rune, tmp_path, data / "models" / "mlperf_tiny" / f"{name}.tflite")
    [path] = (data / "features" / "mlperf_ad01").glob("*.bin")
    slices = numpy.fromfile(path, numpy.float32)
    windows = numpy.stack([slices[at * 128:at * 128 + 640] for at in range(196)])
    [outputs] = model.run(quantized(model.inputs[0], windows).reshape(-1, *model.inputs[0]["shape"]))
    error = float(numpy.mean((real(model.outputs[0], outputs).reshape(196, 640) - windows) ** 2))
    assert abs(error - expected) <= 0.005 + 0.003 * expected


def bitmap(path):
    """Grey bytes of a 96x96 picture, top row first."""
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed: tools/venv.sh")
    return numpy.asarray(image.open(path).convert("L"))


@pytest.mark.parametrize("name,stored_as_int8,expected", [
    ("person.bmp", True, 0.94), ("no_person.bmp", True, 0.27),
    ("person_96x96_arduino.bmp", False, 0.94), ("no_person_96x96_arduino.bmp", False, 0.13)])
def test_person_detection(name, stored_as_int8, expected, data, rune, tmp_path):
    model = Rune(rune, tmp_path, data / "models" / "tflm" / "person_detect_int8.tflite")
    pixels = bitmap(data / "images" / "person_detection" / name)
    values = pixels.view(numpy.int8) if stored_as_int8 else pixels.astype(numpy.int16) - 128
    [outputs] = model.run(values.reshape(1, 96, 96, 1))
    assert abs(float(real(model.outputs[0], outputs).reshape(-1)[1]) - expected) <= 0.01


@pytest.mark.parametrize("name,picture,expected", [
    ("vww_96_int8", "person_colour.jpg", 0.82), ("vww_96_int8", "no_person_colour.jpg", 0.02),
    ("vww_96_float", "person_colour.jpg", 0.83), ("vww_96_float", "no_person_colour.jpg", 0.01)])
def test_visual_wake_words(name, picture, expected, data, rune, tmp_path):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed: tools/venv.sh")
    model = Rune(rune, tmp_path, data / "models" / "mlperf_tiny" / f"{name}.tflite")
    pixels = numpy.asarray(image.open(data / "images" / "person_detection" / picture).convert("RGB").resize((96, 96)))
    [outputs] = model.run(quantized(model.inputs[0], pixels[None] / 255.0))
    # The table does not say which filter resized the photograph.
    assert abs(float(real(model.outputs[0], outputs).reshape(-1)[1]) - expected) <= 0.05
