import { isMuflowError, nearest, show } from '../errors.js';
import * as f from './build.js';
import type { Expression } from './expression.js';
import { callable } from './operations.js';
import type { Scope } from './scope.js';
import { parseFailure, type Token, tokenize } from './tokens.js';

const maxDepth = 200;
const maxNodes = 20_000;

const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

/** Binding powers of infix symbols; `^` binds tighter than a leading minus and to the right. */
const infix: Readonly<Record<string, { readonly left: number; readonly right: number }>> = {
  '+': { left: 10, right: 11 },
  '-': { left: 10, right: 11 },
  '*': { left: 20, right: 21 },
  '/': { left: 20, right: 21 },
  '^': { left: 40, right: 39 },
  '**': { left: 40, right: 39 },
};
const prefixPower = 30;

const functions: Readonly<Record<string, (...args: Expression[]) => Expression>> = {
  exp: f.exp,
  log: f.log,
  ln: f.log,
  sqrt: f.sqrt,
  sin: f.sin,
  cos: f.cos,
  tan: (x) => f.divide(f.sin(x), f.cos(x)),
  sinh: (x) => f.divide(f.subtract(f.exp(x), f.exp(f.negate(x))), 2),
  cosh: (x) => f.divide(f.add(f.exp(x), f.exp(f.negate(x))), 2),
  tanh: f.tanh,
  sigmoid: f.sigmoid,
  softplus: f.softplus,
  relu: f.relu,
  abs: f.abs,
  erf: f.erf,
  sign: f.sign,
  step: f.step,
  min: (...args) => args.reduce((a, b) => f.minimum(a, b)),
  max: (...args) => args.reduce((a, b) => f.maximum(a, b)),
  pow: f.power,
  dot: f.dot,
  sum: f.sum,
  norm: f.norm,
  norm2: f.norm2,
};

/**
 * Reads a formula text, such as `"cos(2*pi*(x - y)) + 0.3*x*y"` or `"a*relu(dot(w, x) + b)"`, into an
 * expression. Only the names of the scope and a fixed list of functions are known; nothing is evaluated
 * as code. `x[0]` is a component, `[s, t]` a vector of scalars, `^` or `**` a power.
 *
 * @throws `parse` with the column, for anything that is not a formula or whose sizes do not fit.
 * @example
 * const e = parseFormula('(x - y)^2', { variables: { x: { role: 'row' }, y: { role: 'column' } } });
 */
