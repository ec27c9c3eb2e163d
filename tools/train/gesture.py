"""Trains examples/gesture/gesture.tflite and writes the sample motion that its README and tests use.

    gesture.py DATA BUILD

Data: motion/imu_wand_train, five wand gestures of 119 rows; the accelerometer's three columns in g.
"""

import csv
import json
import os
import sys

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

import export
import project

GESTURES = ("AlohomoraCharm", "ArrestoMomentumCharm", "AvadaKedavra", "LocomotorCharm", "Revelio")
ROWS, AXES, MEASURED_ROWS = 128, 3, 119
FOLDS, EPOCHS, VARIATIONS = 5, 30, 60


def recordings(data):
    motions, labels = [], []
    for number, gesture in enumerate(GESTURES):
        with open(os.path.join(data, "motion", "imu_wand_train", gesture + ".csv")) as file:
            rows = [[float(row[axis]) for axis in ("aX", "aY", "aZ")] for row in csv.DictReader(file)]
        for start in range(0, len(rows) - MEASURED_ROWS + 1, MEASURED_ROWS):
            motions.append(np.array(rows[start : start + MEASURED_ROWS], np.float32))
            labels.append(number)
    return motions, np.array(labels)


def fit(motion):
    """To 128 rows, then through the block `normalize`."""
    at = np.linspace(0, len(motion) - 1, ROWS)
    fitted = np.stack([np.interp(at, np.arange(len(motion)), motion[:, axis]) for axis in range(AXES)], 1)
    return project.normalized(fitted.astype(np.float32))


def vary(motion, generator):
    """The same gesture by another hand: held otherwise, stronger, uneven in time, cut short, with noise."""
    angles = generator.normal(0, 0.12, 3)
    for axis in range(3):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        sine, cosine = np.sin(angles[axis]), np.cos(angles[axis])
        a, b = motion[:, first].copy(), motion[:, second].copy()
        motion = motion.copy()
        motion[:, first], motion[:, second] = cosine * a - sine * b, sine * a + cosine * b
    mean = motion.mean(0)
    motion = mean + (motion - mean) * generator.uniform(0.7, 1.4)
    pace = np.cumsum(
        np.exp(np.interp(np.arange(len(motion)), np.linspace(0, len(motion), 5), generator.normal(0, 0.2, 5)))
    )
    start, end = generator.uniform(0, 0.08), 1 - generator.uniform(0, 0.08)
    at = np.interp(np.linspace(start, end, ROWS), pace / pace[-1], np.arange(len(motion)))
    motion = np.stack([np.interp(at, np.arange(len(motion)), motion[:, axis]) for axis in range(3)], 1)
    return fit(motion + generator.normal(0, generator.uniform(0, 0.06), motion.shape))


def network():
    source = tf.keras.Input((ROWS, AXES))
    x = layers.Reshape((ROWS, 1, AXES))(source)
    for channels, kernel in ((16, 9), (24, 5), (32, 5)):
        x = layers.Conv2D(channels, (kernel, 1), padding="same", activation="relu")(x)
        x = layers.MaxPooling2D((3, 1))(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return tf.keras.Model(source, layers.Dense(len(GESTURES), activation="softmax")(x))


def train(motions, labels):
    tf.keras.utils.set_random_seed(11)
    generator = np.random.default_rng(11)
    features = np.array([vary(motion, generator) for motion in motions for _ in range(VARIATIONS)])
    model = network()
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * len(features) // 64, alpha=0.001)
    model.compile(tf.keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(features, np.repeat(labels, VARIATIONS), batch_size=64, epochs=EPOCHS, verbose=0)
    return model, features


def cross_validated(motions, labels):
    """Every recording is judged by a model that was trained without its fifth of the recordings."""
    fold = np.arange(len(motions)) % FOLDS
    right = 0
    for left_out in range(FOLDS):
        used = np.flatnonzero(fold != left_out)
        model, _ = train([motions[i] for i in used], labels[used])
        judged = np.flatnonzero(fold == left_out)
        heard = model.predict(np.array([fit(motions[i]) for i in judged]), verbose=0).argmax(1)
        right += int(np.sum(heard == labels[judged]))
    return right


def synthetic(motions, gesture_labels, gesture):
    """A made motion: the mean of the gesture's recordings, bent by slow waves; no recording of anybody."""
    generator = np.random.default_rng(gesture)
    chosen = [motion for motion, label in zip(motions, gesture_labels) if label == gesture]
    waves = np.stack(
        [0.03 * np.sin(np.linspace(0, generator.uniform(4, 9), MEASURED_ROWS)) for _ in range(3)], 1
    )
    made = np.mean(chosen, 0) + waves
    at = np.linspace(0, MEASURED_ROWS - 1, ROWS)
    return np.stack([np.interp(at, np.arange(MEASURED_ROWS), made[:, axis]) for axis in range(AXES)], 1)


def main():
    folder = project.example("gesture")
    motions, labels = recordings(sys.argv[1])
    validated = cross_validated(motions, labels)
    model, features = train(motions, labels)
    path = os.path.join(folder, "gesture.tflite")
    export.to_int8(model, features[::40], path, real_ends=True)
    heard = export.run(path, np.array([fit(motion) for motion in motions])).argmax(1)
    for gesture, name in ((2, "avada_kedavra"), (4, "revelio")):
        with open(os.path.join(folder, name + ".csv"), "w") as file:
            for row in synthetic(motions, labels, gesture):
                file.write(",".join(f"{value:.3f}" for value in row) + "\n")
    print(
        json.dumps(
            {
                "bytes": os.path.getsize(path),
                "recordings": len(motions),
                "cross_validated_right": validated,
                "int8_right_on_training_recordings": int(np.sum(heard == labels)),
            }
        )
    )


if __name__ == "__main__":
    main()
