import { type Arena, maximumPages } from './arena.js';
import {
  addCode,
  buildHalvesCode,
  buildSixesCode,
  gatherCode,
  projectCode,
  shareCode,
  spreadCode,
} from './hingeCode.js';
import { type HingeShape, halves, sixes } from './hingeShape.js';
import { placeCode } from './hingeSigns.js';
import { assemble } from './module.js';

/** What the module of hinge sums exports; addresses in bytes. */
export interface HingeExports {
  /** Blocks of points (task 0), or parts of a gathering (the task of its packing), by the words that say where things lie. */
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
  const [ofHalves, ofSixes] = [
    { ...shape, packing: halves },
    { ...shape, packing: sixes },
  ];
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared },
    imports: [],
    functions: [
      buildHalvesCode(shape, {}),
      addCode('begin', ofHalves, {}),
      addCode('add', ofHalves, {}),
      gatherCode(ofHalves, { build: 0, begin: 1, add: 2 }, {}),
      buildSixesCode(shape, {}),
      addCode('begin', ofSixes, {}),
      addCode('add', ofSixes, {}),
      gatherCode(ofSixes, { build: 4, begin: 5, add: 6 }, {}),
      placeCode(shape, {}),
      shareCode([8, 3, 7], {}),
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
