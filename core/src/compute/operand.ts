/**
 * A value resolved to memory: component k starts at `offset + k * stride`, and lane l follows at `+ l` if the
 * value varies over the lanes. Offsets and memory of values of other blocks move between steps.
 */
export interface Operand {
  memory: Float64Array;
  offset: number;
  /** Distance between components; 0 repeats a scalar. */
  readonly stride: number;
  readonly size: number;
  /** False for one number that stands for every lane. */
  readonly varies: boolean;
}
