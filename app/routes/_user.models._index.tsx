import type { LoaderFunctionArgs } from '@remix-run/node'
import { Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { Boxes, SearchX } from 'lucide-react'
import { ModelFilters } from '../components/models/model-filters'
import { ModelPager } from '../components/models/model-pager'
import { ModelRow } from '../components/models/model-row'
import { PageTitle } from '../components/page-title'
import { buttonClasses } from '../components/ui/button'
import { Card } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { orRefuse } from '../guard'
import { modelQuery } from '../model-query'

export async function loader({ context: { api }, request }: LoaderFunctionArgs) {
  const query = modelQuery(new URL(request.url).searchParams)
  return {
    ...(await orRefuse(api.models.list(query))),
    ...{ offset: query.offset, limit: query.limit },
    categories: await orRefuse(api.models.categories()),
  }
}

export const meta = () => [{ title: 'Models · Slipway' }]

const publish = (
  <Link to="/models/new" className={buttonClasses({ variant: 'primary' })}>
    Publish a model
  </Link>
)

export default function Models() {
  const { models, total, offset, limit, categories } = useLoaderData<typeof loader>()
  const isFiltered = useSearchParams()[0].size > 0
  const isEmpty = total === 0 && !isFiltered
  return (
    <>
      <PageTitle
        title="Models"
        description="ComfyUI workflows to call from a page, a script or the command line. Each call runs on a machine of the caller’s."
        actions={!isEmpty && publish}
      />
      <Card>
        {!isEmpty && <ModelFilters categories={categories} />}
        {models.length > 0 ? (
          <ul className="divide-y">
            {models.map((model) => (
              <ModelRow key={model.id} model={model} />
            ))}
          </ul>
        ) : isEmpty ? (
          <EmptyState icon={Boxes} title="No models yet" action={publish}>
            <p>Export a workflow from ComfyUI and publish it: it becomes a form, and an address to call.</p>
          </EmptyState>
        ) : (
          <EmptyState
            icon={SearchX}
            title="No model fits"
            action={
              <Link to="/models" className={buttonClasses()}>
                Show all
              </Link>
            }
          >
            <p>Search for another word, or publish what you miss.</p>
          </EmptyState>
        )}
        <ModelPager {...{ total, offset, limit }} />
      </Card>
    </>
  )
}
