import { ParleyError } from '@parley/kernel';

/** Where reading goes on: the next offset of every partition that has been read. */
export type TopicPlace = ReadonlyMap<number, number>;

/** A place as `read` gives it, such as `0:17,3:4`; `''` = the beginning. */
export function textOfPlace(place: TopicPlace): string {
  return [...place]
    .toSorted(([a], [b]) => a - b)
    .map(([partition, offset]) => `${partition}:${offset}`)
    .join(',');
}

/** @throws ParleyError `invalid_request` when the text is no place of a topic. */
export function placeOfText(text: string): TopicPlace {
  if (text === '') return new Map();
  const pairs = text.split(',').map((pair) => {
    const [, partition = '', offset = ''] = /^(\d{1,9}):(\d{1,16})$/.exec(pair) ?? [];
    return [Number(partition), Number(offset), partition !== ''] as const;
  });
  if (pairs.every(([, offset, matches]) => matches && Number.isSafeInteger(offset))) {
    return new Map(pairs.map(([partition, offset]) => [partition, offset]));
  }
  throw new ParleyError('invalid_request', 'That is no place of this event log.', { param: 'after' });
}