export function parseFormula(text: string, scope: Scope): Expression {
  if (typeof text !== 'string') parseFailure('', 1, 'the formula is not a text', 'a text', 'pass a string');
  const tokens = tokenize(text);
  let position = 0;
  let depth = 0;
  let nodes = 0;
  const peek = (): Token => tokens[position];
  const next = (): Token => tokens[position++];
  const wrong = (token: Token, problem: string, expected: string, fix: string): never =>
    parseFailure(text, token.column, problem, expected, fix);

  /** Runs a builder and points its complaint at the token that asked for it. */
  const at = (token: Token, build: () => Expression): Expression => {
    if (++nodes > maxNodes)
      wrong(token, 'the formula is too large', `at most ${maxNodes} operations`, 'build it with functions instead');
    try {
      return build();
    } catch (error) {
      if (!isMuflowError(error)) throw error;
      const { problem, expected, fix } = error.failure;
      return parseFailure(text, token.column, `${problem} (${error.failure.got})`, expected, fix);
    }
  };

  const expect = (symbol: string, opened: Token): void => {
    const token = next();
    if (token.text === symbol && token.kind === 'symbol') return;
    position--;
    wrong(
      token,
      `the bracket opened at column ${opened.column} is not closed`,
      `"${symbol}" or an operator`,
      `close it with "${symbol}"`,
    );
  };

  const list = (close: string, opened: Token): Expression[] => {
    const items: Expression[] = [];
    if (peek().text === close) {
      position++;
      return items;
    }
    for (;;) {
      items.push(parse(0));
      if (peek().text !== ',') break;
      position++;
    }
    expect(close, opened);
    return items;
  };

  const name = (token: Token): Expression => {
    if (peek().text === '(') return call(token);
    if (Object.hasOwn(scope.variables, token.text)) {
      const { role, size = 1 } = scope.variables[token.text];
      return at(token, () => f.variable(token.text, { role, size }));
    }
    const value = [scope.constants ?? {}, constants].find((known) => Object.hasOwn(known, token.text))?.[token.text];
    if (value !== undefined) return at(token, () => f.constant(value));
    const known = [...Object.keys(scope.variables), ...Object.keys(scope.constants ?? {}), 'pi', 'e'];
    const near = nearest(token.text, [...known, ...Object.keys(callable)]);
    return wrong(
      token,
      `the name ${show(token.text)} is unknown`,
      `one of ${known.join(', ')}`,
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'use a known name',
    );
  };

  const call = (token: Token): Expression => {
    const opened = next();
    const arity = Object.hasOwn(callable, token.text) ? callable[token.text] : undefined;
    if (arity === undefined) {
      const near = nearest(token.text, Object.keys(callable));
      wrong(
        token,
        `the function ${show(token.text)} is unknown`,
        `one of ${Object.keys(callable).join(', ')}`,
        near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'use a known function, or * for a product',
      );
    }
    const args = list(')', opened);
    const fits = arity === -1 ? args.length >= 2 : args.length === arity;
    if (!fits) {
      wrong(
        token,
        `${token.text} takes ${arity === -1 ? 'two or more arguments' : `${arity} argument${arity === 1 ? '' : 's'}`} and has ${args.length}`,
        `${token.text}(${arity === 1 ? 'x' : 'x, y'})`,
        'add or remove arguments',
      );
    }
    return at(token, () => functions[token.text](...args));
  };

  const primary = (): Expression => {
    const token = next();
    if (token.kind === 'number') return at(token, () => f.constant(Number(token.text)));
    if (token.kind === 'name') return name(token);
    if (token.text === '(') {
      const inner = parse(0);
      expect(')', token);
      return inner;
    }
    if (token.text === '[') {
      const items = list(']', token);
      return at(token, () => f.pack(...items));
    }
    if (token.text === '-') {
      const operand = parse(prefixPower);
      return at(token, () => f.negate(operand));
    }
    if (token.text === '+') return parse(prefixPower);
    position--;
    return wrong(
      token,
      token.kind === 'end' ? 'the formula ends too early' : 'a value is missing',
      'a number, a name, a call or a bracket',
      'complete the expression',
    );
  };

  const index = (operand: Expression): Expression => {
    const opened = next();
    const token = next();
    if (token.kind !== 'number' || !/^\d+$/.test(token.text))
      wrong(token, 'an index is not a whole number', 'an integer from 0', 'write x[0], x[1], …');
    expect(']', opened);
    return at(token, () => f.component(operand, Number(token.text)));
  };

  function parse(power: number): Expression {
    if (++depth > maxDepth)
      wrong(
        peek(),
        `the formula is nested deeper than ${maxDepth}`,
        'fewer brackets',
        'name parts and build it with functions',
      );
    let left = primary();
    while (peek().text === '[' && peek().kind === 'symbol') left = index(left);
    for (;;) {
      const token = peek();
      const powers = token.kind === 'symbol' && Object.hasOwn(infix, token.text) ? infix[token.text] : undefined;
      if (powers === undefined || powers.left < power) break;
      position++;
      const right = parse(powers.right);
      const a = left;
      left = at(token, () => combine(token.text, a, right));
    }
    depth--;
    return left;
  }

  const result = parse(0);
  if (peek().kind !== 'end')
    wrong(peek(), 'the formula goes on after its end', 'an operator or the end', 'join the parts with + - * /');
  return result;
}

function combine(symbol: string, a: Expression, b: Expression): Expression {
  switch (symbol) {
    case '+':
      return f.add(a, b);
    case '-':
      return f.subtract(a, b);
    case '*':
      return f.multiply(a, b);
    case '/':
      return f.divide(a, b);
    default:
      return f.power(a, b);
  }
}
