/** What the folder `sets` shows to users: named exports only. */

export { concatSets, normalizeSets, repeatPoints, selectSets, splitSets, thinSets, toMeasure } from './batches.js';
export {
  type CsvImagesOptions,
  type ImageSetsOptions,
  imageSets,
  imagesFromCsv,
  type LabeledImages,
} from './images.js';
export { type CsvSetsOptions, type SetTable, setsFromCsv, setsFromNpz } from './readSets.js';
export { type PointSet, type SetArrays, type SetBatch, setBatch, setBatchFromArrays } from './setBatch.js';
export {
  ballSets,
  boxSets,
  type DrawSetsOptions,
  drawSets,
  gaussianSets,
  mixtureSets,
  type RoundSets,
  type SetLaw,
  type SetMoments,
  sphereSets,
} from './setLaws.js';
export { drawShapes, type Shape, shapeSets, shapes } from './shapes.js';
export { setsToCsv } from './writeSets.js';
