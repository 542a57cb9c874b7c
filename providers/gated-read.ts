import type { Link } from './refusal'

/** What Hugging Face calls the right that fine-grained tokens lack unless somebody ticks it. */
export const GATED_READ_BOX = 'Read access to contents of all public gated repos you can access'

/** The form for a new token with that box ticked. */
export const NEW_GATED_TOKEN: Link = {
  href: 'https://huggingface.co/settings/tokens/new?canReadGatedRepos=true&tokenType=fineGrained',
  label: 'Make a token that can',
}
