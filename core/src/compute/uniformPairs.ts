import { type RandomKey, uniformPairsInto } from '../math/random.js';
import { type Arena, makeArena, maximumPages } from './wasm/arena.js';
import { tableEnd } from './wasm/expTable.js';
import { assemble } from './wasm/module.js';
import { indicesAtOnce, pairsCode } from './wasm/philoxCode.js';
import { hasWasmSimd } from './wasm/wasmBackend.js';

/** Two uniforms in (0, 1) for each index. */
export interface UniformPairs {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

type PairSource = (key: RandomKey, indices: Uint32Array) => UniformPairs | null;

/** Fewer are as fast one by one. */
const leastCount = 16;

let vectors: PairSource | undefined;
let kept: UniformPairs = { first: new Float64Array(0), second: new Float64Array(0) };

/**
 * The uniforms that a key assigns to many indices: `first[i] = uniformAt(key, indices[i], 0)` and
 * `second[i] = uniformAt(key, indices[i], 1)`, with the same bits on every host; four indices at a time where it has
 * WebAssembly with vectors. O(n), allocates when n changes.
 *
 * @returns buffers that the next call overwrites, whoever makes it.
 */
export function uniformPairs(key: RandomKey, indices: Uint32Array): UniformPairs {
  if (indices.length >= leastCount) {
    vectors ??= hasWasmSimd() ? vectorPairs() : () => null;
    const pairs = vectors(key, indices);
    if (pairs !== null) return pairs;
  }
  const { length } = indices;
  if (kept.first.length !== length) kept = { first: new Float64Array(length), second: new Float64Array(length) };
  uniformPairsInto(kept.first, kept.second, key, indices);
  return kept;
}

interface Exports {
  pairs(index: number, end: number, first: number, second: number, key: number): void;
}

/** Where the numbers of one count lie: views of the memory, and their addresses. */
interface Layout {
  readonly key: Uint32Array;
  readonly indices: Uint32Array;
  readonly pairs: UniformPairs;
  readonly addresses: Parameters<Exports['pairs']>;
}

/** Pairs by WebAssembly; null for a count that the host has no memory for. */
function vectorPairs(): PairSource {
  const arena = makeArena();
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared: false },
    imports: [],
    functions: [pairsCode()],
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: arena.memory } });
  const { pairs } = instance.exports as unknown as Exports;
  let layout: Layout | null = null;
  return (key, indices) => {
    if (layout?.indices.length !== indices.length) layout = layoutFor(arena, indices.length);
    if (layout === null) return null;
    layout.key[0] = key.low;
    layout.key[1] = key.high;
    layout.indices.set(indices);
    pairs(...layout.addresses);
    return layout.pairs;
  };
}

function layoutFor(arena: Arena, count: number): Layout | null {
  const places = Math.ceil(count / indicesAtOnce) * indicesAtOnce;
  const key = Math.ceil(tableEnd / 64) * 64;
  const index = key + 64;
  const first = index + 4 * places;
  const second = first + 8 * places;
  if (!arena.reserve(second + 8 * places)) return null;
  const { buffer } = arena.memory;
  return {
    key: new Uint32Array(buffer, key, 2),
    indices: new Uint32Array(buffer, index, count),
    pairs: { first: new Float64Array(buffer, first, count), second: new Float64Array(buffer, second, count) },
    addresses: [index, first, first, second, key],
  };
}
