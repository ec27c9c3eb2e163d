"""From a trained Keras model to the .tflite file that a rune packages."""

import flatbuffers
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2


def write(converted, path):
    """Without what only its maker needs: names of tensors, ranges seen in calibration, metadata."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(converted, 0))
    model.metadata, model.description, model.signatureDefs = [], "", []
    for graph in model.subgraphs:
        graph.name = ""
        for number, tensor in enumerate(graph.tensors):
            tensor.name = str(number)
            if tensor.quantization is not None:
                tensor.quantization.min = tensor.quantization.max = None
    builder = flatbuffers.Builder(len(converted))
    builder.Finish(model.Pack(builder), b"TFL3")
    with open(path, "wb") as file:
        file.write(builder.Output())


def converter_of(model):
    """With a batch of one and constant weights, so that nothing computes shapes or reads variables."""
    one = tf.TensorSpec((1,) + model.input_shape[1:], tf.float32)
    function = convert_variables_to_constants_v2(tf.function(model).get_concrete_function(one))
    return tf.lite.TFLiteConverter.from_concrete_functions([function])


def to_float(model, path):
    write(converter_of(model).convert(), path)


def to_int8(model, samples, path, real_ends=False):
    """Full integer quantisation after training, calibrated on float32 samples[n][...].

    Inputs and outputs are int8, or with real_ends float32 with the conversions inside the model.
    """
    converter = converter_of(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if not real_ends:
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
    write(converter.convert(), path)


def run(path, samples):
    """The outputs of the file's model for samples in its own input type, by TensorFlow's reference kernels."""
    interpreter = tf.lite.Interpreter(
        path, experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF
    )
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    outputs = []
    for sample in samples:
        interpreter.set_tensor(source["index"], sample.reshape(source["shape"]).astype(source["dtype"]))
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(result["index"])[0].copy())
    return np.array(outputs)
