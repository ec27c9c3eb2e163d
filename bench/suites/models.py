"""Each model on the emulated Cortex-M4: instructions an inference, arena, image, start-up.

Peers are TFLM with CMSIS-NN, built with arm-none-eabi-gcc 12.2 -O2 and counted on the same board
(docs/benchmarks.md says how); M instructions are of a whole Invoke().
"""
import random

from suites.common import BIN, WORK, data_folder, run_json

BOARD = "mps2-an386"
# file below models/, input bytes, TFLM + CMSIS-NN: instructions, arena bytes
MODELS = [
    ("hello_world", "tflm/hello_world_int8.tflite", 1, 3530, 772),
    ("micro_speech", "tflm/micro_speech_int8.tflite", 1960, 1495393, 6836),
    ("person_detect", "tflm/person_detect_int8.tflite", 9216, 22928450, 82308),
    ("ic_resnet8", "mlperf_tiny/ic_resnet8_int8.tflite", 3072, 29864069, 54996),
    ("kws_dscnn", "mlperf_tiny/kws_dscnn_int8.tflite", 490, 7697392, 22820),
    ("vww_96", "mlperf_tiny/vww_96_int8.tflite", 27648, 24101963, 100708),
    ("ad01", "mlperf_tiny/ad01_int8.tflite", 640, 582935, 2580),
    ("magic_wand_cnn", "tflm/magic_wand_cnn.tflite", 3072, None, None),
    ("imu_wand", "misc/imu_wand_int8.tflite", 714, None, None),
] + [
    (f"paper_{kind}_conv{width}", f"paper_cnn/paper_{kind}_conv{width}.tflite", size, peers.get(width), None)
    for kind, size, peers in (
        ("mnist", 784, {16: 1810000, 32: 4090000, 64: 11380000, 96: 22320000, 128: 36890000}),
        ("cifar", 3072, {16: 2960000, 32: 6540000, 64: 17500000, 96: 33550000, 128: 54680000}))
    for width in (16, 32, 64, 96, 128)
]


def run(report):
    report.begin("models", "int8 models on the emulated Cortex-M4, best kernels")
    data = data_folder()
    if data is None:
        report.note("skipped: no test data (set RUNE_TEST_DATA)")
        return
    WORK.mkdir(parents=True, exist_ok=True)
    source = random.Random(1)
    for name, path, size, peer, peer_arena in MODELS:
        sample = WORK / f"{name}.in"
        sample.write_bytes(bytes(source.randrange(256) for _ in range(size)))
        result = run_json([BIN / "rune", "model", "run", data / "models" / path, "--input", sample,
                           "--output", WORK / f"{name}.out", "--target", BOARD, "--kernels", "best", "--json"])
        report.add(f"{name}.instructions", result["instructions"][0], "instructions", BOARD, peer)
        report.add(f"{name}.startup_instructions", result["startup_instructions"], "instructions", BOARD)
        report.add(f"{name}.arena_bytes", result["arena_bytes"], "bytes", BOARD, peer_arena)
        report.add(f"{name}.image_bytes", result["image_bytes"], "bytes", BOARD)
