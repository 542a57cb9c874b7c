import { type ActionFunctionArgs, data, type LoaderFunctionArgs } from '@remix-run/node'
import { useLoaderData, useSearchParams } from '@remix-run/react'
import { Server } from 'lucide-react'
import { machineAction } from '../all-machines/form'
import { allMachinesQuery, machineFilters, machinesPageAt } from '../all-machines/query'
import { MachineFilters } from '../components/all-machines/filters'
import { MachineRow } from '../components/all-machines/machine-row'
import { keepsShown } from '../components/keeps-shown'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { BY_NAME, Pager } from '../components/pager'
import { AdminNav } from '../components/sub-nav'
import { Card } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { useAnswer } from '../components/use-answer'
import { useReload } from '../components/use-reload'
import { submitted } from '../guard'

export async function loader({ context, request }: LoaderFunctionArgs) {
  const asked = context.api.admin.machines(allMachinesQuery(request))
  const { done: page, fault } = await submitted(asked, ['BAD_REQUEST'])
  return data({ page, fault }, { status: fault ? 400 : 200 })
}

export const clientLoader = keepsShown()

export const action = async ({ context, request }: ActionFunctionArgs) =>
  machineAction(context.api, await request.formData())

export const meta = () => [{ title: 'All machines · Admin · Slipway' }]

export default function AllMachines() {
  const { page, fault } = useLoaderData<typeof loader>()
  const answer = useAnswer<typeof action>()
  const [params] = useSearchParams()
  const filters = machineFilters(params)
  const here = machinesPageAt(params)
  useReload()
  return (
    <>
      <AdminNav />
      <PageTitle
        title="All machines"
        description={page?.isByName ? 'Everybody’s, by name.' : 'Everybody’s, the newest first.'}
      />
      {answer && (
        <Outcome key={answer.at} tone={answer.tone}>
          {answer.told}
        </Outcome>
      )}
      <Card>
        <MachineFilters sizes={page?.sizes ?? []} filters={filters} fault={fault} />
        {page && page.machines.length > 0 ? (
          <ul className="divide-y">
            {page.machines.map((machine) => (
              <MachineRow
                key={machine.id}
                machine={machine}
                here={here}
                isAsked={params.get('stop') === machine.id}
              />
            ))}
          </ul>
        ) : (
          <NoMachines isFault={fault !== undefined} isFiltered={filters.size > 0} />
        )}
        {page && (
          <Pager
            older={page.older}
            newer={page.newer}
            filters={filters}
            names={page.isByName ? BY_NAME : undefined}
          />
        )}
      </Card>
    </>
  )
}

function NoMachines({ isFault, isFiltered }: { isFault: boolean; isFiltered: boolean }) {
  const [title, text] = isFault
    ? ['Nothing to show', 'Mend the fault above to see machines.']
    : isFiltered
      ? ['Nothing like that', 'No machine passes these filters.']
      : ['No machines yet', 'Whatever anybody launches shows up here.']
  return (
    <EmptyState icon={Server} title={title}>
      {text}
    </EmptyState>
  )
}
