/** A model as somebody pasted it, understood: never holds a token. */
export type ModelSource =
  | { provider: 'huggingface'; repo: string; revision?: string; path?: string[] }
  | { provider: 'civitai'; modelId?: string; versionId?: string; choice: Record<string, string> }

/** Whether a download of it would work with the saved token. */
export type ModelAccess =
  | { state: 'opens'; name: string; sizeBytes: number | null; withoutToken: boolean }
  | { state: 'refused'; code: string; message: string; link: { href: string; label: string } | null }
