import { ParleyError } from '@parley/kernel';

/** What kafkajs says about an error beside its message. */
interface KafkaFault {
  readonly name: string;
  readonly type: string;
  readonly message: string;
}

/** What kafkajs knows of any thrown value: of the cause where it only counts the tries. */
export function faultOf(error: unknown): KafkaFault {
  if (!(error instanceof Error)) return { name: '', type: '', message: 'unknown' };
  const { type } = error as { type?: unknown };
  if (typeof type === 'string') return { name: error.name, type, message: error.message };
  // Several topics at once, of which one or more failed.
  const [first] = (error as { errors?: unknown[] }).errors ?? [];
  if (first !== undefined) return faultOf(first);
  if (error.cause instanceof Error && error.cause !== error) return faultOf(error.cause);
  return { name: error.name, type: '', message: error.message };
}

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const unauthorized = /^(TOPIC|GROUP|CLUSTER|TRANSACTIONAL_ID)_AUTHORIZATION_FAILED$/;

/** Whether the cluster finds a batch of records larger than its topic takes. */
export function isTooLarge(error: unknown): boolean {
  return tooLarge.has(faultOf(error).type);
}

/** Whether the topic is not there. */
export function isUnknownTopic(error: unknown): boolean {
  return faultOf(error).type === 'UNKNOWN_TOPIC_OR_PARTITION';
}

/**
 * Whether a member of a group has to join it again: a heartbeat or commit says so.
 */
export function isRegrouping(error: unknown): boolean {
  const { type } = faultOf(error);
  return ['REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'].includes(
    type,
  );
}

/** Any error of kafkajs as the port gives it; the messages name brokers, topics and groups, never a payload. */
export function kafkaError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  const fault = faultOf(error);
  if (isTooLarge(error)) {
    const message =
      'A record is larger than its Kafka topic takes; raise max.message.bytes of the topic and let it be sent again.';
    return new ParleyError('payload_too_large', message, { cause: error });
  }
  return new ParleyError('unavailable', `${whatFailed(fault)}: ${fault.message}`, { cause: error });
}

function whatFailed({ name, type }: KafkaFault): string {
  if (name === 'KafkaJSSASLAuthenticationError') return 'Kafka refuses the user or the password';
  if (unauthorized.test(type)) return 'Kafka does not allow this user to do that';
  return 'Kafka does not answer as it should';
}
