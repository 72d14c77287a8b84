/** The public surface of muflow: the list of names of each layer. */

export { z } from 'zod';
export * from './certify/index.js';
export * from './compute/index.js';
export * from './energy/index.js';
export { type ErrorCode, type Failure, fail, isMuflowError, MuflowError, nearest, show } from './errors.js';
export * from './flow/index.js';
export * as formula from './formula/build.js';
export * from './formula/index.js';
export * from './math/index.js';
export * as special from './math/special.js';
export * from './measure/index.js';
export * from './metric/index.js';
export * from './network/index.js';
export * from './plugin/index.js';
export * from './run/index.js';
export * from './space/index.js';
export * from './stepper/index.js';
export * from './study/index.js';
export * from './transport/index.js';
