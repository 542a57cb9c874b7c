import { join } from 'node:path'
import { createRequestHandler } from '@remix-run/express'
import type { ServerBuild } from '@remix-run/node'
import express, { type RequestHandler, type Response } from 'express'
import type { Context } from '../trpc/context'
import { createCaller } from '../trpc/router'
import { afterSignIn } from './after-sign-in'
import { compressedFiles } from './compressed-files'
import { refusePrivateFiles } from './private-files'
import { signInRefusal } from './sign-in-refusal'
import { tellingFaults } from './telling-faults'

/** What a route gets besides the request. Routes reach data through `api` alone. */
const loadContext = (res: Response) => {
  const context: Context = res.locals.context
  return {
    api: createCaller(context),
    user: context.session?.user,
    afterSignIn: afterSignIn(context),
    signInRefusal: signInRefusal(context),
    waitStatus: () => res.locals.waitStatus as number | undefined,
    nonce: res.locals.nonce as string,
    publicUrl: context.policy.publicUrl,
    requestId: context.requestId,
    logger: context.logger,
  }
}

/** The pages as they were built. */
export async function builtPages(): Promise<RequestHandler> {
  const folder = join(process.cwd(), 'build/remix')
  const build = (await import(join(folder, 'server/index.js'))) as ServerBuild
  const pages = express.Router()
  const assets = join(folder, 'client/assets')
  pages.use('/assets', compressedFiles(assets), express.static(assets, { immutable: true, maxAge: '1y' }))
  pages.use(express.static(join(folder, 'client'), { maxAge: '1h', index: false }))
  pages.use(
    createRequestHandler({
      build: tellingFaults(build),
      mode: 'production',
      getLoadContext: (_req, res) => loadContext(res),
    }),
  )
  return pages
}

/**
 * The pages straight from their sources, reloaded as they change.
 * @param dataDir absolute path of the folder whose files nobody may fetch
 */
export async function developmentPages(dataDir: string): Promise<RequestHandler> {
  const { createServer } = await import('vite')
  const dataFiles = `${dataDir.replace(/[\\*?[\]{}()!+@|]/g, '\\$&')}/**`
  const vite = await createServer({
    server: {
      middlewareMode: true,
      // The first four are Vite's own, which a list replaces.
      fs: { deny: ['.env', '.env.*', '*.{crt,pem}', '**/.git/**', dataFiles] },
      watch: { ignored: [dataFiles] },
    },
  })
  const build = async () =>
    tellingFaults((await vite.ssrLoadModule('virtual:remix/server-build')) as ServerBuild)
  const pages = express.Router()
  pages.use(refusePrivateFiles(vite.config.root, dataDir))
  pages.use(vite.middlewares)
  pages.use(
    createRequestHandler({ build, mode: 'development', getLoadContext: (_req, res) => loadContext(res) }),
  )
  return pages
}
