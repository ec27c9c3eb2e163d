"""Trains examples/spoken-digits/spoken_digits.tflite and measures it.

spoken_digits.py DATA BUILD evaluate [speaker]...   one training for each speaker left out
spoken_digits.py DATA BUILD ship                    trains on all speakers, writes the model, judges the file
"""

import json
import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

import digits_data
import export
import project

FRAMES, BANDS = 49, 40
EPOCHS, BATCH = 9, 128
WIDTHS = ((48, 2), (64, 1), (96, 2), (96, 1), (96, 1))  # channels and stride of each separable convolution


def network():
    """A convolution, separable convolutions, the mean of all places, ten digits: 1.7 million multiplications."""
    source = tf.keras.Input((FRAMES * BANDS,))
    x = layers.Reshape((FRAMES, BANDS, 1))(source)
    x = layers.Conv2D(24, 5, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for channels, stride in WIDTHS:
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.AveragePooling2D(x.shape[1:3])(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    return tf.keras.Model(source, layers.Dense(10, activation="softmax")(x))


def to_unit(features):
    """Stored int8 to the real values that they stand for: scale 1/128, zero point 0."""
    return features.astype(np.float32) / 128


def read_at(x, places, axis):
    """x[n][frames][bands] read at fractional places[n][...] of that axis; beyond the ends the end's value."""
    size = x.shape[axis]
    places = tf.clip_by_value(places, 0.0, size - 1.0)
    below = tf.minimum(tf.cast(places, tf.int32), size - 2)
    part = places - tf.cast(below, tf.float32)
    part = part[:, :, None] if axis == 1 else part[:, None, :]
    if axis == 1:
        first, second = tf.gather(x, below, axis=1, batch_dims=1), tf.gather(
            x, below + 1, axis=1, batch_dims=1
        )
    else:
        turned = tf.transpose(x, (0, 2, 1))
        first, second = (
            tf.transpose(tf.gather(turned, at, axis=1, batch_dims=1), (0, 2, 1)) for at in (below, below + 1)
        )
    return first * (1 - part) + second * part


def lose(x, axis, most):
    """Silences up to that many neighbouring frames or bands."""
    count, size = tf.shape(x)[0], x.shape[axis]
    first = tf.random.uniform((count, 1), 0, size, tf.int32)
    places = tf.range(size)[None]
    lost = tf.cast(
        (places >= first) & (places < first + tf.random.uniform((count, 1), 0, most, tf.int32)), tf.float32
    )
    lost = lost[:, :, None] if axis == 1 else lost[:, None, :]
    return x * (1 - lost) - 0.8 * lost


def vary_batch(features, digits):
    """What is cheaper on features than on sound: tempo, place, the speaker's size, the microphone, losses."""
    x = tf.reshape(tf.cast(features, tf.float32) / 128, (BATCH, FRAMES, BANDS))

    def uniform(low, high, *shape):
        return tf.random.uniform((BATCH,) + (shape or (1,)), low, high)

    middle = (FRAMES - 1) / 2
    tempo = tf.exp(uniform(-0.2, 0.35))
    x = read_at(x, middle + (tf.range(FRAMES, dtype=tf.float32)[None] - middle) * tempo + uniform(-4, 4), 1)
    x = read_at(
        x, tf.range(BANDS, dtype=tf.float32)[None] * tf.exp(uniform(-0.06, 0.06)) + uniform(-1.0, 1.0), 2
    )
    across = tf.linspace(-1.0, 1.0, BANDS)[None]
    tilt = uniform(-0.15, 0.15) * across + uniform(-0.1, 0.1)
    x = x * uniform(0.85, 1.15, 1, 1) + tilt[:, None, :]
    x = tf.clip_by_value(lose(lose(x, 1, 7), 2, 6), -1, 1)
    return tf.reshape(x, (-1, FRAMES * BANDS)), tf.one_hot(digits, 10)


def train(features, labels, epochs=EPOCHS, seed=7):
    tf.keras.utils.set_random_seed(seed)
    model = network()
    batches = tf.data.Dataset.from_tensor_slices((features, labels[:, 0].astype(np.int32)))
    batches = (
        batches.shuffle(len(features), seed=seed)
        .batch(BATCH, drop_remainder=True)
        .map(vary_batch)
        .prefetch(2)
    )
    steps = len(features) // BATCH * epochs
    rate = tf.keras.optimizers.schedules.CosineDecay(
        1e-5, steps, alpha=0.001, warmup_target=4e-3, warmup_steps=steps // 20
    )
    model.compile(
        tf.keras.optimizers.AdamW(rate, weight_decay=0.01),
        tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.1),
        metrics=["accuracy"],
    )
    model.fit(batches, epochs=epochs, verbose=2)
    return model


def accuracy(model, table, chosen=None):
    features, labels = table
    chosen = np.ones(len(labels), bool) if chosen is None else chosen
    heard = model.predict(to_unit(features[chosen]), batch_size=256, verbose=0).argmax(1)
    return float(np.mean(heard == labels[chosen, 0]))


def never_heard(tables, folder, speakers):
    """Each speaker in turn is left out of training, and judged."""
    features, labels = tables["pool"]
    for speaker in speakers:
        number = digits_data.SPEAKERS.index(speaker)
        used, judged = labels[:, 1] != number, tables["plain"][1][:, 1] == number
        model = train(features[used], labels[used])
        model.save(os.path.join(folder, f"without_{speaker}.keras"))
        yield {
            "never_heard": speaker,
            "accuracy": accuracy(model, tables["plain"], judged),
            "clips": int(judged.sum()),
            "held_out_voices": accuracy(model, tables["voices"]),
        }


def quantised_accuracy(path, table, chosen=None):
    features, labels = table
    chosen = np.ones(len(labels), bool) if chosen is None else chosen
    return float(np.mean(export.run(path, features[chosen]).argmax(1) == labels[chosen, 0]))


def ship(tables, folder):
    """Trains on every speaker but not on the held-out takes, on which the file itself is judged."""
    features, labels = tables["pool"]
    used = labels[:, 2] >= digits_data.HELD_OUT_TAKES
    model = train(features[used], labels[used])
    model.save(os.path.join(folder, "spoken_digits.keras"))
    chosen = np.random.default_rng(3).choice(np.flatnonzero(used), 400, replace=False)
    calibration = to_unit(features[chosen])
    calibration[0, :2] = (-1, 127 / 128)  # the whole range of int8, so that the scale is 1/128 exactly
    path = project.example("spoken-digits", "spoken_digits.tflite")
    export.to_int8(model, calibration, path)
    plain, voices = tables["plain"], tables["voices"]
    judged = plain[1][:, 2] < digits_data.HELD_OUT_TAKES
    return {
        "bytes": os.path.getsize(path),
        "parameters": model.count_params(),
        "clips": int(judged.sum()),
        "held_out_takes_float": accuracy(model, plain, judged),
        "held_out_takes": quantised_accuracy(path, plain, judged),
        "held_out_voices_float": accuracy(model, voices),
        "held_out_voices": quantised_accuracy(path, voices),
    }


def main():
    data, build, command, *speakers = sys.argv[1:]
    folder = os.path.join(build, "digits")
    tables = digits_data.load_all(data, folder)
    if command == "evaluate":
        for figures in never_heard(tables, folder, speakers or digits_data.SPEAKERS):
            print(json.dumps(figures), flush=True)
    else:
        print(json.dumps(ship(tables, folder)), flush=True)


if __name__ == "__main__":
    main()
