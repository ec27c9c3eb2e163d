"""Where things are, and the project's own blocks: what a model is trained on is what a rune computes."""

import functools
import os
import sys

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "blocks"))
import rune_blocks  # noqa: E402  (needs the path above)


def example(folder, file=""):
    return os.path.join(ROOT, "examples", folder, file)


@functools.cache
def standard_blocks():
    return rune_blocks.Blocks()


class SpeechFeatures:
    """int16[16000] to int8[1960], 49 frames of 40 bands: the blocks fft and noise-filtering."""

    def __init__(self):
        self.blocks = standard_blocks()
        self.states = {name: self.blocks.new_state(name) for name in ("fft", "noise-filtering")}

    def __call__(self, clip):
        spectrum = self.blocks.run("fft", [clip], [("u32", (1, 1960))], self.states["fft"])
        return self.blocks.run(
            "noise-filtering", spectrum, [("i8", (1, 1960))], self.states["noise-filtering"]
        )[0][0]


def normalized(motion):
    """What the block normalize makes of it: the least becomes 0, the greatest 1."""
    return standard_blocks().run("normalize", [motion], [("f32", motion.shape)])[0]
