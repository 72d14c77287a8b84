/** A small assembler of WebAssembly modules: sections, LEB128 numbers, functions that import and export. */

/** Types of values, as the binary format numbers them. */
export const types = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

export type ValueType = (typeof types)[keyof typeof types];

/** Parameter and result types of a function. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A function from outside, called by its index among the imports. */
export interface ImportedFunction {
  readonly name: string;
  readonly signature: Signature;
}

/** A function of the module: types of its locals after the parameters, and its code without the final `end`. */
export interface DefinedFunction {
  readonly name: string;
  readonly signature: Signature;
  readonly locals: readonly ValueType[];
  readonly code: readonly number[];
}

/** Memory from outside: pages of 64 KiB, shared between threads or not. */
export interface ImportedMemory {
  readonly minimum: number;
  readonly maximum: number;
  readonly shared: boolean;
}

export interface ModuleParts {
  readonly memory: ImportedMemory;
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly DefinedFunction[];
}

/** Bytes of an unsigned number, seven bits each, lowest first. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

/** Bytes of a signed 32-bit number. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
}

/** The eight bytes of a number, lowest first. */
export function float64(value: number): number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)];
}

/** The four bytes of a number rounded to 32 bits, lowest first. */
export function float32(value: number): number[] {
  return [...new Uint8Array(Float32Array.of(value).buffer)];
}

const text = (value: string): number[] => {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
};

const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];

const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content];

const signatureBytes = ({ params, results }: Signature): number[] => [
  0x60,
  ...unsigned(params.length),
  ...params,
  ...unsigned(results.length),
  ...results,
];

/** The bytes of a module that imports `env.memory` and functions `env.<name>`, and exports its own by name. */
export function assemble({ memory, imports, functions }: ModuleParts): Uint8Array<ArrayBuffer> {
  const signatures = [...imports, ...functions].map(({ signature }) => signatureBytes(signature));
  const distinct = [...new Set(signatures.map((bytes) => bytes.join()))].map((key) => key.split(',').map(Number));
  const typeIndex = (k: number): number => distinct.findIndex((bytes) => bytes.join() === signatures[k].join());
  const limits = [memory.shared ? 3 : 1, ...unsigned(memory.minimum), ...unsigned(memory.maximum)];
  const parts: readonly (readonly number[])[] = [
    section(1, list(distinct)),
    section(
      2,
      list([
        [...text('env'), ...text('memory'), 2, ...limits],
        ...imports.map(({ name }, k) => [...text('env'), ...text(name), 0, ...unsigned(typeIndex(k))]),
      ]),
    ),
    section(3, list(functions.map((_, k) => unsigned(typeIndex(imports.length + k))))),
    section(7, list(functions.map(({ name }, k) => [...text(name), 0, ...unsigned(imports.length + k)]))),
  ];
  const bodies = functions.map(functionBytes);
  const size = bodies.reduce((sum, body) => sum + body.length, 0);
  const count = unsigned(bodies.length);
  const head = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...parts.flat(), 10, ...unsigned(count.length + size), ...count];
  const bytes = new Uint8Array(head.length + size);
  bytes.set(head);
  let at = head.length;
  for (const body of bodies) {
    bytes.set(body, at);
    at += body.length;
  }
  return bytes;
}

function functionBytes({ locals, code }: DefinedFunction): Uint8Array {
  const groups: (readonly [number, ValueType])[] = [];
  for (const type of locals) {
    const last = groups.at(-1);
    if (last !== undefined && last[1] === type) groups[groups.length - 1] = [last[0] + 1, type];
    else groups.push([1, type]);
  }
  const declared = list(groups.map(([count, type]) => [...unsigned(count), type]));
  const length = unsigned(declared.length + code.length + 1);
  const bytes = new Uint8Array(length.length + declared.length + code.length + 1);
  bytes.set(length);
  bytes.set(declared, length.length);
  bytes.set(code, length.length + declared.length);
  bytes[bytes.length - 1] = 0x0b;
  return bytes;
}
