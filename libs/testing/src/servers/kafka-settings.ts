/** Where a node listens: `host:port` each. */
export interface KafkaListeners {
  /** For clients. */
  readonly plain: string;
  readonly controller: string;
}

/**
 * The settings of one node that is broker and controller. Topics are made by whoever needs them, never by a first use,
 * as in clusters that are looked after.
 */
export function kafkaSettings({ plain, controller }: KafkaListeners): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    listeners: `PLAIN://${plain},CONTROLLER://${controller}`,
    'advertised.listeners': `PLAIN://${plain}`,
    'listener.security.protocol.map': 'PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAIN',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@${controller}`,
    'auto.create.topics.enable': 'false',
    ...aloneAndSmall,
    ...quickRestart,
  };
}

const aloneAndSmall = {
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'num.network.threads': '2',
  'num.io.threads': '4',
  'background.threads': '2',
  // Default 128 MB of heap.
  'log.cleaner.dedupe.buffer.size': '8388608',
};

/** A broker that was killed may come back only when its session is over: 9 s by default. */
const quickRestart = {
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'group.initial.rebalance.delay.ms': '0',
};
