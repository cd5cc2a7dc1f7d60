// Writes ONNX files: the few messages of onnx.proto that a decoder needs, on the wire format of @bufbuild/protobuf.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Element types of onnx.proto (`TensorProto.DataType`). */
export const elementType = { float: 1, int64: 7, bool: 9 };

/** `AttributeProto.AttributeType`. */
const attributeType = { int: 2, ints: 7 };

const irVersion = 8;
const opsetVersion = 17;

/** A graph that grows node by node; a node is named after its first output. */
export class OnnxGraph {
  #nodes = [];
  #tensors = [];
  #inputs = [];
  #outputs = [];
  #count = 0;

  /** @param {string} name @param {number} type @param {(string | number)[]} shape names are lengths that vary */
  input(name, type, shape) {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  output(name, type, shape) {
    this.#outputs.push({ name, type, shape });
  }

  /** @param {Float32Array | BigInt64Array} values @param {number[]} dims `[]` = one number */
  constant(name, values, dims = [values.length]) {
    this.#tensors.push({ name, values, dims });
    return name;
  }

  int64s(name, ...values) {
    return this.constant(name, BigInt64Array.from(values, BigInt));
  }

  int64(name, value) {
    return this.constant(name, BigInt64Array.of(BigInt(value)), []);
  }

  float(name, value) {
    return this.constant(name, Float32Array.of(value), []);
  }

  /** Adds a node with one output. @returns the output's name */
  node(operator, inputs, attributes = {}, output = `${operator.toLowerCase()}_${this.#count++}`) {
    this.#nodes.push({ operator, inputs, outputs: [output], attributes });
    return output;
  }

  /** Cuts a tensor in two along an axis. @returns {string[]} the parts' names */
  split(input, lengths, axis) {
    const name = `split_${this.#count++}`;
    const outputs = [`${name}_0`, `${name}_1`];
    this.#nodes.push({ operator: 'Split', inputs: [input, lengths], outputs, attributes: { axis } });
    return outputs;
  }

  /** @param {string} name @param {Record<string, string>} properties kept in the file for people */
  encode(name, properties) {
    const writer = new BinaryWriter();
    writer.tag(1, WireType.Varint).int64(irVersion);
    writer.tag(2, WireType.LengthDelimited).string('parley');
    message(writer, 7, (graph) => this.#writeGraph(graph, name));
    message(writer, 8, (opset) => {
      opset.tag(1, WireType.LengthDelimited).string('');
      opset.tag(2, WireType.Varint).int64(opsetVersion);
    });
    for (const [key, value] of Object.entries(properties))
      message(writer, 14, (entry) => {
        entry.tag(1, WireType.LengthDelimited).string(key);
        entry.tag(2, WireType.LengthDelimited).string(value);
      });
    return writer.finish();
  }

  #writeGraph(writer, name) {
    for (const node of this.#nodes) message(writer, 1, (part) => writeNode(part, node));
    writer.tag(2, WireType.LengthDelimited).string(name);
    for (const tensor of this.#tensors) message(writer, 5, (part) => writeTensor(part, tensor));
    for (const value of this.#inputs) message(writer, 11, (part) => writeValue(part, value));
    for (const value of this.#outputs) message(writer, 12, (part) => writeValue(part, value));
  }
}

function message(writer, field, write) {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

function writeNode(writer, { operator, inputs, outputs, attributes }) {
  for (const name of inputs) writer.tag(1, WireType.LengthDelimited).string(name);
  for (const name of outputs) writer.tag(2, WireType.LengthDelimited).string(name);
  writer.tag(3, WireType.LengthDelimited).string(outputs[0]);
  writer.tag(4, WireType.LengthDelimited).string(operator);
  for (const [name, value] of Object.entries(attributes))
    message(writer, 5, (attribute) => writeAttribute(attribute, name, value));
}

/** A list is one of whole numbers, a number is a whole one: no operator in use needs others. */
function writeAttribute(writer, name, value) {
  writer.tag(1, WireType.LengthDelimited).string(name);
  if (Array.isArray(value)) for (const item of value) writer.tag(8, WireType.Varint).int64(item);
  else writer.tag(3, WireType.Varint).int64(value);
  writer.tag(20, WireType.Varint).int32(Array.isArray(value) ? attributeType.ints : attributeType.int);
}

function writeTensor(writer, { name, values, dims }) {
  for (const length of dims) writer.tag(1, WireType.Varint).int64(length);
  const type = values instanceof Float32Array ? elementType.float : elementType.int64;
  writer.tag(2, WireType.Varint).int32(type);
  writer.tag(8, WireType.LengthDelimited).string(name);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  writer.tag(9, WireType.LengthDelimited).bytes(bytes);
}

function writeValue(writer, { name, type, shape }) {
  writer.tag(1, WireType.LengthDelimited).string(name);
  message(writer, 2, (typeMessage) =>
    message(typeMessage, 1, (tensor) => {
      tensor.tag(1, WireType.Varint).int32(type);
      message(tensor, 2, (dims) => {
        for (const length of shape)
          message(dims, 1, (dim) => {
            if (typeof length === 'string') dim.tag(2, WireType.LengthDelimited).string(length);
            else dim.tag(1, WireType.Varint).int64(length);
          });
      });
    }),
  );
}
