import { get } from 'node:http'

const { PORT = '3000', HOST = '127.0.0.1' } = process.env
const everywhere = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])

const asked = get({
  host: everywhere.get(HOST) ?? HOST,
  port: PORT,
  path: '/healthz',
  timeout: 4000,
})
asked.on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
asked.on('timeout', () => asked.destroy(new Error('no answer')))
asked.on('error', ({ message }) => {
  console.error(message)
  process.exit(1)
})
