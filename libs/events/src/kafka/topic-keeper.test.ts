import { controlTopic, deadLetterTopic, topics } from '@parley/contracts/event-types';
import { describe, expect, it } from 'vitest';
import { defaultTopics } from './kafka-options.ts';
import { planTopic } from './topic-keeper.ts';

const day = 24 * 3_600_000;

describe('a topic that is made', () => {
  it('has events spread over partitions and keeps them for a week', () => {
    for (const topic of Object.values(topics)) {
      expect(planTopic(topic, defaultTopics)).toMatchObject({
        partitions: 12,
        replication: 0,
        settings: { 'cleanup.policy': 'delete', 'retention.ms': `${7 * day}` },
      });
    }
  });

  it('has dead letters in one row for longer', () => {
    expect(planTopic(deadLetterTopic(topics.conversation), defaultTopics)).toMatchObject({
      partitions: 1,
      settings: { 'cleanup.policy': 'delete', 'retention.ms': `${30 * day}` },
    });
  });

  it('has control data for ever, the last of each key', () => {
    const { partitions, settings } = planTopic(controlTopic, defaultTopics);
    expect(partitions).toBe(1);
    expect(settings).toMatchObject({ 'cleanup.policy': 'compact' });
    expect(settings).not.toHaveProperty('retention.ms');
  });

  it('can be read whoever writes to it, and takes records of 16 MiB', () => {
    const { settings } = planTopic(topics.model, defaultTopics);
    expect(settings).toMatchObject({ 'compression.type': 'uncompressed', 'max.message.bytes': '16777216' });
  });
});
