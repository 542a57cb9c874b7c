import { Check, CircleHelp, ShieldAlert, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { PlannedFile } from '../../../contract'
import { visibleName } from '../../files/visible-name'
import { folderHref } from '../../use-location'
import { Reason } from '../reason'
import { SafeLink } from '../safe-link'

interface PlannedMarksProps {
  file: PlannedFile
  problem?: string
  /** A workflow names it, and nobody says where it is. */
  isNamed: boolean
  /** What was said of the whole already. */
  said?: string
}

/** What a person should know of a file before it is downloaded. */
export function PlannedMarks({ file, problem, isNamed, said }: PlannedMarksProps) {
  const { present, pickle, error, source, name } = file
  return (
    <>
      {present?.same && (
        <Mark icon={<Check aria-hidden className="text-success" />}>
          Here already: <FileLink path={present.path} />
        </Mark>
      )}
      {present && !present.same && !problem && (
        <Mark icon={<TriangleAlert aria-hidden className="text-warning" />}>
          Another file of this name is here: <FileLink path={present.path} />
        </Mark>
      )}
      {pickle && (
        <Mark icon={<ShieldAlert aria-hidden className="text-warning" />}>
          Pickle: it can run code when it is loaded. Take it only from somebody you trust, or look for a
          .safetensors.
        </Mark>
      )}
      {error && source !== null && error.message !== said && <Reason fault={error} />}
      {source === null && error && !present?.same && (
        <Mark icon={<CircleHelp aria-hidden className="text-warning" />}>
          {error.message} {error.link && <SafeLink href={error.link.href}>{error.link.label}</SafeLink>}
          {isNamed && (
            <>
              {' '}
              <SafeLink href={`https://civitai.com/search/models?${searchFor(name)}`}>
                Look for it on Civitai
              </SafeLink>
            </>
          )}
        </Mark>
      )}
      {problem && (
        <Mark icon={<TriangleAlert aria-hidden className="text-danger" />} isProblem>
          {problem}
        </Mark>
      )}
    </>
  )
}

function Mark({ icon, isProblem, children }: { icon: ReactNode; isProblem?: boolean; children: ReactNode }) {
  return (
    <p className="flex gap-1.5 text-xs text-muted [&>svg]:mt-px [&>svg]:size-4 [&>svg]:shrink-0">
      {icon}
      <span className={isProblem ? 'min-w-0 text-danger' : 'min-w-0 wrap-anywhere'}>{children}</span>
    </p>
  )
}

/** Leads to the folder that the file is in. */
function FileLink({ path }: { path: string }) {
  return (
    <a
      href={folderHref(path.split('/').slice(0, -1).join('/'))}
      className="text-accent underline wrap-anywhere"
    >
      {visibleName(path)}
    </a>
  )
}

/** Sites find a model by its name without what only a file has. */
const searchFor = (name: string) =>
  new URLSearchParams({ query: (name.split('/').at(-1) ?? name).replace(/\.\w+$/, '') })
