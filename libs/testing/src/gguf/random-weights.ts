/** 2^16 numbers that stand for a normal distribution: each is as likely as any other. */
const steps = 65_536;

/** The type of a tensor's numbers in the file. */
export type WeightType = 'f16' | 'f32';

/** Numbers of a normal distribution around 0, the same for the same seed; about 100 million a second. */
export class RandomWeights {
  readonly #table: Uint16Array | Uint32Array;
  readonly #wide: boolean;
  #state: number;

  /** @param deviation their standard deviation. */
  constructor(type: WeightType, deviation: number, seed: number) {
    this.#wide = type === 'f32';
    this.#table = tableOf(type, deviation);
    // A generator of this kind must not begin at 0.
    this.#state =
      (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0) === 0 ? 1 : Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  }

  /** The next `count` numbers as the file has them, little-endian. */
  next(count: number): Buffer {
    const numbers = this.#wide ? new Uint32Array(count) : new Uint16Array(count);
    let state = this.#state;
    for (let at = 0; at < count; at++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      numbers[at] = this.#table[(state >>> 8) & 0xffff] ?? 0;
    }
    this.#state = state;
    return Buffer.from(numbers.buffer);
  }
}

/** Made once for each kind: a file has many tensors of few kinds. */
const tables = new Map<string, Uint16Array | Uint32Array>();

function tableOf(type: WeightType, deviation: number): Uint16Array | Uint32Array {
  const key = `${type} ${deviation}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const numbers = Float32Array.from({ length: steps }, (_, at) => quantile((at + 0.5) / steps) * deviation);
  const table = type === 'f32' ? new Uint32Array(numbers.buffer) : Uint16Array.from(numbers, halfBits);
  tables.set(key, table);
  return table;
}

/** A number of 32 bits as the nearest of 16 bits; no infinities, since weights are small. */
export function halfBits(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7bff;
  if (exponent > 0) return sign | (((exponent << 10) | (fraction >>> 13)) + ((fraction >>> 12) & 1));
  if (exponent < -10) return sign;
  const shifted = (fraction | 0x800000) >>> (1 - exponent);
  return sign | ((shifted + 0x1000) >>> 13);
}

/** The number below which a share of a normal distribution lies (Acklam's approximation, error below 1.2e-9). */
function quantile(share: number): number {
  if (share > 0.5) return -quantile(1 - share);
  if (share < 0.02425) {
    const far = Math.sqrt(-2 * Math.log(share));
    return polynomial(tailTop, far) / (polynomial(tailBottom, far) * far + 1);
  }
  const near = share - 0.5;
  const square = near * near;
  return (polynomial(middleTop, square) * near) / (polynomial(middleBottom, square) * square + 1);
}

function polynomial(factors: readonly number[], at: number): number {
  return factors.reduce((sum, factor) => sum * at + factor, 0);
}

const middleTop = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
  2.506628277459239,
];
const middleBottom = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
];
const tailTop = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const tailBottom = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
