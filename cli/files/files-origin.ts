import { CliError, EXIT } from '../exits'

/**
 * Where a machine's files are, for a request with the token: a host of that very machine's, and no way that is less
 * safe than the one to the server.
 * @param address as the server gives it
 * @throws CliError `upstream` for any other address
 */
export function filesOrigin(
  address: string,
  { machineId, server }: { machineId: string; server: string },
): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && new URL(server).protocol === 'http:')
  if (!url || !isSafe || url.username || url.password || !url.hostname.startsWith(`m-${machineId}-files.`))
    throw new CliError(
      EXIT.upstream,
      `${server} names an address for the files of ${machineId} that no token may be sent to. Its operator has to mend PUBLIC_URL and MACHINES_DOMAIN.`,
    )
  return url.origin
}
