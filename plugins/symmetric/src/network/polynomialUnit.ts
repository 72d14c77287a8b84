import { type Expression, nodesOf } from '@muflow/core';

/** Beyond it moments of inner products lose too many digits to be worth it. */
const mostDegree = 8;

type Coefficients = readonly number[];

/**
 * The coefficients of an expression in one variable, from the constant on, where it is built from sums, differences,
 * products, whole powers and quotients by constants and its degree is at most 8; null where it is not.
 */
export function polynomialOf(expression: Expression): Coefficients | null {
  const known = new Map<Expression, Coefficients | null>();
  for (const node of nodesOf(expression)) known.set(node, read(node, known));
  return known.get(expression) ?? null;
}

function read(node: Expression, known: ReadonlyMap<Expression, Coefficients | null>): Coefficients | null {
  if (node.kind === 'constant') return [node.value];
  if (node.kind === 'variable') return [0, 1];
  const args = node.args.map((arg) => known.get(arg) ?? null);
  if (args.includes(null)) return null;
  const [a, b = []] = args as readonly Coefficients[];
  switch (node.operation) {
    case 'negate':
      return a.map((c) => -c);
    case 'add':
      return sum(a, b, 1);
    case 'subtract':
      return sum(a, b, -1);
    case 'multiply':
      return product(a, b);
    case 'divide':
      return b.length === 1 && b[0] !== 0 ? a.map((c) => c / b[0]) : null;
    case 'power':
      return power(a, node.parameter);
    default:
      return null;
  }
}

function sum(a: Coefficients, b: Coefficients, sign: number): Coefficients {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, r) => (a[r] ?? 0) + sign * (b[r] ?? 0));
}

function product(a: Coefficients, b: Coefficients): Coefficients | null {
  if (a.length + b.length - 2 > mostDegree) return null;
  const out = Array.from({ length: a.length + b.length - 1 }, () => 0);
  a.forEach((x, r) => {
    b.forEach((y, s) => {
      out[r + s] += x * y;
    });
  });
  return out;
}

function power(base: Coefficients, exponent: number | undefined): Coefficients | null {
  if (exponent === undefined || !(Number.isInteger(exponent) && exponent >= 0 && exponent <= mostDegree)) return null;
  let out: Coefficients | null = [1];
  for (let e = 0; e < exponent && out !== null; e++) out = product(out, base);
  return out;
}
