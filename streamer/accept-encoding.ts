const NAMES = ['gzip', 'x-gzip', '*'];

/** Whether a client takes gzip: an Accept-Encoding without it, or with a weight of 0, does not (RFC 9110 section 12.5.3). */
export function acceptsGzip(header: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const coding of header?.split(',') ?? []) {
    const [name = '', ...parameters] = coding.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length);
    weights.set(name, weight === undefined ? 1 : Number(weight));
  }
  const named = NAMES.find((name) => weights.has(name));
  return named !== undefined && (weights.get(named) ?? 0) > 0;
}
