import type { Request, Response } from 'express'

/** Whether programs ask there that read every answer as JSON. */
const isJsonPath = (path: string) => /^\/(v1|prod\/api)(\/|$)/i.test(path)

/** Refuses before a procedure or a page could say why, in the shape that whoever asks there reads. */
export function refuse(req: Request, res: Response, status: number, message: string): void {
  res.status(status)
  if (isJsonPath(req.baseUrl + req.path)) res.json({ error: message })
  else res.type('text').send(`${message}\n`)
}
