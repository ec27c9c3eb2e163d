"""Speech made by machines, as further speakers: espeak-ng (formants) and flite (recorded units).

HELD_OUT voices are never trained on: neither their accent nor their variant. The demo speaks with the first.
"""

import os
import subprocess

import audio

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
HELD_OUT = (
    "en-gb-x-rp+f2",
    "en-gb-x-rp+m3",
    "en-gb-x-rp",
    "en-gb-x-rp+Alicia",
    "en-gb-x-rp+Michael",
    "en-gb-x-rp+klatt2",
    "en-gb-x-rp+steph",
    "en-gb-x-rp+Gene",
)
ACCENTS = ("en-gb", "en-us", "en-us-nyc", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029")
# As espeak-ng names the files: an unknown variant would be ignored without a word.
VARIANTS = [""] + """
    f1 f3 f4 f5 m1 m2 m4 m5 m6 m7 m8 Alex Andrea Andy Annie AnxiousAndy Denis Diogo Henrique Hugo
    Jacky Lee Marco Mario Mike Nguyen RicishayMax RicishayMax3 Storm Tweaky adam anika antonio aunty
    belinda benjamin boris caleb david ed edward edward2 grandma grandpa gustave iven2 iven3 john
    kaukovalta klatt klatt3 klatt4 klatt5 klatt6 linda marcelo max michel miguel norbert pablo paul
    pedro quincy rob robert sandro shelby steph2 steph3 travis victor zac
""".split()
FLITE = ("awb", "kal16", "rms", "slt")


def espeak(word, voice, path, speed=160, pitch=50, gap=0):
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "-g", str(gap), "-w", path, word]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def espeak_utterances(folder, generator, count):
    """Yields (digit, samples) for count random settings of the voices that may be trained on."""
    path = os.path.join(folder, "voice.wav")
    for _ in range(count):
        voice = generator.choice(ACCENTS)
        variant = generator.choice(VARIANTS)
        speed, pitch = int(generator.integers(110, 230)), int(generator.integers(15, 85))
        for digit, word in enumerate(WORDS):
            espeak(word, voice + ("+" + variant if variant else ""), path, speed, pitch)
            yield digit, audio.trim(audio.read_wav(path))


def flite_utterances(folder):
    """Yields (digit, samples) of flite's four recorded speakers, slow to fast."""
    path = os.path.join(folder, "voice.wav")
    for name in FLITE:
        for stretch in (0.8, 1.0, 1.25):
            for digit, word in enumerate(WORDS):
                subprocess.run(
                    [
                        "flite",
                        "-voice",
                        name,
                        "--setf",
                        f"duration_stretch={stretch}",
                        "-t",
                        word,
                        "-o",
                        path,
                    ],
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
                yield digit, audio.trim(audio.read_wav(path))


def held_out(folder):
    """Yields (digit, voice, samples) of the voices that are only for tests, each at three speeds."""
    path = os.path.join(folder, "voice.wav")
    for voice in HELD_OUT:
        for speed in (130, 160, 190):
            for digit, word in enumerate(WORDS):
                espeak(word, voice, path, speed)
                yield digit, voice, audio.trim(audio.read_wav(path))
