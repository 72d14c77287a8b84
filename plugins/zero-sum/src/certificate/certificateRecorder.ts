import { type CertifyOptions, type Entry, fail, type Game, type Recorder, z } from '@muflow/core';
import { nikaidoIsoda } from './nikaidoIsoda.js';

export interface CertificateRecorderOptions extends CertifyOptions {
  /** The game to certify; by default that of the flow. */
  readonly game?: Game;
}

/** Columns of {@link certificateRecorder}. */
const columns = ['niLower', 'niUpper', 'valueLower', 'valueUpper', 'certified'] as const;

/**
 * Records the enclosure of the Nikaido-Isoda error and of the value of the game: columns `niLower`, `niUpper`,
 * `valueLower`, `valueUpper`, and `certified`, 1 where both are proven, else 0.
 * @param options - as for {@link nikaidoIsoda}; by default tolerance 1e-9 and at most 20,000 cells for each player.
 * @throws `missing-requirement` at the first frame of a flow that is not that of a game.
 */
export function certificateRecorder(options: CertificateRecorderOptions = {}): Recorder {
  const { game: given, ...settings } = { maxCells: 20_000, ...options };
  return {
    name: 'certificate',
    columns,
    start:
      () =>
      ({ flow, profile }) => {
        const { lower, upper, value, certified } = nikaidoIsoda(given ?? flow.game ?? missing(), profile, settings);
        return [lower, upper, value.lower, value.upper, certified ? 1 : 0];
      },
  };
}

function missing(): never {
  return fail({
    code: 'missing-requirement',
    where: 'certificateRecorder',
    problem: 'the flow is not that of a game',
    got: 'no game',
    expected: 'a flow made by gameFlow',
    fix: 'pass the game to the recorder',
  });
}

/** The recorder as it is registered. */
export const certificateEntry: Entry<Recorder> = {
  id: 'zero-sum/certificate',
  title: 'Proven enclosures of the Nikaido-Isoda error and the value of a game',
  reference: 'NikaidoIsoda1955',
  params: z.strictObject({
    tolerance: z.number().positive().default(1e-9),
    maxCells: z.int().min(1).max(10_000_000).default(20_000),
  }),
  create: (params) => certificateRecorder(params as CertifyOptions),
};
