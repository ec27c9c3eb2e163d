"""Sound for training: reading, trimming, and what makes one clip into many.

Everything is float32 in -1..1 at 16 kHz; a clip is one second. All chance comes from the caller's generator.
"""

import wave

import numpy as np
from scipy import signal

RATE = 16000


def read_wav(path):
    """16-bit mono of any rate, resampled to 16 kHz."""
    with wave.open(path, "rb") as file:
        assert file.getsampwidth() == 2 and file.getnchannels() == 1, path
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    if rate != RATE:
        divisor = np.gcd(rate, RATE)
        samples = signal.resample_poly(samples, RATE // divisor, rate // divisor).astype(np.float32)
    return samples


def trim(samples, floor_db=-32):
    """The part between the first and the last 10 ms that are louder than floor_db below the loudest."""
    step = RATE // 100
    count = max(len(samples) // step, 1)
    energy = np.array([np.mean(samples[i * step : (i + 1) * step] ** 2) for i in range(count)]) + 1e-12
    loud = np.flatnonzero(energy > energy.max() * 10 ** (floor_db / 10))
    return samples[max(loud[0] - 2, 0) * step : (loud[-1] + 3) * step]


def change_speed(samples, factor):
    """Faster by the factor; pitch and formants rise with it, as with a smaller speaker."""
    if factor > 1:  # keep what would fold back out of the band
        samples = signal.sosfilt(signal.butter(6, 0.95 / factor, output="sos"), samples)
    return np.interp(np.arange(0, len(samples) - 1, factor), np.arange(len(samples)), samples).astype(
        np.float32
    )


def change_tempo(samples, factor):
    """Faster by the factor at the same pitch: windows of 30 ms are laid where they fit what went before best."""
    window, hop, reach = 480, 240, 120
    if len(samples) < 3 * window:
        return samples
    padded = np.concatenate([np.zeros(reach), samples, np.zeros(window + hop + 2 * reach)]).astype(np.float32)
    shape = np.hanning(window + 1)[:window].astype(np.float32)
    count = int(len(samples) / factor) // hop
    result = np.zeros(count * hop + window, np.float32)
    previous = reach
    for i in range(count):
        at = reach + int(i * hop * factor)
        if i > 0:
            follows = padded[previous + hop : previous + hop + window]
            around = padded[at - reach : at + reach + window]
            at += int(np.argmax(np.correlate(around, follows, "valid"))) - reach
        result[i * hop : i * hop + window] += padded[at : at + window] * shape
        previous = at
    return result


def change_pitch(samples, factor):
    return change_tempo(change_speed(samples, factor), 1 / factor)


def colour(samples, generator):
    """A microphone and a channel: a smooth random tilt, and edges of the band."""
    points = np.cumsum(generator.normal(0, 4.0, 7))
    gains = 10 ** ((points - points.mean()) / 20)
    frequencies = [0, 200, 500, 1000, 2000, 4000, 8000]
    return signal.fftconvolve(samples, signal.firwin2(65, frequencies, gains, fs=RATE), "same").astype(
        np.float32
    )


def telephone(samples):
    """Nothing above 4 kHz, as in recordings made at 8 kHz."""
    return signal.sosfilt(signal.butter(8, 3900, fs=RATE, output="sos"), samples).astype(np.float32)


def reverberate(samples, generator):
    length = int(generator.uniform(0.05, 0.25) * RATE)
    decay = np.exp(-6.9 * np.arange(length) / length)
    response = generator.normal(0, 1, length) * decay
    response *= generator.uniform(0.05, 0.4) / np.sqrt(np.sum(response**2))
    response[0] = 1
    return signal.fftconvolve(samples, response)[: len(samples) + length // 2].astype(np.float32)


def noise(generator, count):
    """Unit power; anything from white to red."""
    spectrum = np.fft.rfft(generator.normal(0, 1, count))
    spectrum *= (np.arange(len(spectrum)) + 8.0) ** -generator.uniform(0, 1)
    made = np.fft.irfft(spectrum, count)
    return (made / np.std(made)).astype(np.float32)


def place(samples, generator, spread=1.0):
    """One second with the speech in it: anywhere it fits (spread 1), or centred (0)."""
    if len(samples) > RATE:
        start = (len(samples) - RATE) // 2
        return samples[start : start + RATE]
    room = RATE - len(samples)
    before = int(room / 2 + spread * generator.uniform(-0.5, 0.5) * room)
    return np.pad(samples, (before, room - before))


def finish(samples, gain):
    """To 16 bits, at that peak."""
    peak = np.max(np.abs(samples)) + 1e-9
    return np.clip(np.round(samples * (gain / peak * 32767)), -32768, 32767).astype(np.int16)


def clip_ends(samples, generator):
    """A recording that starts late or stops early, by up to 60 ms and 80 ms."""
    first, last = int(generator.uniform(0, 0.06) * RATE), int(generator.uniform(0, 0.08) * RATE)
    return samples[first:-last] if len(samples) - first - last > RATE // 5 and last > 0 else samples


def vary(samples, generator):
    """One of the many ways in which this clip could have been said and recorded; int16[16000]."""
    chance = generator.uniform
    if chance() < 0.3:
        samples = clip_ends(samples, generator)
    if chance() < 0.85:
        samples = change_speed(samples, np.exp(chance(-0.22, 0.22)))
    if chance() < 0.5:
        samples = change_pitch(samples, np.exp(chance(-0.2, 0.2)))
    if chance() < 0.6:
        samples = change_tempo(samples, np.exp(chance(-0.25, 0.45)))
    if chance() < 0.7:
        samples = colour(samples, generator)
    if chance() < 0.3:
        samples = reverberate(samples, generator)
    clip = place(samples, generator)
    level = np.sqrt(np.mean(samples**2)) + 1e-9
    quiet = chance() < 0.2
    clip = clip + noise(generator, RATE) * level * 10 ** (-(chance(40, 70) if quiet else chance(3, 40)) / 20)
    if chance() < 0.5:
        clip = telephone(clip)
    return finish(clip, 10 ** (-chance(0, 20) / 20))
