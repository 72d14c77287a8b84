import type { Expression, OperationNode } from './expression.js';
import { nodesOf } from './inspect.js';
import { checkTextLength } from './print.js';

interface Typeset {
  readonly text: string;
  /** 1 sum, 2 product, 3 sign, 4 power, 5 atom. */
  readonly strength: number;
}

const greek = new Set(
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega'.split(
    ' ',
  ),
);

/**
 * Typesets an expression in LaTeX math; vectors stay plain letters, `x[0]` becomes an index.
 * @throws `unsupported` where that takes more than a million characters.
 */
export function toLatex(expression: Expression): string {
  const done = new Map<Expression, Typeset>();
  for (const node of nodesOf(expression)) {
    const made = typeset(node, done);
    checkTextLength('toLatex', made.text);
    done.set(node, made);
  }
  return (done.get(expression) as Typeset).text;
}

function typeset(node: Expression, done: ReadonlyMap<Expression, Typeset>): Typeset {
  if (node.kind === 'constant') return { text: numberText(node.value), strength: node.value < 0 ? 3 : 5 };
  if (node.kind === 'variable') return { text: nameText(node.variable.name), strength: 5 };
  return typesetOperation(
    node,
    node.args.map((arg) => done.get(arg) as Typeset),
  );
}

function numberText(value: number): string {
  if (value === Math.PI) return '\\pi';
  if (Number.isInteger(value / Math.PI) && Math.abs(value) < 100) return `${value / Math.PI} \\pi`;
  const [digits, exponent] = String(value).split('e');
  return exponent === undefined ? digits : `${digits} \\cdot 10^{${Number(exponent)}}`;
}

function nameText(name: string): string {
  const [head, ...rest] = name.split('_');
  const letter = greek.has(head) ? `\\${head}` : head.length > 1 ? `\\mathrm{${head}}` : head;
  return rest.length > 0 ? `${letter}_{${rest.join(',')}}` : letter;
}

const bracket = (part: Typeset, needed: number): string =>
  part.strength < needed ? `\\left(${part.text}\\right)` : part.text;
const call = (name: string, args: readonly Typeset[]): Typeset => ({
  text: `${name}\\left(${args.map((arg) => arg.text).join(', ')}\\right)`,
  strength: 5,
});

function typesetOperation(node: OperationNode, args: readonly Typeset[]): Typeset {
  const [a, b] = args;
  switch (node.operation) {
    case 'add':
      return { text: `${a.text} + ${b.text}`, strength: 1 };
    case 'subtract':
      return { text: `${a.text} - ${bracket(b, 2)}`, strength: 1 };
    case 'multiply':
      return { text: `${bracket(a, 2)} \\, ${bracket(b, 2)}`, strength: 2 };
    case 'divide':
      return { text: `\\frac{${a.text}}{${b.text}}`, strength: 5 };
    case 'negate':
      return { text: `-${bracket(a, 2)}`, strength: 3 };
    case 'power':
      return { text: `{${bracket(a, 5)}}^{${numberText(node.parameter as number)}}`, strength: 4 };
    case 'sqrt':
      return { text: `\\sqrt{${a.text}}`, strength: 5 };
    case 'exp':
      return { text: `e^{${a.text}}`, strength: 4 };
    case 'abs':
      return { text: `\\left|${a.text}\\right|`, strength: 5 };
    case 'norm2':
      return { text: `\\left\\|${a.text}\\right\\|^{2}`, strength: 4 };
    case 'dot':
      return { text: `\\left\\langle ${a.text}, ${b.text} \\right\\rangle`, strength: 5 };
    case 'component':
      return { text: `{${bracket(a, 5)}}_{${node.parameter}}`, strength: 5 };
    case 'pack':
      return { text: `\\left(${args.map((arg) => arg.text).join(', ')}\\right)`, strength: 5 };
    case 'broadcast':
      return { text: `${bracket(a, 2)} \\, \\mathbf{1}_{${node.size}}`, strength: 2 };
    case 'scatter':
      return { text: `${bracket(a, 2)} \\, \\mathbf{e}_{${node.parameter}}`, strength: 2 };
    case 'sum':
      return { text: `\\textstyle\\sum_k ${bracket(a, 2)}_k`, strength: 2 };
    case 'sin':
    case 'cos':
    case 'tanh':
    case 'log':
    case 'min':
    case 'max':
      return call(`\\${node.operation}`, args);
    default:
      return call(`\\operatorname{${node.operation}}`, args);
  }
}
