"""The standard blocks for Python: the code that runs on the device, called through ctypes.

    import rune_blocks
    blocks = rune_blocks.Blocks()                      # build/lib/librune_blocks.so
    spectrum = blocks.run("fft", [sound_i16], [("u32", (1, 1960))])[0]
    features = blocks.run("noise-filtering", [spectrum], [("i8", (1, 1960))])[0]
    labels = blocks.run("label", [indices], [("utf8", (1,))], labels=["yes", "no"])[0]

Results equal those of the WebAssembly build bit for bit.
"""
import ctypes
import json
import pathlib

import numpy as np

_ELEMENTS = {"u8": (1, np.uint8), "i8": (2, np.int8), "u16": (3, np.uint16), "i16": (4, np.int16),
             "u32": (5, np.uint32), "i32": (6, np.int32), "u64": (7, np.uint64), "i64": (8, np.int64),
             "f32": (9, np.float32), "f64": (10, np.float64), "utf8": (11, None)}
_NAMES = {np.dtype(kind): name for name, (_, kind) in _ELEMENTS.items() if kind is not None}


class _Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size_bytes", ctypes.c_uint32)]


class _Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("size_bytes", ctypes.c_uint32), ("element", ctypes.c_uint8),
                ("rank", ctypes.c_uint8), ("channel", ctypes.c_uint16), ("dims", ctypes.POINTER(ctypes.c_uint32)),
                ("scale", ctypes.c_float), ("zero_point", ctypes.c_int32), ("reserved", ctypes.c_uint32)]


class _Value(ctypes.Union):
    _fields_ = [("i32", ctypes.c_int32), ("f32", ctypes.c_float), ("text", ctypes.c_char_p),
                ("list", ctypes.POINTER(_Text))]


class _Argument(ctypes.Structure):
    _fields_ = [("value", _Value), ("count", ctypes.c_uint32)]


def _text_array(items):
    texts = (_Text * max(1, len(items)))()
    for text, item in zip(texts, items):
        text.data, text.size_bytes = item.encode(), len(item.encode())
    return texts


class Blocks:
    """The blocks of one shared library, `build/lib/librune_blocks.so` unless another is given."""

    def __init__(self, path=None):
        root = pathlib.Path(__file__).resolve().parent.parent
        self._library = ctypes.CDLL(str(path or root / "build" / "lib" / "librune_blocks.so"))

    def descriptor(self, name):
        """The block's descriptor (docs/spec/block-descriptor.md) as a dictionary."""
        symbol = "rune_descriptor_" + name.replace("-", "_")
        text = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(self._library, symbol))).decode()
        return json.loads(text.split(" ", 1)[1])

    def new_state(self, name, output_elements=0):
        """Zeroed state for one use of a block; pass it to each call of that use."""
        rule = self.descriptor(name).get("state", {})
        size = rule.get("bytes", 0) + rule.get("bytes_per_output_element", 0) * output_elements
        return (ctypes.c_uint64 * (size // 8 + 1))()

    def run(self, name, inputs, outputs, state=None, quantisation=None, **arguments):
        """Runs one block. `inputs`: arrays; `outputs`: (element, shape) pairs; `quantisation`: pairs
        (scale, zero point) for the inputs and then the outputs. Returns the output arrays; utf8
        comes as lists of text."""
        name = name.replace("-", "_")
        inputs = [np.ascontiguousarray(array) for array in inputs]
        keep, tensors = [], []
        for array in inputs:
            tensors.append(self._tensor(_NAMES[array.dtype], array.ctypes.data, array.nbytes, array.shape, keep))
        results = []
        for element, shape in outputs:
            count = int(np.prod(shape))
            if element == "utf8":
                results.append((_Text * count)())
                tensors.append(self._tensor(element, ctypes.addressof(results[-1]), ctypes.sizeof(_Text) * count, shape, keep))
            else:
                results.append(np.zeros(shape, _ELEMENTS[element][1]))
                tensors.append(self._tensor(element, results[-1].ctypes.data, results[-1].nbytes, shape, keep))
        for tensor, (scale, zero_point) in zip(tensors, quantisation or []):
            tensor.scale, tensor.zero_point = scale, zero_point
        ins = (_Tensor * max(1, len(inputs)))(*tensors[:len(inputs)])
        outs = (_Tensor * max(1, len(outputs)))(*tensors[len(inputs):])
        state = state if state is not None else self.new_state(name, int(np.prod(outputs[0][1])) if outputs else 0)
        status = getattr(self._library, "rune_block_" + name)(
            ins, len(inputs), outs, len(outputs), self._arguments(name, arguments, keep), state)
        if status != 0:
            raise RuntimeError(f"block {name} refused: status {-status}")
        return [[text.data[:text.size_bytes].decode() if text.data else "" for text in result]
                if isinstance(result, ctypes.Array) else result for result in results]

    @staticmethod
    def _tensor(element, address, size, shape, keep):
        dims = (ctypes.c_uint32 * max(1, len(shape)))(*shape)
        keep.append(dims)
        return _Tensor(data=address, size_bytes=size, element=_ELEMENTS[element][0], rank=len(shape), dims=dims)

    def _arguments(self, name, given, keep):
        rules = self.descriptor(name).get("arguments", [])
        values = (_Argument * max(1, len(rules)))()
        for entry, rule in zip(values, rules):
            names = [rule["name"], *rule.get("aliases", [])]
            value = next((given.pop(known) for known in names if known in given), rule.get("default"))
            if value is None:
                raise TypeError(f"block {name} needs {rule['name']}")
            if rule["type"] == "int":
                entry.value.i32 = value
            elif rule["type"] == "float":
                entry.value.f32 = value
            elif rule["type"] == "text":
                keep.append(value.encode())
                entry.value.text, entry.count = keep[-1], len(keep[-1])
            else:
                keep.append(_text_array(value))
                entry.value.list, entry.count = keep[-1], len(value)
        if given:
            raise TypeError(f"block {name} has no argument {sorted(given)[0]}")
        return values
