/** What the layer `space` shows to users: named exports only. */

export { box } from './box.js';
export { euclidean } from './euclidean.js';
export { finite } from './finite.js';
export { parseSpace, spaceToText } from './parse.js';
export { product } from './product.js';
export { simplex } from './simplex.js';
export type { Covering, Isometry, Space } from './space.js';
export { sphere } from './sphere.js';
export { torus } from './torus.js';
