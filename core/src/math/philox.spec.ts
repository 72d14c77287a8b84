import { describe, expect, test } from 'vitest';
import { philoxInto } from './philox.js';

const hex = (words: Uint32Array): string => Array.from(words, (word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox', () => {
  // The vectors of philox4x32 with 10 rounds in the file kat_vectors of Random123 [SalmonEtAl2011].
  test.each([
    { counter: [0, 0, 0, 0], key: [0, 0], expected: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      expected: '408f276d 41c83b0e a20bc7c6 6d5451fd',
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      expected: 'd16cfe09 94fdcceb 5001e420 24126ea1',
    },
  ])('gives the published words $expected', ({ counter, key, expected }) => {
    const out = new Uint32Array(4);
    philoxInto(out, Uint32Array.from(counter), key[0], key[1]);
    expect(hex(out)).toBe(expected);
  });

  test('the output may overwrite the counter', () => {
    const counter = Uint32Array.of(1, 2, 3, 4);
    const apart = new Uint32Array(4);
    philoxInto(apart, counter, 5, 6);
    expect(counter).toEqual(Uint32Array.of(1, 2, 3, 4));
    philoxInto(counter, counter, 5, 6);
    expect(counter).toEqual(apart);
  });

  test('turning one bit of counter or key turns about half of the output bits', () => {
    // Over 192 inputs the count of turned bits is binomial(192 * 128, 1/2): six standard deviations, false alarm 2e-9.
    const base = Uint32Array.of(11, 22, 33, 44, 55, 66);
    const words = (input: Uint32Array): Uint32Array => {
      const out = new Uint32Array(4);
      philoxInto(out, input, input[4], input[5]);
      return out;
    };
    const reference = words(base);
    let turned = 0;
    for (let bit = 0; bit < 192; bit++) {
      const input = Uint32Array.from(base);
      input[bit >>> 5] ^= 1 << (bit & 31);
      words(input).forEach((word, k) => {
        for (let x = (word ^ reference[k]) >>> 0; x > 0; x = Math.floor(x / 2)) turned += x % 2;
      });
    }
    const bits = 192 * 128;
    expect(Math.abs(turned - bits / 2)).toBeLessThan(6 * Math.sqrt(bits / 4));
  });
});
