import { fileUrl, ResultFile } from './result-file'
import type { Request } from './stages'

interface ResultsProps {
  request: Request
  /** What the model calls its outputs, in its order; undefined where it can't be asked any more. */
  outputs: { name: string; title: string }[] | undefined
}

/** What came out, by output. */
export function Results({ request, outputs = [] }: ResultsProps) {
  const texts = new Map(Object.entries(request.texts ?? {}))
  const names = new Set([
    ...outputs.map(({ name }) => name),
    ...request.files.map(({ output }) => output),
    ...texts.keys(),
  ])
  if (request.expiredAt) return <p className="text-muted">What came out is no longer kept.</p>
  return [...names].map((name) => {
    const files = request.files.filter(({ output }) => output === name)
    const said = texts.get(name) ?? []
    if (!files.length && !said.length) return null
    return (
      <section key={name} className="flex flex-col gap-3">
        <h3 className="font-medium wrap-anywhere">
          {outputs.find((output) => output.name === name)?.title ?? name}
        </h3>
        {said.map((text, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: texts of an ended request never move
          <p key={at} className="rounded-md bg-sunken px-3 py-2 whitespace-pre-wrap wrap-anywhere">
            {text}
          </p>
        ))}
        {files.length > 0 && (
          <ul className="flex flex-col gap-4">
            {files.map((file) => (
              <ResultFile key={file.position} url={fileUrl(request, file)} file={file} />
            ))}
          </ul>
        )}
      </section>
    )
  })
}
