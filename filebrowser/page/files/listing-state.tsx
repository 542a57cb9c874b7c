import { FolderOpen, SearchX } from 'lucide-react'
import { Alert } from '~/app/components/ui/alert'
import { Button } from '~/app/components/ui/button'
import { EmptyState } from '~/app/components/ui/empty-state'
import { Spinner } from '~/app/components/ui/progress'
import { folderHref } from '../use-location'
import type { Listing } from './listing'

interface ListingStateProps {
  listing: Listing
  /** The same, when it is what a search found. */
  search: { complete: boolean } | undefined
}

/** What is to be said about a list beside its entries: that it is coming, empty, not whole or out of reach. */
export function ListingState({ listing, search }: ListingStateProps) {
  const { total, error } = listing
  return (
    <>
      {error && (
        <div className="p-4">
          <Alert
            tone="danger"
            actions={
              <>
                <Button size="sm" onClick={() => listing.refresh()}>
                  Try again
                </Button>
                <a className="self-center text-accent underline" href={folderHref('')}>
                  Go to the top folder
                </a>
              </>
            }
          >
            {error.message}
          </Alert>
        </div>
      )}
      {total === undefined && !error && (
        <div className="flex h-48 items-center justify-center text-muted">
          <Spinner label={search ? 'Searching' : 'Loading the folder'} />
        </div>
      )}
      {total === 0 && !error && search && (
        <EmptyState icon={SearchX} title="Nothing found">
          No file or folder below here is called that. Search from a folder further up, or for fewer words.
        </EmptyState>
      )}
      {total === 0 && !error && !search && (
        <EmptyState icon={FolderOpen} title="This folder is empty">
          Drop files or folders here, press Upload, or download a model into it.
        </EmptyState>
      )}
      {search && (
        <p role="status" className={total ? 'border-b px-4 py-2 text-xs text-muted' : 'sr-only'}>
          {total !== undefined && `${total.toLocaleString('en')} found`}
          {!search.complete &&
            '. There may be more: search for something longer, or in a folder further down.'}
        </p>
      )}
    </>
  )
}
