import { createServer } from 'node:net'
import { Refusal } from './shell.mjs'

/**
 * @param {{ host: string, port: number }} settings
 * @throws Refusal when somebody else listens there
 */
export async function checkPortIsFree({ host, port }) {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return // the programs name this fault with all others
  // Browsers try ::1 first for localhost, so a stranger there would answer in our place.
  const hosts = host === '127.0.0.1' ? [host, '::1'] : [host]
  for (const address of hosts) {
    const code = await tryToListen(address, port)
    if (code === 'EADDRINUSE') {
      throw new Refusal(
        `Port ${port} on ${address} is in use. Stop the program that uses it, or choose another port: PORT=${port + 1} npm start`,
      )
    }
    if (code === 'EADDRNOTAVAIL' && address === host) {
      throw new Refusal(
        `HOST=${host} is not an address of this machine. For all of its addresses: HOST=0.0.0.0 npm start`,
      )
    }
    if (code === 'EACCES') {
      throw new Refusal(
        `This user may not listen on port ${port}. Choose a port above 1023: PORT=3000 npm start`,
      )
    }
  }
}

/**
 * @param {string} host
 * @param {number} port
 * @returns {Promise<string | undefined>} the error's code, or nothing when it went well
 */
function tryToListen(host, port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => resolve(error.code))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
}
