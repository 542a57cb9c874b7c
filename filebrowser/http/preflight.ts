import express, { Router } from 'express'
import { z } from 'zod'
import { type PreflightDeps, preflight } from '../preflight/preflight'
import { workflowInPng } from '../workflows/png'
import { query, route } from './route'

const LIMIT = '16mb'
const source = z.object({ source: z.string().max(64 * 1024) })
const workflow = z.object({ workflow: z.unknown(), name: z.string().max(255).default('Workflow') })
const picture = z.object({ name: z.string().max(255).default('Picture') })

/** Takes what was pasted, or a workflow as JSON, or a picture that ComfyUI saved. */
export function preflightRouter(deps: PreflightDeps): Router {
  const router = Router()
  router.post(
    '/',
    express.json({ limit: LIMIT }),
    express.raw({ type: 'image/png', limit: LIMIT }),
    route(async (request) => {
      const gone = new AbortController()
      request.res?.on('close', () => gone.abort())
      const { body } = request
      if (Buffer.isBuffer(body)) {
        const asked = { workflow: workflowInPng(body), name: query(request, picture).name }
        return preflight(deps, asked, gone.signal)
      }
      const asked = body?.workflow === undefined ? source.parse(body) : workflow.parse(body)
      return preflight(deps, asked, gone.signal)
    }),
  )
  return router
}
