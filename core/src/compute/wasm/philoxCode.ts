import { multiplier0, multiplier1, rounds, weyl0, weyl1 } from '../../math/philox.js';
import { purpose } from '../../math/random.js';
import { type Assembly, assembly, type Local } from './assembly.js';
import { doubleLanes, singleLanes } from './laneType.js';
import { type DefinedFunction, types } from './module.js';

/** Indices that are worked on together: one in each lane. */
export const indicesAtOnce = 4;

const { i32 } = types;
const vectorBytes = 16;

/** Opcodes of `v128` instructions on words, without their prefix. */
const opcodes = { shuffle: 0x0d, multiplyLowHalf: 0xde, multiplyHighHalf: 0xdf, toDoubles: 0xfe } as const;

/** The bytes of two vectors that make up a third, by words: 0 to 3 of the first, 4 to 7 of the second. */
const byWords = (words: readonly number[]): readonly number[] =>
  words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte));
const evenWords = byWords([0, 2, 4, 6]);
const oddWords = byWords([1, 3, 5, 7]);
const upperWords = byWords([2, 3, 2, 3]);

/**
 * `pairs(index, end, first, second, key)`: for each 32-bit index the two uniforms of its Philox block, as `uniformAt`
 * of math/random makes them; the two words of the key lie at `key`, the lower one first. Whole vectors of indices are read
 * and written.
 */
export function pairsCode(): DefinedFunction {
  const signature = { params: [i32, i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, { lane: singleLanes });
  const [index, end, first, second, key] = asm.params;
  const keys = roundKeys(asm, key);
  asm.loop(index, end, vectorBytes, () => {
    const start = [asm.loadVector(index, 0), asm.integers(0), asm.integers(0), asm.integers(purpose.uniform)];
    const [c0, c1, c2, c3] = keys.reduce((words, roundKey) => turn(asm, words, roundKey), start);
    storeUniforms(asm, first, c0, c1);
    storeUniforms(asm, second, c2, c3);
    asm.assign(first, asm.integer('add', first, 2 * vectorBytes));
    asm.assign(second, asm.integer('add', second, 2 * vectorBytes));
  });
  return { name: 'pairs', signature, locals: asm.locals, code: asm.code };
}

type RoundKey = readonly [Local, Local];

/** The keys of all rounds, in every lane. */
function roundKeys(asm: Assembly, key: Local): readonly RoundKey[] {
  const keys: RoundKey[] = [[asm.loadSplat(key, 0), asm.loadSplat(key, 4)]];
  while (keys.length < rounds) {
    const [low, high] = keys[keys.length - 1];
    keys.push([
      asm.vector('addInteger', low, asm.integers(weyl0)),
      asm.vector('addInteger', high, asm.integers(weyl1)),
    ]);
  }
  return keys;
}

/** One round of Philox on the four words of four counters. */
function turn(asm: Assembly, [c0, c1, c2, c3]: readonly Local[], [key0, key1]: RoundKey): Local[] {
  const [low0, high0] = product(asm, c0, multiplier0);
  const [low1, high1] = product(asm, c2, multiplier1);
  return [
    asm.vector('xor', asm.vector('xor', high1, c1), key0),
    low1,
    asm.vector('xor', asm.vector('xor', high0, c3), key1),
    low0,
  ];
}

/** The lower and the upper words of the products with a constant. */
function product(asm: Assembly, words: Local, multiplier: number): readonly [Local, Local] {
  const factor = asm.integers(multiplier);
  const lower = asm.instruction(opcodes.multiplyLowHalf, [words, factor]);
  const upper = asm.instruction(opcodes.multiplyHighHalf, [words, factor]);
  return [
    asm.instruction(opcodes.shuffle, [lower, upper], evenWords),
    asm.instruction(opcodes.shuffle, [lower, upper], oddWords),
  ];
}

/** Four uniforms of 53 bits: `((a >>> 5) 2^26 + (b >>> 6)) 2^-53`, and 2^-54 in place of 0. */
function storeUniforms(asm: Assembly, address: Local, a: Local, b: Local): void {
  const { add, mul, pmax } = doubleLanes.opcodes;
  const constant = (value: number): Local => {
    const [low, high] = new Uint32Array(Float64Array.of(value).buffer);
    return asm.bits(high, low);
  };
  const parts = [asm.shift('rightUnsigned', a, 5), asm.shift('rightUnsigned', b, 6)];
  for (const half of [0, 1]) {
    const [high, low] = parts.map((part) => {
      const words = half === 0 ? part : asm.instruction(opcodes.shuffle, [part, part], upperWords);
      return asm.instruction(opcodes.toDoubles, [words]);
    });
    const whole = asm.instruction(add, [asm.instruction(mul, [high, constant(2 ** 26)]), low]);
    const uniform = asm.instruction(mul, [whole, constant(2 ** -53)]);
    asm.storeVector(address, half * vectorBytes, asm.instruction(pmax, [uniform, constant(2 ** -54)]));
  }
}
