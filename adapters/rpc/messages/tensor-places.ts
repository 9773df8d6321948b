/** Where text tensors keep their strings, as data. Applies wherever a descriptor has these names, built in or given. */

import type { FieldShape, MessageForm } from "./plan.ts";

/** The shapes of tensors' fields, by full name; each is `repeated`, a message list or bytes as the shape needs. */
export const tensorShapes: Readonly<Record<string, FieldShape>> = {
  "inference.ModelInferRequest.inputs": "tensor",
  "inference.ModelInferRequest.raw_input_contents": "raw-tensor",
  "inference.ModelInferResponse.outputs": "tensor",
  "inference.ModelInferResponse.raw_output_contents": "raw-tensor",
  "inference.InferTensorContents.bytes_contents": "element",
  "tensorflow.TensorProto.string_val": "tf-strings",
  "tensorflow.TensorProto.tensor_content": "tf-content",
};

/** Messages that must be looked through before they are read, because one field says what another holds. */
export const tensorForms: Readonly<Record<string, MessageForm>> = {
  "inference.ModelInferRequest": "tensors",
  "inference.ModelInferResponse": "tensors",
  "tensorflow.TensorProto": "tf-tensor",
};

/** The join that makes text tensors of streamed answers run over the stream (ARCHITECTURE.md 1.6 rule 1). */
export const streamedTensors = "inference.ModelInferResponse.outputs";
