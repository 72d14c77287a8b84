import { fail, nearest, show } from '../errors.js';
import { callable } from '../formula/operations.js';
import { parseFormula } from '../formula/parse.js';

const namedActivations: Readonly<Record<string, string>> = {
  'leaky-relu': 'max(z, 0.01 * z)',
  'squared-relu': 'relu(z)^2',
};

/**
 * The formula in z of an activation: names are written out, formulas in z stay as they are.
 *
 * @throws `invalid-argument` where it is neither a known name nor a formula in z; `parse` where the formula is none.
 * @example
 * activationFormula('leaky-relu'); // "max(z, 0.01 * z)"
 */
export function activationFormula(activation: string): string {
  const text = typeof activation === 'string' ? textInZ(activation) : '';
  if (!/\bz\b/.test(text)) {
    const near = nearestActivations(String(activation));
    fail({
      code: 'invalid-argument',
      where: 'activationFormula',
      problem: 'the activation is not usable',
      got: show(activation),
      expected: 'the name of a function or a formula in z',
      fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : "pass a name such as 'relu' or a formula in z",
    });
  }
  parseFormula(text, { variables: { z: { role: 'row' } } });
  return text;
}

/** Functions of formulas that take vectors to a number: no activations. */
const vectorFunctions: ReadonlySet<string> = new Set(['sum', 'norm', 'norm2']);

/** Whether a name stands for a function of one number that formulas know. */
export const isActivationName = (name: string): boolean =>
  Object.hasOwn(callable, name) && callable[name] === 1 && !vectorFunctions.has(name);

/** An activation as text in z: names are written out, other texts stay as they are. */
export function textInZ(activation: string): string {
  if (isActivationName(activation)) return `${activation}(z)`;
  return Object.hasOwn(namedActivations, activation) ? namedActivations[activation] : activation;
}

/** Names of activations close to one that is not known. */
export function nearestActivations(name: string): readonly string[] {
  const scalar = Object.keys(callable).filter(isActivationName);
  return nearest(name, [...scalar, ...Object.keys(namedActivations)]);
}
