/** The public surface of muflow: named exports, lowest layer first. */

export { z } from 'zod';
export * as formula from './formula/build.js';
export * as special from './math/special.js';
export { type ErrorCode, fail, type Failure, isMuflowError, MuflowError, nearest, show } from './errors.js';
export {
  cholesky,
  leastSquares,
  matrixSquareRoot,
  qr,
  type QrFactors,
  randomOrthogonal,
  singularValues,
  solve,
  solvePositiveDefinite,
  type SymmetricEigen,
  symmetricEigen,
} from './math/linalg.js';
export { bisect, brent, goldenSection } from './math/optimize.js';
export { gaussHermite, gaussLaguerre, gaussLegendre, type Quadrature } from './math/quadrature.js';
export {
  deriveKey,
  fillNormal,
  fillUniform,
  normalAt,
  normalsInto,
  type RandomKey,
  randomKey,
  type RandomStream,
  randomStream,
  uniformAt,
} from './math/random.js';
export { categorical, permutation, sphereInto, systematicResample } from './math/sampling.js';
export { convergenceOrder, type LinearFit, linearFit, logLogFit, logLogSlope, quantiles } from './math/slopes.js';
export {
  compensatedSum,
  dotProduct,
  logAddExp,
  logSumExp,
  normalizeLogs,
  pairwiseSum,
  softmaxInto,
  weightedSum,
} from './math/sums.js';
export { addScaledInto, euclideanNorm, firstNonFinite, maxAbs } from './math/vectors.js';
export { type Operand } from './formula/build.js';
export { gradient, hessian } from './formula/differentiate.js';
export {
  type BinaryOperation,
  binaryOperations,
  type ConstantNode,
  type Expression,
  type OperationName,
  type OperationNode,
  type Role,
  type StructuralOperation,
  structuralOperations,
  type UnaryOperation,
  unaryOperations,
  type Variable,
  type VariableNode,
} from './formula/expression.js';
export { dependsOn, nodesOf, rebuild, substitute, variablesOf } from './formula/inspect.js';
export {
  type Interval,
  type IntervalBox,
  type IntervalBoxes,
  intervalExtension,
  type IntervalProgram,
  rangeOf,
} from './formula/interval.js';
export { meanValueExtension, meanValueRange } from './formula/intervalMeanValue.js';
export {
  addDown,
  addUp,
  divideDown,
  divideUp,
  multiplyDown,
  multiplyUp,
  nextDown,
  nextUp,
  sqrtDown,
  sqrtUp,
  widenDown,
  widenUp,
} from './formula/intervalRounding.js';
export { toLatex } from './formula/latex.js';
export { parseFormula } from './formula/parse.js';
export { toText } from './formula/print.js';
export { type Scope } from './formula/scope.js';
export {
  type Backend,
  checkCall,
  checkReduction,
  type Kernel,
  type KernelCall,
  type MatmulShape,
  type Reducer,
  reducers,
  type Reduction,
  type ReductionOutput,
  reductionVariables,
} from './compute/backend.js';
export { dotLanes } from './compute/dot.js';
export {
  compileFunction,
  evaluateFormula,
  type PointFunction,
  pointFunction,
  type ScalarFunction,
} from './compute/evaluate.js';
export { buildMachine, type Machine, runFixed, runMachine } from './compute/machine.js';
export { defaultBackend, referenceBackend } from './compute/reference.js';
export { box } from './space/box.js';
export { euclidean } from './space/euclidean.js';
export { finite } from './space/finite.js';
export { parseSpace, spaceToText } from './space/parse.js';
export { product } from './space/product.js';
export { simplex } from './space/simplex.js';
export { type Covering, type Isometry, type Space } from './space/space.js';
export { sphere } from './space/sphere.js';
export { torus } from './space/torus.js';
export {
  measure,
  measureFromParts,
  type MeasureOptions,
  type MeasureParts,
  normalize,
  rescale,
  withLogMasses,
  withMasses,
  withPositions,
} from './measure/createMeasure.js';
export { type CsvTable, type NumericTable, parseCsv, parseNumericCsv, writeCsv } from './measure/csv.js';
export {
  atomsLaw,
  boxLaw,
  checkCount,
  draw,
  gaussianLaw,
  independent,
  type InitialLaw,
  uniformLaw,
} from './measure/initialLaws.js';
export { diracs, gaussian, grid, onSphere, symmetrized, uniformBox, uniformOn } from './measure/initialMeasures.js';
export { type Measure, type MeasureKind, type Profile, type Tangent } from './measure/measure.js';
export {
  measureArrays,
  type MeasureFileOptions,
  measureFromArrays,
  measureFromCsv,
  measureFromNpz,
  measureToCsv,
  measureToNpz,
  profileFromNpz,
} from './measure/measureFiles.js';
export { type NpyArray, npyArray, type NpyData, type NpyType, readNpy, toFloat64, writeNpy } from './measure/npy.js';
export { arrayOf, type Npz, readNpz, readStoredNpz, writeNpz } from './measure/npz.js';
export { isProfile, logTotalMass, profileOf, totalMass } from './measure/profile.js';
export { liftSigned, projectSigned, type SignedAtoms, variationNorm } from './measure/signed.js';
export {
  covariance,
  effectiveSampleSize,
  integrate,
  massEntropy,
  mean,
  moment,
  proportions,
} from './measure/statistics.js';
export { mergeAtoms, support, type SupportAtom, type SupportOptions } from './measure/support.js';
export {
  addTangentInto,
  allocateTangent,
  combineInto,
  copyTangentInto,
  scaleTangentInto,
  zeroTangent,
} from './measure/tangent.js';
export {
  copyInto,
  copyProfileInto,
  normalizeInto,
  pushInto,
  snapshot,
  workingCopy,
  type WorkingMeasure,
  workingProfile,
} from './measure/working.js';
export {
  bhattacharyya,
  chiSquared,
  hellinger,
  hellingerSquared,
  jensenShannon,
  kullbackLeibler,
  type Masses,
  sharedMasses,
  totalVariation,
} from './transport/divergences.js';
export { fisherRaoDistance, fisherRaoGeodesic, fisherRaoPath } from './transport/fisherRao.js';
export {
  buresSquared,
  gaussianGeodesic,
  type GaussianLaw,
  gaussianMap,
  gaussianW2Squared,
  jkoGaussianStep,
  type LineGaussian,
  ornsteinUhlenbeck,
} from './transport/gaussian.js';
export { type DiracPair, type SegmentAtom, wfrDirac, wfrDiracGeodesic, wfrDiracSquared } from './transport/wfrDirac.js';
export {
  checkFirstVariation,
  type FirstVariationOptions,
  type FirstVariationReport,
} from './energy/checkFirstVariation.js';
export { allocateFirstVariation } from './energy/checks.js';
export { type Energy, type EvaluationContext, type Field, type FirstVariation, type Game } from './energy/energy.js';
export {
  diffusion,
  type DiffusionOptions,
  entropyEstimate,
  entropyOfMasses,
  klToReference,
  kullbackLeiblerEnergy,
  type MassEntropyOptions,
} from './energy/entropy.js';
export { gameField, gradientField, scaleField, sumFields } from './energy/gradientField.js';
export {
  interactionEnergy,
  type InteractionEnergyOptions,
  type InteractionKernel,
  pointBlocks,
} from './energy/interactionEnergy.js';
export { hingeLoss, logisticLoss, type Loss, losses, squareLoss } from './energy/loss.js';
export { mmdEnergy, type MmdEnergyOptions } from './energy/mmdEnergy.js';
export { estimateOptimalityGap, type GapEstimate, type GapOptions, optimalityGap } from './energy/optimalityGap.js';
export { type PairFunction } from './energy/pairKernel.js';
export { type Penalty } from './energy/penalty.js';
export { type PairCost, polymatrixGame, type PolymatrixGameOptions } from './energy/polymatrixGame.js';
export { type PointPotential, potentialEnergy, type PotentialEnergyOptions } from './energy/potentialEnergy.js';
export { type Risk, risk, type RiskOptions } from './energy/risk.js';
export { scaleEnergy, sumEnergy } from './energy/sumEnergy.js';
export {
  type AtomLayout,
  type FormulaUnit,
  type FunctionUnit,
  layoutBlocks,
  layoutSize,
  networkUnit,
  type Unit,
  type UnitOptions,
} from './energy/units.js';
export { matrixGame, type PayoffFunction, zeroSumGame, type ZeroSumGameOptions } from './energy/zeroSumGame.js';
export { type CoordinateBlock } from './metric/blocks.js';
export { fisherRao, type FisherRaoOptions } from './metric/fisherRao.js';
export { type CertifiedDistance, type Metric } from './metric/metric.js';
export { wasserstein, type WassersteinOptions } from './metric/wasserstein.js';
export { wassersteinFisherRao, type WassersteinFisherRaoOptions } from './metric/wassersteinFisherRao.js';
export { birthDeath, type BirthDeathOptions, reinjection, type ReinjectionOptions } from './flow/birthDeath.js';
export { addFlows, scaleFlow } from './flow/combineFlows.js';
export { withJumps, withNoise } from './flow/decorate.js';
export { fieldFlow, type FieldFlowOptions, type FlowOptions, gameFlow } from './flow/fieldFlow.js';
export { type Flow, type Jump, type JumpOutcome, type Noise, type StepContext } from './flow/flow.js';
export { freezeMasses, freezePositions } from './flow/freeze.js';
export { gradientFlow, type GradientFlowOptions } from './flow/gradientFlow.js';
export { minibatch, type MinibatchOptions, type RowEnergy } from './flow/minibatch.js';
export { during, type JumpOptions, type WindowOptions } from './flow/population.js';
export {
  resampleOnLowEss,
  type ResampleOnLowEssOptions,
  systematicResampling,
  type SystematicResamplingOptions,
} from './flow/resampling.js';
export { allocateTangents } from './flow/tangents.js';
export { merge, type MergeOptions, prune, type PruneOptions } from './flow/thinning.js';
export { adaptive, type AdaptiveOptions, type AdaptiveState } from './stepper/adaptive.js';
export { doubling, type DoublingState } from './stepper/doubling.js';
export { eulerMaruyama, type EulerMaruyamaState } from './stepper/eulerMaruyama.js';
export { extragradient, type ExtragradientOptions, type ExtragradientState } from './stepper/extragradient.js';
export { mirror, type MirrorDivergence, type MirrorOptions, type MirrorState } from './stepper/mirror.js';
export { type ExactProblem, type MeasuredOrder, measureOrder } from './stepper/order.js';
export { dopri5, euler, explicitRungeKutta, heun, rk4, type RungeKuttaState } from './stepper/rungeKutta.js';
export { lieSplitting, type SplittingOptions, type SplittingState, strangSplitting } from './stepper/splitting.js';
export {
  type EstimatingStepper,
  type Stepper,
  type StepperAccepts,
  type StepResult,
  type Tolerance,
} from './stepper/stepper.js';
export { dopri5Tableau, eulerTableau, heunTableau, rk4Tableau, type Tableau } from './stepper/tableaus.js';
export { type Checkpoint, checkpointFromBytes, checkpointToBytes, type RunCounts } from './run/checkpoint.js';
export { event, type EventOptions } from './run/events.js';
export { type Integrator, open } from './run/integrator.js';
export { type OpenOptions } from './run/loop.js';
export {
  type Frame,
  type NonFinite,
  type Plan,
  type Problem,
  type Recorder,
  type Recording,
  type RecordPlan,
  type RunOutcome,
  type RunResult,
  type RunStatus,
  type RunView,
  type StopReason,
  type StopRule,
  type Watch,
} from './run/problem.js';
export {
  birthsAndDeathsRecorder,
  customRecorder,
  dissipationRecorder,
  effectiveSampleSizeRecorder,
  energyRecorder,
  massDriftRecorder,
  massRecorder,
  type PlayersOptions,
  potentialGapRecorder,
  speedRecorder,
  supportSizeRecorder,
} from './run/recorders.js';
export { fractionDone, runAsync, type RunAsyncOptions } from './run/runAsync.js';
export { resume, simulate } from './run/simulate.js';
export { afterSteps, afterTime, allOf, anyOf, whenBelow, whenMassLost, whenStationary } from './run/stop.js';
export { stream } from './run/stream.js';
export { checkpointTo, every, until, untilStationary, withRecorders } from './run/streamOperators.js';
export { claimAtLeast, claimAtMost, claimWithin, tallyClaims } from './study/claims.js';
export { type ParameterProblem, parseParameters, tryParameters } from './study/parameters.js';
export { runStudy, type RunStudyOptions } from './study/runStudy.js';
export {
  type Axis,
  type Cell,
  type Claim,
  type Figure,
  type Mark,
  type Study,
  type StudyContext,
  type StudyProgress,
  type StudyResult,
  type Table,
} from './study/study.js';
export { corePlugin } from './plugin/corePlugin.js';
export { defineEntry, definePlugin, defineStudy } from './plugin/define.js';
export { type Importer, loadPlugin } from './plugin/load.js';
export { type CreateContext, type Entry, type EntryKind, type EntryProduct, type Plugin } from './plugin/plugin.js';
export { createRegistry, entryKinds, listOfKind, type Registry } from './plugin/registry.js';
export { type Logger, tokens } from './plugin/tokens.js';
export { coreVersion, isVersion, satisfies } from './plugin/version.js';
export { createWorkbench, type Workbench, type WorkbenchOptions } from './plugin/workbench.js';
