import { describe, expect, it } from 'vitest';
import { acceptanceFault, acceptanceOf } from './acceptance.ts';
import type { Offer } from './acceptance.ts';

/** Offers every 100 ms from 0 to 20 s, each answered after 10 ms, refused in the given span. */
function offersRefused(fromMs: number, toMs: number): Offer[] {
  return Array.from({ length: 200 }, (_, index): Offer => {
    const atMs = index * 100;
    const accepted = atMs < fromMs || atMs >= toMs;
    return { atMs, answeredAtMs: atMs + 10, accepted, reason: accepted ? '' : '503', repeated: false };
  });
}

const covered = { struckAtMs: 5_000, overAtMs: 7_000, covered: true };
const alone = { ...covered, covered: false };

describe('acceptance', () => {
  it('of a fleet that took every turn is whole, its recovery the first answer after the fault', () => {
    const all = acceptanceOf(offersRefused(0, 0), covered);
    expect(all).toMatchObject({ offered: 150, accepted: 150, recoveryMs: 10 });
    expect(acceptanceFault(all)).toBeUndefined();
  });

  it('counts refusals from the fault on where another instance stands in', () => {
    const some = acceptanceOf(offersRefused(5_000, 5_200), covered);
    expect(some).toMatchObject({ offered: 150, accepted: 148, recoveryMs: 210 });
    expect([...some.refusals]).toEqual([['503', 2]]);
    expect(acceptanceFault(some)).toContain('148 of 150');
  });

  it('lets a victim without a stand-in refuse until it is back and has recovered', () => {
    const back = acceptanceOf(offersRefused(5_000, 9_000), alone);
    expect(back).toMatchObject({ offered: 110, accepted: 110, recoveryMs: 2_010 });
    expect(acceptanceFault(back)).toBeUndefined();
    const late = acceptanceOf(offersRefused(0, 17_900), { ...alone, overAtMs: 2_000 });
    expect(acceptanceFault(late)).toContain('15910 ms');
  });

  it('does not take some accepted turns between refusals for a recovery', () => {
    const shaky = offersRefused(5_000, 9_000).map((offer) =>
      offer.atMs >= 7_000 && offer.atMs < 7_500 ? { ...offer, accepted: true } : offer,
    );
    expect(acceptanceOf(shaky, alone)).toMatchObject({ offered: 110, recoveryMs: 2_010 });
  });

  it('counts what is refused after the recovery', () => {
    const again = offersRefused(5_000, 9_000).map((offer) =>
      offer.atMs >= 15_000 && offer.atMs < 15_200 ? { ...offer, accepted: false } : offer,
    );
    expect(acceptanceOf(again, alone)).toMatchObject({ offered: 110, accepted: 108, recoveryMs: 2_010 });
    expect(acceptanceFault(acceptanceOf(again, alone))).toContain('108 of 110');
  });

  it('tells how long a turn waited at most, which is no refusal', () => {
    const paused = offersRefused(0, 0).map((offer, index) =>
      index % 2 === 0 && offer.atMs >= 5_000 ? { ...offer, answeredAtMs: offer.atMs + 9_000 } : offer,
    );
    expect(acceptanceOf(paused, covered)).toMatchObject({ accepted: 150, recoveryMs: 110, slowestMs: 9_000 });
  });

  it('of a fleet that refuses everything is a fault, though nothing is lost', () => {
    const none = acceptanceOf(offersRefused(0, 20_000), covered);
    expect(none).toMatchObject({ offered: 150, accepted: 0, recoveryMs: Infinity });
    expect(acceptanceFault(none)).toBeDefined();
  });

  it('of a load that offered nothing after the fault is a fault: it shows nothing', () => {
    expect(acceptanceFault(acceptanceOf([], covered))).toBeDefined();
  });
});
