type MediaKind = 'image' | 'video' | 'audio'

/** A format of pictures, videos or sounds that can hold no script, as its first bytes tell. */
export interface Media {
  mediaType: string
  /** What its files are called at the end, the usual one first. */
  extensions: [string, ...string[]]
  /** What such a file may be given as: a container may hold sound alone, and some pictures move. */
  kinds: MediaKind[]
}

interface Format extends Media {
  fits(head: Buffer): boolean
}

/** How much of a file has to be seen to tell. */
export const HEAD_BYTES = 64

const isAt = (head: Buffer, at: number, text: string) =>
  head.subarray(at, at + text.length).equals(Buffer.from(text, 'latin1'))

const riff = (form: string) => (head: Buffer) => isAt(head, 0, 'RIFF') && isAt(head, 8, form)

/** The brand of an ISO media file. Its first box is a small one, so that no text begins like it. */
const brandOf = (head: Buffer) =>
  isAt(head, 0, '\0\0') && isAt(head, 4, 'ftyp') ? head.toString('latin1', 8, 12) : undefined

const SOUND = /^M4[AB] $/
const QUICKTIME = 'qt  '
/** Pictures in the same container, which not every program reads. */
const PICTURE = /^(avi[fs]|hei[a-z]|hev[a-z]|mi[af]\d|mif1|msf1|jxl |jpx |crx )$/

const isMp4 = (head: Buffer) => {
  const brand = brandOf(head)
  return brand !== undefined && brand !== QUICKTIME && !SOUND.test(brand) && !PICTURE.test(brand)
}

/** An ID3 tag, or the header of an MPEG frame of layer III. */
function isMp3(head: Buffer): boolean {
  if (isAt(head, 0, 'ID3')) return true
  const [sync = 0, version = 0, rates = 0] = head
  const isLayer3 = sync === 0xff && (version & 0xe6) === 0xe2 && (version & 0x18) !== 0x08
  return isLayer3 && (rates & 0xf0) !== 0xf0 && (rates & 0x0c) !== 0x0c
}

const FORMATS: Format[] = [
  {
    mediaType: 'image/png',
    extensions: ['png', 'apng'],
    kinds: ['image'],
    fits: (head) => isAt(head, 0, '\x89PNG\r\n\x1a\n'),
  },
  {
    mediaType: 'image/jpeg',
    extensions: ['jpg', 'jpeg'],
    kinds: ['image'],
    fits: (head) => isAt(head, 0, '\xff\xd8\xff'),
  },
  { mediaType: 'image/webp', extensions: ['webp'], kinds: ['image', 'video'], fits: riff('WEBP') },
  {
    mediaType: 'image/gif',
    extensions: ['gif'],
    kinds: ['image', 'video'],
    fits: (head) => isAt(head, 0, 'GIF87a') || isAt(head, 0, 'GIF89a'),
  },
  { mediaType: 'video/mp4', extensions: ['mp4', 'm4v'], kinds: ['video', 'audio'], fits: isMp4 },
  {
    mediaType: 'video/quicktime',
    extensions: ['mov'],
    kinds: ['video', 'audio'],
    fits: (head) => brandOf(head) === QUICKTIME,
  },
  {
    mediaType: 'audio/mp4',
    extensions: ['m4a', 'm4b'],
    kinds: ['audio'],
    fits: (head) => SOUND.test(brandOf(head) ?? ''),
  },
  {
    mediaType: 'video/webm',
    extensions: ['webm'],
    kinds: ['video', 'audio'],
    // Matroska begins alike and says its name where this one says its own.
    fits: (head) => isAt(head, 0, '\x1a\x45\xdf\xa3') && head.includes('webm'),
  },
  { mediaType: 'audio/wav', extensions: ['wav'], kinds: ['audio'], fits: riff('WAVE') },
  { mediaType: 'audio/flac', extensions: ['flac'], kinds: ['audio'], fits: (head) => isAt(head, 0, 'fLaC') },
  {
    mediaType: 'audio/ogg',
    extensions: ['ogg', 'oga', 'opus'],
    kinds: ['audio', 'video'],
    fits: (head) => isAt(head, 0, 'OggS'),
  },
  { mediaType: 'audio/mpeg', extensions: ['mp3'], kinds: ['audio'], fits: isMp3 },
]

/** @param head the first `HEAD_BYTES` of a file, or all of it */
export const mediaOf = (head: Buffer): Media | undefined =>
  FORMATS.find(({ fits }) => fits(head.subarray(0, HEAD_BYTES)))

/** What a file is served as: what its first bytes say, where its name agrees, else bytes to be downloaded. */
export function servedAs(name: string, head: Buffer): string {
  const media = mediaOf(head)
  const extension = name.split('.').at(-1)?.toLowerCase() ?? ''
  return media?.extensions.includes(extension) ? media.mediaType : 'application/octet-stream'
}
