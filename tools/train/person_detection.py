"""Trains examples/person-detection/person_detection.tflite: 96 x 96 grey, person or not, by distillation.

    person_detection.py DATA BUILD

There is no labelled set of people here. A published network (MLPerf Tiny's visual wake words, colour)
judges many pictures: CIFAR-10 images and augmented crops of the few photographs that are there. The small
network learns to answer alike, and "person" where the photographed person is shown.
examples/person-detection/MODEL_CARD.md says how little that proves.
"""

import glob
import gzip
import json
import os
import sys

import numpy as np
import tensorflow as tf
from PIL import Image, ImageEnhance
from tensorflow.keras import layers

import export
import project

SIDE, COUNT, EPOCHS = 96, 10000, 8
PERSON_SHARE = 0.3  # of the pictures that show the photographed person


def cifar(data, name):
    with gzip.open(os.path.join(data, "cifar10", name)) as file:
        records = np.frombuffer(file.read(), np.uint8).reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)


def photographs(data):
    folder = os.path.join(data, "images")
    others = [
        Image.open(path).convert("RGB")
        for path in sorted(
            glob.glob(os.path.join(folder, "coral", "[bcs]*.bmp"))
            + glob.glob(os.path.join(folder, "img_class", "*.bmp"))
        )
    ]
    return (
        Image.open(os.path.join(folder, "person_detection", "person_colour.jpg")).convert("RGB"),
        others
        + [Image.open(os.path.join(folder, "person_detection", "no_person_colour.jpg")).convert("RGB")],
    )


def crop(picture, generator, least):
    """A random part of at least that share of each side, perhaps mirrored and turned, at 96 x 96."""
    width, height = (int(side * generator.uniform(least, 1)) for side in picture.size)
    left, top = generator.integers(0, picture.width - width + 1), generator.integers(
        0, picture.height - height + 1
    )
    part = picture.rotate(generator.uniform(-12, 12), Image.BILINEAR).crop(
        (left, top, left + width, top + height)
    )
    if generator.uniform() < 0.5:
        part = part.transpose(Image.FLIP_LEFT_RIGHT)
    return part.resize((SIDE, SIDE), Image.BILINEAR)


def light(picture, generator):
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = change(picture).enhance(generator.uniform(0.6, 1.5))
    return picture


def scene(small, person, others, generator):
    """One training picture, RGB uint8[96][96][3], and whether the photographed person is in it."""
    back = Image.fromarray(small[generator.integers(len(small))])
    chance = generator.uniform()
    if chance < PERSON_SHARE:
        made = crop(person, generator, 0.6)
        if generator.uniform() < 0.4:  # smaller, somewhere in another picture
            side = int(generator.integers(48, 90))
            made, front = back.resize((SIDE, SIDE), Image.BICUBIC), made.resize((side, side))
            made.paste(front, tuple(int(v) for v in generator.integers(0, SIDE - side + 1, 2)))
    elif chance < 0.5:
        made = crop(others[generator.integers(len(others))], generator, 0.3)
    else:
        made = crop(back.resize((128, 128), Image.BICUBIC), generator, 0.6)
    made = np.asarray(light(made, generator), np.float32)
    made = np.clip(made + generator.normal(0, generator.uniform(0, 8), made.shape), 0, 255).astype(np.uint8)
    return made, chance < PERSON_SHARE


def grey(pictures):
    """As the image capability does it, BT.601; stored pixel - 128, which the model reads as (p - 128) / 128."""
    return np.round(pictures.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)) - 128


def judged(data, pictures):
    """The teacher's probability of a person for RGB pictures."""
    teacher = tf.lite.Interpreter(
        os.path.join(data, "models", "mlperf_tiny", "vww_96_float.tflite"), num_threads=1
    )
    teacher.allocate_tensors()
    source, result = teacher.get_input_details()[0]["index"], teacher.get_output_details()[0]["index"]
    answers = []
    for picture in pictures:
        teacher.set_tensor(source, picture[None].astype(np.float32) / 255)
        teacher.invoke()
        answers.append(teacher.get_tensor(result)[0, 1])
    return np.array(answers, np.float32)


def made_set(data, folder):
    path = os.path.join(folder, "person.npz")
    if not os.path.exists(path):
        generator = np.random.default_rng(9)
        small = cifar(data, "train_batch_1.bin.gz")
        person, others = photographs(data)
        scenes = [scene(small, person, others, generator) for _ in range(COUNT)]
        pictures, shown = np.array([made for made, _ in scenes]), np.array([known for _, known in scenes])
        np.savez(path, grey=grey(pictures).astype(np.int8), shown=shown, teacher=judged(data, pictures))
    file = np.load(path)
    return file["grey"], np.where(file["shown"], 0.97, file["teacher"]).astype(np.float32)


def network():
    source = tf.keras.Input((SIDE, SIDE, 1))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(source)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for channels, stride in ((16, 2), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1)):
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.Conv2D(channels, 1, use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Flatten()(layers.AveragePooling2D(x.shape[1:3])(x))
    return tf.keras.Model(source, layers.Dense(2, activation="softmax")(layers.Dropout(0.2)(x)))


def train(pictures, person):
    tf.keras.utils.set_random_seed(13)
    model = network()
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * len(pictures) // 64, alpha=0.001)
    model.compile(tf.keras.optimizers.Adam(rate), "categorical_crossentropy")
    model.fit(
        pictures[..., None].astype(np.float32) / 128,
        np.stack([1 - person, person], 1),
        batch_size=64,
        epochs=EPOCHS,
        verbose=2,
    )
    return model


def bitmaps(data):
    """The example's own check: the two photographs in colour and as 96 x 96 grey bitmaps."""
    folder = os.path.join(data, "images", "person_detection")
    for name in (
        "person_96x96_arduino.bmp",
        "no_person_96x96_arduino.bmp",
        "person_colour.jpg",
        "no_person_colour.jpg",
    ):
        picture = Image.open(os.path.join(folder, name)).convert("L").resize((SIDE, SIDE), Image.BILINEAR)
        yield name, np.asarray(picture, np.int16) - 128


def main():
    data, build = sys.argv[1:3]
    pictures, person = made_set(data, build)
    kept = len(pictures) * 9 // 10
    model = train(pictures[:kept], person[:kept])
    path = project.example("person-detection", "person_detection.tflite")
    calibration = pictures[:300, ..., None].astype(np.float32) / 128
    calibration[0, 0, :2, 0] = (-1, 127 / 128)
    export.to_int8(model, calibration, path)
    heard = export.run(path, pictures[kept:]).astype(np.float32)[:, 1] / 256 + 0.5
    names, checks = zip(*bitmaps(data))
    scores = export.run(path, np.array(checks)).astype(np.float32)[:, 1] / 256 + 0.5
    print(
        json.dumps(
            {
                "bytes": os.path.getsize(path),
                "judged": len(heard),
                "agrees": float(np.mean((heard > 0.5) == (person[kept:] > 0.5))),
                "person_share": float(np.mean(person[kept:] > 0.5)),
                "scores": {name: round(float(score), 3) for name, score in zip(names, scores)},
            }
        )
    )


if __name__ == "__main__":
    main()
