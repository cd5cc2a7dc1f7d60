/** The metadata of internal calls. */
export const metadataKeys = {
  /** `Bearer <fleet token>` */
  authorization: 'authorization',
  requestId: 'x-request-id',
  traceparent: 'traceparent',
  /** Milliseconds that are left for the work; the call itself may be cut a little later. */
  remainingMs: 'x-remaining-ms',
  /** Trailer: an encoded parley.common.v1.ErrorDetail. */
  error: 'parley-error-bin',
} as const;
