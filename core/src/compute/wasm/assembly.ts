import { doubleLanes, type LaneOperation, type LaneType, singleLanes } from './laneType.js';
import { type Signature, signed, types, unsigned, type ValueType } from './module.js';

/** A local variable of a function that is being written. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** Opcodes of `v128` instructions on bits, without their prefix. */
const bitOpcodes = { and: 0x4e, andNot: 0x4f, or: 0x50, xor: 0x51, select: 0x52 } as const;

type LaneArithmetic = Exclude<
  LaneOperation,
  'extract' | 'replace' | 'shiftLeft' | 'shiftRightUnsigned' | 'relaxedMultiplyAdd' | 'relaxedMultiplySubtract'
>;

export type VectorOperation = LaneArithmetic | keyof typeof bitOpcodes;

const shifts = { left: 'shiftLeft', rightUnsigned: 'shiftRightUnsigned' } as const;
const isOnBits = (operation: VectorOperation): operation is keyof typeof bitOpcodes => operation in bitOpcodes;

/** Bytes of a vector. */
const vectorBytes = 16;

const integerOpcodes = {
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  divU: 0x6e,
  ltU: 0x49,
  geU: 0x4f,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shiftLeft: 0x74,
  shiftRight: 0x76,
} as const;

/**
 * Writes the code of one function. Every value lives in a local of its own: the engine's compiler turns them into
 * registers. Vectors are two lanes of `f64` or four of `f32`.
 */
export interface Assembly {
  readonly lane: LaneType;
  readonly code: readonly number[];
  readonly locals: readonly ValueType[];
  readonly params: readonly Local[];
  local(type: ValueType): Local;
  /** A vector with this number in every lane; the same number is the same local. */
  constant(value: number): Local;
  /** A vector of four `f32`. */
  single(value: number): Local;
  /** A vector with these 64 bits in both halves. */
  bits(high: number, low: number): Local;
  /** A vector of this integer, as wide as the numbers of a lane. */
  integers(value: number): Local;
  vector(operation: VectorOperation, ...args: readonly Local[]): Local;
  /** A `v128` instruction by its opcode, without the prefix, with bytes that follow it. */
  instruction(opcode: number, args: readonly Local[], immediate?: readonly number[]): Local;
  /** `a b + c`, in one rounding where relaxed instructions are allowed, else in two. */
  multiplyAdd(a: Local, b: Local, c: Local): Local;
  /** `c - a b`, likewise. */
  multiplySubtract(a: Local, b: Local, c: Local): Local;
  shift(direction: keyof typeof shifts, value: Local, count: number): Local;
  /** 1 if any bit of the vector is set. */
  anyTrue(value: Local): Local;
  integer(operation: keyof typeof integerOpcodes, a: Local, b: Local | number): Local;
  loadVector(address: Local, offset: number): Local;
  loadByte(address: Local, offset: number): Local;
  loadInteger(address: Local, offset: number): Local;
  storeInteger(address: Local, offset: number, value: number): void;
  /** The place of the lowest bit that is set. */
  lowestBit(value: Local): Local;
  storeByte(address: Local, offset: number, value: Local): void;
  /** One bit for each lane, set where the lane's highest is. */
  signBits(value: Local): Local;
  /** The number at an address in every lane. */
  loadSplat(address: Local, offset: number): Local;
  /** The numbers of a table that the lowest bits of two lanes choose; its size is a power of two. */
  lookUp(indices: Local, table: { readonly address: number; readonly size: number }): Local;
  storeVector(address: Local, offset: number, value: Local): void;
  /** The number at an address in the lower of two lanes, 0 in the upper. */
  loadLower(address: Local, offset: number): Local;
  /** A vector with the number at an address in the upper of two lanes. */
  withUpper(value: Local, address: Local, offset: number): Local;
  /** Stores one of two lanes. */
  storeLane(lane: 0 | 1, address: Local, offset: number, value: Local): void;
  /** Two `f64`, rounded, as the lower two of four `f32`; zeros above. */
  narrowed(value: Local): Local;
  /** The lowest of four `f32`. */
  storeSingle(address: Local, offset: number, value: Local): void;
  /** The same operations on four `f32`, whatever the vectors hold. */
  singles(operation: LaneArithmetic, ...args: readonly Local[]): Local;
  /** The `f32` at an address in every lane. */
  loadSingleSplat(address: Local, offset: number): Local;
  /** One bit for each of four lanes, set where the lane's highest is. */
  fourSignBits(value: Local): Local;
  /** The vector with its bytes moved down by so many, those at the bottom to the top. */
  rotated(value: Local, bytes: number): Local;
  assign(target: Local, value: Local | number): void;
  /** `a + b` of an `f64` and an unsigned integer. */
  plusInteger(a: Local, b: Local): Local;
  /** The lower (0) or upper (1) half of four `f32` as two `f64`. */
  widened(value: Local, half: 0 | 1): Local;
  /** Calls a function that returns nothing, by its index among imports and functions. */
  call(index: number, ...args: readonly (Local | number)[]): void;
  /** Calls an imported function of numbers lane by lane. */
  callLanes(imported: number, ...args: readonly Local[]): Local;
  /** `for (; counter < end; counter += step) body()`, on unsigned integers. */
  loop(counter: Local, end: Local, step: Local | number, body: () => void): void;
  when(condition: Local, body: () => void): void;
}

