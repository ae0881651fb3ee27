// Printed graphs: what a small network and its gradient look like.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../src/graph/gradients.ts';
import * as op from '../../src/graph/operations.ts';
import { printGraph } from '../../src/graph/print.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { dense } from '../../src/nn/layers.ts';
import type { Scope } from '../../src/nn/parameters.ts';

/** Removes the indentation and the outer line breaks of a snapshot. */
const snapshot = ([text]: TemplateStringsArray): string =>
  text!
    .split('\n')
    .slice(1, -1)
    .map((line) => line.trim())
    .join('\n');

function createScope(): Scope & { readonly weights: Map<string, Tensor> } {
  const weights = new Map<string, Tensor>();
  return {
    weights,
    parameter(name, shape) {
      const known = weights.get(name) ?? op.input(name, shape);
      weights.set(name, known);
      return known;
    },
  };
}

const network = (scope: Scope): Tensor =>
  dense(scope, 'out', op.relu(dense(scope, 'hidden', op.input('x', ['batch', 3]), 4)), 2);

test('a small network', () => {
  assert.equal(
    printGraph({ y: network(createScope()) }),
    snapshot`
    %0 = input() name=x -> [batch, 3]
    %1 = input() name=hidden.weight -> [3, 4]
    %2 = matmul(%0, %1) -> [batch, 4]
    %3 = input() name=hidden.bias -> [4]
    %4 = add(%2, %3) -> [batch, 4]
    %5 = relu(%4) -> [batch, 4]
    %6 = input() name=out.weight -> [4, 2]
    %7 = matmul(%5, %6) -> [batch, 2]
    %8 = input() name=out.bias -> [2]
    %9 = add(%7, %8) -> [batch, 2]
    y: %9
  `,
  );
});

test('its gradient', () => {
  const scope = createScope();
  const y = network(scope);
  const loss = op.multiply(op.reduceSum(op.square(y)), 0.5);
  const names = [...scope.weights.keys()];
  const flows = gradients(loss, [...scope.weights.values()]);
  const outputs = Object.fromEntries(flows.map((flow, i) => [`d ${names[i]}`, flow]));
  assert.equal(
    printGraph(outputs),
    snapshot`
    %0 = input() name=x -> [batch, 3]
    %1 = constant() {1} -> []
    %2 = constant() {0.5} -> []
    %3 = multiply(%1, %2) -> []
    %4 = reshape(%3) -> [1, 1]
    %5 = input() name=hidden.weight -> [3, 4]
    %6 = matmul(%0, %5) -> [batch, 4]
    %7 = input() name=hidden.bias -> [4]
    %8 = add(%6, %7) -> [batch, 4]
    %9 = relu(%8) -> [batch, 4]
    %10 = input() name=out.weight -> [4, 2]
    %11 = matmul(%9, %10) -> [batch, 2]
    %12 = input() name=out.bias -> [2]
    %13 = add(%11, %12) -> [batch, 2]
    %14 = multiply(%13, %13) -> [batch, 2]
    %15 = broadcast(%4, %14) -> [batch, 2]
    %16 = multiply(%15, %13) -> [batch, 2]
    %17 = multiply(%15, %13) -> [batch, 2]
    %18 = add(%16, %17) -> [batch, 2]
    %19 = matmul(%18, %10) transposeB -> [batch, 4]
    %20 = isPositive(%8) -> [batch, 4]
    %21 = multiply(%19, %20) -> [batch, 4]
    %22 = matmul(%0, %21) transposeA -> [3, 4]
    %23 = reduceSum(%21) axes=[0] -> [1, 4]
    %24 = reshape(%23) -> [4]
    %25 = matmul(%9, %18) transposeA -> [4, 2]
    %26 = reduceSum(%18) axes=[0] -> [1, 2]
    %27 = reshape(%26) -> [2]
    d hidden.weight: %22
    d hidden.bias: %24
    d out.weight: %25
    d out.bias: %27
  `,
  );
});

test('attributes, constants and element types', () => {
  const x = op.input('x', ['batch', 5], 'uint8');
  const nearest = op.smallestIndices(op.toFloat(x), 2);
  const table = op.constant(
    Float32Array.from({ length: 10 }, (_, i) => i),
    [5, 2],
  );
  const rows = op.gatherRows(table, nearest);
  const image = op.reshape(op.slice(op.toFloat(x), 1, 0, 4), ['batch', 2, 2, 1]);
  const shown = op.conv(
    op.pad(image, [0, 1, 0, 0], [0, 0, -1, 0]),
    op.constant(Float32Array.of(1, 2), [2, 1, 1, 1]),
    1,
  );
  assert.equal(
    printGraph({ rows, shown, same: shown }),
    snapshot`
    %0 = constant() {10 values} -> [5, 2]
    %1 = input() name=x -> uint8[batch, 5]
    %2 = toFloat(%1) -> [batch, 5]
    %3 = smallestIndices(%2) count=2 -> int64[batch, 2]
    %4 = gatherRows(%0, %3) -> [batch, 2, 2]
    %5 = toFloat(%1) -> [batch, 5]
    %6 = slice(%5) axis=1 start=0 end=4 -> [batch, 4]
    %7 = reshape(%6) -> [batch, 2, 2, 1]
    %8 = pad(%7) before=[0, 1, 0, 0] after=[0, 0, -1, 0] -> [batch, 3, 1, 1]
    %9 = constant() {1, 2} -> [2, 1, 1, 1]
    %10 = conv(%8, %9) padding=1 -> [batch, 4, 3, 1]
    rows: %4
    shown: %10
    same: %10
  `,
  );
});
