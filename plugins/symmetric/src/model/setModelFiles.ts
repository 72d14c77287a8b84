import {
  arrayOf,
  coreVersion,
  isModelDocument,
  modelBytes,
  modelChecksum,
  npyArray,
  readModelDocument,
  readStoredNpz,
  toFloat64,
  writeNpz,
} from '@muflow/core';
import { z } from 'zod';
import { type Pooling, type SetNetworkOptions, setClasses, setNetwork } from '../network/setNetwork.js';
import { createSetModel, type SetModel, type SetModelParts } from './setModel.js';

/** The files of a model by name: `model.json` for people, `model.npz` for the parameters. */
export interface SetModelFiles {
  readonly 'model.json': string;
  readonly 'model.npz': Uint8Array;
}

/** What `model.json` calls itself, by which it is told from models of other plugins. */
export const setModelFormat = 'muflow set model';

const size = z.int().min(1);
const column = z.strictObject({ name: z.string(), mean: z.number(), deviation: z.number().positive() });
const schema = z.strictObject({
  format: z.literal(setModelFormat),
  version: z.literal(1),
  muflow: z.string().describe('version that wrote it'),
  origin: z.string(),
  network: z.strictObject({
    class: z.enum(setClasses),
    dim: size,
    order: size,
    innerWidth: size,
    outerWidth: size,
    outputs: size,
    inner: z.string(),
    outer: z.string(),
    pooling: z.union([z.enum(['mean', 'sum', 'max']), z.strictObject({ logMeanExp: z.number().positive() })]),
  }),
  coordinates: z.array(column).min(1),
  outputs: z.array(column).min(1),
  label: z.string().optional(),
  normalized: z.literal(true).optional(),
  images: z
    .strictObject({
      width: size,
      height: size,
      white: z.number().positive(),
      threshold: z.number().min(0).lt(1),
      most: size.nullable(),
      weighted: z.boolean(),
    })
    .optional(),
  parameters: z.strictObject({ file: z.literal('model.npz'), count: size, checksum: z.string() }),
});

const kind = {
  format: setModelFormat,
  version: 1,
  schema,
  where: 'loadSetModel',
  noun: 'model of sets',
  fix: 'name the folder of a run that trains one, such as symmetric/point-clouds with --out',
} as const;

/** A model as files; reading them gives a model that predicts the same bits. */
export function setModelFiles(parts: SetModelParts): SetModelFiles {
  const { network, parameters, coordinates, outputs, label, normalized, images, origin } = parts;
  const { dim, order, innerWidth, outerWidth, inner, outer, pooling } = network;
  const npz = writeNpz({ parameters: npyArray(parameters) });
  const document: z.input<typeof schema> = {
    format: kind.format,
    version: kind.version,
    muflow: coreVersion,
    origin,
    network: {
      ...{ class: network.class, dim, order, innerWidth, outerWidth, outputs: network.outputs, inner, outer },
      pooling: plainPooling(pooling),
    },
    coordinates: coordinates.map(({ name, mean, deviation }) => ({ name, mean, deviation })),
    outputs: outputs.map(({ name, mean, deviation }) => ({ name, mean, deviation })),
    ...(label !== undefined && { label }),
    ...(normalized === true && { normalized }),
    ...(images !== undefined && { images: { ...images } }),
    parameters: { file: 'model.npz', count: parameters.length, checksum: modelChecksum(npz) },
  };
  return { 'model.json': `${JSON.stringify(document, null, 2)}\n`, 'model.npz': npz };
}

/**
 * Reads a model that {@link setModelFiles} has written.
 *
 * @throws `parse` for text that is no model of sets, `version-mismatch` for a format this version does not know,
 * `invalid-config` with the path of what is wrong in it, `invalid-argument` for the parameters of another model.
 * @example
 * ```ts
 * import { loadSetModel, setBatch, setModelFiles, setNetwork } from '@muflow/symmetric';
 * const network = setNetwork({ dim: 1, innerWidth: 1, outerWidth: 1 }); // relu(v relu(w x + b)), all 1
 * const parameters = Float64Array.of(1, 1, 1, 1);
 * const x = { name: 'x', mean: 10, deviation: 5 };
 * const y = { name: 'y', mean: 0, deviation: 2 };
 * const files = setModelFiles({ network, parameters, coordinates: [x], outputs: [y], origin: 'by hand' });
 * const model = loadSetModel(files['model.json'], files['model.npz']);
 * console.log(model.predict(setBatch([{ points: [[15], [25]] }]))[0]); // => 6
 * ```
 */
export function loadSetModel(json: string, npz: Uint8Array): SetModel {
  const { network, parameters, label, normalized, images, coordinates, outputs, origin } = readModelDocument(
    json,
    kind,
  );
  const bytes = modelBytes(npz, parameters.checksum, {
    where: kind.where,
    problem: 'the parameters belong to another model, or are damaged',
  });
  return createSetModel({
    network: setNetwork(network satisfies SetNetworkOptions),
    parameters: toFloat64(arrayOf(readStoredNpz(bytes), 'parameters')),
    coordinates,
    outputs,
    origin,
    ...(label !== undefined && { label }),
    ...(normalized === true && { normalized }),
    ...(images !== undefined && { images }),
  });
}

/** Whether a text is, or means to be, the model.json of a network on sets. */
export const isSetModel = (json: string): boolean => isModelDocument(json, kind.format);

const plainPooling = (pooling: Pooling): Pooling =>
  typeof pooling === 'string' ? pooling : { logMeanExp: pooling.logMeanExp };
