// The public datasets Oddity knows by name: their files, checksums, class names and mirrors.
// Apart from the code that fetches them: this is the one table to edit when a mirror moves.

/** The four files of a dataset of the MNIST family, by what they hold. */
export type FileRole = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';

/** One published file: the gzip as it is served, and its content once unpacked. */
export interface CatalogueFile {
  /** File name of the gzip on every mirror. */
  readonly file: string;
  /** Size of the gzip in bytes. */
  readonly size: number;
  readonly sha256: string;
  /** SHA-256 of the unpacked IDX bytes. */
  readonly contentSha256: string;
}

/** A dataset that can be fetched by name. */
export interface CatalogueEntry {
  readonly classNames: readonly string[];
  readonly files: Readonly<Record<FileRole, CatalogueFile>>;
  /** Folder addresses, each ending in '/', tried in this order. */
  readonly mirrors: readonly string[];
}

/** File names of the four roles, without '.gz'. */
export const fileNames: Readonly<Record<FileRole, string>> = {
  trainImages: 'train-images-idx3-ubyte',
  trainLabels: 'train-labels-idx1-ubyte',
  testImages: 't10k-images-idx3-ubyte',
  testLabels: 't10k-labels-idx1-ubyte',
};

/** The roles in the order in which they are looked for and fetched: small files first, so mistakes show early. */
export const fileRoles: readonly FileRole[] = ['testLabels', 'trainLabels', 'testImages', 'trainImages'];

export type CatalogueName = 'mnist' | 'fashion-mnist';

/** Checksums are those of the originals as LeCun et al. (1998) and Xiao et al. (2017) published them. */
export const catalogue: Readonly<Record<CatalogueName, CatalogueEntry>> = {
  mnist: {
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    files: {
      trainImages: {
        file: `${fileNames.trainImages}.gz`,
        size: 9912422,
        sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
        contentSha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      },
      trainLabels: {
        file: `${fileNames.trainLabels}.gz`,
        size: 28881,
        sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
        contentSha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      },
      testImages: {
        file: `${fileNames.testImages}.gz`,
        size: 1648877,
        sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
        contentSha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      },
      testLabels: {
        file: `${fileNames.testLabels}.gz`,
        size: 4542,
        sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
        contentSha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      },
    },
    mirrors: [
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
    ],
  },
  'fashion-mnist': {
    classNames: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    files: {
      trainImages: {
        file: `${fileNames.trainImages}.gz`,
        size: 26421880,
        sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
        contentSha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
      },
      trainLabels: {
        file: `${fileNames.trainLabels}.gz`,
        size: 29515,
        sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
        contentSha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
      },
      testImages: {
        file: `${fileNames.testImages}.gz`,
        size: 4422102,
        sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
        contentSha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
      },
      testLabels: {
        file: `${fileNames.testLabels}.gz`,
        size: 5148,
        sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
        contentSha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
      },
    },
    mirrors: [
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
      'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    ],
  },
};

/** Class names of the known dataset whose unpacked label file has this SHA-256, wherever it lies; else undefined. */
export function classNamesByLabels(contentSha256: string): readonly string[] | undefined {
  const entries = Object.values(catalogue);
  return entries.find(({ files }) =>
    [files.trainLabels, files.testLabels].some((file) => file.contentSha256 === contentSha256),
  )?.classNames;
}
