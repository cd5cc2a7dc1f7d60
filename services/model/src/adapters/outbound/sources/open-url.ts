import { trustMachineCertificates } from './machine-certificates.ts';
import { sourceFault } from './source-fault.ts';

const maxRedirects = 5;

/** What is asked for. */
export interface UrlRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Goes to the host of `url` and to no other that it sends us to. */
  readonly authorization?: string;
  /** Whether http: is allowed for hosts that are not this machine. */
  readonly allowHttp: boolean;
  /** Called with the head of each answer of the host of `url`. */
  readonly onHead?: (headers: Headers) => void;
}

/**
 * Sends a GET and follows redirects, never from https: to http:.
 * @throws ParleyError for a URL that is not allowed, or redirects without end; what `fetch` throws.
 */
export async function openUrl(request: UrlRequest, signal: AbortSignal): Promise<Response> {
  requireAllowed(request.url, request.allowHttp);
  let url = request.url;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const isHome = url.origin === request.url.origin;
    const secret =
      isHome && request.authorization !== undefined ? { authorization: request.authorization } : {};
    const headers = { 'accept-encoding': 'identity', ...request.headers, ...secret };
    if (url.protocol === 'https:') trustMachineCertificates();
    const response = await fetch(url, { headers, redirect: 'manual', signal });
    if (isHome) request.onHead?.(response.headers);
    const location = isRedirect(response.status) ? response.headers.get('location') : null;
    if (location === null) return response;
    await response.body?.cancel();
    url = nextUrl(url, location, request.allowHttp);
  }
  throw sourceFault(`it sends from one address to the next, more than ${maxRedirects} times.`);
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function nextUrl(from: URL, location: string, allowHttp: boolean): URL {
  if (!URL.canParse(location, from.href)) throw sourceFault('it sends to an address that is none.');
  const next = new URL(location, from);
  if (from.protocol === 'https:' && next.protocol !== 'https:')
    throw sourceFault(`it sends from https: to ${next.protocol}//${next.host}.`);
  requireAllowed(next, allowHttp);
  return next;
}

function requireAllowed({ protocol, hostname }: URL, allowHttp: boolean): void {
  if (protocol === 'https:' || (protocol === 'http:' && (allowHttp || isLoopback(hostname)))) return;
  if (protocol !== 'http:') throw sourceFault(`it leads to ${protocol}, which is neither https: nor http:.`);
  throw sourceFault(
    'http: is not allowed for other hosts than this one; PARLEY_MODEL_ALLOW_HTTP=true allows it.',
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
