// `oddity train`: from normal images or rows to a saved detector, with a checkpoint after each epoch.
import { defineCommand } from '../command.ts';
import { addClassFlags, addSessionFlags, rate, requireFlag, type SessionFlags } from '../flags.ts';
import { checkImageFlags, type ImageTrainingFlags, imageFlagNames, prepareImages } from '../images/train.ts';
import { addLearnFlags, type LearnFlags, learnFlagNames } from '../tables/flags.ts';
import { isTablePath, refuseFlags } from '../tables/kind.ts';
import { learnFlagsOf } from '../tables/learn.ts';
import { prepareTable } from '../tables/train.ts';
import { addSeedFlag, addTrainingFlags, choicesOf, type TrainingFlags } from '../training/flags.ts';
import type { FolderFlags } from '../training/folder.ts';
import { trainIntoFolder } from '../training/into-folder.ts';

interface Flags
  extends TrainingFlags,
    Omit<ImageTrainingFlags, 'normal'>,
    LearnFlags,
    SessionFlags,
    Omit<FolderFlags, 'out'> {
  readonly out?: string;
}

export const train = defineCommand<Flags>({
  usage: 'train <data>',
  summary: 'train a detector on normal images or rows and save it',
  arguments: { data: 'mnist, fashion-mnist, digits, or a path to images or tables' },
  examples: [
    'train transactions.csv --label Class --drop Time --out runs/fraud',
    "train 'logs/*.parquet' --category host,service --out runs/logs",
    'train payments.csv --label fraud --time at --entity card,shop --out runs/payments',
    'train mnist --normal 3 --out runs/three',
    'train mnist --anomaly 4 --members 3 --out runs/no-four',
    'train fashion-mnist --normal coat,pullover --epochs 20 --out runs/warm --pictures runs/warm-pictures',
    'train mnist --normal 3 --out runs/three --resume',
  ],
  flags(command) {
    addClassFlags(
      command.option('--out <folder>', 'where the detector goes'),
      "classes, or the label's values,",
    );
    command
      .option('--resume', 'go on where the run in --out stopped')
      .option('--overwrite', 'replace what is in --out')
      .option('--false-alarm-rate <rate>', 'false alarms per normal row (default: 0.01)', rate)
      .option('--conditional', 'images: let the model know the classes')
      .option('--pictures <folder>', 'images: draw the losses, samples and reconstructions there');
    addLearnFlags(command);
    return addSessionFlags(addSeedFlag(addTrainingFlags(command)));
  },
  async run(context, flags, data = '') {
    const folder = { ...flags, out: requireFlag(flags.out, '--out <folder>') };
    const isTable = await isTablePath(data);
    refuseFlags(flags, isTable ? imageFlagNames : learnFlagNames, isTable ? 'tables' : 'images');
    if (!isTable) checkImageFlags(flags, folder.out);
    const choices = choicesOf(flags);
    if (isTable) {
      const learn = learnFlagsOf(flags);
      await trainIntoFolder(context, folder, (standing) =>
        prepareTable(context, data, learn, choices, standing, flags.threads),
      );
      return;
    }
    await trainIntoFolder(context, folder, (standing) =>
      prepareImages(context, data, flags, choices, standing),
    );
  },
});
