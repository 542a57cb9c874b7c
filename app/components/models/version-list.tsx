import { Form, Link } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import { Badge } from '../ui/badge'
import { Button, buttonClasses } from '../ui/button'
import { RelativeTime } from '../ui/relative-time'
import { editPath } from './paths'

interface VersionListProps {
  id: string
  /** The one that calls get. */
  called: number
  versions: Awaited<ReturnType<Api['models']['versions']>>
}

/** Every version, none of which ever changes; calls get one of them. */
export function VersionList({ id, called, versions }: VersionListProps) {
  return (
    <ol className="max-h-80 divide-y overflow-y-auto rounded-md border" aria-label="Versions">
      {versions.map(({ version, title, createdAt }) => (
        <li
          key={version}
          aria-label={`Version ${version}`}
          className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2"
        >
          <span className="font-medium">Version {version}</span>
          {version === called && <Badge tone="success">In use</Badge>}
          <span className="min-w-0 flex-1 basis-40 text-xs text-muted wrap-anywhere">
            {title} · <RelativeTime at={createdAt} />
          </span>
          <Link
            to={editPath(id, { version: String(version) })}
            aria-label={`Start from version ${version}`}
            className={buttonClasses({ variant: 'ghost', size: 'sm' })}
          >
            Start from it
          </Link>
          {version !== called && (
            <Form method="post" action={editPath(id)} replace preventScrollReset>
              <input type="hidden" name="intent" value="call" />
              <input type="hidden" name="version" value={version} />
              <Button type="submit" size="sm" aria-label={`Use version ${version}`}>
                Use this one
              </Button>
            </Form>
          )}
        </li>
      ))}
    </ol>
  )
}
