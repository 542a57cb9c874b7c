const BYTES_MAX = 16 * 1024 * 1024

/**
 * What a workflow file holds; ComfyUI also keeps the workflow in the pictures that it makes.
 * @throws Error with a sentence for a person
 */
export async function readWorkflow(file: File): Promise<unknown> {
  const isPng = file.type === 'image/png' || /\.png$/i.test(file.name)
  if (!isPng && file.size > BYTES_MAX)
    throw new Error(
      'That file is larger than 16 MB, which no workflow is. Choose the JSON that ComfyUI saved.',
    )
  const text = isPng ? readPng(new DataView(await file.arrayBuffer())) : await file.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('That isn’t a workflow. Choose the JSON that ComfyUI saved, or a PNG that it made.')
  }
}

const SIGNATURE = 0x89504e47
const latin1 = new TextDecoder('latin1')

/** The text that a PNG carries as `workflow`, else as `prompt`; empty without either. */
export function readPng(bytes: DataView): string {
  const texts = new Map<string, string>()
  if (bytes.byteLength < 8 || bytes.getUint32(0) !== SIGNATURE) return ''
  for (let at = 8; at + 12 <= bytes.byteLength; ) {
    const length = bytes.getUint32(at)
    const type = latin1.decode(slice(bytes, at + 4, 4))
    if (at + 12 + length > bytes.byteLength) break
    const [keyword, text] = readText(type, slice(bytes, at + 8, length))
    if (keyword) texts.set(keyword, text)
    at += 12 + length
  }
  return texts.get('workflow') ?? texts.get('prompt') ?? ''
}

const slice = (bytes: DataView, at: number, length: number) =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + at, length)

/** Of `tEXt`: keyword, 0, text; of an uncompressed `iTXt`: keyword, 0, two flags, language, 0, keyword again, 0, text. */
function readText(type: string, data: Uint8Array): [keyword: string, text: string] {
  const end = data.indexOf(0)
  if (end < 0 || (type !== 'tEXt' && type !== 'iTXt')) return ['', '']
  const keyword = latin1.decode(data.subarray(0, end))
  if (type === 'tEXt') return [keyword, latin1.decode(data.subarray(end + 1))]
  const translated = data.indexOf(0, end + 3)
  const text = data.indexOf(0, translated + 1)
  const isPlain = data[end + 1] === 0 && translated > 0 && text > 0
  return isPlain ? [keyword, new TextDecoder().decode(data.subarray(text + 1))] : ['', '']
}
