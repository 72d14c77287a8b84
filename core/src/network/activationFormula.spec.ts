import { expect, test } from 'vitest';
import { activationFormula } from './activationFormula.js';

test('an activation is written as a formula in z', () => {
  expect(activationFormula('tanh')).toBe('tanh(z)');
  expect(activationFormula('squared-relu')).toBe('relu(z)^2');
  expect(activationFormula('z * sigmoid(z)')).toBe('z * sigmoid(z)');
  expect(() => activationFormula('tahn')).toThrow(/got "tahn".*did you mean tan or tanh/);
  expect(() => activationFormula('norm2')).toThrow(/the activation is not usable/);
});
