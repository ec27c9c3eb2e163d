"""Models, and the two ways to run them: `rune model run`, and TFLM's Python package as the oracle."""
import json
import subprocess

import numpy

# Below models/ of the test data.
INT8_MODELS = [
    "tflm/hello_world_int8.tflite",
    "tflm/micro_speech_int8.tflite",
    "tflm/person_detect_int8.tflite",
    "tflm/magic_wand_cnn.tflite",
    "tflm/simple_add.tflite",
    "mlperf_tiny/ad01_int8.tflite",
    "mlperf_tiny/ic_resnet8_int8.tflite",
    "mlperf_tiny/kws_dscnn_int8.tflite",
    "mlperf_tiny/sww_streaming_int8.tflite",
    "mlperf_tiny/vww_96_int8.tflite",
    "misc/imu_wand_int8.tflite",
] + [f"paper_cnn/paper_{kind}_conv{width}.tflite" for kind in ("mnist", "cifar") for width in (16, 32, 64, 96, 128)]

FLOAT_MODELS = [
    "tflm/hello_world_float.tflite",
    "misc/sine_float_rune.tflite",
    "misc/gesture_float.tflite",
    "misc/imu_wand_float.tflite",
    "mlperf_tiny/ad01_fp32.tflite",
    "mlperf_tiny/ic_resnet8_float.tflite",
    "mlperf_tiny/vww_96_float.tflite",
]

TYPES = {"i8": numpy.int8, "f32": numpy.float32}


class Rune:
    """A model run by the built `rune` program, many samples in one process."""

    def __init__(self, program, folder, model):
        self.program, self.folder, self.model = program, folder, model
        info = self.call("model", "info", model, "--json")
        self.inputs, self.outputs = info["inputs"], info["outputs"]

    def call(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, f"{' '.join(map(str, done.args))}: {done.stderr}"
        return json.loads(done.stdout)

    def run(self, *inputs, options=()):
        """Arrays [samples, ...] for each input to arrays for each output; the report is kept in self.report."""
        command = ["model", "run", self.model, "--json", *options, "--input"]
        for i, (tensor, values) in enumerate(zip(self.inputs, inputs, strict=True)):
            path = self.folder / f"input{i}"
            path.write_bytes(numpy.ascontiguousarray(values, TYPES[tensor["type"]]).tobytes())
            command.append(path)
        paths = [self.folder / f"output{i}" for i in range(len(self.outputs))]
        self.report = self.call(*command, "--output", *paths)
        return [numpy.frombuffer(path.read_bytes(), TYPES[tensor["type"]]).reshape(-1, *tensor["shape"])
                for tensor, path in zip(self.outputs, paths)]


class Tflm:
    """The same model in TFLM, reference kernels, as its authors ship them for Python."""

    def __init__(self, model, arena_bytes=8 << 20):
        from tflite_micro.python.tflite_micro import runtime
        self.interpreter = runtime.Interpreter.from_file(str(model), arena_size=arena_bytes)

    def run(self, *inputs):
        outputs = []
        for sample in zip(*inputs, strict=True):
            for i, values in enumerate(sample):
                self.interpreter.set_input(numpy.ascontiguousarray(values), i)
            self.interpreter.invoke()
            outputs.append(self.interpreter.get_output(0).copy())
        return numpy.stack(outputs)


def random_inputs(tensors, samples, seed):
    """Half of the samples are uniform noise, half are slow waves that leave few channels at their limits."""
    source = numpy.random.default_rng(seed)
    arrays = []
    for tensor in tensors:
        shape = tensor["shape"]
        size = int(numpy.prod(shape))
        noise = source.uniform(-1, 1, (samples, size))
        phase = source.uniform(0, 6.28, (samples, 1))
        waves = numpy.sin(phase + numpy.arange(size) * source.uniform(0.01, 0.5, (samples, 1)))
        values = numpy.where((numpy.arange(samples) % 2 == 0)[:, None], noise, 0.8 * waves + 0.2 * noise)
        if tensor["type"] == "i8":
            values = numpy.clip(numpy.round(values * 128), -128, 127).astype(numpy.int8)
        arrays.append(values.reshape(samples, *shape).astype(TYPES[tensor["type"]]))
    return arrays
