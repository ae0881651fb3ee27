// Published AUROC in percent, to stand beside ours in the benchmark tables.
export interface PublishedRow {
  readonly method: string;
  /** Classes 0 to 9, where the source gives them. */
  readonly perClass?: readonly number[];
  readonly mean: number;
  /** Set where the number was taken from memory of the paper and still has to be checked. */
  readonly unchecked?: true;
  /** Set where the method was trained with the normal classes' labels. */
  readonly usesLabels?: true;
}

/** Rows by the name of the protocol that they were measured under. */
export const publishedRows = {
  'mnist-one-class': [
    { method: 'ESAD', mean: 98.5 },
    {
      method: 'ARNet (self-supervised)',
      perClass: [98.6, 99.9, 99.0, 99.1, 98.1, 98.1, 99.7, 99.0, 93.6, 97.8],
      mean: 98.3,
    },
    {
      method: 'GeoTrans (self-supervised)',
      perClass: [98.2, 91.6, 99.4, 99.0, 99.1, 99.6, 99.9, 96.3, 97.2, 99.2],
      mean: 98.0,
    },
    {
      method: 'ARAE, mean of the last 50 epochs',
      perClass: [99.1, 99.6, 95.3, 96.8, 97.7, 98.3, 99.2, 97.3, 95.9, 96.8],
      mean: 97.6,
    },
    { method: 'OCGAN', perClass: [99.8, 99.9, 94.2, 96.3, 97.5, 98.0, 99.1, 98.1, 93.9, 98.1], mean: 97.5 },
    { method: 'P-KDGAN', mean: 97.25 },
    {
      method: 'VAE, MLP 784-512-256-10',
      perClass: [99.4, 99.9, 92.8, 95.2, 95.7, 96.4, 98.8, 97.0, 88.9, 96.8],
      mean: 96.1,
    },
    {
      method: 'VAE, convolutional',
      perClass: [99.5, 100, 93.0, 94.4, 94.6, 95.4, 99.4, 96.2, 89.1, 97.4],
      mean: 95.9,
    },
    {
      method: 'Deep SVDD',
      perClass: [98.0, 99.7, 91.7, 91.9, 94.9, 88.5, 98.3, 94.6, 93.9, 96.5],
      mean: 94.8,
    },
    {
      method: 'f-AnoGAN',
      perClass: [96.7, 99.9, 83.5, 88.0, 86.5, 85.6, 93.3, 89.7, 86.1, 92.0],
      mean: 90.1,
    },
  ],
  'fashion-one-class': [
    { method: 'ESAD', mean: 94.0 },
    { method: 'ARNet', perClass: [92.7, 99.3, 89.1, 93.6, 90.8, 93.1, 85.0, 98.4, 97.8, 98.4], mean: 93.9 },
    {
      method: 'ARAE',
      perClass: [93.7, 99.1, 91.1, 94.4, 92.3, 91.4, 83.6, 98.9, 93.9, 97.9],
      mean: 93.6,
      unchecked: true,
    },
    {
      method: 'GeoTrans',
      perClass: [99.4, 97.6, 91.1, 89.9, 92.1, 93.4, 83.3, 98.9, 90.8, 99.2],
      mean: 93.5,
    },
    { method: 'P-KDGAN', mean: 92.9 },
    { method: 'Deep SVDD', mean: 89.2 },
    {
      method: 'VAE',
      perClass: [87.4, 97.7, 81.6, 91.2, 87.2, 91.6, 73.8, 97.6, 79.5, 96.5],
      mean: 88.4,
      unchecked: true,
    },
    {
      method: 'OCGAN',
      perClass: [85.5, 93.4, 85.0, 88.1, 85.8, 88.5, 77.5, 93.9, 82.7, 97.8],
      mean: 87.8,
      unchecked: true,
    },
  ],
  'mnist-leave-one-out': [
    { method: 'CL-VAE', mean: 97.4, usesLabels: true },
    { method: 'VAE, latent 2', mean: 85.5 },
    { method: 'VAE, convolutional', mean: 84.7 },
    { method: 'VAE, MLP', mean: 83.5 },
    { method: 'f-AnoGAN', mean: 78.7 },
    { method: 'Deep SVDD', mean: 62.2 },
  ],
} as const satisfies Readonly<Record<string, readonly PublishedRow[]>>;

/** Modes found on Stacked MNIST with 26,000 samples, and the KL of their histogram from the uniform one in nats. */
export const publishedModes: readonly {
  readonly method: string;
  readonly modes: number;
  readonly divergence: number;
  readonly unchecked?: true;
}[] = [
  { method: 'PacDCGAN2', modes: 1000, divergence: 0.06 },
  { method: 'VEEGAN', modes: 150, divergence: 2.95 },
  { method: 'DCGAN', modes: 99, divergence: 3.4, unchecked: true },
];
