import * as z from 'zod'

/** As many as fit into one request's body. */
export const pathList = z.array(z.string()).min(1, 'name at least one path')

/** `''` is the workspace itself. */
export const atPath = z.object({ path: z.string() })
