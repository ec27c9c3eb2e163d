"""The standard blocks, through the library that the training scripts use, against numpy."""
import math
import sys

import numpy as np
import pytest


@pytest.fixture(scope="module")
def blocks(root):
    sys.path.insert(0, str(root / "blocks"))
    import rune_blocks
    return rune_blocks.Blocks()


def mel_edges():
    low, high = (2595 * math.log10(1 + hz / 700) for hz in (16000 / 480, 8000))
    hertz = [700 * (10 ** ((low + (high - low) / 41 * i) / 2595) - 1) for i in range(42)]
    return [math.floor(hz / 8000 * 241 + 1e-9) for hz in hertz]


def short_time_spectrum(sound):
    """49 frames of 40 mel bands in double precision, by the definition in blocks/standard/fft.cpp."""
    edges, step = mel_edges(), 159
    windows = max(0, math.ceil((len(sound) - 480) / step)) + 1
    padded = np.concatenate([sound.astype(float), np.zeros(600)])
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(480) / 511)
    result = np.zeros((49, 40))
    for frame in range(49):
        start = frame * windows // 49 * step
        power = np.abs(np.fft.fft(padded[start:start + 480] * hann, 512)) ** 2
        rows = power[np.arange(241) * 256 // 241]
        for band in range(40):
            first, end = edges[band], edges[band + 2]
            size = end - first
            weights = (1 - np.abs(np.arange(size) - (size - 1) / 2) / (size / 2)) / size
            result[frame, band] = math.sqrt(weights @ rows[first:end])
    return (result - result.min()) / (result.max() - result.min())


@pytest.mark.parametrize("samples", [16000, 24000, 4000])
def test_fft_is_within_one_of_numpy(blocks, samples):
    random = np.random.default_rng(samples)
    sound = (random.normal(0, 900, samples) + 8000 * np.sin(np.arange(samples) * 0.11)).astype(np.int16)
    spectrum = blocks.run("fft", [sound], [("u32", (1, 1960))])[0].astype(np.int64).ravel()
    expected = np.floor(65536 * short_time_spectrum(sound).ravel())
    assert np.abs(spectrum - expected).max() <= 1
    assert np.mean(spectrum != expected) < 0.01


def test_fft_of_the_whole_input_is_a_fourier_transform(blocks):
    sound = (9000 * np.sin(2 * np.pi * 100 / 1536 * np.arange(1500))).astype(np.int16)
    bands = blocks.run("fft", [sound], [("f32", (768, 1))])[0].ravel()
    power = np.abs(np.fft.rfft(sound.astype(float), 1536))[:768]
    expected = (power - power.min()) / (power.max() - power.min())
    np.testing.assert_allclose(bands, expected, atol=2e-6)
    assert np.argmax(bands) == 100


def test_features_of_recorded_speech_use_the_whole_range(blocks, data):
    clip = sorted((data / "audio").rglob("*.wav"))[0]
    sound = np.frombuffer(clip.read_bytes()[44:44 + 32000], "<i2")
    spectrum = blocks.run("fft", [sound], [("u32", (1, 1960))])[0]
    features = blocks.run("noise-filtering", [spectrum], [("i8", (1, 1960))])[0]
    assert features.min() == -128 and features.max() == 127
    assert len(np.unique(features)) > 50


def test_quantize_and_dequantize_agree_with_numpy(blocks):
    real = np.linspace(-3, 3, 1001, dtype=np.float32)
    quantisation = [(0, 0), (0.02, -5)]
    stored = blocks.run("quantize", [real], [("i8", real.shape)], quantisation=quantisation)[0]
    quotient = real / np.float32(0.02)
    rounded = np.trunc(quotient + np.copysign(np.float32(0.5), quotient))
    np.testing.assert_array_equal(stored, np.clip(rounded - 5, -128, 127).astype(np.int8))
    back = blocks.run("dequantize", [stored], [("f32", real.shape)], quantisation=quantisation[::-1])[0]
    np.testing.assert_allclose(back, np.clip(real, -2.46, 2.64), atol=0.0101)


def test_label_and_most_confident_indices(blocks):
    scores = np.array([3, 90, -7, 90, 4], np.int8)
    indices, values = blocks.run("most-confident-indices", [scores], [("u32", (3,)), ("f32", (3,))], count=3,
                                 quantisation=[(0.5, 10), (0, 0), (0, 0)])
    assert indices.tolist() == [1, 3, 4] and values.tolist() == [40.0, 40.0, -3.0]
    words = blocks.run("label", [indices], [("utf8", (3,))], labels=["a", "b", "c"], fallback="?")[0]
    assert words == ["b", "?", "?"]


def test_modulo_equals_fmod(blocks):
    numbers = np.random.default_rng(2).normal(0, 1e4, 500).astype(np.float32)
    result = blocks.run("modulo", [numbers], [("f32", numbers.shape)], modulus=360.0)[0]
    np.testing.assert_array_equal(result, np.fmod(numbers, np.float32(360)))
