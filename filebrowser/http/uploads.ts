import { type RequestHandler, Router } from 'express'
import type { HandleUpload } from '../uploads/tus'
import type { Uploads } from '../uploads/uploads'

/** Resumable uploads by the tus protocol; most sessions never need what speaks it. */
export function uploadsRouter(uploads: Uploads, onFault: (error: unknown) => void): Router {
  let loaded: Promise<HandleUpload> | undefined
  const handle: RequestHandler = (request, response, next) => {
    loaded ??= import('../uploads/tus').then(({ tusHandler }) =>
      tusHandler(uploads, request.baseUrl, onFault),
    )
    loaded
      .then((answer) => {
        request.url = request.originalUrl
        return answer(request, response)
      })
      .catch(next)
  }
  const router = Router()
  router.route('/').post(handle).options(handle)
  router.route('/:id').head(handle).patch(handle).delete(handle).options(handle)
  return router
}
