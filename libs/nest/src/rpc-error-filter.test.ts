import { status } from '@grpc/grpc-js';
import { createLogger } from '@parley/telemetry';
import { ParleyError } from '@parley/kernel';
import { lastValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RpcErrorFilter } from './rpc-error-filter.ts';

describe('an error that leaves a gRPC handler', () => {
  const logger = createLogger('model', 'test', 'silent');
  const logged = vi.spyOn(logger, 'error');
  const filter = new RpcErrorFilter(logger);

  beforeEach(() => logged.mockClear());

  function answer(thrown: unknown): Promise<unknown> {
    return lastValueFrom(filter.catch(thrown)).catch((error: unknown) => error);
  }

  it('of a known kind is answered and not logged: whoever asked hears of it', async () => {
    expect(await answer(new ParleyError('overloaded', 'Full.'))).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      message: 'Full.',
    });
    expect(logged).not.toHaveBeenCalled();
  });

  it('unexpectedly is logged with its cause, which the caller does not learn', async () => {
    const defect = new TypeError('x is undefined');
    expect(await answer(defect)).toMatchObject({
      code: status.INTERNAL,
      message: expect.not.stringContaining('undefined') as string,
    });
    expect(logged).toHaveBeenCalledExactlyOnceWith({ error: defect }, expect.any(String));
  });
});
