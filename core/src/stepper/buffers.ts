import type { Flow } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import type { Profile, Tangent } from '../measure/measure.js';
import { type WorkingMeasure, workingProfile } from '../measure/working.js';

/** Two working profiles that results are written to in turn, so that a result outlives the step that reads it. */
export interface ResultBuffers {
  /** The buffer to write the next result to: never the profile being read. */
  target(reading: Profile): readonly WorkingMeasure[];
}

export function resultBuffers(profile: Profile): ResultBuffers {
  const pair = [workingProfile(profile), workingProfile(profile)] as const;
  let turn = 0;
  return {
    target: (reading) => {
      turn = 1 - turn;
      if (pair[turn][0] === reading[0]) turn = 1 - turn;
      return pair[turn];
    },
  };
}

/** Tangents of several stages, seen by stage (to evaluate) and by player (to combine). */
export interface StageTangents {
  readonly byStage: readonly (readonly Tangent[])[];
  readonly byPlayer: readonly (readonly Tangent[])[];
}

export function stageTangents(flow: Flow, profile: Profile, stages: number): StageTangents {
  const byStage = Array.from({ length: stages }, () => allocateTangents(flow, profile));
  return { byStage, byPlayer: profile.map((_, k) => byStage.map((stage) => stage[k])) };
}
