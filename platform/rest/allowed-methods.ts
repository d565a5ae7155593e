/** A route of an application: its method and its pattern, as Fastify writes them. */
export interface KnownRoute {
  method: string;
  pattern: string;
}

/** The methods that a path is known for, sorted; none where the path is not known at all. */
export function allowedMethods(routes: readonly KnownRoute[], path: string): string[] {
  const matching = routes.filter(({ pattern }) => matches(pattern.split('/'), path.split('/')));
  return [...new Set(matching.map(({ method }) => method))].toSorted();
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  if (pattern.at(-1) !== '*' && pattern.length !== path.length) return false;
  return pattern.every((part, index) => {
    const found = path[index];
    if (part === '*') return found !== undefined;
    return part.startsWith(':') ? Boolean(found) : part === found;
  });
}
