import { expect, it } from 'vitest';
import { packVectors, unpackVectors } from './packed-vectors.ts';

it('vectors come out as they went in, at 32 bits', () => {
  const vectors = [Float32Array.of(0.1, -2, 3e-8), Float32Array.of(1, 0, -0.5)];
  const packed = packVectors(vectors, 7);
  expect(JSON.parse(JSON.stringify(packed))).toEqual(packed);
  expect(unpackVectors(packed)).toEqual({ vectors: vectors.map((vector) => [...vector]), inputTokens: 7 });
  expect(unpackVectors(packVectors([], 0))).toEqual({ vectors: [], inputTokens: 0 });
});
