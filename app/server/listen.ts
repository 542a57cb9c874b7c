import type { Server } from 'node:http'

/** Why a port couldn't be had, and the cure. */
export class ListenError extends Error {
  override name = 'ListenError'
}

const CURES = new Map([
  ['EADDRINUSE', 'is taken by another program. End that one, or set PORT to another'],
  ['EADDRNOTAVAIL', 'can’t be had: HOST is not an address of this host'],
  ['EACCES', 'is not for this user. Set PORT to one above 1023'],
])

/** @throws ListenError naming the setting that has to change */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const cure = CURES.get(error.code ?? '')
      reject(cure ? new ListenError(`Port ${port} of ${host} ${cure}.`) : error)
    })
    server.listen(port, host, resolve)
  })
}
