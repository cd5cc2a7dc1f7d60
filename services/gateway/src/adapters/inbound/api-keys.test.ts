import { Secret } from '@parley/config';
import { describe, expect, it } from 'vitest';
import { ApiKeys, bearerKey } from './api-keys.ts';

const holder = { tenant: 'default', role: 'admin', keyId: 'k' } as const;
const keys = new ApiKeys([{ secret: new Secret('s3cret'), holder }]);

describe('an API key', () => {
  it('says who holds it', () => {
    expect(keys.authenticate(bearerKey('Bearer s3cret'))).toEqual(holder);
    expect(keys.authenticate(bearerKey('bearer  s3cret '))).toEqual(holder);
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer s3cre',
    'Bearer s3cret2',
    'Bearer S3CRET',
    'Basic s3cret',
    's3cret',
  ])('%j lets nobody in', (header) => {
    expect(() => keys.authenticate(bearerKey(header))).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    );
  });

  it('is never repeated in a refusal', () => {
    expect(() => keys.authenticate('my-other-key')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('my-other-key') as string }),
    );
  });
});
