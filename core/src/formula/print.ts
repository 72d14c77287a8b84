import { fail } from '../errors.js';
import type { Expression, OperationNode } from './expression.js';
import { nodesOf } from './inspect.js';

/** A printed node with the strength of its outermost operator: 1 sum, 2 product, 3 sign, 4 power, 5 atom. */
interface Printed {
  readonly text: string;
  readonly strength: number;
}

/** Operators read from the left, so what stands right of one needs brackets at equal strength, even of a sum or product. */
const symbols: Readonly<Record<string, { readonly text: string; readonly strength: number; readonly right: number }>> =
  {
    add: { text: ' + ', strength: 1, right: 2 },
    subtract: { text: ' - ', strength: 1, right: 2 },
    multiply: { text: ' * ', strength: 2, right: 3 },
    divide: { text: ' / ', strength: 2, right: 3 },
  };

/** The longest text that is made of a graph: written out, shared nodes are repeated, and a text can be exponentially long. */
const longestText = 1_000_000;

/**
 * Refuses to go on writing a text that has grown too long.
 * @throws `unsupported` naming `where`.
 */
export function checkTextLength(where: string, text: string): void {
  if (text.length <= longestText) return;
  fail({
    code: 'unsupported',
    where,
    problem: 'the expression is too long to be written out, since what it shares is repeated',
    got: `more than ${text.length} characters`,
    expected: `at most ${longestText}`,
    fix: 'write out its parts instead',
  });
}

/**
 * Prints an expression as a formula text that `parseFormula` reads back as the same expression.
 * @throws `unsupported` where that takes more than a million characters.
 */
export function toText(expression: Expression): string {
  const printed = new Map<Expression, Printed>();
  for (const node of nodesOf(expression)) {
    const made = print(node, printed);
    checkTextLength('toText', made.text);
    printed.set(node, made);
  }
  return (printed.get(expression) as Printed).text;
}

function print(node: Expression, printed: ReadonlyMap<Expression, Printed>): Printed {
  if (node.kind === 'constant') return { text: String(node.value), strength: node.value < 0 ? 3 : 5 };
  if (node.kind === 'variable') return { text: node.variable.name, strength: 5 };
  const args = node.args.map((arg) => printed.get(arg) as Printed);
  const bracket = (part: Printed, needed: number): string => (part.strength < needed ? `(${part.text})` : part.text);
  const symbol = symbols[node.operation];
  if (symbol) {
    const text = `${bracket(args[0], symbol.strength)}${symbol.text}${bracket(args[1], symbol.right)}`;
    return { text, strength: symbol.strength };
  }
  return printSpecial(node, args, bracket);
}

function printSpecial(
  node: OperationNode,
  args: readonly Printed[],
  bracket: (part: Printed, needed: number) => string,
): Printed {
  const [first] = args;
  switch (node.operation) {
    case 'negate':
      return { text: `-${bracket(first, 3)}`, strength: 3 };
    case 'power':
      return { text: `${bracket(first, 5)}^${node.parameter as number}`, strength: 4 };
    case 'component':
      return { text: `${bracket(first, 5)}[${node.parameter}]`, strength: 5 };
    case 'pack':
      return { text: `[${args.map((arg) => arg.text).join(', ')}]`, strength: 5 };
    case 'broadcast':
      return { text: `[${Array.from({ length: node.size }, () => first.text).join(', ')}]`, strength: 5 };
    case 'scatter':
      return {
        text: `[${Array.from({ length: node.size }, (_, k) => (k === node.parameter ? first.text : '0')).join(', ')}]`,
        strength: 5,
      };
    default:
      return { text: `${node.operation}(${args.map((arg) => arg.text).join(', ')})`, strength: 5 };
  }
}
