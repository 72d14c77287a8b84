import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isModelDocument, modelBytes, modelChecksum, readModelDocument } from './savedModel.js';

const kind = {
  format: 'a model',
  version: 2,
  schema: z.strictObject({ format: z.literal('a model'), version: z.literal(2), width: z.int() }),
  where: 'load',
  noun: 'model of ours',
  fix: 'train one',
};

test('a document of the kind is read', () => {
  const json = JSON.stringify({ format: 'a model', version: 2, width: 3 });
  expect(readModelDocument(json, kind).width).toBe(3);
  expect([isModelDocument(json, 'a model'), isModelDocument(json, 'another'), isModelDocument('{', 'a model')]).toEqual(
    [true, false, false],
  );
});

test.each([
  ['{', 'parse', /\[load\] this is no model of ours/],
  ['null', 'parse', /this is no model of ours, got format undefined/],
  ['{"format":"another","version":2}', 'parse', /got format "another"/],
  ['{"format":"a model","version":1}', 'version-mismatch', /got 1, expected 2/],
  ['{"format":"a model","version":2,"width":0.5}', 'invalid-config', /width/],
])('%s is refused', (json, code, message) => {
  expect(() => readModelDocument(json, kind)).toThrow(expect.objectContaining({ code }));
  expect(() => readModelDocument(json, kind)).toThrow(message);
});

describe('the bytes of a model', () => {
  // Test vectors of FNV-1a in 32 bits: the empty string, "a" and "foobar".
  test('have the checksum of FNV-1a', () => {
    const of = (text: string) => modelChecksum(new TextEncoder().encode(text));
    expect([of(''), of('a'), of('foobar')]).toEqual(['811c9dc5', 'e40c292c', 'bf9cf968']);
  });

  test('are copied where they belong, and refused where they do not', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const taken = modelBytes(bytes, modelChecksum(bytes), { where: 'load', problem: 'they belong to another' });
    bytes[0] = 9;
    expect([...taken]).toEqual([1, 2, 3]);
    const wrong = () => modelBytes(bytes, '00000000', { where: 'load', problem: 'they belong to another' });
    expect(wrong).toThrow(/\[load\] they belong to another, got model.npz of 3 bytes with checksum/);
  });
});
