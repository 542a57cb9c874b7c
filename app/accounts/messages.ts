import type { Mail } from './mail'

type Message = Omit<Mail, 'to'>

/** The request that a mail answers, so that its reader can tell whether it was theirs. */
interface Asked {
  /** In words: "Firefox on Linux". */
  browser: string
  address: string
  at: Date
}

/** @param given `link` signs in; nobody but its reader may learn it */
export const signInMail = ({ link, asked }: { link: string; asked: Asked }): Message =>
  message('Sign in to Slipway', [
    'Open this link in the browser in which you asked for it:',
    new URL(link),
    'It works once, for 10 minutes. In another browser it shows a code to type in the first one.',
    `Asked for with ${harmless(asked.browser)} from ${asked.address}, ${inWords(asked.at)}.`,
    "If this wasn't you, ignore this mail: nobody can sign in without it.",
  ])

/** @param given `by` is the name of who invites, `url` the sign-in page */
export const invitationMail = ({ by, url }: { by: string; url: string }): Message =>
  message('You are invited to Slipway', [
    `${harmless(by)} invites you to Slipway, which runs ComfyUI machines with your own model tokens.`,
    'Sign in with the address that this mail came to:',
    new URL(url),
    "If you don't know what this is about, ignore this mail: without you signing in, nothing happens.",
  ])

/** One content as plain text and as HTML; a URL gets a paragraph of its own. */
function message(subject: string, paragraphs: (string | URL)[]): Message {
  const html = paragraphs.map((part) => {
    const text = escapeHtml(String(part))
    return `<p>${part instanceof URL ? `<a href="${text}">${text}</a>` : text}</p>`
  })
  return {
    subject,
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html><html lang="en"><body>${html.join('\n')}</body></html>`,
  }
}

/** What a stranger may have chosen says nothing that a mail program would make a link of. */
const harmless = (text: string) =>
  text
    .replace(/[^\p{L}\p{M}\p{N}()'-]+/gu, ' ')
    .trim()
    .slice(0, 60)

const inWords = (at: Date) => `${at.toISOString().slice(0, 16).replace('T', ' at ')} UTC`

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (character) => ENTITIES[character] as string)
