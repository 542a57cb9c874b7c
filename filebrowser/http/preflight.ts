import express, { type Request, Router } from 'express'
import * as z from 'zod'
import { type Asked, type PreflightDeps, preflight } from '../preflight/preflight'
import { Refusal } from '../refusal'
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
      request.res?.on('close', () => gone.abort(left()))
      return preflight(deps, read(request), gone.signal)
    }),
  )
  return router
}

function read(request: Request): Asked {
  const { body } = request
  if (Buffer.isBuffer(body)) return { workflow: workflowInPng(body), name: query(request, picture).name }
  return body?.workflow === undefined ? source.parse(body) : workflow.parse(body)
}

/** Nobody waits for the answer any more; that is no fault. */
const left = () => new Refusal('canceled', 'The question was given up.')
