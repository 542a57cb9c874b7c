import { milestone, type Request } from './stages'

/** Says a request's milestones to screen readers, not its progress. It stands in the page before there is one. */
export const Milestones = ({ request }: { request: Request | undefined }) => (
  <p role="status" className="sr-only">
    {request && `${milestone(request)}.`}
  </p>
)
