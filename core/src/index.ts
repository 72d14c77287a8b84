/** The public surface of muflow: named exports, lowest layer first. */

export { z } from 'zod';
export { certifiedMinimum } from './certify/certifiedMinimum.js';
export { hasChart } from './certify/charts.js';
export { type DeclaredBend, type DeclaredProblem, declaredMinimum } from './certify/declaredMinimum.js';
export type {
  CertifiedMinimum,
  CertifyOptions,
  CoordinateNames,
  MinimumProblem,
  WeightedPoints,
} from './certify/minimumProblem.js';
export {
  type Backend,
  checkCall,
  checkReduction,
  type Kernel,
  type KernelCall,
  type MatmulShape,
  type MutualKernel,
  type MutualOutput,
  type Reducer,
  type Reduction,
  type ReductionOutput,
  reducers,
  reductionVariables,
} from './compute/backend.js';
export { type FastKernel, type FastSumOptions, type FastSumReport, fastSum } from './compute/chebyshev.js';
export type { ApproximateOptions } from './compute/chebyshevBackend.js';
export { defaultBackend } from './compute/defaultBackend.js';
export {
  compileFunction,
  evaluateFormula,
  type PointFunction,
  pointFunction,
  type ScalarFunction,
} from './compute/evaluate.js';
export type { HingeRows, HingeSums } from './compute/hinge.js';
export { referenceBackend } from './compute/reference.js';
export type { Precision } from './compute/wasm/laneType.js';
export { hasRelaxedSimd, hasWasmSimd, type WasmBackendOptions, wasmBackend } from './compute/wasm/wasmBackend.js';
export {
  checkFirstVariation,
  type FirstVariationOptions,
  type FirstVariationReport,
} from './energy/checkFirstVariation.js';
export { allocateFirstVariation } from './energy/checks.js';
export {
  type DistanceEnergyOptions,
  type DistanceKind,
  distanceEnergy,
  distanceKinds,
} from './energy/distanceEnergy.js';
export type { Energy, EvaluationContext, Field, FirstVariation, Game } from './energy/energy.js';
export {
  type DiffusionOptions,
  diffusion,
  entropyEstimate,
  entropyOfMasses,
  klToReference,
  kullbackLeiblerEnergy,
  type MassEntropyOptions,
} from './energy/entropy.js';
export { type FormulaLoss, type FormulaLossOptions, formulaLoss } from './energy/formulaLoss.js';
export { gameField, gradientField, scaleField, sumFields } from './energy/gradientField.js';
export {
  type InteractionEnergyOptions,
  type InteractionKernel,
  interactionEnergy,
  pointBlocks,
} from './energy/interactionEnergy.js';
export { type AnyLoss, hingeLoss, type Loss, logisticLoss, losses, squareLoss } from './energy/loss.js';
export { type MmdEnergyOptions, mmdEnergy } from './energy/mmdEnergy.js';
export { estimateOptimalityGap, type GapEstimate, type GapOptions, optimalityGap } from './energy/optimalityGap.js';
export type { PairFunction } from './energy/pairKernel.js';
export type { Penalty } from './energy/penalty.js';
export { type PairCost, type PolymatrixGameOptions, polymatrixGame } from './energy/polymatrixGame.js';
export { type PointPotential, type PotentialEnergyOptions, potentialEnergy } from './energy/potentialEnergy.js';
export { type Risk, type RiskOptions, risk } from './energy/risk.js';
export type { RiskData } from './energy/riskData.js';
export {
  asSmooth,
  isSmooth,
  type JumpingGame,
  type Movable,
  type SmoothGame,
  type SmoothnessOf,
} from './energy/smoothGame.js';
export { scaleEnergy, sumEnergy } from './energy/sumEnergy.js';
export {
  type AtomLayout,
  type FormulaUnit,
  type FunctionUnit,
  layoutBlocks,
  layoutSize,
  networkUnit,
  type Scaling,
  scaledUnit,
  scalingFactor,
  type Unit,
  type UnitOptions,
} from './energy/units.js';
export { crossEntropyLoss, type VectorLoss } from './energy/vectorLoss.js';
export { matrixGame, type PayoffFunction, type ZeroSumGameOptions, zeroSumGame } from './energy/zeroSumGame.js';
export { type ErrorCode, type Failure, fail, isMuflowError, MuflowError, nearest, show } from './errors.js';
export { type BirthDeathOptions, birthDeath, type ReinjectionOptions, reinjection } from './flow/birthDeath.js';
export { addFlows, scaleFlow } from './flow/combineFlows.js';
export { withJumps, withNoise } from './flow/decorate.js';
export { type FieldFlowOptions, type FlowOptions, fieldFlow, gameFlow } from './flow/fieldFlow.js';
export type { Flow, Jump, JumpOutcome, Noise, StepContext } from './flow/flow.js';
export { freezeMasses, freezePositions } from './flow/freeze.js';
export { type GradientFlowOptions, gradientFlow } from './flow/gradientFlow.js';
export { type MinibatchOptions, minibatch, type RowEnergy } from './flow/minibatch.js';
export { during, type JumpOptions, type PotentialOptions, type WindowOptions } from './flow/population.js';
export type { RebirthLaw, RebirthSource } from './flow/rebirth.js';
export {
  type ResampleOnLowEssOptions,
  resampleOnLowEss,
  type SystematicResamplingOptions,
  systematicResampling,
} from './flow/resampling.js';
export { allocateTangents } from './flow/tangents.js';
export { type MergeOptions, merge, type PruneOptions, prune } from './flow/thinning.js';
export type { Operand } from './formula/build.js';
export * as formula from './formula/build.js';
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
  type IntervalProgram,
  intervalExtension,
  rangeOf,
} from './formula/interval.js';
export { meanValueExtension, meanValueRange } from './formula/intervalMeanValue.js';
export { toLatex } from './formula/latex.js';
export { parseFormula } from './formula/parse.js';
export { toText } from './formula/print.js';
export type { Scope } from './formula/scope.js';
export { type SeparableTerm, separate } from './formula/separate.js';
export {
  cholesky,
  type EigenSystem,
  eigenSystem,
  leastSquares,
  matrixSquareRoot,
  type QrFactors,
  qr,
  randomOrthogonal,
  type SymmetricEigen,
  singularValues,
  solve,
  solvePositiveDefinite,
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
  type RandomStream,
  randomKey,
  randomStream,
  uniformAt,
} from './math/random.js';
export { categorical, permutation, sphereInto, systematicResample } from './math/sampling.js';
export { convergenceOrder, type LinearFit, linearFit, logLogFit, logLogSlope, quantiles } from './math/slopes.js';
export * as special from './math/special.js';
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
} from './measure/createMeasure.js';
export { type CsvTable, type NumericTable, parseCsv, parseNumericCsv, writeCsv } from './measure/csv.js';
export { type CsvSink, decimalAt, fieldText, scanCsv } from './measure/csvScan.js';
export {
  atomsLaw,
  boxLaw,
  draw,
  gaussianLaw,
  type InitialLaw,
  independent,
  uniformLaw,
} from './measure/initialLaws.js';
export { diracs, gaussian, grid, onSphere, symmetrized, uniformBox, uniformOn } from './measure/initialMeasures.js';
export type { Measure, MeasureKind, Profile, Tangent } from './measure/measure.js';
export {
  type MeasureFileOptions,
  measureArrays,
  measureFromArrays,
  measureFromCsv,
  measureFromNpz,
  measureToCsv,
  measureToNpz,
  profileFromNpz,
} from './measure/measureFiles.js';
export { type NpyArray, type NpyData, type NpyType, npyArray, readNpy, toFloat64, writeNpy } from './measure/npy.js';
export { arrayOf, type Npz, readNpz, readStoredNpz, writeNpz } from './measure/npz.js';
export { isProfile, logTotalMass, profileOf, totalMass } from './measure/profile.js';
export { ballLaw, halfShellLaw, type RoundLawOptions, shellLaw } from './measure/roundLaws.js';
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
export { mergeAtoms, type SupportAtom, type SupportOptions, support } from './measure/support.js';
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
  type WorkingMeasure,
  workingCopy,
  workingProfile,
} from './measure/working.js';
export type { CoordinateBlock } from './metric/blocks.js';
export { type FisherRaoOptions, fisherRao } from './metric/fisherRao.js';
export type { Metric } from './metric/metric.js';
export { type WassersteinOptions, wasserstein } from './metric/wasserstein.js';
export { type WassersteinFisherRaoOptions, wassersteinFisherRao } from './metric/wassersteinFisherRao.js';
export { corePlugin } from './plugin/corePlugin.js';
export { defineEntry, definePlugin, defineStudy } from './plugin/define.js';
export { type Importer, loadPlugin } from './plugin/load.js';
export type { CreateContext, Entry, EntryKind, EntryProduct, Plugin } from './plugin/plugin.js';
export { createRegistry, entryKinds, listOfKind, type Registry } from './plugin/registry.js';
export type { Resolved } from './plugin/resolve.js';
export { type Logger, tokens } from './plugin/tokens.js';
export { coreVersion, isVersion, satisfies } from './plugin/version.js';
export {
  type Completed,
  createWorkbench,
  type RunConfigOptions,
  type Workbench,
  type WorkbenchOptions,
} from './plugin/workbench.js';
export { type Checkpoint, checkpointFromBytes, checkpointToBytes, type RunCounts } from './run/checkpoint.js';
export {
  type BatchConfig,
  configSchema,
  isBatchConfig,
  isProblemConfig,
  isStudyConfig,
  type ProblemConfig,
  parseRunConfig,
  type Reference,
  type RunConfig,
  type StudyConfig,
} from './run/config.js';
export type { ConfigProblem } from './run/configProblems.js';
export { type DistanceRecorderOptions, distanceRecorder, pathLengthRecorder } from './run/distanceRecorders.js';
export { type EventOptions, event } from './run/events.js';
export { type Integrator, open } from './run/integrator.js';
export type { OpenOptions } from './run/loop.js';
export type {
  Frame,
  NonFinite,
  Plan,
  Problem,
  Recorder,
  Recording,
  RecordPlan,
  RunOutcome,
  RunResult,
  RunStatus,
  RunView,
  StopReason,
  StopRule,
  Watch,
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
export { fractionDone, type RunAsyncOptions, runAsync } from './run/runAsync.js';
export { resume, simulate } from './run/simulate.js';
export { whenStalled } from './run/stalled.js';
export { afterSteps, afterTime, allOf, anyOf, whenBelow, whenMassLost, whenStationary } from './run/stop.js';
export { stream } from './run/stream.js';
export { checkpointTo, every, until, untilStationary, withRecorders } from './run/streamOperators.js';
export { box } from './space/box.js';
export { euclidean } from './space/euclidean.js';
export { finite } from './space/finite.js';
export { parseSpace, spaceToText } from './space/parse.js';
export { product } from './space/product.js';
export { simplex } from './space/simplex.js';
export type { Covering, Isometry, Space } from './space/space.js';
export { sphere } from './space/sphere.js';
export { torus } from './space/torus.js';
export { type AdaptiveOptions, type AdaptiveState, adaptive } from './stepper/adaptive.js';
export { type AlternatingState, alternating } from './stepper/alternating.js';
export { type DoublingState, doubling } from './stepper/doubling.js';
export { type EulerMaruyamaState, eulerMaruyama } from './stepper/eulerMaruyama.js';
export { type ExtragradientOptions, type ExtragradientState, extragradient } from './stepper/extragradient.js';
export { type ForwardBackwardState, forwardBackward } from './stepper/forwardBackward.js';
export { type JkoOptions, type JkoState, jko } from './stepper/jko.js';
export { type MirrorDivergence, type MirrorOptions, type MirrorState, mirror } from './stepper/mirror.js';
export { type OptimisticState, optimistic } from './stepper/optimistic.js';
export { type ExactProblem, type MeasuredOrder, measureOrder } from './stepper/order.js';
export { dopri5, euler, explicitRungeKutta, heun, type RungeKuttaState, rk4 } from './stepper/rungeKutta.js';
export { lieSplitting, type SplittingOptions, type SplittingState, strangSplitting } from './stepper/splitting.js';
export type {
  EstimatingStepper,
  Stepper,
  StepperAccepts,
  StepResult,
  Tolerance,
} from './stepper/stepper.js';
export { dopri5Tableau, eulerTableau, heunTableau, rk4Tableau, type Tableau } from './stepper/tableaus.js';
export { claimAtLeast, claimAtMost, claimWithin, claimWithinFactor, tallyClaims } from './study/claims.js';
export { type ParameterProblem, parseParameters, tryParameters } from './study/parameters.js';
export { progressOf, type RunStudyOptions, runStudy } from './study/runStudy.js';
export type {
  Axis,
  Cell,
  Claim,
  Figure,
  Mark,
  Study,
  StudyContext,
  StudyProgress,
  StudyResult,
  Table,
} from './study/study.js';
export type { Barycenter, BarycenterOptions } from './transport/barycenterWeights.js';
export { boundedLipschitzDistance } from './transport/boundedLipschitz.js';
export {
  type CertifiedDistance,
  exactDistance,
  type TransportPlan,
  type TransportPotentials,
} from './transport/certifiedDistance.js';
export { wassersteinOnCircle } from './transport/circle.js';
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
export { energyDistance } from './transport/energyDistance.js';
export { type WassersteinDistanceOptions, wassersteinDistance } from './transport/exactWasserstein.js';
export { fisherRaoDistance, fisherRaoGeodesic, fisherRaoPath } from './transport/fisherRao.js';
export { fisherRaoBarycenter } from './transport/fisherRaoBarycenter.js';
export {
  buresSquared,
  type GaussianLaw,
  gaussianGeodesic,
  gaussianMap,
  gaussianW2Squared,
  jkoGaussianStep,
  type LineGaussian,
  ornsteinUhlenbeck,
} from './transport/gaussian.js';
export { gaussianBarycenter } from './transport/gaussianBarycenter.js';
export { type GaussianHellingerOptions, gaussianHellinger } from './transport/gaussianHellinger.js';
export { barycenterOnLine } from './transport/lineBarycenter.js';
export { type MmdOptions, mmdDistance } from './transport/mmd.js';
export { type LineOptions, wassersteinOnLine } from './transport/oneDimensional.js';
export { sharedSupport } from './transport/sharedSupport.js';
export {
  type EntropicDistance,
  type SinkhornDivergence,
  sinkhornDistance,
  sinkhornDivergence,
} from './transport/sinkhorn.js';
export type { Bracket } from './transport/sinkhornBounds.js';
export type { EntropicOptions } from './transport/sinkhornProblem.js';
export { type SlicedDistance, type SlicedOptions, slicedWasserstein } from './transport/sliced.js';
export { sphericalGeodesic, sphericalHellingerKantorovich } from './transport/sphericalHellingerKantorovich.js';
export { type UnbalancedDistance, type UnbalancedOptions, unbalancedTransport } from './transport/unbalanced.js';
export { wassersteinBarycenter } from './transport/wassersteinBarycenter.js';
export { wassersteinGeodesic } from './transport/wassersteinGeodesic.js';
export { type WfrBarycenterOptions, wfrBarycenter } from './transport/wfrBarycenter.js';
export { type DiracPair, type SegmentAtom, wfrDirac, wfrDiracGeodesic, wfrDiracSquared } from './transport/wfrDirac.js';
export { type WfrOptions, wfrDistance } from './transport/wfrDistance.js';
export { wfrGeodesic } from './transport/wfrGeodesic.js';
