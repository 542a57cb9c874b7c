import { Download } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '~/app/components/ui/button'
import { Section } from '~/app/components/ui/card'
import { Field, Input, Select } from '~/app/components/ui/field'
import { type ApiError, api } from './api'

interface DownloadFormProps {
  modelFolders: string[]
  currentFolder: string
}

export function DownloadForm({ modelFolders, currentFolder }: DownloadFormProps) {
  const [url, setUrl] = useState('')
  const [folder, setFolder] = useState('')
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const folders = [...new Set([...modelFolders, ...(currentFolder ? [currentFolder] : [])])]

  async function submit(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    await api.startDownload(url, folder || undefined).then(
      () => setUrl(''),
      (fault: ApiError) => setError(fault.message),
    )
    setBusy(false)
  }

  return (
    <Section title="Download a model">
      <form onSubmit={submit} className="space-y-4">
        <Field label="Model URL" hint="A file on Hugging Face, or a model on Civitai" error={error}>
          {(control) => (
            <Input
              {...control}
              type="text"
              inputMode="url"
              autoComplete="off"
              spellCheck={false}
              required
              placeholder="https://huggingface.co/…/blob/main/…"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          )}
        </Field>
        <Field label="Target folder">
          {(control) => (
            <Select {...control} value={folder} onChange={(event) => setFolder(event.target.value)}>
              <option value="">Chosen by the model’s type</option>
              {folders.map((path) => (
                <option key={path} value={path}>
                  {path}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Button type="submit" variant="primary" disabled={busy} className="w-full">
          <Download aria-hidden />
          Download
        </Button>
      </form>
    </Section>
  )
}
