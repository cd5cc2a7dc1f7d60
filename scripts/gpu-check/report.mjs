/** What is promised of 4 bits beside f16 on a graphics card. */
const promised = { speed: 2.2, memory: 0.6 };
const mebibyte = 1024 * 1024;

const sum = ({ weightsBytes, kvBytes, computeBytes }) => weightsBytes + kvBytes + computeBytes;
/** On the card where there is one, else in the machine's memory. */
const deviceBytes = ({ memory }) => sum(memory.gpu ?? memory);
const mib = (bytes) => `${Math.round(bytes / mebibyte)} MiB`;

function block({ name, bytes, loadMs, memory, reading, writing, driverMib }) {
  const device = memory.gpu ?? memory;
  const parts = `weights ${mib(device.weightsBytes)}, keys and values ${mib(device.kvBytes)}, computing ${mib(device.computeBytes)}`;
  const one = writing[0]?.perSecond ?? 0;
  const scaling = writing.map(
    ({ streams, perSecond }) =>
      `    ${String(streams).padStart(2)} at once  ${perSecond.toFixed(1).padStart(9)} tokens/s  x ${(perSecond / one).toFixed(2)}`,
  );
  return [
    `${name}: file ${mib(bytes)}, loaded in ${(loadMs / 1000).toFixed(1)} s`,
    `  Memory on ${device.device}  ${mib(sum(device))} (${parts})${driverMib === undefined ? '' : `; the driver says ${driverMib} MiB`}`,
    `  Reading        ${reading.toFixed(1)} tokens/s`,
    '  Writing',
    ...scaling,
  ];
}

/** What was measured of the f16 file and of the 4-bit one, as text and as data. */
export function reportOf(measured) {
  const [wide, narrow] = measured;
  const onGpu = wide.memory.gpu !== undefined;
  const speed = narrow.writing[0].perSecond / wide.writing[0].perSecond;
  const saved = 1 - deviceBytes(narrow) / deviceBytes(wide);
  const kept = speed >= promised.speed && saved >= promised.memory;
  const verdict = (value, limit) => (value >= limit ? 'kept' : 'NOT KEPT');
  const where = onGpu
    ? `On ${wide.cards.map(({ name }) => name).join(', ') || 'a graphics card'}`
    : 'On the processor: there is no graphics card that can be used. The ratios are promised of one, so they are only told';
  const judged = (value, limit) => (onGpu ? `: ${verdict(value, limit)}` : '');
  const text = [
    `${where}.`,
    '',
    ...measured.flatMap(block),
    '',
    `4 bits write ${speed.toFixed(2)} times as fast as f16 (promised ${promised.speed})${judged(speed, promised.speed)}`,
    `4 bits take ${(saved * 100).toFixed(1)} % less memory in all (promised ${promised.memory * 100} %)${judged(saved, promised.memory)}`,
  ].join('\n');
  return { onGpu, kept, speed, saved, measured, text };
}
