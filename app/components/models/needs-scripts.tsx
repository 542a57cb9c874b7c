import { Alert } from '../ui/alert'

/** The workflow is read in the browser, so this page alone can't do without scripts. */
export const NeedsScripts = () => (
  <noscript>
    <Alert tone="warning">
      Publishing here needs JavaScript. Without it, <code className="font-mono">runcomfy models publish</code>{' '}
      does the same.
    </Alert>
  </noscript>
)
