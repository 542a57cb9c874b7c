import type { RequestHandler } from 'express'
import { preview } from '../previews/preview'
import type { Workspace } from '../workspace/workspace'
import { query, route } from './route'
import { atPath } from './schemas'

export const previewRoute = (workspace: Workspace): RequestHandler =>
  route(async (request) => preview(workspace, query(request, atPath).path))
