"""The features that the spoken-digit model is trained and judged on, computed once and kept as .npz.

    clips, espeak, flite   what is trained on, each sound varied at random many times
    plain                  every clip, centred, as it is: accuracy is measured on these
    voices                 held-out espeak-ng voices, centred

Each table: features int8[n][1960] and labels int16[n][3], the digit, speaker and take. Takes 0-4 of each
digit and speaker are the held-out takes, as the data set's authors propose.
"""

import glob
import os

import numpy as np

import audio
import project
import voices

SPEAKERS = ("george", "jackson", "nicolas", "theo")
SYNTHETIC = len(SPEAKERS)  # the speaker number of every made voice
HELD_OUT_TAKES, NO_TAKE = 5, 99
CLIP_VARIATIONS, ESPEAK_VARIATIONS, FLITE_VARIATIONS = 20, 4, 40
ESPEAK_SETTINGS = 500
TRAINED_ON, JUDGED_ON = ("clips", "espeak", "flite"), ("plain", "voices")


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


def plain(data, _, table, generator):
    for digit, speaker, take, samples in recordings(data):
        table.add(audio.finish(audio.place(samples, generator, spread=0), 0.7), digit, speaker, take)


def clips(data, _, table, generator):
    for digit, speaker, take, samples in recordings(data):
        for _ in range(CLIP_VARIATIONS):
            table.add(audio.vary(samples, generator), digit, speaker, take)


def espeak(_, folder, table, generator):
    for digit, samples in voices.espeak_utterances(folder, generator, ESPEAK_SETTINGS):
        for _ in range(ESPEAK_VARIATIONS):
            table.add(audio.vary(samples, generator), digit, SYNTHETIC, NO_TAKE)


def flite(_, folder, table, generator):
    for digit, samples in voices.flite_utterances(folder):
        for _ in range(FLITE_VARIATIONS):
            table.add(audio.vary(samples, generator), digit, SYNTHETIC, NO_TAKE)


def held_out_voices(_, folder, table, generator):
    for digit, voice, samples in voices.held_out(folder):
        still = audio.place(samples, generator, spread=0)
        table.add(audio.finish(still, 0.7), digit, SYNTHETIC, voices.HELD_OUT.index(voice))


MAKERS = {"plain": plain, "clips": clips, "espeak": espeak, "flite": flite, "voices": held_out_voices}


def load(data, folder, name):
    """Returns (features, labels) of a table, which is made at the first call."""
    path = os.path.join(folder, name + ".npz")
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        table = Table()
        MAKERS[name](data, folder, table, np.random.default_rng(20 + sorted(MAKERS).index(name)))
        table.save(path)
        print(f"{name}: {len(table.labels)}", flush=True)
    file = np.load(path)
    return file["features"], file["labels"]


def load_all(data, folder):
    """Returns {"pool": all that is trained on, "plain": ..., "voices": ...}."""
    tables = {name: load(data, folder, name) for name in JUDGED_ON}
    parts = [load(data, folder, name) for name in TRAINED_ON]
    tables["pool"] = tuple(np.concatenate(columns) for columns in zip(*parts))
    return tables
