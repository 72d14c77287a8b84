/** What the folder `model` shows to users: named exports only. */

export { readNpzForModel, readSetsForModel } from './readForModel.js';
export {
  createSetModel,
  type ImageScale,
  type ScaledColumn,
  type SetModel,
  type SetModelParts,
} from './setModel.js';
export { isSetModel, loadSetModel, type SetModelFiles, setModelFiles } from './setModelFiles.js';
