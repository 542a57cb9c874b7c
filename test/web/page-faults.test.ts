import { join } from 'node:path'
import { createRequestHandler, type ServerBuild } from '@remix-run/node'
import { expect, it } from 'vitest'
import { tellingFaults } from '~/app/server/telling-faults'
import { wentWrong } from '~/errors'
import { recordingLogger } from '../support/logger'

const ROUTE = 'routes/sign-in.sent'
const REQUEST = 'abcdefghijklmnop'
const SECRET = 'hf_CANARYfault'

const fails = (): never => {
  throw new Error(SECRET)
}

/** The pages as they are built, with a fault in one of them. */
async function asked(path: string, fault: { loader?: () => null; default?: () => never }) {
  const build: ServerBuild = await import(join(process.cwd(), 'build/remix/server/index.js'))
  const route = build.routes[ROUTE]
  if (!route) throw new Error(`There is no ${ROUTE}.`)
  const routes = { ...build.routes, [ROUTE]: { ...route, module: { ...route.module, ...fault } } }
  const { logger, lines } = recordingLogger()
  const handle = createRequestHandler(tellingFaults({ ...build, routes }), 'production')
  const context = { nonce: '', requestId: REQUEST, logger, waitStatus: () => undefined }
  const answer = await handle(new Request(`http://slipway.test${path}`), context as never)
  return { status: answer.status, text: await answer.text(), lines }
}

it.each([
  ['its loader', '/sign-in/sent', { loader: fails }],
  ['its loader, asked from the page before', '/sign-in/sent.data', { loader: fails }],
  ['its own looks', '/sign-in/sent', { loader: (): null => null, default: fails }],
])('a page that fails in %s says under which id the log explains it, once', async (_where, path, fault) => {
  const { status, text, lines } = await asked(path, fault)
  expect(status).toBe(500)
  expect(text).toContain(wentWrong(REQUEST))
  expect(text).not.toContain('CANARY')
  expect(lines.filter((line) => line.includes(SECRET))).toHaveLength(1)
})
