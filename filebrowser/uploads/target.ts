import * as z from 'zod'
import { Refusal } from '../refusal'

const NAME_BYTES_MAX = 255

const metadataSchema = z.object({
  folder: z.string().nullish(),
  name: z.string().nullish(),
  relativePath: z.string().nullish(),
  overwrite: z.enum(['0', '1']).nullish(),
})

/**
 * Where an upload goes, by what its client says of it: `folder` and `name`, or, for a file of a folder that was
 * dropped, `folder` and `relativePath`.
 * @returns path relative to the workspace, not looked at yet
 * @throws Refusal `bad_path` for a name that no file should have, `bad_request`
 */
export function uploadTarget(metadata: Record<string, string | null>): { path: string; overwrite: boolean } {
  const { success, data } = metadataSchema.safeParse(metadata)
  const below = data?.relativePath || data?.name
  if (!success || !below)
    throw new Refusal('bad_request', 'The upload’s metadata has to say its folder and its name.')
  for (const name of below.split('/')) requireUsable(name)
  return { path: [data.folder, below].filter(Boolean).join('/'), overwrite: data.overwrite === '1' }
}

function requireUsable(name: string) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name))
    throw new Refusal(
      'bad_path',
      'A name with control characters in it can’t be used. Rename the file first.',
    )
  if (Buffer.byteLength(name) > NAME_BYTES_MAX)
    throw new Refusal('bad_path', 'That name is too long: at most 255 bytes. Rename the file first.')
}
