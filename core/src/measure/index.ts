/** What the layer `measure` shows to users: named exports only. */

export {
  type MeasureOptions,
  type MeasureParts,
  measure,
  measureFromParts,
  normalize,
  rescale,
  withLogMasses,
  withMasses,
  withPositions,
} from './createMeasure.js';
export { type CsvTable, type NumericTable, parseCsv, parseNumericCsv, writeCsv } from './csv.js';
export { type CsvSink, decimalAt, fieldText, scanCsv } from './csvScan.js';
export {
  atomsLaw,
  boxLaw,
  draw,
  gaussianLaw,
  type InitialLaw,
  independent,
  uniformLaw,
} from './initialLaws.js';
export { diracs, gaussian, grid, onSphere, symmetrized, uniformBox, uniformOn } from './initialMeasures.js';
export type { Measure, MeasureKind, Profile, Tangent } from './measure.js';
export {
  type MeasureFileOptions,
  measureArrays,
  measureFromArrays,
  measureFromCsv,
  measureFromNpz,
  measureToCsv,
  measureToNpz,
  profileFromNpz,
} from './measureFiles.js';
export { type NpyArray, type NpyData, type NpyType, npyArray, readNpy, toFloat64, writeNpy } from './npy.js';
export { arrayOf, type Npz, readNpz, readStoredNpz, writeNpz } from './npz.js';
export { packMeasure, unpackMeasure } from './packed.js';
export { isProfile, logTotalMass, profileOf, totalMass } from './profile.js';
export { ballLaw, halfShellLaw, type RoundLawOptions, shellLaw } from './roundLaws.js';
export { liftSigned, projectSigned, type SignedAtoms, variationNorm } from './signed.js';
export {
  covariance,
  effectiveSampleSize,
  integrate,
  massEntropy,
  mean,
  moment,
  proportions,
} from './statistics.js';
export { mergeAtoms, type SupportAtom, type SupportOptions, support } from './support.js';
export {
  addTangentInto,
  allocateTangent,
  combineInto,
  copyTangentInto,
  scaleTangentInto,
  zeroTangent,
} from './tangent.js';
export {
  copyInto,
  copyProfileInto,
  normalizeInto,
  pushInto,
  snapshot,
  type WorkingMeasure,
  workingCopy,
  workingProfile,
} from './working.js';
