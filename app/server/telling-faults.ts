import type { ActionFunctionArgs, LoaderFunctionArgs, ServerBuild } from '@remix-run/node'
import { data } from '@remix-run/node'
import { wentWrong } from '../../errors'

type Args = LoaderFunctionArgs | ActionFunctionArgs

/** The pages, of which each says under which id the log explains what its loader or action did not foresee. */
export function tellingFaults(build: ServerBuild): ServerBuild {
  const routes = Object.entries(build.routes).map(([id, route]) => {
    if (!route) return [id, route] as const
    const { loader, action } = route.module
    const module = {
      ...route.module,
      ...(loader && { loader: telling(loader) }),
      ...(action && { action: telling(action) }),
    }
    return [id, { ...route, module }] as const
  })
  return { ...build, routes: Object.fromEntries(routes) }
}

const telling =
  <A extends Args, R>(work: (args: A) => R) =>
  async (args: A): Promise<Awaited<R>> => {
    try {
      return await work(args)
    } catch (error) {
      const { request, context } = args
      if (!(error instanceof Error) || request.signal.aborted) throw error
      context.logger.error({ err: error, path: new URL(request.url).pathname }, 'page failed')
      throw data(wentWrong(context.requestId), { status: 500 })
    }
  }
