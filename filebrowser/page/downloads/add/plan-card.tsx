import { Badge } from '~/app/components/ui/badge'
import type { PreflightView } from '../../../contract'
import { visibleName } from '../../files/visible-name'
import { Reason } from '../reason'
import { SafeLink } from '../safe-link'
import type { Lookup } from './lookup'
import type { Planned } from './planned'
import { PlannedList, type PlannedListProps } from './planned-list'

const PROVIDERS = { huggingface: 'Hugging Face', civitai: 'Civitai' }

interface PlanCardProps extends Omit<PlannedListProps, 'title'> {
  lookup: Lookup
  plan: PreflightView
}

/** What a source offers, before a byte of it is stored. */
export function PlanCard({ lookup, plan, planned, ...list }: PlanCardProps) {
  const { title, provider, page, licence, gate, error, complete } = plan
  const groups = lookup.kind === 'workflow' ? groupWorkflow(planned) : [{ title: undefined, planned }]
  return (
    <section aria-label={visibleName(title)} className="border-t first:border-t-0">
      <div className="space-y-2 px-4 py-3">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h3 className="min-w-0 text-base font-semibold wrap-anywhere">{visibleName(title)}</h3>
          {gate === 'accepted' && <Badge tone="success">Gated, and open to your token</Badge>}
          {gate === 'closed' && <Badge tone="danger">Gated</Badge>}
          {licence && (
            <span className="text-muted">
              Licence: <span className="text-text wrap-anywhere">{licence}</span>
            </span>
          )}
          {page && (
            <SafeLink href={page}>{provider ? `Page at ${PROVIDERS[provider]}` : 'Its page'}</SafeLink>
          )}
        </div>
        {error && <Reason fault={error} />}
        {plan.notices.map((notice) => (
          <p key={notice} className="text-muted wrap-anywhere">
            {notice}
          </p>
        ))}
        {!complete && (
          <p className="text-muted">
            There are more files than are listed. Name a folder or a file to see it.
          </p>
        )}
      </div>
      {groups.map(
        (group) =>
          group.planned.length > 0 && (
            <PlannedList
              key={group.title}
              title={group.title}
              planned={group.planned}
              said={error?.message}
              {...list}
            />
          ),
      )}
    </section>
  )
}

/** What a workflow needs, by what is to be done about it. */
function groupWorkflow(planned: Planned[]) {
  const isHere = ({ file }: Planned) => !!file.present?.same
  const missing = planned.filter((each) => !isHere(each))
  return [
    { title: 'Missing', planned: missing.filter(({ file }) => file.source !== null) },
    {
      title: 'Missing, and nobody says where from',
      planned: missing.filter(({ file }) => file.source === null),
    },
    { title: 'Here already', planned: planned.filter(isHere) },
  ]
}
