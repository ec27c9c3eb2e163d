"""Trains examples/sine/sine.tflite: the sine of an angle in degrees, by three small dense layers in float32.

sine.py DATA BUILD
"""

import json
import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

import export
import project


def train():
    tf.keras.utils.set_random_seed(5)
    angles = np.random.default_rng(5).uniform(0, 360, (20000, 1)).astype(np.float32)
    model = tf.keras.Sequential(
        [tf.keras.Input((1,)), layers.Dense(16, "relu"), layers.Dense(16, "relu"), layers.Dense(1)]
    )
    # The network learns on angles in 0..1; the factor goes into the first weights afterwards.
    rate = tf.keras.optimizers.schedules.CosineDecay(0.01, 200 * 79, alpha=0.001)
    model.compile(tf.keras.optimizers.Adam(rate), "mse")
    model.fit(angles / 360, np.sin(np.radians(angles)), batch_size=256, epochs=200, verbose=0)
    weights = model.get_weights()
    weights[0] = weights[0] / 360
    model.set_weights(weights)
    return model


def main():
    model = train()
    path = project.example("sine", "sine.tflite")
    export.to_float(model, path)
    angles = np.arange(0, 360, 0.25, dtype=np.float32)[:, None]
    error = np.abs(export.run(path, angles)[:, 0] - np.sin(np.radians(angles[:, 0])))
    print(
        json.dumps(
            {
                "bytes": os.path.getsize(path),
                "mean_error": float(error.mean()),
                "greatest_error": float(error.max()),
            }
        )
    )


if __name__ == "__main__":
    main()
