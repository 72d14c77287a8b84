/** The studies of depth separation. */

export { sawtoothStudy } from './sawtooth.js';
