import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { Link, useLoaderData, useSearchParams } from '@remix-run/react'
import { Save } from 'lucide-react'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { SaveRow } from '../components/saves/save-row'
import { useReloadWhileSaving } from '../components/saves/use-reload-while-saving'
import { Card } from '../components/ui/card'
import { EmptyState } from '../components/ui/empty-state'
import { useAnswer } from '../components/use-answer'
import { formText, orRefuse, submitted } from '../guard'

export const loader = async ({ context: { api } }: LoaderFunctionArgs) => ({
  saves: await orRefuse(api.cloudSaves.list()),
  options: await orRefuse(api.machines.options()),
})

/** Makes a save of the machine that is named, or deletes the save that is. */
export async function action({ context: { api }, request }: ActionFunctionArgs) {
  const form = await request.formData()
  const machineId = formText(form, 'machineId')
  if (machineId) {
    const name = formText(form, 'name').trim() || undefined
    const { fault } = await submitted(api.cloudSaves.create({ machineId, name }))
    return fault ? { fault } : redirect(`/machines/${machineId}`)
  }
  const { fault } = await submitted(api.cloudSaves.delete({ id: formText(form, 'id') }))
  return { fault }
}

export const meta = () => [{ title: 'Cloud saves · Slipway' }]

export default function Saves() {
  const { saves, options } = useLoaderData<typeof loader>()
  const answer = useAnswer<typeof action>()
  const deleting = useSearchParams()[0].get('delete')
  useReloadWhileSaving(saves)
  return (
    <>
      <PageTitle
        title="Cloud saves"
        description="Workspaces as they were at one moment. None of them holds your tokens: a machine that starts from one gets those of that day."
      />
      {answer && (
        <Outcome key={JSON.stringify(answer)} tone={answer.fault ? 'danger' : 'success'}>
          {answer.fault ? answer.fault.message : 'The save is deleted.'}
        </Outcome>
      )}
      <Card>
        {saves.length === 0 ? (
          <EmptyState icon={Save} title="No cloud saves yet">
            <p>
              Open one of your{' '}
              <Link to="/machines" className="text-accent underline">
                machines
              </Link>{' '}
              and save its workspace. You can start a new machine from it at any time.
            </p>
          </EmptyState>
        ) : (
          <ul className="divide-y">
            {saves.map((save) => (
              <SaveRow
                key={save.id}
                save={save}
                mayLaunch={options.mayLaunch}
                isDeleting={save.id === deleting}
              />
            ))}
          </ul>
        )}
      </Card>
    </>
  )
}
