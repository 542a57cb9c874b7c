const BYTES_MAX = 16 * 1024 * 1024

/**
 * What a workflow file holds, as `POST /api/preflight` takes it; in a picture that ComfyUI made the server finds it.
 * @throws Error with a sentence for a person
 */
export async function readWorkflow(file: File): Promise<Blob | { workflow: unknown; name: string }> {
  if (file.size > BYTES_MAX)
    throw new Error('That file is larger than 16 MB. Open it in ComfyUI and save its workflow as JSON.')
  if (file.type === 'image/png') return file
  try {
    return { workflow: JSON.parse(await file.text()), name: file.name }
  } catch {
    throw new Error('That isn’t a workflow. Choose the JSON that ComfyUI saved, or a PNG that it made.')
  }
}
