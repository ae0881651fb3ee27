// Where weights lie, and the laws they are drawn from.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { input } from '../../src/graph/operations.ts';
import { dense, heNormal, lecunNormal } from '../../src/nn/layers.ts';
import {
  type Initializer,
  initialize,
  layOut,
  scopeOfGroups,
  scopeOfValues,
} from '../../src/nn/parameters.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

const normal: Initializer = { kind: 'normal', deviation: 1 };

function drawn(initializer: Initializer, count = 40_000): Float32Array {
  return initialize(
    layOut((scope) => scope.parameter('w', [count], initializer)),
    1,
  );
}
const meanOf = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const deviationOf = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length - meanOf(values) ** 2);

test('initialisers have the moments they promise', () => {
  const standardErrors = 5 / Math.sqrt(40_000);
  for (const [initializer, deviation] of [
    [heNormal(50), Math.sqrt(2 / 50)],
    [lecunNormal(50), Math.sqrt(1 / 50)],
    [{ kind: 'uniform', bound: 0.3 }, 0.3 / Math.sqrt(3)],
  ] as [Initializer, number][]) {
    const values = drawn(initializer);
    assert.ok(Math.abs(meanOf(values)) < standardErrors * deviation);
    assert.ok(Math.abs(deviationOf(values) / deviation - 1) < standardErrors);
  }
  const uniform = drawn({ kind: 'uniform', bound: 0.3 });
  assert.ok(uniform.every((value) => Math.abs(value) <= 0.3));
  assert.deepEqual(drawn({ kind: 'zeros' }, 3), new Float32Array(3));
  assert.deepEqual(drawn({ kind: 'constant', value: -4 }, 3), Float32Array.of(-4, -4, -4));
});

test('a dense layer keeps the scale that it is meant to keep', async () => {
  const x = input('x', ['batch', 200]);
  const layout = layOut((scope) => dense(scope, 'layer', x, 100, lecunNormal));
  const scope = scopeOfValues(layout, initialize(layout, 2));
  const rows = drawn(normal, 200 * 100);
  const { y } = await evaluateGraph(
    { y: dense(scope, 'layer', x, 100) },
    { x: { values: rows, shape: [100, 200] } },
    100,
  );
  assert.ok(Math.abs(deviationOf(y) - 1) < 0.05);
});

test('another parameter leaves the others as they were; another seed does not', () => {
  const one = layOut((scope) => scope.parameter('a', [5], normal));
  const two = layOut((scope) => [scope.parameter('b', [3], normal), scope.parameter('a', [5], normal)]);
  const place = two.places.find(({ name }) => name === 'a')!;
  const values = initialize(two, 1);
  assert.deepEqual(values.slice(place.offset, place.offset + place.length), initialize(one, 1));
  assert.notDeepEqual(initialize(one, 1), initialize(one, 2));
});

test('places fill the vector without gaps, groups keep owners apart, chunks cover groups', () => {
  const layout = layOut(
    (scope) => {
      scope.parameter('g.small', [10], normal);
      scope.parameter('d.small', [20], normal);
      scope.parameter('g.large', [300, 300], normal);
      scope.parameter('g.other', [7], normal);
      scope.parameter('g.small', [10], normal);
    },
    (name) => name.slice(0, 1),
  );
  assert.equal(layout.length, 10 + 20 + 90_000 + 7);
  let end = 0;
  for (const { offset, length } of layout.places.toSorted((a, b) => a.offset - b.offset)) {
    assert.equal(offset, end);
    end = offset + length;
  }
  assert.equal(end, layout.length);
  let groupEnd = 0;
  for (const [g, { offset, length }] of layout.groups.entries()) {
    const owners = new Set(layout.places.filter(({ group }) => group === g).map(({ name }) => name[0]));
    assert.equal(owners.size, 1);
    assert.equal(offset, groupEnd);
    groupEnd += length;
  }
  assert.equal(groupEnd, layout.length);
});

test('a scope of groups and a scope of values give the same weights', async () => {
  const shapes: Record<string, number[]> = { a: [2, 3], b: [4], c: [1] };
  const layout = layOut((scope) =>
    Object.entries(shapes).map(([name, shape]) => scope.parameter(name, shape, normal)),
  );
  const values = initialize(layout, 4);
  const groups = layout.groups.map(({ length }, g) => input(`group${g}`, [length]));
  const fromGroups = scopeOfGroups(layout, groups);
  const fromValues = scopeOfValues(layout, values);
  const outputs = Object.fromEntries(
    Object.entries(shapes).flatMap(([name, shape]) => [
      [`groups.${name}`, fromGroups.parameter(name, shape, normal)],
      [`values.${name}`, fromValues.parameter(name, shape, normal)],
    ]),
  );
  const result = await evaluateGraph(
    outputs,
    Object.fromEntries(
      layout.groups.map(({ offset, length }, g) => [
        `group${g}`,
        { values: values.slice(offset, offset + length), shape: [length] },
      ]),
    ),
  );
  for (const name of Object.keys(shapes)) {
    assert.deepEqual(result[`groups.${name}`], result[`values.${name}`]);
  }
  assert.throws(() => fromValues.parameter('d', [1], normal), /no parameter 'd'/);
});
