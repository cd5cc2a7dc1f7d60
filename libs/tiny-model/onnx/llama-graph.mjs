// A Llama decoder as an ONNX graph: embedding, rotary positions, attention over past keys and values, SwiGLU, logits.
// Names of inputs and outputs are those that exported models have everywhere (Optimum, transformers.js).
import { elementType, OnnxGraph } from './onnx-file.mjs';

/** What softmax turns to nothing. */
const masked = -3e38;

/** @param {Awaited<ReturnType<typeof import('./read-gguf.mjs').readLlama>>} model */
export function llamaGraph(model) {
  const graph = new OnnxGraph();
  addConstants(graph, model);
  const ids = graph.input('input_ids', elementType.int64, ['batch', 'sequence']);
  const seen = graph.input('attention_mask', elementType.int64, ['batch', 'past_and_sequence']);
  const positions = graph.input('position_ids', elementType.int64, ['batch', 'sequence']);
  const around = {
    mask: maskOf(graph, seen, ids),
    cos: rotation(graph, 'cos', positions),
    sin: rotation(graph, 'sin', positions),
  };
  let state = graph.node('Gather', ['embedding', ids]);
  for (let layer = 0; layer < model.layers; layer++) {
    state = attention(graph, model, layer, state, around);
    state = feedForward(graph, model, layer, state);
  }
  state = norm(graph, state, graph.constant('output_norm', model.tensor('output_norm.weight')));
  graph.node('MatMul', [state, headOf(graph, model)], {}, 'logits');
  graph.output('logits', elementType.float, ['batch', 'sequence', model.vocabulary]);
  return graph;
}

function addConstants(graph, model) {
  const { width, heads, headWidth, vocabulary, context, ropeBase, epsilon } = model;
  graph.constant('embedding', model.tensor('token_embd.weight'), [vocabulary, width]);
  const half = headWidth / 2;
  const angles = Array.from(
    { length: context * half },
    (_, index) => Math.floor(index / half) * ropeBase ** (-(index % half) / half),
  );
  graph.constant('cos_table', Float32Array.from(angles, Math.cos), [context, half]);
  graph.constant('sin_table', Float32Array.from(angles, Math.sin), [context, half]);
  graph.float('epsilon', epsilon);
  graph.float('scale', headWidth ** -0.5);
  graph.float('masked', masked);
  graph.float('open', 0);
  graph.int64('zero', 0);
  graph.int64('one', 1);
  graph.int64s('axis_0', 0);
  graph.int64s('axis_1', 1);
  graph.int64s('axes_1_2', 1, 2);
  graph.int64s('axes_0_1', 0, 1);
  graph.int64s('split_heads', 0, 0, heads, headWidth);
  graph.int64s('join_heads', 0, 0, width);
  graph.int64s('halves', half, half);
}

/** 0 where a token may look, almost minus infinity elsewhere; [batch, 1, sequence, past and sequence]. */
function maskOf(graph, seen, ids) {
  const total = graph.node('Gather', [graph.node('Shape', [seen]), 'one']);
  const length = graph.node('Gather', [graph.node('Shape', [ids]), 'one']);
  const columns = graph.node('Range', ['zero', total, 'one']);
  const rows = graph.node('Range', [graph.node('Sub', [total, length]), total, 'one']);
  const earlier = graph.node('LessOrEqual', [
    graph.node('Unsqueeze', [columns, 'axis_0']),
    graph.node('Unsqueeze', [rows, 'axis_1']),
  ]);
  const present = graph.node('Unsqueeze', [graph.node('Cast', [seen], { to: elementType.bool }), 'axes_1_2']);
  const allowed = graph.node('And', [graph.node('Unsqueeze', [earlier, 'axes_0_1']), present]);
  return graph.node('Where', [allowed, 'open', 'masked']);
}

function rotation(graph, name, positions) {
  return graph.node('Unsqueeze', [graph.node('Gather', [`${name}_table`, positions]), 'axis_1']);
}

function norm(graph, state, weight) {
  const square = graph.node('Mul', [state, state]);
  const mean = graph.node('ReduceMean', [square], { axes: [-1], keepdims: 1 });
  const root = graph.node('Sqrt', [graph.node('Add', [mean, 'epsilon'])]);
  return graph.node('Mul', [graph.node('Div', [state, root]), weight]);
}

