import { definePlugin, type Energy, type Entry } from '@muflow/core';
import { z } from 'zod';
import { gaussianMixturePopulation } from './gaussianMixture.js';
import { neuronsEntry } from './models/neuronsEntry.js';
import { networkPopulationEntry } from './population/networkPopulationEntry.js';
import { expandedRiskEntry } from './risks/expandedRiskEntry.js';
import { lossRecorderEntry } from './risks/lossRecorderEntry.js';
import { networkRiskEntry } from './risks/networkRiskEntry.js';
import { populationRiskEntry } from './risks/populationRiskEntry.js';
import { quadraticWellEntry } from './risks/quadraticWellEntry.js';
import { deconvolutionEntry, deconvolutionGapEntry } from './sparse/entry.js';
import { birthDeathMixtureStudy } from './studies/birthDeathMixture.js';
import { cltStudy } from './studies/clt.js';
import { deconvolutionStudy } from './studies/deconvolution.js';
import { generalisationStudy } from './studies/generalisation.js';
import { globalConvergenceStudy } from './studies/globalConvergence.js';
import { kernelAgainstFeatureStudy } from './studies/kernelAgainstFeature.js';
import { lazyStudy } from './studies/lazy.js';
import { lazyPhaseDiagramStudy } from './studies/lazyPhaseDiagram.js';
import { llnStudy } from './studies/lln.js';
import { nngpNtkStudy } from './studies/nngpNtk.js';
import { particleComplexityStudy } from './studies/particleComplexity.js';
import { particleComplexityNetworksStudy } from './studies/particleComplexityNetworks.js';
import { randomFeaturesStudy } from './studies/randomFeatures.js';
import { regressionStudy } from './studies/regression.js';
import { scalingTableStudy } from './studies/scalingTable.js';
import { sgdMeanFieldStudy } from './studies/sgdMeanField.js';
import { sparsityStudy } from './studies/sparsity.js';
import { studentTeacherStudy } from './studies/studentTeacher.js';
import { tabularStudy } from './studies/tabular.js';
import { tangentSpectrumStudy } from './studies/tangentSpectrum.js';
import { tensorDecompositionStudy } from './studies/tensorDecomposition.js';
import { threeSpinStudy } from './studies/threeSpin.js';
import { timeDiscretisationStudy } from './studies/timeDiscretisation.js';
import { universalApproximationStudy } from './studies/universalApproximation.js';
import { matrixDecompositionEntry, tensorDecompositionEntry } from './tensor/entry.js';
import { escapeEntry } from './theory/escape.js';

