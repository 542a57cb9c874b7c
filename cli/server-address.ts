import { CliError, EXIT } from './exits'

/**
 * @returns the origin of what somebody gave as a server
 * @throws CliError `usage` naming where it came from; a path is refused, as the root would be asked instead
 */
export function serverAddress(given: string, from: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`)
    throw new CliError(
      EXIT.usage,
      `${from} must be a server's address and nothing more, as https://slipway.example.org`,
    )
  return url.origin
}

/** Whoever is on the way to a server without encryption can read the token. */
export function warnUnlessPrivate(server: string, warn: (text: string) => void): void {
  if (server.startsWith('http:') && !isLoopback(server))
    warn(`${server} is not encrypted: whoever is on the way can read the token. Use https where you can.`)
}

/** Whether what is sent there never leaves this computer. */
function isLoopback(server: string): boolean {
  const { hostname } = new URL(server)
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
