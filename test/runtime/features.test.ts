// Operations on raw features: texts to codes, missing numbers, positions; and models cut down to some outputs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as op from '../../src/graph/operations.ts';
import { lowerGraph } from '../../src/runtime/lower.ts';
import { decodeModel } from '../../src/runtime/onnx-schema.ts';
import { pruneModel } from '../../src/runtime/prune.ts';
import { compile, createBuffer, openSession } from '../../src/runtime/session.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

test('texts become positions; a text without one gets the place after the last', async () => {
  const texts = op.input('texts', ['batch'], 'string');
  const session = await compile({ code: op.categoryCode(texts, ['tcp', '', 'größe']) }, { threads: 1 });
  const code = new BigInt64Array(5);
  await session.run(
    { texts: createBuffer(['größe', '', 'tcp', 'TCP', 'new'], [5]) },
    { code: createBuffer(code, [5]) },
  );
  await session.close();
  assert.deepEqual([...code], [2n, 1n, 0n, 3n, 3n]);
});

test('missing numbers are seen and replaced, others are left as they are', async () => {
  const x = op.input('x', ['batch', 2]);
  const by = op.constant(Float32Array.of(7, 8), [2]);
  const outputs = { replaced: op.replaceMissing(x, by), missing: op.isMissing(x) };
  const values = [Number.NaN, 1, 2, Number.NaN, Number.POSITIVE_INFINITY, 0];
  const seen = await evaluateGraph(outputs, { x: { values, shape: [3, 2] } }, 3);
  assert.deepEqual([...seen.replaced], [7, 1, 2, 8, Number.POSITIVE_INFINITY, 0]);
  assert.deepEqual([...seen.missing], [1, 0, 0, 1, 0, 0]);
});

test('positions are rounded down', async () => {
  const x = op.input('x', ['batch']);
  const table = op.constant(Float32Array.of(10, 11, 12), [3]);
  const outputs = { found: op.gatherRows(table, op.toIndex(x)) };
  const { found } = await evaluateGraph(outputs, { x: { values: [0, 0.99, 1, 2.5], shape: [4] } }, 4);
  assert.deepEqual([...found], [10, 10, 11, 12]);
});

test('a pruned model keeps what its outputs need, and computes the same', async () => {
  const [x, y] = [op.input('x', ['batch']), op.input('y', ['batch'])];
  const sum = op.add(x, op.constant(Float32Array.of(3), [1]));
  const bytes = lowerGraph({ sum, product: op.multiply(sum, y), exponential: op.exp(y) }, { name: 'whole' });
  const pruned = pruneModel(bytes, ['sum']);
  const { graph } = decodeModel(pruned);
  assert.deepEqual(
    graph.node.map(({ opType }) => opType),
    ['Add'],
  );
  assert.deepEqual(
    graph.input.map(({ name }) => name),
    ['x'],
  );
  const session = await openSession(pruned, { threads: 1 });
  const found = new Float32Array(2);
  await session.run({ x: createBuffer(Float32Array.of(1, 2), [2]) }, { sum: createBuffer(found, [2]) });
  await session.close();
  assert.deepEqual([...found], [4, 5]);
  assert.throws(() => pruneModel(bytes, ['difference']), /no output 'difference'/);
});