export {
  landmarkFeatures,
  linearFeatures,
  randomFeatures,
  type StartLaw,
} from './baselines/features.js';
export { type FeatureMap, fitRidge, type RidgeFit, type RidgeOptions } from './baselines/ridge.js';
export { type ActivationCells, activationCells } from './cells/activationCells.js';
export { type CellProgramOptions, type CellProgramResult, solveCellProgram } from './cells/cellProgram.js';
export { type CellSupremum, cellSupremum } from './cells/cellSupremum.js';
export { type MergedAtoms, mergeWithinCells } from './cells/mergeCells.js';
export { type ReluProblem, type ReluProblemOptions, reluProblem } from './cells/reluProblem.js';
export { type DualityGap, type DualityGapOptions, dualityGap, type Supremum } from './certificate/dualityGap.js';
export { mergedSupport } from './certificate/mergedSupport.js';
export { type Optimality, optimality } from './certificate/optimality.js';
export {
  type Correlation,
  type FeatureProblemOptions,
  featureProblem,
  type KernelProblemOptions,
  kernelProblem,
  type PenalizedProblem,
  type Residual,
} from './certificate/penalizedProblem.js';
export { type PlantedSparse, type PlantedSparseOptions, plantedSparse } from './certificate/plantedSparse.js';
export {
  circlesTable,
  type GeneratorOptions,
  singleIndexTable,
  sparseSpikesTable,
  teacherStudentTable,
  threeSpinTable,
} from './data/generators.js';
export { type Dataset, type DatasetOptions, makeDataset, type Part, type Standardization } from './dataset.js';
export * from './deep/index.js';
export * from './functionSpaces/index.js';
export {
  birthDeathTarget,
  type GaussianMixture,
  gaussianMixturePopulation,
  halfSquaredNorm,
} from './gaussianMixture.js';
export * from './infinite/index.js';
export * from './kernels/index.js';
export * from './lazy/index.js';
export {
  type HiddenLaw,
  lawSeparates,
  type NeuronsOptions,
  neuronLaw,
  neurons,
  type OutputLaw,
} from './models/neurons.js';
export { dirichletUnit, gaussianUnit } from './models/units.js';
export { meanSlopes, symmetricStart } from './network.js';
export {
  type AxialTeacher,
  type AxisymmetricPopulation,
  aroundAxis,
  axialSphere,
  axisymmetricPopulation,
} from './population/axisymmetric.js';
export { type DotKernel, erfKernel, type InputLaw, reluKernel, stepKernel } from './population/dotKernels.js';
export {
  type ErrorDecomposition,
  type ErrorDecompositionOptions,
  errorDecomposition,
} from './population/errorDecomposition.js';
export {
  type GaussianUnits,
  gaussianUnits,
  type SphereTransform,
  sphereTransform,
} from './population/gaussianUnits.js';
export {
  type NetworkPopulation,
  networkPopulation,
  type PopulationTarget,
  type Teacher,
} from './population/networkPopulation.js';
export { type QuadratureKernelOptions, quadratureKernel } from './population/quadratureKernel.js';
export { type ThreeSpin, threeSpin, wideSphere } from './population/threeSpin.js';
export { threeSpinSquare, threeSpinTarget } from './population/threeSpinTarget.js';
export {
  createModel,
  loadModel,
  type Model,
  type ModelColumn,
  type ModelFiles,
  type ModelParts,
  modelFiles,
} from './predict/model.js';
export {
  type BestMeasure,
  type CurveRisks,
  type EarlyStopping,
  type EarlyStoppingOptions,
  earlyStopping,
  lossRecorder,
} from './risks/curves.js';
export {
  type ExpandedRisk,
  type ExpandedRiskOptions,
  expandedRisk,
  type ParticlePoints,
} from './risks/expandedRisk.js';
export {
  drawSamples,
  type FreshSamplesOptions,
  freshSamples,
  type SampleLaw,
  type TeacherSamplesOptions,
  teacherSamples,
} from './risks/freshSamples.js';
export {
  type DescentRates,
  fisherRaoSolution,
  type IndependentGaussian,
  type QuadraticWell,
  quadraticWell,
} from './risks/nonInteracting.js';
export { type PopulationRiskOptions, populationRisk } from './risks/populationRisk.js';
export { type ShrinkMassesOptions, type ShrunkMasses, shrinkMasses } from './risks/shrinkMasses.js';
export { circle, type DeconvolutionProblem, deconvolutionEnergy } from './sparse/deconvolution.js';
export { type FixedPositionsOptions, optimizeMasses } from './sparse/fixedPositions.js';
export { type FrankWolfeOptions, type FrankWolfeResult, frankWolfe } from './sparse/frankWolfe.js';
export { type OptimizeWeightsOptions, optimizeWeights } from './sparse/optimizeWeights.js';
export { type SlideOptions, slideAtoms } from './sparse/slideAtoms.js';
export {
  type SlidingFrankWolfeOptions,
  type SlidingFrankWolfeResult,
  slidingFrankWolfe,
} from './sparse/slidingFrankWolfe.js';
export { dirichletKernel, gaussianKernel, kernelFormula, type WaveKernel } from './sparse/waveKernel.js';
export { columnIndex, type DataTable, numericColumn, readTable, tableOfNumbers } from './table.js';
export { type MatrixDecomposition, matrixEnergy, matrixProblem, unitPairs } from './tensor/matrixDecomposition.js';
export { type LargestEigenvalue, largestEigenvalue } from './tensor/spectrum.js';
export { momentTensor, type SymmetricTensor } from './tensor/symmetricTensor.js';
export { type TensorDecomposition, tensorEnergy, tensorProblem } from './tensor/tensorDecomposition.js';
export { type EnergyBoundOptions, energyBoundRecorder } from './theory/energyBound.js';
export { type EscapeOptions, escapeRecorder } from './theory/escape.js';
export { type FluctuationOptions, type Fluctuations, fluctuations } from './theory/fluctuations.js';
export { contractionComplexity, reluComplexity, reluSupremum } from './theory/generalization.js';
export { type MinibatchNoise, type MinibatchNoiseOptions, minibatchNoise } from './theory/minibatchNoise.js';
export { resamplingVariance } from './theory/resampling.js';
export { type SeparationAxis, type SeparationOptions, separates } from './theory/separation.js';
export { type TangentKernelOptions, tangentKernel } from './theory/tangentKernel.js';
export { type UnitJet, unitJet } from './theory/unitJet.js';

const mixturePopulation: Entry<Energy> = {
  id: 'supervised/gaussian-mixture-population',
  title: 'Population loss of Gaussian units against a Gaussian mixture, in closed form',
  reference: 'RotskoffEtAl2019, section 5.1',
  params: z.strictObject({ unitVariance: z.number().positive().default(0.5) }),
  create: (params) => gaussianMixturePopulation(undefined, params as { unitVariance: number }),
};

/** Shallow networks as measures of neurons: risks in data and in the population, and studies. */
export const plugin = definePlugin({
  id: 'supervised',
  version: '0.1.0',
  requires: { core: '^0.1.0' },
  initials: [neuronsEntry],
  recorders: [lossRecorderEntry, escapeEntry, deconvolutionGapEntry],
  energies: [
    networkRiskEntry,
    populationRiskEntry,
    expandedRiskEntry,
    quadraticWellEntry,
    mixturePopulation,
    deconvolutionEntry,
    tensorDecompositionEntry,
    matrixDecompositionEntry,
    networkPopulationEntry,
  ],
  studies: [
    randomFeaturesStudy,
    regressionStudy,
    birthDeathMixtureStudy,
    cltStudy,
    llnStudy,
    kernelAgainstFeatureStudy,
    lazyStudy,
    lazyPhaseDiagramStudy,
    scalingTableStudy,
    sgdMeanFieldStudy,
    tangentSpectrumStudy,
    deconvolutionStudy,
    particleComplexityStudy,
    particleComplexityNetworksStudy,
    sparsityStudy,
    tensorDecompositionStudy,
    timeDiscretisationStudy,
    universalApproximationStudy,
    globalConvergenceStudy,
    tabularStudy,
    generalisationStudy,
    studentTeacherStudy,
    threeSpinStudy,
    nngpNtkStudy,
  ],
});
