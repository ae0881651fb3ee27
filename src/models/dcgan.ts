// Deep convolutional GAN. Goodfellow et al., "Generative adversarial nets" (2014); Radford et al., "Unsupervised
// representation learning with DCGANs" (2016). Looking at an image is a search for the latent vector that draws it:
// Schlegl et al., "Unsupervised anomaly detection with GANs to guide marker discovery" (AnoGAN, 2017), eq. 3-5.
import { z } from 'zod';
import { gradients } from '../graph/gradients.ts';
import {
  absolute,
  add,
  constant,
  divide,
  gatherRows,
  matmul,
  multiply,
  reduceSum,
  reshape,
  smallestIndices,
  sqrt,
  square,
  subtract,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sumPerRow } from '../nn/losses.ts';
import type { Scope } from '../nn/parameters.ts';
import { createRandom, fillNormal } from '../nn/random.ts';
import { type Domain, sizeOf } from './domain.ts';
import { createGan, ganOptions } from './gan.ts';
import type { GenerativeModel, Perception } from './model.ts';

export const dcganOptions = z.strictObject({
  ...ganOptions,
  objective: ganOptions.objective.default('standard'),
  /** Number of classes to condition on; 0 for none. */
  classes: z.int().min(0).max(256).default(0),
  /** Drawn images among which the search starts, at the one nearest to the image in question. */
  searchCandidates: z.int().min(1).max(10_000).default(512),
  /** Steps of the search from there. */
  searchSteps: z.int().min(0).max(500).default(12),
  /** Largest change of a latent coordinate in one step. */
  searchRate: z.number().positive().default(0.1),
  /** Share of the feature residual in what the search minimises; the rest is the residual of pixels. */
  searchFeatures: z.number().min(0).max(1).default(0.1),
});
export type DcganOptions = z.infer<typeof dcganOptions>;

/** Builds the GAN of rows of one domain. */
export function createDcgan(domain: Domain, options: DcganOptions): GenerativeModel {
  const { latentDim, classes } = options;
  const pixels = sizeOf(domain);
  const gan = createGan(domain, options);
  const flatten = (images: Tensor): Tensor => reshape(images, [images.shape[0] ?? 1, pixels]);

  /** Where the search starts: the latent vector, and class, of the drawn image nearest to each image. */
  const startOf = (scope: Scope, images: Tensor, labels?: Tensor) => {
    const count = options.searchCandidates;
    const draws = fillNormal(new Float32Array(count * latentDim), createRandom('search candidates'));
    const bank = constant(draws, [count, latentDim]);
    const classOf = oneHot(count, classes);
    const drawn = flatten(gan.generate(scope, bank, classOf));
    const norms = reshape(reduceSum(square(drawn), [1]), [1, count]);
    let distance = add(matmul(multiply(flatten(images), -2), drawn, { transposeB: true }), norms);
    if (labels !== undefined && classOf !== undefined) {
      // Candidates of another class than the one asked for are out of reach.
      const other = subtract(1, matmul(labels, classOf, { transposeB: true }));
      distance = add(distance, multiply(other, 1e6));
    }
    const nearest = smallestIndices(distance, 1);
    const rowsOf = (table: Tensor, length: number): Tensor =>
      reshape(gatherRows(table, nearest), [images.shape[0] ?? 1, length]);
    return {
      latent: rowsOf(bank, latentDim),
      labels: labels ?? (classOf === undefined ? undefined : rowsOf(classOf, classes)),
    };
  };

  /** AnoGAN's search, unrolled: Adam on the latent vector of each image, rows independent of each other. */
  const search = (scope: Scope, images: Tensor, seen: Tensor, givenLabels?: Tensor) => {
    const start = startOf(scope, images, givenLabels);
    let { latent } = start;
    let [first, second] = [multiply(latent, 0), multiply(latent, 0)];
    const { searchFeatures: share, searchRate: rate } = options;
    for (let step = 1; step <= options.searchSteps; step++) {
      const drawn = gan.generate(scope, latent, start.labels);
      const residual = sumPerRow(absolute(subtract(images, drawn)));
      const { features } = gan.judge(scope, drawn, start.labels);
      const discrepancy = reduceSum(absolute(subtract(seen, features)), [1]);
      const loss = add(multiply(residual, 1 - share), multiply(discrepancy, share));
      const [gradient] = gradients(reduceSum(loss), [latent]);
      first = add(multiply(first, 0.9), multiply(gradient as Tensor, 0.1));
      second = add(multiply(second, 0.99), multiply(square(gradient as Tensor), 0.01));
      const mean = multiply(first, 1 / (1 - 0.9 ** step));
      const spread = sqrt(multiply(second, 1 / (1 - 0.99 ** step)));
      latent = subtract(latent, multiply(divide(mean, add(spread, 1e-6)), rate));
    }
    return { ...start, latent };
  };

  function perceive(scope: Scope, images: Tensor, givenLabels?: Tensor): Perception {
    // The class is found by the search, so what the adversary sees of the image is taken without one.
    const seen = gan.judge(scope, images, givenLabels);
    const { latent, labels } = search(scope, images, seen.features, givenLabels);
    const drawn = gan.generate(scope, latent, labels);
    const { features } = gan.judge(scope, drawn, labels);
    const { realness } = labels === undefined ? seen : gan.judge(scope, images, labels);
    return {
      latent,
      reconstruction: flatten(drawn),
      features: seen.features,
      reconstructedFeatures: features,
      realness,
    };
  }

  return {
    domain,
    latentDim,
    classes,
    infersClass: true,
    stages: [gan.stage(1)],
    perceive,
    decode: (scope, latent, labels) => gan.generate(scope, latent, labels),
  };
}

/** Classes 0, 1, 2, ... in turn, one-hot [count, classes]; undefined for none. */
function oneHot(count: number, classes: number): Tensor | undefined {
  if (classes === 0) return undefined;
  const values = new Float32Array(count * classes);
  for (let row = 0; row < count; row++) values[row * classes + (row % classes)] = 1;
  return constant(values, [count, classes]);
}
