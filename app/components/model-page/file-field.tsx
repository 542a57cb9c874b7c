import { X } from 'lucide-react'
import { type ChangeEvent, useRef, useState } from 'react'
import { formatBytes } from '../../../format-bytes'
import { isDroppedFile } from '../../../workflows/dropped-file'
import { Button } from '../ui/button'
import { Field, Input } from '../ui/field'
import { Player } from '../ui/player'

interface FileFieldProps {
  type: 'image' | 'video' | 'audio'
  name: string
  label: string
  hint: string
  error: string | undefined
  mustBeGiven: boolean
  /** An https address or a data: URL; empty for nothing. */
  given: string
  bytesMax: number
}

const isInline = (value: string) => value.startsWith('data:')

/** A file of one's own, which is read here and sent inside the call, or the address of one. */
export function FileField({ type, name, label, hint, error, mustBeGiven, given, bytesMax }: FileFieldProps) {
  const [value, setValue] = useState(isDroppedFile(given) ? '' : given)
  const [fault, setFault] = useState<string>()
  const chooser = useRef<HTMLInputElement>(null)

  async function choose({ target }: ChangeEvent<HTMLInputElement>) {
    const [file] = target.files ?? []
    if (!file) return
    const refusal = refusalOf(file, type, bytesMax)
    setFault(refusal)
    const read = refusal ? '' : await dataUrl(file).catch(() => setFault('The file could not be read.'))
    // Another may have been chosen meanwhile.
    if (target.files?.[0] === file) setValue(read || '')
  }

  function remove() {
    setValue('')
    if (chooser.current) chooser.current.value = ''
    chooser.current?.focus()
  }

  return (
    <Field label={label} hint={hint} error={fault ?? error}>
      {(control) => (
        <div className="flex flex-col gap-2">
          <Input
            {...control}
            ref={chooser}
            type="file"
            accept={`${type}/*`}
            aria-required={mustBeGiven || undefined}
            onChange={choose}
            className="py-1.5 file:mr-3"
          />
          {isInline(value) ? (
            <>
              <input type="hidden" name={name} value={value} />
              <Preview type={type} url={value} label={label} />
              <Button size="sm" onClick={remove} className="self-start">
                <X aria-hidden /> Remove
              </Button>
            </>
          ) : (
            <Input
              name={name}
              inputMode="url"
              value={value}
              onChange={(event) => setValue(event.target.value)}
              aria-label={`${label}: address`}
              placeholder="or an address: https://…"
              autoComplete="off"
            />
          )}
        </div>
      )}
    </Field>
  )
}

function Preview({ type, url, label }: { type: FileFieldProps['type']; url: string; label: string }) {
  if (type === 'image')
    return (
      <img
        src={url}
        alt={`Chosen for ${label}`}
        className="max-h-48 max-w-full self-start rounded-md border"
      />
    )
  return <Player type={type} url={url} label={`Chosen for ${label}`} />
}

function refusalOf(file: File, type: FileFieldProps['type'], bytesMax: number): string | undefined {
  if (!file.type.startsWith(`${type}/`)) return `This file is no ${type} that your browser knows.`
  if (file.size <= bytesMax) return undefined
  return `It has ${formatBytes(file.size)}, and at most ${formatBytes(bytesMax)} can be sent. Give an https address instead.`
}

const dataUrl = (file: File) =>
  new Promise<string>((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
