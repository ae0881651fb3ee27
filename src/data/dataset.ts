// What every reader of images yields and every model takes: 8-bit rows with optional labels.
// Apart from the readers so that browsers can build a dataset without touching a file.

/** Height, width and channels of one image, in pixels. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** A set of images, each `height * width * channels` bytes in row-major, channels-last order. */
export interface ImageSet {
  readonly shape: ImageShape;
  readonly count: number;
  /** Raw pixels 0..255; a model divides them by 255 inside its graph, so that [0, 1] is what it sees. */
  readonly pixels: Uint8Array;
  /** One class index per image, where the source has labels. */
  readonly labels?: Uint8Array;
}

/** A named pair of training and test images that never share a row. */
export interface ImageDataset {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly train: ImageSet;
  readonly test: ImageSet;
}
