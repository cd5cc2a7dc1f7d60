import { describe, expect, it } from 'vitest';
import { grpcTarget } from './target.ts';

describe('the target of a list of addresses', () => {
  it.each([
    [['127.0.0.1:50051'], 'ipv4:127.0.0.1:50051'],
    [['localhost:1', '10.0.0.2:2'], 'ipv4:127.0.0.1:1,10.0.0.2:2'],
    [['[::1]:1', '[::2]:2'], 'ipv6:[::1]:1,[::2]:2'],
    [['model.parley.svc.cluster.local.:50051'], 'dns:///model.parley.svc.cluster.local.:50051'],
  ])('%j is %s', (addresses, target) => {
    expect(grpcTarget(addresses)).toBe(target);
  });

  it.each([
    [[]],
    [['model']],
    [['model:99999']],
    [[':1']],
    [['a:1', 'b:2']],
    [['127.0.0.1:1', '[::1]:1']],
    [['http://a:1']],
  ])('%j is refused in words', (addresses) => {
    expect(() => grpcTarget(addresses)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});
