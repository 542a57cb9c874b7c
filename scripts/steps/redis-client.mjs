import { createConnection } from 'node:net'
import { connect as connectTls } from 'node:tls'

/**
 * Sends one command to a Redis and gives its answer: the least that finding and ending a server takes,
 * before any dependency is installed.
 * @param {string} url redis://, rediss:// or unix://
 * @param {string[]} command
 * @param {{ timeoutMs?: number }} [options]
 * @returns {Promise<string>}
 * @throws Error with the server's complaint or the connection's; it never holds the URL's password
 */
export async function askRedis(url, command, { timeoutMs = 2000 } = {}) {
  const socket = openRedis(url)
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)))
  try {
    const login = loginOf(url)
    const lines = socket[Symbol.asyncIterator]()
    if (login) {
      socket.write(encode(login))
      await readReply(lines)
    }
    socket.write(encode(command))
    return await readReply(lines)
  } finally {
    socket.destroy()
  }
}

/** @param {string} url */
function openRedis(url) {
  if (url.startsWith('unix://')) return createConnection(url.slice('unix://'.length))
  const { protocol, hostname, port } = new URL(url)
  const where = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) }
  return protocol === 'rediss:' ? connectTls({ ...where, servername: where.host }) : createConnection(where)
}

/** @param {string} url */
function loginOf(url) {
  if (url.startsWith('unix://')) return undefined
  const { username, password } = new URL(url)
  if (password === '') return undefined
  const words = username === '' ? [password] : [username, password]
  return ['AUTH', ...words.map(decodeURIComponent)]
}

/** @param {string[]} command */
const encode = (command) =>
  `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

/** @param {AsyncIterator<Buffer>} chunks */
async function readReply(chunks) {
  let bytes = Buffer.alloc(0)
  for (;;) {
    const end = bytes.indexOf('\r\n')
    const head = bytes.toString('utf8', 1, end)
    if (end >= 0 && bytes[0] === 0x2d) throw new Error(head) // "-"
    if (end >= 0 && bytes[0] !== 0x24) return head // anything but "$", a text of a given length
    if (end >= 0 && bytes.length >= end + 2 + Number(head)) {
      return bytes.toString('utf8', end + 2, end + 2 + Number(head))
    }
    const { value, done } = await chunks.next()
    if (done) throw new Error('the connection was closed')
    bytes = Buffer.concat([bytes, value])
  }
}
