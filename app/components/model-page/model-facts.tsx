import { Link } from '@remix-run/react'
import type { ModelView } from '../../trpc/model-view'
import { CopyButton } from '../copy-button'
import { Fact, Facts } from '../facts'
import { Badge } from '../ui/badge'
import { Day } from '../ui/day'

/** What a model is called in scripts, and what its author says of it besides. */
export function ModelFacts({ model }: { model: ModelView }) {
  const { id, ownerName, isOwn, visibility, version, publishedAt, size, categories } = model
  return (
    <div className="flex flex-col gap-2">
      <p className="flex min-w-0 items-center gap-1">
        <code className="font-mono wrap-anywhere">{id}</code>
        <CopyButton text={id} label={`Copy ${id}`} />
      </p>
      <Facts>
        <Fact name="By">{isOwn ? `${ownerName} (you)` : ownerName}</Fact>
        <Fact name="Version">
          {version}, of <Day at={publishedAt} />
        </Fact>
        {size && <Fact name="Size">{size}</Fact>}
        {isOwn && <Fact name="May call it">{visibility === 'everyone' ? 'everyone here' : 'only you'}</Fact>}
      </Facts>
      {categories.length > 0 && (
        <ul aria-label="Categories" className="flex flex-wrap gap-2">
          {categories.map((category) => (
            <li key={category}>
              <Link to={`/models?${new URLSearchParams({ category })}`} className="hover:underline">
                <Badge>{category}</Badge>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
