import { CliError, EXIT } from './exits'

/** @returns the origin of what somebody gave as a server @throws CliError `usage` naming where it came from */
export function serverAddress(given: string, from: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw new CliError(EXIT.usage, `${from} must be a server's address, as https://slipway.example.org`)
  return url.origin
}

/** Whether what is sent there never leaves this computer. */
export function isLoopback(server: string): boolean {
  const { hostname } = new URL(server)
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