function attention(graph, model, layer, state, { mask, cos, sin }) {
  const { width, heads, headWidth } = model;
  const from = norm(
    graph,
    state,
    graph.constant(`${layer}.norm_a`, model.tensor(`blk.${layer}.attn_norm.weight`)),
  );
  const project = (name, reorder) => {
    const weight = model.tensor(`blk.${layer}.attn_${name}.weight`);
    const rows = reorder ? asHalves(weight, heads, headWidth, width) : weight;
    const matrix = graph.constant(`${layer}.${name}`, transposed(rows, width, width), [width, width]);
    const flat = graph.node('Reshape', [graph.node('MatMul', [from, matrix]), 'split_heads']);
    return graph.node('Transpose', [flat], { perm: [0, 2, 1, 3] });
  };
  const query = rotate(graph, project('q', true), cos, sin);
  const key = withPast(graph, model, layer, 'key', rotate(graph, project('k', true), cos, sin));
  const value = withPast(graph, model, layer, 'value', project('v', false));
  const scores = graph.node('MatMul', [query, graph.node('Transpose', [key], { perm: [0, 1, 3, 2] })]);
  const weighed = graph.node('Add', [graph.node('Mul', [scores, 'scale']), mask]);
  const mixed = graph.node('MatMul', [graph.node('Softmax', [weighed], { axis: -1 }), value]);
  const joined = graph.node('Reshape', [
    graph.node('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
    'join_heads',
  ]);
  const out = transposed(model.tensor(`blk.${layer}.attn_output.weight`), width, width);
  return graph.node('Add', [
    state,
    graph.node('MatMul', [joined, graph.constant(`${layer}.o`, out, [width, width])]),
  ]);
}

/** The two halves of each head are the two coordinates that a position turns. */
function rotate(graph, state, cos, sin) {
  const [a, b] = graph.split(state, 'halves', -1);
  const turned = [
    graph.node('Sub', [graph.node('Mul', [a, cos]), graph.node('Mul', [b, sin])]),
    graph.node('Add', [graph.node('Mul', [b, cos]), graph.node('Mul', [a, sin])]),
  ];
  return graph.node('Concat', turned, { axis: -1 });
}

function withPast(graph, { heads, headWidth }, layer, name, state) {
  const shape = (length) => ['batch', heads, length, headWidth];
  const past = graph.input(`past_key_values.${layer}.${name}`, elementType.float, shape('past'));
  const present = graph.node('Concat', [past, state], { axis: 2 }, `present.${layer}.${name}`);
  graph.output(present, elementType.float, shape('past_and_sequence'));
  return present;
}

function feedForward(graph, model, layer, state) {
  const { width, hidden } = model;
  const from = norm(
    graph,
    state,
    graph.constant(`${layer}.norm_f`, model.tensor(`blk.${layer}.ffn_norm.weight`)),
  );
  const product = (name, input, rows, columns) => {
    const weight = transposed(model.tensor(`blk.${layer}.ffn_${name}.weight`), rows, columns);
    return graph.node('MatMul', [input, graph.constant(`${layer}.${name}`, weight, [columns, rows])]);
  };
  const gate = product('gate', from, hidden, width);
  const open = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
  const inner = graph.node('Mul', [open, product('up', from, hidden, width)]);
  return graph.node('Add', [state, product('down', inner, width, hidden)]);
}

/** From states to logits: a matrix of its own, or the embedding turned round. */
function headOf(graph, model) {
  if (!model.has('output.weight')) return graph.node('Transpose', ['embedding'], { perm: [1, 0] });
  const head = transposed(model.tensor('output.weight'), model.vocabulary, model.width);
  return graph.constant('head', head, [model.width, model.vocabulary]);
}

/** llama.cpp turns neighbours; the rows of each head are put so that halves are turned. */
function asHalves(weight, heads, headWidth, width) {
  const ordered = new Float32Array(weight.length);
  for (let row = 0; row < heads * headWidth; row++) {
    const place = row % headWidth;
    const target = row - place + (place % 2) * (headWidth / 2) + Math.floor(place / 2);
    ordered.set(weight.subarray(row * width, (row + 1) * width), target * width);
  }
  return ordered;
}

function transposed(matrix, rows, columns) {
  const turned = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = matrix[row * columns + column];
  return turned;
}
