import { type Arena, maximumPages } from './arena.js';
import { addCode, buildCode, gatherCode, projectCode, shareCode, spreadCode } from './hingeCode.js';
import type { HingeShape } from './hingeShape.js';
import { placeCode } from './hingeSigns.js';
import { assemble } from './module.js';

/** What the module of hinge sums exports; addresses in bytes. */
export interface HingeExports {
  /** Blocks of eight points (task 0), or parts of a gathering (task 1), by the words that say where things lie. */
  pairs(first: number, last: number, words: number, task: number, ...rest: number[]): void;
  project(sum: number, sumEnd: number, sumsEnd: number, perPart: number, item: number, out: number): void;
  spread(
    sum: number,
    sumEnd: number,
    sumsEnd: number,
    perPart: number,
    item: number,
    out: number,
    atom: number,
    scale: number,
  ): void;
}

/** A compiled module: the same for all rows of one width in atoms of one kind. */
export interface HingeModule {
  /** Negative: apart from those of kernels of pairs. */
  readonly id: number;
  readonly bytes: Uint8Array;
  instantiate(arena: Arena): HingeExports;
}

let modules = 0;

/** Compiles the code for a shape. */
export function compileHingeModule(shape: HingeShape, shared: boolean): HingeModule {
  const indices = { build: 0, begin: 1, add: 2, gather: 3, place: 4 };
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared },
    imports: [],
    functions: [
      buildCode(shape, {}),
      addCode('begin', shape, {}),
      addCode('add', shape, {}),
      gatherCode(shape, indices, {}),
      placeCode(shape, {}),
      shareCode(indices, {}),
      projectCode(shape, {}),
      spreadCode(shape, {}),
    ],
  });
  const module = new WebAssembly.Module(bytes);
  return {
    id: --modules,
    bytes,
    instantiate: ({ memory }) =>
      new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as HingeExports,
  };
}
