// Strided and transposed convolutions and their gradients against PyTorch's numbers (reference.py).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gradients } from '../../src/graph/gradients.ts';
import { constant, input, multiply, reduceSum } from '../../src/graph/operations.ts';
import { elementCount } from '../../src/graph/tensor.ts';
import { convolve, convolveTransposed, depthToSpace, spaceToDepth } from '../../src/nn/convolution.ts';
import { evaluateGraph } from '../evaluate-graph.ts';
import { largestDifference, reference, wave } from './reference.ts';

// Sums of up to 200 float32 products of size 1, against numbers with 5 decimals.
const tolerance = 3e-5;

for (const [name, operation] of Object.entries({ convolve, convolveTransposed })) {
  describe(name, () => {
    for (const each of reference[name as 'convolve' | 'convolveTransposed']) {
      const [height, width, kernel, stride, padding, inputs, outputs] = each.case;
      const title = `${height}x${width}, kernel ${kernel}, stride ${stride}, padding ${padding}, ${inputs} -> ${outputs}`;
      test(title, async () => {
        const shapes = { x: [1, height, width, inputs], k: [kernel, kernel, inputs, outputs] };
        const [x, k] = [input('x', shapes.x), input('k', shapes.k)];
        const y = operation(x, k, stride, padding);
        assert.deepEqual(y.shape, each.shape);
        const weights = constant(Float32Array.from(wave(elementCount(y.shape), 0.4, 0.1)), y.shape);
        const [ofInput, ofKernel] = gradients(reduceSum(multiply(y, weights)), [x, k]);
        const result = await evaluateGraph(
          { y, ofInput: ofInput!, ofKernel: ofKernel! },
          {
            x: { values: wave(elementCount(shapes.x), 1.3, 0.2), shape: shapes.x },
            k: { values: wave(elementCount(shapes.k), 0.7, 0.5), shape: shapes.k },
          },
        );
        assert.ok(largestDifference(result.y, each.y) < tolerance, 'value');
        assert.ok(largestDifference(result.ofInput, each.gradientOfInput) < tolerance, 'gradient of input');
        assert.ok(
          largestDifference(result.ofKernel, each.gradientOfKernel) < tolerance,
          'gradient of kernel',
        );
      });
    }
  });
}

test('spaceToDepth gathers blocks, depthToSpace undoes it', async () => {
  const shape = [1, 4, 4, 1];
  const x = input('x', shape);
  const blocks = spaceToDepth(x, 2);
  const values = Float32Array.from({ length: 16 }, (_, i) => i);
  const result = await evaluateGraph({ blocks, back: depthToSpace(blocks, 2) }, { x: { values, shape } });
  assert.deepEqual([...result.blocks], [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
  assert.deepEqual(result.back, values);
});