/** How code is written. */
export interface AssemblyOptions {
  /** Fused multiply-add where the processor has it: faster, but its bits differ between machines. */
  readonly relaxed?: boolean;
  /** What vectors hold; float64 unless it is said. */
  readonly lane?: LaneType;
}

export function assembly(signature: Signature, options: AssemblyOptions = {}): Assembly {
  const { relaxed = false, lane = doubleLanes } = options;
  const { opcodes } = lane;
  const code: number[] = [];
  const locals: ValueType[] = [];
  const params = signature.params.map((type, index): Local => ({ index, type }));
  // Constants are set where the function begins, so that loops find them.
  const prologue: number[] = [];
  const constants = new Map<string, Local>();
  const local = (type: ValueType): Local => {
    locals.push(type);
    return { index: params.length + locals.length - 1, type };
  };
  const emit = (...bytes: readonly number[]): void => {
    for (const byte of bytes) code.push(byte);
  };
  const get = (value: Local): void => emit(0x20, ...unsigned(value.index));
  const push = (value: Local | number): void => (typeof value === 'number' ? emit(0x41, ...signed(value)) : get(value));
  const set = (target: Local): void => emit(0x21, ...unsigned(target.index));
  const simd = (opcode: number): void => emit(0xfd, ...unsigned(opcode));
  const place = (offset: number, alignment: number): void => emit(alignment, ...unsigned(offset));
  const constantOf = (bytes: readonly number[]): Local => {
    const key = bytes.join();
    const known = constants.get(key);
    if (known !== undefined) return known;
    const made = local(types.v128);
    const times = vectorBytes / bytes.length;
    prologue.push(
      0xfd,
      ...unsigned(0x0c),
      ...Array.from({ length: times }, () => bytes).flat(),
      0x21,
      ...unsigned(made.index),
    );
    constants.set(key, made);
    return made;
  };
  const result = (type: ValueType): Local => {
    const target = local(type);
    set(target);
    return target;
  };
  const instruction = (opcode: number, args: readonly Local[], immediate: readonly number[] = []): Local => {
    for (const arg of args) get(arg);
    simd(opcode);
    emit(...immediate);
    return result(types.v128);
  };
  const vector = (operation: VectorOperation, ...args: readonly Local[]): Local =>
    instruction(isOnBits(operation) ? bitOpcodes[operation] : opcodes[operation], args);
  const rotated = (value: Local, bytes: number): Local => {
    get(value);
    get(value);
    simd(0x0d);
    emit(...Array.from({ length: vectorBytes }, (_, k) => (k + bytes) % vectorBytes));
    return result(types.v128);
  };
  return {
    lane,
    get code() {
      return [...prologue, ...code];
    },
    locals,
    params,
    local,
    constant: (value) => constantOf(lane.bytesOf(value)),
    single: (value) => constantOf(singleLanes.bytesOf(value)),
    bits(high, low) {
      return constantOf([...new Uint8Array(Uint32Array.of(low, high).buffer)]);
    },
    integers: (value) => {
      const words = Uint32Array.of(value % 2 ** 32, Math.floor(value / 2 ** 32));
      return constantOf([...new Uint8Array(words.buffer, 0, lane.bytes)]);
    },
    vector,
    instruction,
    multiplyAdd: (a, b, c) =>
      relaxed ? instruction(opcodes.relaxedMultiplyAdd, [a, b, c]) : vector('add', c, vector('mul', a, b)),
    multiplySubtract: (a, b, c) =>
      relaxed ? instruction(opcodes.relaxedMultiplySubtract, [a, b, c]) : vector('sub', c, vector('mul', a, b)),
    shift(direction, value, count) {
      get(value);
      emit(0x41, ...signed(count));
      simd(opcodes[shifts[direction]]);
      return result(types.v128);
    },
    anyTrue(value) {
      get(value);
      simd(0x53);
      return result(types.i32);
    },
    integer(operation, a, b) {
      get(a);
      push(b);
      emit(integerOpcodes[operation]);
      return result(types.i32);
    },
    loadVector(address, offset) {
      get(address);
      simd(0x00);
      place(offset, 4);
      return result(types.v128);
    },
    loadByte(address, offset) {
      get(address);
      emit(0x2d);
      place(offset, 0);
      return result(types.i32);
    },
    loadInteger(address, offset) {
      get(address);
      emit(0x28);
      place(offset, 2);
      return result(types.i32);
    },
    storeInteger(address, offset, value) {
      get(address);
      push(value);
      emit(0x36);
      place(offset, 2);
    },
    lowestBit(value) {
      get(value);
      emit(0x68);
      return result(types.i32);
    },
    storeByte(address, offset, value) {
      get(address);
      get(value);
      emit(0x3a);
      place(offset, 0);
    },
    signBits(value) {
      get(value);
      simd(lane === doubleLanes ? 0xc4 : 0xa4);
      return result(types.i32);
    },
    loadSplat(address, offset) {
      get(address);
      simd(lane.loadSplat.opcode);
      place(offset, lane.loadSplat.alignment);
      return result(types.v128);
    },
    lookUp(indices, { address, size }) {
      const placeOf = (lane: 0 | 1): void => {
        get(indices);
        simd(0x1b);
        emit(2 * lane, 0x41, ...signed(size - 1), 0x71, 0x41, 3, 0x74);
      };
      placeOf(0);
      simd(0x5d);
      place(address, 3);
      const lower = result(types.v128);
      placeOf(1);
      get(lower);
      simd(0x57);
      place(address, 3);
      emit(1);
      return result(types.v128);
    },
    storeVector(address, offset, value) {
      get(address);
      get(value);
      simd(0x0b);
      place(offset, 4);
    },
    loadLower(address, offset) {
      get(address);
      simd(0x5d);
      place(offset, 3);
      return result(types.v128);
    },
    withUpper(value, address, offset) {
      get(address);
      get(value);
      simd(0x57);
      place(offset, 3);
      emit(1);
      return result(types.v128);
    },
    storeLane(lane, address, offset, value) {
      get(address);
      get(value);
      simd(0x5b);
      place(offset, 3);
      emit(lane);
    },
    narrowed(value) {
      get(value);
      simd(0x5e);
      return result(types.v128);
    },
    storeSingle(address, offset, value) {
      get(address);
      get(value);
      simd(0x5a);
      place(offset, 2);
      emit(0);
    },
    singles(operation, ...args) {
      for (const arg of args) get(arg);
      simd(singleLanes.opcodes[operation]);
      return result(types.v128);
    },
    loadSingleSplat(address, offset) {
      get(address);
      simd(singleLanes.loadSplat.opcode);
      place(offset, singleLanes.loadSplat.alignment);
      return result(types.v128);
    },
    fourSignBits(value) {
      get(value);
      simd(0xa4);
      return result(types.i32);
    },
    rotated,
    assign(target, value) {
      push(value);
      set(target);
    },
    plusInteger(a, b) {
      get(a);
      get(b);
      emit(0xb8, 0xa0);
      return result(types.f64);
    },
    widened(value, half) {
      get(half === 0 ? value : rotated(value, vectorBytes / 2));
      simd(0x5f);
      return result(types.v128);
    },
    call(index, ...args) {
      for (const arg of args) push(arg);
      emit(0x10, ...unsigned(index));
    },
    callLanes(imported, ...args) {
      const target = local(types.v128);
      for (let k = 0; k < lane.count; k++) {
        if (k > 0) get(target);
        for (const arg of args) {
          get(arg);
          simd(opcodes.extract);
          emit(k, ...lane.widen);
        }
        emit(0x10, ...unsigned(imported), ...lane.narrow);
        if (k === 0) simd(opcodes.splat);
        else {
          simd(opcodes.replace);
          emit(k);
        }
        set(target);
      }
      return target;
    },
    loop(counter, end, step, body) {
      emit(0x02, 0x40, 0x03, 0x40);
      get(counter);
      get(end);
      emit(integerOpcodes.geU, 0x0d, 1);
      body();
      get(counter);
      push(step);
      emit(integerOpcodes.add);
      set(counter);
      emit(0x0c, 0, 0x0b, 0x0b);
    },
    when(condition, body) {
      get(condition);
      emit(0x04, 0x40);
      body();
      emit(0x0b);
    },
  };
}
