export { type PointSet, type SetArrays, type SetBatch, setBatch, setBatchFromArrays } from './setBatch.js';
