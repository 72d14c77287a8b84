import { definePlugin } from '@muflow/core';
import { certificateEntry } from './certificate/certificateRecorder.js';
import { games } from './games/entries.js';
import { doubleWellStudy } from './studies/doubleWell.js';
import { formulaGameStudy } from './studies/formulaGame.js';
import { guessingStudy } from './studies/guessing.js';
import { knownGamesStudy } from './studies/knownGames.js';
import { penaltyKickStudy } from './studies/penaltyKick.js';
import { propagationOfChaosStudy } from './studies/propagationOfChaos.js';
import { randomGamesStudy } from './studies/randomGames.js';
import { robustLearningStudy } from './studies/robustLearning.js';
import { sphereDimensionStudy } from './studies/sphereDimension.js';
import { theoryBoundsStudy } from './studies/theoryBounds.js';
import { torusCounterexampleStudy } from './studies/torusCounterexample.js';

export { type BestResponse, type BestResponseOptions, bestResponse } from './bestResponse.js';
export { type CertificateRecorderOptions, certificateRecorder } from './certificate/certificateRecorder.js';
export { type NikaidoIsodaInterval, nikaidoIsoda, playerMinimum } from './certificate/nikaidoIsoda.js';
export { type BacktrackingOptions, type BacktrackingState, backtracking } from './dynamics/backtracking.js';
export {
  type Dynamics,
  type DynamicsName,
  type DynamicsOptions,
  dynamics,
  dynamicsNames,
  type MassDynamicsName,
  type StepSizes,
} from './dynamics/dynamics.js';
export { type EntropicEquilibrium, entropicError, entropicPath } from './dynamics/entropic.js';
export { type ErgodicAverage, ergodicAverage, ergodicRecorder } from './dynamics/ergodicAverage.js';
export { type LocalRate, type LocalRateOptions, localRate } from './dynamics/localRate.js';
export { type PlayIterate, type PlayName, type PlayOptions, play, playNames } from './dynamics/play.js';
export { type ProfileAverage, profileAverage } from './dynamics/profileAverage.js';
export { type ChosenStepSizes, type StepSizeOptions, stepSizes } from './dynamics/stepSizes.js';
export { type Finished, type FinishOptions, finish } from './finish/finish.js';
export type { Margins } from './finish/margins.js';
export { type MatrixSolution, solveMatrixGame } from './finish/matrixGame.js';
export { type GroupGameOptions, groupGame } from './games/groupGames.js';
export { blottoGame, noisyDuel, silentDuel } from './games/jumpingGames.js';
export {
  equilibriumProfile,
  type FiniteStrategy,
  type KnownEquilibrium,
  type KnownGame,
  type NamedGame,
  type SpreadStrategy,
  strategyMeasure,
} from './games/knownGame.js';
export {
  absoluteGame,
  bellEquilibrium,
  bellGame,
  doubleWellGame,
  type FormulaGame,
  grossGame,
  guessingGame,
  parriloGame,
  parriloMixedGame,
  penaltyKick,
  torusCounterexample,
} from './games/knownGames.js';
export { type MomentMatchingOptions, momentMatchingGame } from './games/momentMatching.js';
export {
  type LabelledPoints,
  maxMarginGame,
  type NetworkGameOptions,
  type RobustNetworkGameOptions,
  robustNetworkGame,
  separablePoints,
} from './games/networkGames.js';
export { type NfgGame, nfgMatrixGame, readNfg, writeNfg } from './games/nfg.js';
export { type PayoffKind, payoffKind } from './games/payoffKind.js';
export { type PlantedGameOptions, plantedGame } from './games/plantedGame.js';
export { type SphereGameOptions, sphereGame } from './games/sphereGame.js';
export {
  portableTrigonometricGame,
  type RandomTrigonometricGameOptions,
  randomTrigonometricGame,
  type TrigonometricGameOptions,
  trigonometricGame,
} from './games/trigonometricGames.js';
export { type NikaidoIsoda, nikaidoIsodaOnGrid, nikaidoIsodaRecorder } from './nikaidoIsoda.js';
export type { SolveProgress } from './solve/search.js';
export { type Solution, type SolveOptions, type StrategyAtom, solveGame, solving } from './solve/solveGame.js';
export { type SweepFamily, type SweepOptions, type SweepRow, sweep, sweepFamilies, sweepGame } from './solve/sweep.js';
export { gridStart } from './starts.js';
export { wasserstein1 } from './wasserstein1.js';

/** Two-player zero-sum games on measure spaces: games, dynamics, Nikaido-Isoda error and studies. */
export const plugin = definePlugin({
  id: 'zero-sum',
  version: '0.1.0',
  requires: { core: '^0.1.0' },
  games,
  recorders: [certificateEntry],
  studies: [
    penaltyKickStudy,
    doubleWellStudy,
    guessingStudy,
    formulaGameStudy,
    propagationOfChaosStudy,
    theoryBoundsStudy,
    sphereDimensionStudy,
    robustLearningStudy,
    torusCounterexampleStudy,
    knownGamesStudy,
    randomGamesStudy,
  ],
});
