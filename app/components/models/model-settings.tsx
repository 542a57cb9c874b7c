import { Form } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import { Confirm } from '../confirm'
import { ModeLink } from '../mode-link'
import { Button } from '../ui/button'
import { Section } from '../ui/card'
import { editPath } from './paths'
import { VersionList } from './version-list'
import { VisibilityChoice } from './visibility-choice'

interface ModelSettingsProps {
  model: Awaited<ReturnType<Api['models']['get']>>
  versions: Awaited<ReturnType<Api['models']['versions']>>
  /** Whether its owner is asked about taking it back. */
  isWithdrawing: boolean
}

/** What changes at once, without another version: who may call it, which version, and whether at all. */
export function ModelSettings({
  model: { id, visibility, version },
  versions,
  isWithdrawing,
}: ModelSettingsProps) {
  return (
    <Section title="Settings" description="These hold at once and make no new version.">
      <div className="grid items-start gap-x-6 gap-y-4 md:grid-cols-[16rem_minmax(0,1fr)]">
        <Form
          method="post"
          action={editPath(id)}
          replace
          preventScrollReset
          className="flex flex-col items-start gap-3"
        >
          <input type="hidden" name="intent" value="visibility" />
          <VisibilityChoice key={visibility} chosen={visibility} />
          <Button type="submit">Save</Button>
        </Form>
        <VersionList id={id} called={version} versions={versions} />
        <div className="border-t pt-4 md:col-span-2">
          {isWithdrawing ? (
            <Confirm
              action={editPath(id)}
              back={editPath(id)}
              fields={{ intent: 'withdraw' }}
              does="Withdraw"
              keeps="Keep it"
            >
              Withdraw {id}? Nobody can call it any more, you included, and scripts that do are told that
              there is no such model. What was called before goes on, and its results stay. The name stays
              yours: publish under it again to bring it back.
            </Confirm>
          ) : (
            <ModeLink to={editPath(id, { withdraw: 'yes' })} label={`Withdraw ${id}`}>
              Withdraw…
            </ModeLink>
          )}
        </div>
      </div>
    </Section>
  )
}
