import { Form, Link, useNavigation } from '@remix-run/react'
import { Save as SaveIcon } from 'lucide-react'
import { Button } from '../ui/button'
import { Section } from '../ui/card'
import { Field, Input } from '../ui/field'
import { RelativeTime } from '../ui/relative-time'
import { type Save, SaveBadge, SaveProgress } from './save-status'
import { isUnderWay, useReloadWhileSaving } from './use-reload-while-saving'

const SHOWN = 3

interface SaveWorkspaceProps {
  machine: { id: string; status: string }
  /** Of this machine, the newest first. */
  saves: Save[]
}

/** Saves a machine's workspace, and shows what came of it lately. */
export function SaveWorkspace({ machine, saves }: SaveWorkspaceProps) {
  useReloadWhileSaving(saves)
  const { state, formAction } = useNavigation()
  const isAllowed = ['running', 'stopped', 'failed'].includes(machine.status)
  const isSaving = saves.some(isUnderWay)
  return (
    <Section
      title="Cloud save"
      description="Keeps the files as they are now. A new machine can start from them, with the tokens of that day."
    >
      <div className="flex flex-col gap-4">
        {saves.length > 0 && (
          <ul className="flex flex-col gap-3">
            {saves.slice(0, SHOWN).map((save) => (
              <li
                key={save.id}
                aria-label={save.name}
                className="flex flex-wrap items-center gap-x-3 gap-y-1"
              >
                <span className="min-w-0 wrap-anywhere">{save.name}</span>
                <SaveBadge status={save.status} />
                <span className="text-xs text-muted">
                  <RelativeTime at={save.createdAt} />
                </span>
                <SaveProgress save={save} />
              </li>
            ))}
          </ul>
        )}
        {isAllowed && !isSaving && (
          <Form
            method="post"
            action="/saves"
            preventScrollReset
            className="flex flex-col gap-2 sm:flex-row sm:items-end"
          >
            <input type="hidden" name="machineId" value={machine.id} />
            <Field label="Name of the save (optional)" className="sm:w-72">
              {(control) => <Input {...control} name="name" maxLength={60} autoComplete="off" />}
            </Field>
            <Button
              type="submit"
              disabled={state !== 'idle' && formAction === '/saves'}
              className="self-start sm:self-end"
            >
              <SaveIcon aria-hidden /> Save workspace
            </Button>
          </Form>
        )}
        {!isAllowed && !isSaving && (
          <p className="text-muted">It can be saved while the machine runs, and after it has stopped.</p>
        )}
        <Link to="/saves" className="self-start text-accent underline">
          All cloud saves
        </Link>
      </div>
    </Section>
  )
}
