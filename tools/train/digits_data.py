"""The features that the spoken-digit model is trained and judged on, computed once and kept as .npy.

    pool    every clip and voice, varied at random:  features int8[n][1960], digit, speaker, take
    plain   every clip, centred, as it is:           the same columns; accuracy is measured on these
    voices  held-out espeak-ng voices, centred

Takes 0-4 of each digit and speaker are the held-out takes, as the data set's authors propose.
"""
import glob
import os

import numpy as np

import audio
import project
import voices

SPEAKERS = ("george", "jackson", "nicolas", "theo")
SYNTHETIC = len(SPEAKERS)  # the speaker number of every made voice
HELD_OUT_TAKES = 5
CLIP_VARIATIONS, VOICE_SETTINGS, VOICE_VARIATIONS = 20, 500, 4


def recordings(data):
    for path in sorted(glob.glob(os.path.join(data, "audio", "fsdd", "*.wav"))):
        digit, speaker, take = os.path.basename(path)[:-4].split("_")
        yield int(digit), SPEAKERS.index(speaker), int(take), audio.trim(audio.read_wav(path))


class Table:
    def __init__(self):
        self.clips, self.labels = [], []
        self.features = project.SpeechFeatures()

    def add(self, clip, digit, speaker, take):
        self.clips.append(self.features(clip))
        self.labels.append((digit, speaker, take))

    def save(self, path):
        np.savez(path + ".part.npz", features=np.array(self.clips), labels=np.array(self.labels, np.int16))
        os.replace(path + ".part.npz", path)


def make(data, folder):
    generator = np.random.default_rng(20)
    plain, pool, held_out = Table(), Table(), Table()
    for digit, speaker, take, samples in recordings(data):
        still = audio.place(samples, generator, spread=0)
        plain.add(audio.finish(still, 0.7), digit, speaker, take)
        for _ in range(CLIP_VARIATIONS):
            pool.add(audio.vary(samples, generator), digit, speaker, take)
    plain.save(os.path.join(folder, "plain.npz"))
    print("recordings:", len(plain.clips), flush=True)
    for digit, _, samples in voices.utterances(folder, generator, VOICE_SETTINGS):
        for _ in range(VOICE_VARIATIONS):
            pool.add(audio.vary(samples, generator), digit, SYNTHETIC, 99)
    pool.save(os.path.join(folder, "pool.npz"))
    for digit, voice, samples in voices.held_out(folder):
        still = audio.place(samples, generator, spread=0)
        held_out.add(audio.finish(still, 0.7), digit, SYNTHETIC, voices.HELD_OUT.index(voice))
    held_out.save(os.path.join(folder, "voices.npz"))
    print("pool:", len(pool.clips), flush=True)


def load(data, folder):
    """Returns {name: (features, labels)}; labels int16[n][3] are digit, speaker, take."""
    names = ("plain", "pool", "voices")
    paths = [os.path.join(folder, name + ".npz") for name in names]
    if not all(os.path.exists(path) for path in paths):
        os.makedirs(folder, exist_ok=True)
        make(data, folder)
    loaded = [np.load(path) for path in paths]
    return {name: (file["features"], file["labels"]) for name, file in zip(names, loaded)}
