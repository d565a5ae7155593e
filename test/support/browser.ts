/** How a way through redirects has ended. */
export interface Arrival {
  url: URL;
  /** Undefined where the way led out of what the browser may visit. */
  response?: Response;
}

/** As much of a browser as a sign-in needs: it follows redirects, and keeps the cookies of each site. */
export interface Browser {
  /** Goes to `url`, and on; not where `until` is true of a URL. */
  visit(url: string, until?: (url: URL) => boolean): Promise<Arrival>;
  /** Cookies of a site by name, as they are now. */
  cookies(origin: string): Map<string, Cookie>;
}

interface Cookie {
  value: string;
  path: string;
  attributes: string;
}

const MAX_STEPS = 10;

/** `sites` says at which address each origin really is; nothing else is visited. */
export function createBrowser(sites: Readonly<Record<string, string>>): Browser {
  const jars = new Map<string, Map<string, Cookie>>();

  const cookies = (origin: string): Map<string, Cookie> => {
    const jar = jars.get(origin) ?? new Map<string, Cookie>();
    jars.set(origin, jar);
    return jar;
  };

  function keep({ origin, pathname }: URL, setCookie: string): void {
    const [pair = '', ...attributes] = setCookie.split(/; ?/);
    const [name = '', ...value] = pair.split('=');
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice('path='.length) ?? pathname;
    const isOver = attributes.some((attribute) =>
      /^(max-age=0|expires=Thu, 01 Jan 1970.*)$/i.test(attribute),
    );
    if (isOver) cookies(origin).delete(name);
    else cookies(origin).set(name, { value: value.join('='), path, attributes: attributes.join('; ') });
  }

  async function load(url: URL, address: string): Promise<Response> {
    const sent = [...cookies(url.origin)].filter(([, { path }]) => url.pathname.startsWith(path));
    const cookie = sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${address}${url.pathname}${url.search}`, {
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
    });
    for (const setCookie of response.headers.getSetCookie()) keep(url, setCookie);
    return response;
  }

  return {
    cookies,
    async visit(start, until = () => false) {
      let url = new URL(start);
      for (let step = 0; step < MAX_STEPS; step++) {
        const address = sites[url.origin];
        if (address === undefined || until(url)) return { url };
        const response = await load(url, address);
        const location = response.headers.get('location');
        if (location === null) return { url, response };
        url = new URL(location, url);
      }
      throw new Error(`the way from ${start} has no end`);
    },
  };
}
